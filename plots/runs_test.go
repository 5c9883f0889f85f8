package plots_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

const port = 8080

// run is one real trace that the pictures are tried on.
type run struct {
	name, title string
	config      sim.Config
	client      func(p *sim.Process, addr netip.AddrPort)
	server      func(p *sim.Process, addr netip.AddrPort)
	network     func(n *sim.Network)
}

func (r run) trace(tb testing.TB) *trace.Trace {
	tb.Helper()
	if r.config.Link.From[0].Latency == 0 {
		l := link.Symmetric(10*time.Millisecond, r.config.Link.From[0].Loss)
		l.Drop = r.config.Link.Drop
		r.config.Link = l
	}
	r.config.Seed = 1
	s, err := sim.New(r.config)
	if err != nil {
		tb.Fatal(err)
	}
	addr := netip.AddrPortFrom(s.Server().Addr(), port)
	if r.server != nil {
		s.Server().Go("server", func(p *sim.Process) { r.server(p, addr) })
	}
	if r.client != nil {
		s.Client().Go("client", func(p *sim.Process) { r.client(p, addr) })
	}
	if r.network != nil {
		s.Network(r.network)
	}
	t, err := s.Run()
	if err != nil {
		tb.Fatal(err)
	}
	t.Scenario, t.Title = r.name, r.title
	return t
}

func dial(p *sim.Process, addr netip.AddrPort) int {
	fd, _ := p.Socket()
	p.Connect(fd, addr)
	return fd
}

func serve(p *sim.Process, addr netip.AddrPort) int {
	l, _ := p.Socket()
	p.Bind(l, addr)
	p.Listen(l, 16)
	fd, _, _ := p.Accept(l)
	return fd
}

func recvAll(p *sim.Process, fd int) {
	var b [65536]byte
	for {
		if n, err := p.Recv(fd, b[:], 0); n == 0 || err != nil {
			return
		}
	}
}

func drop(tb testing.TB, rules ...string) (c link.Config) {
	for _, text := range rules {
		r, err := link.ParseRule(text)
		if err != nil {
			tb.Fatal(err)
		}
		c.Drop = append(c.Drop, r)
	}
	return c
}

func runs(tb testing.TB) []run {
	return []run{
		{
			name: "normal-close", title: "normal close: FIN both ways, then 2MSL",
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Send(c, []byte("Hello world.\r"), 0)
				p.Close(c)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				c := serve(p, a)
				recvAll(p, c)
				p.Sleep(50 * time.Millisecond)
				p.Close(c)
			},
		},
		{
			name: "unread-data", title: "abortive close: close() with unread data sends RST",
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Send(c, []byte("Hello world.\r"), 0)
				var b [4096]byte
				p.Recv(c, b[:], 0)
				p.Recv(c, b[:], 0)
				p.Send(c, []byte("x"), 0)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				c := serve(p, a)
				p.Sleep(20 * time.Second)
				p.Close(c)
			},
		},
		{
			name: "linger-zero", title: "close() with SO_LINGER {on, 0} aborts the connection",
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Send(c, []byte("request"), 0)
				p.SetSockOpt(c, "SO_LINGER", stack.Value{Kind: stack.KindLinger, Linger: stack.Linger{On: true}})
				p.Close(c)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				c := serve(p, a)
				recvAll(p, c)
				p.Send(c, []byte("reply"), 0)
				p.Close(c)
			},
		},
		{
			name: "port-closed", title: "SYN to a port where nobody listens",
			client: func(p *sim.Process, a netip.AddrPort) { dial(p, a) },
		},
		{
			name: "fin-lost", title: "data segment and first FIN lost",
			config: sim.Config{Link: drop(tb, "client:DATA:2", "client:FIN:1")},
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Send(c, make([]byte, 5792), 0)
				p.Sleep(500 * time.Millisecond)
				p.Close(c)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				c := serve(p, a)
				recvAll(p, c)
				p.Sleep(100 * time.Millisecond)
				p.Close(c)
			},
		},
		{
			name: "reboot", title: "the server crashes and boots; the client's next data finds nobody",
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Send(c, []byte("one"), 0)
				p.Sleep(90 * time.Second)
				p.Send(c, []byte("two"), 0)
				recvAll(p, c)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				c := serve(p, a)
				recvAll(p, c)
			},
			network: func(n *sim.Network) {
				n.Sleep(10 * time.Second)
				n.Crash(trace.Server)
				n.Sleep(30 * time.Second)
				n.Boot(trace.Server)
			},
		},
		{
			name: "silent-peer", title: "the server's cable is pulled: retransmissions, then ETIMEDOUT",
			config: sim.Config{Client: sim.HostConfig{Settings: []stack.Setting{{Name: "tcp_retries2", Value: "5"}}}},
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Sleep(2 * time.Second)
				p.Send(c, []byte("are you there?"), 0)
				recvAll(p, c)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				c := serve(p, a)
				recvAll(p, c)
			},
			network: func(n *sim.Network) {
				n.Sleep(time.Second)
				n.Unplug(trace.Server)
			},
		},
		{
			name: "injected-rst", title: "a middlebox forges a RST towards the client",
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Send(c, []byte("GET /"), 0)
				recvAll(p, c)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				c := serve(p, a)
				var b [100]byte
				p.Recv(c, b[:], 0)
				p.Sleep(100 * time.Millisecond)
				p.Send(c, []byte("200 OK"), 0)
				recvAll(p, c)
			},
			network: func(n *sim.Network) {
				n.Sleep(80 * time.Millisecond)
				n.Inject(sim.Injection{To: trace.Client, Flags: wire.RST, Seq: 1})
			},
		},
		{
			name: "simultaneous-close", title: "simultaneous close: both FINs cross on the link",
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Sleep(80 * time.Millisecond)
				p.Close(c)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				c := serve(p, a)
				p.Sleep(72 * time.Millisecond)
				p.Close(c)
			},
		},
		{
			name: "bulk-loss", title: "200 kB with 5% loss",
			config: sim.Config{Link: link.Symmetric(10*time.Millisecond, 0.05)},
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Send(c, make([]byte, 200_000), 0)
				p.Close(c)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				c := serve(p, a)
				recvAll(p, c)
				p.Close(c)
			},
		},
		{
			name: "zero-window", title: "the receiver does not read: zero window and probes",
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Send(c, make([]byte, 20_000), 0)
				p.Close(c)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				l, _ := p.Socket()
				p.SetSockOpt(l, "SO_RCVBUF", stack.Value{Int: 4096})
				p.Bind(l, a)
				p.Listen(l, 16)
				c, _, _ := p.Accept(l)
				p.Sleep(2 * time.Second)
				recvAll(p, c)
				p.Close(c)
			},
		},
		{
			name: "all-lost", title: "every segment is lost",
			config: sim.Config{Link: drop(tb, "any:ANY")},
			client: func(p *sim.Process, a netip.AddrPort) { dial(p, a) },
		},
		{name: "empty", title: "nothing happens"},
		{
			name: "two-hours", title: "an idle connection of two hours, then a reset",
			client: func(p *sim.Process, a netip.AddrPort) {
				c := dial(p, a)
				p.Sleep(2 * time.Hour)
				p.Send(c, []byte("still there?"), 0)
				recvAll(p, c)
			},
			server: func(p *sim.Process, a netip.AddrPort) {
				serve(p, a)
				p.Sleep(30 * time.Minute)
				p.Exit(1)
			},
		},
	}
}
