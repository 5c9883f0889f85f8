package trace_test

import (
	"fmt"
	"log"
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// A trace is plain slices: what was sent, which calls were made, why there is a
// RST.
func ExampleTrace() {
	s, err := sim.New(sim.Config{Link: link.Symmetric(10*time.Millisecond, 0)})
	if err != nil {
		log.Fatal(err)
	}
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, netip.AddrPortFrom(s.Server().Addr(), 80))
	})
	tr, err := s.Run()
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range tr.Events {
		switch e.Kind {
		case trace.Sent:
			seg := &tr.Segments[e.Index]
			fmt.Println(trace.Clock(e.At), seg.From, "sends", seg.Flags)
			if seg.Cause != nil {
				fmt.Println("  because:", seg.Cause.ID)
			}
		case trace.CallEnd:
			call := &tr.Calls[e.Index]
			fmt.Println(trace.Clock(e.At), tr.Processes[call.Process].Name, "calls", call.Op, call.Errno.String())
		}
	}
	// Output:
	// 0.000000 client calls socket OK
	// 0.000000 client sends S
	// 0.010000 server sends R.
	//   because: port-not-listening
	// 0.020000 client calls connect ECONNREFUSED
	// 0.020000 client calls exit OK
}
