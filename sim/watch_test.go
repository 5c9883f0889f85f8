package sim_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// A timer that has nothing left to do would make the run last until it fires.
func TestSocketLayerLeavesNoTimerBehind(t *testing.T) {
	for name, c := range map[string]struct {
		server, client func(p *sim.Process)
	}{
		"a listener with SO_KEEPALIVE": {server: func(p *sim.Process) {
			p.SetSockOpt(listen(p), "SO_KEEPALIVE", stack.Value{Int: 1})
			p.WaitFor("never")
		}},
		"a socket with SO_KEEPALIVE that is not connected": {client: func(p *sim.Process) {
			fd, _ := p.Socket()
			p.SetSockOpt(fd, "SO_KEEPALIVE", stack.Value{Int: 1})
			p.WaitFor("never")
		}},
		"a connect that has succeeded": {
			server: func(p *sim.Process) {
				p.Accept(listen(p))
				p.WaitFor("never")
			},
			client: func(p *sim.Process) {
				fd, _ := p.Socket()
				p.SetNonblock(fd, true)
				p.SetSockOpt(fd, "TCP_SYNCNT", stack.Value{Int: 3})
				p.Connect(fd, serverOf(p))
				p.WaitFor("never")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSim(t, sim.Config{Link: link.Symmetric(5*time.Millisecond, 0)})
			if c.server != nil {
				s.Server().Go("server", c.server)
			}
			if c.client != nil {
				s.Client().Go("client", c.client)
			}
			tr := run(t, s)
			if tr.End > time.Second {
				t.Errorf("the run lasts until %v\n%s", tr.End, tr)
			}
			for _, l := range s.Leftovers() {
				if l.Kind == sim.LeftTimer {
					t.Errorf("left: %s", l)
				}
			}
		})
	}
}

func TestKeepaliveOfASocketThatHadItBeforeItConnected(t *testing.T) {
	for _, bound := range []bool{false, true} {
		s := newSim(t, sim.Config{Link: link.Symmetric(5*time.Millisecond, 0)})
		s.Server().Go("server", func(p *sim.Process) {
			l := listen(p)
			p.Accept(l)
			p.WaitFor("never")
		})
		s.Client().Go("client", func(p *sim.Process) {
			fd, _ := p.Socket()
			for _, o := range []string{"TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "SO_KEEPALIVE"} {
				p.SetSockOpt(fd, o, stack.Value{Int: 1})
			}
			if bound {
				p.Bind(fd, netip.AddrPortFrom(netip.Addr{}, 4000))
			}
			p.Sleep(5 * time.Second)
			p.Connect(fd, serverOf(p))
			p.Mark("connected")
			if _, err := p.Recv(fd, make([]byte, 1), 0); err != stack.ETIMEDOUT {
				t.Errorf("recv gives %v", err)
			}
		})
		s.Network(func(n *sim.Network) {
			n.WaitFor("connected")
			n.Unplug(trace.Server)
		})
		expectResets(t, run(t, s), cause.KeepaliveTimeout, "7.01s client [R.] seq 1 ack 1")
	}
}

// A peer that answers is not given up, also when nobody has said a word yet.
func TestKeepaliveOfASilentConnection(t *testing.T) {
	tr := play(t, watched+"l.listen\n+c.connect\n@1m c.state = ESTABLISHED")
	expectResets(t, tr, cause.KeepaliveTimeout)
}

// Linux and gVisor look at the user timeout when a probe is due, and not before.
func TestUserTimeoutThatIsSetLateWaitsForTheNextProbe(t *testing.T) {
	tr := play(t, greeted+`c.set TCP_KEEPIDLE 1
+c.set TCP_KEEPINTVL 2
+c.set TCP_KEEPCNT 9
+c.set SO_KEEPALIVE 1
n.unplug
@4s c.set TCP_USER_TIMEOUT 500
@9s c.recv = ETIMEDOUT`)
	expectResets(t, tr, cause.KeepaliveTimeout, "5.8s client [R.] seq 5 ack 5")
}

// Linux would go on to probe until the user timeout, gVisor does not.
func TestUserTimeoutLongerThanAllProbes(t *testing.T) {
	tr := play(t, greeted+watched+`c.set TCP_USER_TIMEOUT 6000
n.unplug
@20s c.recv = ETIMEDOUT`)
	expectResets(t, tr, cause.KeepaliveTimeout, "3.8s client [R.] seq 5 ack 5")
}

