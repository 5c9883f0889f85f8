package sim_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack"
)

// TestNobodyHasTheAddress: a SYN to an address of neither host reaches nobody, and
// says so; connect fails when nobody has answered the ARP requests.
func TestNobodyHasTheAddress(t *testing.T) {
	for to, test := range map[string]struct {
		errno    stack.Errno
		at       time.Duration
		segments int
	}{
		"10.0.0.77:8080":  {stack.EHOSTUNREACH, 3 * time.Second, 2},
		"[fd00::77]:8080": {stack.ETIMEDOUT, 127 * time.Second, 7}, // gVisor hears no ICMPv6 of it
	} {
		addr := netip.MustParseAddrPort(to)
		s := newSim(t, sim.Config{IPv6: addr.Addr().Is6(), Link: link.Symmetric(10*time.Millisecond, 0)})
		s.Server().Go("server", func(p *sim.Process) {
			l, _ := p.Socket()
			p.Bind(l, netip.AddrPortFrom(netip.Addr{}, 8080))
			p.Listen(l, 16)
			p.Accept(l)
			t.Error("the server accepts a connection")
		})
		s.Client().Go("client", func(p *sim.Process) {
			c, _ := p.Socket()
			err := p.Connect(c, addr)
			if err != test.errno || p.Now().Truncate(time.Millisecond) != test.at {
				t.Errorf("connect to %s: %v at %s, want %s at %s", to, err, p.Now(), test.errno, test.at)
			}
		})
		tr := run(t, s)
		if len(tr.Segments) != test.segments {
			t.Errorf("%d segments, want %d:\n%s", len(tr.Segments), test.segments, tr)
		}
		for _, seg := range tr.Segments {
			if seg.Arrived || seg.Lost != "nobody has "+addr.Addr().String() {
				t.Errorf("#%d arrived %t, lost %q", seg.Number, seg.Arrived, seg.Lost)
			}
		}
	}
}
