package fidelity

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// destroy is the name of the call by which an administrator ends a connection.
const destroy = "ss -K"

// placeDestroys moves calls of ss -K to when they had their effect. A recording
// has the instant at which ss was back, in the meantime the connection has ended:
// its RST was sent, or a call came back with ECONNABORTED.
func (c *Case) placeDestroys() {
	for i := range c.Calls {
		k := &c.Calls[i]
		if k.Name != destroy || k.By == Experimenter {
			continue
		}
		first := k.End
		for _, s := range slices.Backward(c.Segments) {
			if s.From == k.By.Side() && s.Flags.Has(wire.RST|wire.ACK) && s.Sent < k.End {
				first = min(first, s.Sent)
				break
			}
		}
		for j := range c.Calls {
			if o := &c.Calls[j]; o.By == k.By && o.Errno == "ECONNABORTED" && o.End <= k.End {
				first = min(first, o.End)
			}
		}
		k.Begin = min(k.Begin, max(0, first-time.Microsecond))
	}
	slices.SortStableFunc(c.Calls, func(a, b Call) int { return int(a.Begin - b.Begin) })
}

// destroy ends the connection of a descriptor, by way of an experimenter that
// waits for it: nobody can start one while a run goes on.
func (r *replay) destroy(a *player, i int) string {
	socket := r.c.Calls[i].Socket
	peer := a.Perform(&model.Step{Verb: model.VerbGetpeername, Socket: socket})
	if peer.Errno != stack.OK {
		return peer.Errno.String()
	}
	local := a.Perform(&model.Step{Verb: model.VerbGetsockname, Socket: socket})
	r.doomed[i] = wire.Tuple{Src: local.Addr, Dst: peer.Addr}
	a.Mark(doom(i))
	a.WaitFor(doom(i) + " is done")
	return "0"
}

func doom(i int) string { return fmt.Sprintf("ss of call %d", i+1) }

// administrators are the experimenters that ss -K takes.
func (r *replay) administrators() {
	r.doomed = map[int]wire.Tuple{}
	for i := range r.c.Calls {
		c := &r.c.Calls[i]
		if r.plans[i].special != destroys {
			continue
		}
		r.sim.Network(func(n *sim.Network) {
			n.WaitFor(doom(i))
			n.Destroy(c.By.Side(), func(e *stack.Endpoint) bool { return e.Tuple() == r.doomed[i] })
			n.Mark(doom(i) + " is done")
		})
	}
}
