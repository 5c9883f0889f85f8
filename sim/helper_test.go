package sim_test

import (
	"net/netip"
	"testing"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func newSim(t testing.TB, c sim.Config) *sim.Sim {
	t.Helper()
	s, err := sim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t testing.TB, s *sim.Sim) *trace.Trace {
	t.Helper()
	tr, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	// Every RST has its cause: one without is a bug, in whatever test it shows.
	for _, seg := range tr.Segments {
		if seg.Flags.Has(wire.RST) && (seg.Cause == nil || seg.Cause.ID == cause.Unexplained) {
			t.Errorf("RST #%d has no cause:\n%s", seg.Number, tr)
		}
	}
	return tr
}

func server(s *sim.Sim) netip.AddrPort {
	return netip.AddrPortFrom(s.Server().Addr(), serverPort)
}

// listen makes a socket that listens on the server's port.
func listen(p *sim.Process) int {
	fd, _ := p.Socket()
	p.Bind(fd, netip.AddrPortFrom(p.Host().Addr(), serverPort))
	p.Listen(fd, 16)
	return fd
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// serverOf is the server's usual port, for a process that has no Sim at hand.
func serverOf(*sim.Process) netip.AddrPort {
	return netip.AddrPortFrom(addr("10.0.0.2"), serverPort)
}
