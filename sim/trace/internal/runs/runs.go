// Package runs makes small runs for the tests of the packages beside it: one
// of each kind of thing that a trace can hold.
package runs

import (
	"net/netip"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// All are the runs by name.
func All() map[string]func(testing.TB) *trace.Trace {
	return map[string]func(testing.TB) *trace.Trace{
		"unread data":  Unread,
		"IPv6":         IPv6,
		"loss":         Loss,
		"loss IPv6":    func(t testing.TB) *trace.Trace { return loss(t, true) },
		"faults":       Faults,
		"reboot":       Reboot,
		"forged reset": Forged,
		"cut short":    func(t testing.TB) *trace.Trace { return unread(t, sim.Config{Until: time.Second}) },
		"empty":        func(t testing.TB) *trace.Trace { return run(t, sim.Config{}, nil, nil, nil) },
	}
}

// Unread is a close with unread data, which resets the connection.
func Unread(t testing.TB) *trace.Trace {
	return unread(t, sim.Config{Seed: 1, Link: latency})
}

// IPv6 is the same over IPv6.
func IPv6(t testing.TB) *trace.Trace {
	return unread(t, sim.Config{Seed: 7, Link: latency, IPv6: true})
}

// Loss is 20,000 bytes over a link that loses some.
func Loss(t testing.TB) *trace.Trace { return loss(t, false) }

var latency = link.Symmetric(10*time.Millisecond, 0)

type body func(p *sim.Process, at netip.AddrPort)

func run(t testing.TB, c sim.Config, client, server body, network func(*sim.Network)) *trace.Trace {
	t.Helper()
	s, err := sim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	at := netip.AddrPortFrom(s.Server().Addr(), 8080)
	if server != nil {
		s.Server().Go("server", func(p *sim.Process) { server(p, at) })
	}
	if client != nil {
		s.Client().Go("client", func(p *sim.Process) { client(p, at) })
	}
	if network != nil {
		s.Network(network)
	}
	tr, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// accept is the beginning of a server.
func accept(p *sim.Process, at netip.AddrPort) (fd int) {
	l, _ := p.Socket()
	p.Bind(l, at)
	p.Listen(l, 4)
	fd, _, _ = p.Accept(l)
	return fd
}

func connect(p *sim.Process, at netip.AddrPort) (fd int, err error) {
	fd, _ = p.Socket()
	return fd, p.Connect(fd, at)
}

func unread(t testing.TB, c sim.Config) *trace.Trace {
	return run(t, c, func(p *sim.Process, at netip.AddrPort) {
		fd, _ := connect(p, at)
		p.Send(fd, []byte("Hello\r\n\xff\x00<>&"), 0)
		var b [100]byte
		p.Recv(fd, b[:], 0)
	}, func(p *sim.Process, at netip.AddrPort) {
		fd := accept(p, at)
		p.Sleep(5 * time.Second)
		p.Close(fd)
	}, nil)
}

func loss(t testing.TB, ipv6 bool) *trace.Trace {
	c := sim.Config{Seed: 3, IPv6: ipv6, Link: link.Symmetric(20*time.Millisecond, 0.1)}
	c.Link.Drop = []link.Rule{{From: link.FromClient, What: "SYN", Nth: 1}, {From: link.FromClient, What: "DATA", Nth: 3}}
	return transfer(t, c)
}

// transfer is 20,000 bytes from the client to the server.
func transfer(t testing.TB, c sim.Config) *trace.Trace {
	return run(t, c, func(p *sim.Process, at netip.AddrPort) {
		fd, _ := connect(p, at)
		p.Send(fd, make([]byte, 20000), 0)
		p.Close(fd)
	}, func(p *sim.Process, at netip.AddrPort) {
		fd := accept(p, at)
		b := make([]byte, 4096)
		for {
			if n, err := p.Recv(fd, b, 0); n == 0 || err != nil {
				break
			}
		}
		p.Close(fd)
	}, nil)
}

// Jitter is a transfer over a link that takes now 2 ms and now 18. It is not
// among [All].
func Jitter(t testing.TB) *trace.Trace {
	d := link.Direction{Latency: 10 * time.Millisecond, Jitter: 8 * time.Millisecond}
	return transfer(t, sim.Config{Seed: 1, Link: link.Config{From: [2]link.Direction{d, d}}})
}

// Faults is a transfer over a link that duplicates, corrupts and reorders.
func Faults(t testing.TB) *trace.Trace {
	d := link.Direction{Latency: 10 * time.Millisecond, Duplicate: 0.05, Reorder: 0.1, Corrupt: 0.1}
	return transfer(t, sim.Config{Seed: 1, Link: link.Config{From: [2]link.Direction{d, d}}})
}

// Reboot is a server that loses power and comes back without its memory.
func Reboot(t testing.TB) *trace.Trace {
	return run(t, sim.Config{Seed: 5, Link: latency}, func(p *sim.Process, at netip.AddrPort) {
		fd, _ := connect(p, at)
		p.Sleep(2 * time.Second)
		p.Send(fd, []byte("anybody there?"), 0)
		p.Sleep(time.Second)
		p.Send(fd, []byte("hello?"), 0)
	}, func(p *sim.Process, at netip.AddrPort) {
		fd := accept(p, at)
		var b [1]byte
		p.Recv(fd, b[:], 0)
	}, func(n *sim.Network) {
		n.Sleep(500 * time.Millisecond)
		n.Crash(trace.Server)
		n.Sleep(time.Second)
		n.Boot(trace.Server)
	})
}

// Forged is a connection that a middlebox resets.
func Forged(t testing.TB) *trace.Trace {
	return run(t, sim.Config{Seed: 9, Link: latency}, func(p *sim.Process, at netip.AddrPort) {
		fd, _ := connect(p, at)
		p.Mark("connected")
		var b [1]byte
		p.Recv(fd, b[:], 0)
	}, func(p *sim.Process, at netip.AddrPort) {
		accept(p, at)
		p.Sleep(time.Second)
	}, func(n *sim.Network) {
		n.WaitFor("connected")
		n.Inject(sim.Injection{To: trace.Client, By: "firewall", Flags: wire.RST | wire.ACK, Seq: 1, Ack: 1})
	})
}

// Middlebox is a connection that a gateway forgets while it is idle: it resets
// both ends when the client sends again, and lets no RST of the server through.
// It is not one of All, because a capture can show it otherwise only.
func Middlebox(t testing.TB) *trace.Trace {
	d := link.Direction{Latency: 10 * time.Millisecond}
	c := sim.Config{Seed: 13, Until: 6 * time.Second, Link: link.Config{
		From:      [2]link.Direction{d, d},
		Rules:     []link.Rule{{Name: "gateway", From: link.FromServer, What: "RST"}},
		Middlebox: link.Middlebox{Name: "gateway", At: 0.2, Stateful: true, Idle: time.Second, Reset: true},
	}}
	return run(t, c, func(p *sim.Process, at netip.AddrPort) {
		fd, _ := connect(p, at)
		p.Sleep(2 * time.Second)
		p.Send(fd, []byte("still there?"), 0)
		var b [1]byte
		p.Recv(fd, b[:], 0)
		other, _ := p.Socket()
		p.Connect(other, netip.AddrPortFrom(at.Addr(), 81))
	}, func(p *sim.Process, at netip.AddrPort) {
		fd := accept(p, at)
		var b [1]byte
		p.Recv(fd, b[:], 0)
	}, nil)
}
