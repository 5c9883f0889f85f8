package stack

import (
	"net/netip"
	"testing"
)

// TestNobodyBindsBesideAListener: with SO_REUSEADDR on both sockets two may have
// one port, unless one of them listens (Linux: inet_csk_bind_conflict), at an
// address of its own or at all of them.
func TestNobodyBindsBesideAListener(t *testing.T) {
	everywhere := netip.AddrPortFrom(netip.IPv4Unspecified(), serverPort.Port())
	nowhere := netip.AddrPortFrom(netip.Addr{}, serverPort.Port()) // bind's "any address"
	for _, at := range []netip.AddrPort{serverPort, everywhere, nowhere} {
		for _, beside := range []netip.AddrPort{serverPort, everywhere, nowhere} {
			for _, listens := range []bool{true, false} {
				n := newNet(t)
				socket := func() *Socket {
					s, e := n.server.Socket()
					if e != OK {
						t.Fatal(e)
					}
					s.SetOption("SO_REUSEADDR", Value{Int: 1})
					return s
				}
				first, second := socket(), socket()
				if e := first.Bind(at); e != OK {
					t.Fatal(e)
				}
				want := OK
				if listens {
					want = EADDRINUSE
					first.Listen(1)
					n.deliver()
				}
				if e := second.Bind(beside); e != want {
					t.Errorf("%s beside %s, which listens %t: %s, want %s", beside, at, listens, e, want)
				}
			}
		}
	}
}
