package sim_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
)

// TestDamagedSegmentsDoNoHarm: every bit of a segment may be flipped, the
// length of its header included; the connection recovers.
func TestDamagedSegmentsDoNoHarm(t *testing.T) {
	d := link.Direction{Latency: 5 * time.Millisecond, Corrupt: 0.3}
	s, err := sim.New(sim.Config{Seed: 3, Link: link.Config{From: [2]link.Direction{d, d}}})
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.AddrPortFrom(s.Server().Addr(), 80)
	got := 0
	s.Server().Go("server", func(p *sim.Process) {
		l, _ := p.Socket()
		p.Bind(l, addr)
		p.Listen(l, 1)
		c, _, _ := p.Accept(l)
		buf := make([]byte, 4096)
		for n := 1; n > 0; {
			n, _ = p.Recv(c, buf, 0)
			got += n
		}
	})
	const size = 200_000
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		if err := p.Connect(c, addr); err != nil {
			t.Error(err)
		}
		p.Send(c, make([]byte, size), 0)
	})
	tr, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	damaged := 0
	for i := range tr.Segments {
		if tr.Segments[i].Damaged != nil {
			damaged++
		}
	}
	if got != size || damaged < 50 {
		t.Errorf("%d bytes arrived of %d, %d of %d segments were damaged", got, size, damaged, len(tr.Segments))
	}
}

// TestUnreadableSegmentIsThrownAway: a header that claims to be longer than
// the segment cannot be read by anybody.
func TestUnreadableSegmentIsThrownAway(t *testing.T) {
	for seed := range uint64(300) {
		rule := link.Rule{Name: "spoil", Act: link.ActCorrupt, Field: link.AnyBit, Before: time.Second}
		c := sim.Config{Seed: seed, Link: link.Symmetric(time.Millisecond, 0)}
		c.Link.Rules = []link.Rule{rule}
		s, err := sim.New(c)
		if err != nil {
			t.Fatal(err)
		}
		s.Client().Go("client", func(p *sim.Process) {
			c, _ := p.Socket()
			p.Connect(c, netip.AddrPortFrom(s.Server().Addr(), 80))
		})
		if _, err := s.Run(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}
