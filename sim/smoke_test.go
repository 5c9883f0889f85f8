package sim_test

import (
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
)

func TestSmoke(t *testing.T) {
	s, err := sim.New(sim.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)})
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.AddrPortFrom(s.Server().Addr(), 8080)
	s.Server().Go("server", func(p *sim.Process) {
		l, _ := p.Socket()
		p.Bind(l, addr)
		p.Listen(l, 16)
		p.Accept(l)
		p.Sleep(20 * time.Second)
		p.Close(4)
	})
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, addr)
		p.Send(c, []byte("Hello world.\r"), 0)
		var b [4096]byte
		p.Recv(c, b[:], 0)
		p.Recv(c, b[:], 0)
		p.Send(c, []byte("x"), 0)
	})
	tr, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	tr.WriteText(os.Stdout, trace.Style{})
}