// Recorded nowhere: tcp_abort sets sk_err of the child that waits.
func TestDestroyedBeforeItIsAccepted(t *testing.T) {
	s := newSim(t, sim.Config{Link: link.Symmetric(5*time.Millisecond, 0)})
	s.Server().Go("server", func(p *sim.Process) {
		l := listen(p)
		p.Sleep(2 * time.Second)
		fd, _, err := p.Accept(l)
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 9)
		n, err := p.Recv(fd, buf, 0)
		if string(buf[:n]) != "data" || err != nil {
			t.Errorf("recv gives %q and %v", buf[:n], err)
		}
		if _, err := p.Recv(fd, buf, 0); err != stack.ECONNABORTED {
			t.Errorf("recv gives %v", err)
		}
	})
	s.Client().Go("client", func(p *sim.Process) {
		fd, _ := p.Socket()
		p.Connect(fd, serverOf(p))
		p.Send(fd, []byte("data"), 0)
		p.Sleep(10 * time.Second)
	})
	s.Network(func(n *sim.Network) {
		n.Sleep(time.Second)
		n.Destroy(trace.Server, nil)
	})
	tr := run(t, s)
	expectResets(t, tr, cause.Destroyed, "1s server [R.] seq 1 ack 5")
}

func TestDestroyCountsWhatIsThere(t *testing.T) {
	s := newSim(t, sim.Config{Link: link.Symmetric(5*time.Millisecond, 0)})
	s.Client().Go("client", func(p *sim.Process) {
		fd, _ := p.Socket()
		p.SetNonblock(fd, true)
		p.Connect(fd, serverOf(p))
		p.Sleep(time.Second / 2)
		p.GetSockOpt(fd, "SO_ERROR") // it was refused
		p.WaitFor("never")
	})
	s.Network(func(n *sim.Network) {
		n.Sleep(time.Second)
		n.Destroy(trace.Client, nil)
	})
	tr := run(t, s)
	if note := tr.Notes[len(tr.Notes)-1].Text; note != "the administrator of client ends 0 connections" {
		t.Errorf("the trace says: %s", note)
	}
}

// What was shut down before a connect that does not begin stays shut (Linux:
// inet_shutdown sets sk_shutdown in CLOSE too).
func TestRefusedConnectKeepsWhatWasShut(t *testing.T) {
	s := newSim(t, sim.Config{Link: link.Symmetric(5*time.Millisecond, 0)})
	s.Server().Go("server", func(p *sim.Process) {
		listen(p)
		other, _ := p.Socket()
		p.Bind(other, netip.AddrPortFrom(p.Host().Addr(), serverPort+1))
		p.Listen(other, 1)
		p.WaitFor("never")
	})
	s.Client().Go("client", func(p *sim.Process) {
		p.IgnoreSIGPIPE(true)
		first, _ := p.Socket()
		second, _ := p.Socket()
		for _, fd := range []int{first, second} {
			p.SetSockOpt(fd, "SO_REUSEADDR", stack.Value{Int: 1})
			p.Bind(fd, netip.AddrPortFrom(p.Host().Addr(), clientPort))
		}
		p.Connect(first, serverOf(p))
		p.Shutdown(second, stack.ShutWrite)
		if err := p.Connect(second, serverOf(p)); err != stack.EADDRNOTAVAIL {
			t.Errorf("the 4-tuple is taken, but connect gives %v", err)
		}
		if err := p.Connect(second, netip.AddrPortFrom(s.Server().Addr(), serverPort+1)); err != nil {
			t.Errorf("connect gives %v", err)
		}
		if _, err := p.Send(second, []byte("3.8s client [R.] seq 5 ack 5"), 0); err != stack.EPIPE {
			t.Errorf("send gives %v", err)
		}
	})
	run(t, s)
}

// With data on the way it is the retransmission timer that decides, however long
// it takes (Linux: tcp_keepalive_timer looks at packets_out first).
func TestKeepaliveWaitsForASlowRetransmission(t *testing.T) {
	config := sim.Config{Seed: 1, Link: link.Symmetric(5*time.Millisecond, 0)}
	config.Client.Settings = []stack.Setting{{Name: "tcp_rto_min", Value: "20s"}}
	config.Link.Drop = []link.Rule{{From: link.FromClient, What: "DATA", After: 900 * time.Millisecond}}
	tr := playOn(t, config, greeted+watched+`s.send more = 4
@902ms c.send lost = 4
@15s c.recv = 4:more
@16s c.recv = EAGAIN`)
	expectResets(t, tr, cause.KeepaliveTimeout)
}
