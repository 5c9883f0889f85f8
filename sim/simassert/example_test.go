package simassert_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simassert"
	"github.com/tcpsim/tcpsim/sim/simtest"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/match"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// A server that closes with data unread resets the connection.
func ExampleRun() {
	var t *testing.T // of the test

	s, err := sim.New(sim.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)})
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.AddrPortFrom(s.Server().Addr(), 80)
	s.Server().Go("server", func(p *sim.Process) {
		l, _ := p.Socket()
		p.Bind(l, addr)
		p.Listen(l, 1)
		c, _, _ := p.Accept(l)
		p.Sleep(time.Second)
		p.Close(c)
	})
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, addr)
		p.Send(c, []byte("hello"), 0)
		p.Recv(c, make([]byte, 100), 0)
	})

	r := simassert.Run(t, s)
	r.Results("who reads learns of it", "client", trace.OpRecv, "ECONNRESET")
	found := r.Contains("the server answers unread data with a RST",
		match.Segment{From: new(trace.Client), Data: new("hello")},
		match.Segment{From: new(trace.Server), Flags: new(wire.RST | wire.ACK), Cause: "unread-data"})
	if found != nil {
		r.Idle("a RST is the end", found[1].SentAt, r.End)
	}
	r.NothingLeft("a reset leaves nothing behind")
}

// The network of package simtest has a trace too.
func ExampleOf() {
	var (
		t  *testing.T       // of the test
		nw *simtest.Network // after what the test does on it
	)
	r := simassert.Of(t, nw.Trace())
	r.NoReset("a client that has its answer closes in good order")
	r.Absent("nothing is sent twice on a cable that loses nothing", match.Segment{Retransmission: new(true)})
}
