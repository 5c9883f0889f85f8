package sim_test

import (
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// program is a run in Go, for the tests that repeat it.
type program struct {
	config sim.Config
	set    func(*sim.Sim)
	draws  bool // it draws losses, so that another seed gives another run
}

func (pr program) run(seed uint64) (*trace.Trace, error) {
	c := pr.config
	c.Seed = seed
	s, err := sim.New(c)
	if err != nil {
		return nil, err
	}
	pr.set(s)
	return s.Run()
}

var programs = map[string]program{
	"bulk with loss": {
		config: sim.Config{Link: link.Symmetric(10*time.Millisecond, 0.02)},
		draws:  true,
		set: func(s *sim.Sim) {
			transferBulk(s, 300_000)
		},
	},
	"IPv6": {
		config: sim.Config{Link: link.Symmetric(10*time.Millisecond, 0), IPv6: true},
		set:    func(s *sim.Sim) { transferBulk(s, 20_000) },
	},
	"many connections": {
		config: sim.Config{Link: link.Symmetric(5*time.Millisecond, 0)},
		set: func(s *sim.Sim) {
			s.Server().Go("server", func(p *sim.Process) {
				l := listen(p)
				for range 20 {
					c, _, _ := p.Accept(l)
					p.Fork("worker", func(p *sim.Process) {
						p.Recv(c, make([]byte, 10), 0)
						p.Send(c, []byte("reply"), 0)
					})
					p.Close(c)
				}
			})
			for range 20 {
				s.Client().Go("client", func(p *sim.Process) {
					c, _ := p.Socket()
					p.Connect(c, server(s))
					p.Send(c, []byte("request"), 0)
					p.Recv(c, make([]byte, 10), stack.MsgWaitAll)
				})
			}
		},
	},
	"reset": {
		config: sim.Config{Link: link.Symmetric(time.Millisecond, 0)},
		set: func(s *sim.Sim) {
			s.Server().Go("server", func(p *sim.Process) {
				l := listen(p)
				p.Accept(l)
				p.Sleep(time.Second)
			})
			s.Client().Go("client", func(p *sim.Process) {
				c, _ := p.Socket()
				p.Connect(c, server(s))
				p.Send(c, []byte("never read"), 0)
				p.Recv(c, make([]byte, 10), 0)
				p.Send(c, []byte("x"), 0)
			})
		},
	},
	"crash and boot": {
		config: sim.Config{Link: link.Symmetric(time.Millisecond, 0)},
		set: func(s *sim.Sim) {
			serve := func(p *sim.Process) {
				l := listen(p)
				for {
					if _, _, err := p.Accept(l); err != nil {
						return
					}
				}
			}
			s.Server().Go("server", serve)
			s.Server().GoOnBoot("server again", serve)
			s.Client().Go("client", func(p *sim.Process) {
				for range 2 {
					c, _ := p.Socket()
					p.Connect(c, server(s))
					p.Send(c, []byte("hello"), 0)
					p.Sleep(2 * time.Second)
					p.Send(c, []byte("are you there?"), 0)
					p.Recv(c, make([]byte, 10), stack.MsgDontWait)
					p.Sleep(2 * time.Second)
				}
			})
			s.Network(func(n *sim.Network) {
				n.Sleep(time.Second)
				n.Crash(trace.Server)
				n.Sleep(500 * time.Millisecond)
				n.Boot(trace.Server)
				n.Sleep(5 * time.Second)
				n.Kill("server again", stack.SIGKILL)
			})
		},
	},
	"keepalive": {
		config: sim.Config{Link: link.Symmetric(time.Millisecond, 0), Until: 5 * time.Minute},
		set: func(s *sim.Sim) {
			s.Server().Go("server", func(p *sim.Process) {
				c, _, _ := p.Accept(listen(p))
				p.Recv(c, make([]byte, 10), 0)
			})
			s.Client().Go("client", func(p *sim.Process) {
				c, _ := p.Socket()
				p.SetSockOpt(c, "TCP_KEEPIDLE", stack.Value{Int: 10})
				p.SetSockOpt(c, "TCP_KEEPINTVL", stack.Value{Int: 5})
				p.SetSockOpt(c, "TCP_KEEPCNT", stack.Value{Int: 3})
				p.SetSockOpt(c, "SO_KEEPALIVE", stack.Value{Int: 1})
				p.Connect(c, server(s))
				p.Recv(c, make([]byte, 10), 0)
			})
			s.Network(func(n *sim.Network) {
				n.Sleep(30 * time.Second)
				n.Unplug(trace.Server)
			})
		},
	},
	"port reuse": {
		config: sim.Config{Link: link.Symmetric(time.Millisecond, 0)},
		set: func(s *sim.Sim) {
			s.Server().Go("server", func(p *sim.Process) {
				l := listen(p)
				for range 3 {
					c, _, _ := p.Accept(l)
					p.Close(c)
				}
			})
			s.Client().Go("client", func(p *sim.Process) {
				for range 3 {
					c, _ := p.Socket()
					p.Bind(c, netip.AddrPortFrom(p.Host().Addr(), clientPort))
					p.Connect(c, server(s))
					p.Recv(c, make([]byte, 10), 0)
					p.Close(c)
					p.Sleep(time.Second)
				}
			})
		},
	},
}

// transferBulk sends size bytes from the client to the server.
func transferBulk(s *sim.Sim, size int) {
	s.Server().Go("server", func(p *sim.Process) {
		l := listen(p)
		c, _, _ := p.Accept(l)
		buf := make([]byte, 64<<10)
		for {
			if n, err := p.Recv(c, buf, 0); n == 0 || err != nil {
				return
			}
		}
	})
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, server(s))
		chunk := make([]byte, 64<<10)
		for sent := 0; sent < size; {
			n, err := p.Send(c, chunk[:min(len(chunk), size-sent)], 0)
			if err != nil {
				return
			}
			sent += n
		}
	})
}
