package scenarios

import (
	"time"

	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// Cut is a cable that is taken out, and put back. What is under way then is
// lost as well.
type Cut struct {
	Hosts    [2]bool       // whose cable
	From, To time.Duration // To 0 is never
}

func (c Cut) act(n program.Network) {
	n.Sleep(c.From)
	c.each(n.Unplug)
	if c.To > 0 {
		n.Sleep(c.To - c.From)
		c.each(n.Plug)
	}
}

func (c Cut) each(do func(trace.Side)) {
	for side, whose := range c.Hosts {
		if whose {
			do(trace.Side(side))
		}
	}
}
