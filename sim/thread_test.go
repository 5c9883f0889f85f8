package sim_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// TestThreadsShareDescriptors: one blocks in a call on a descriptor while the
// process uses it, and its end closes nothing.
func TestThreadsShareDescriptors(t *testing.T) {
	s := newSim(t, sim.Config{Link: link.Symmetric(5*time.Millisecond, 0)})
	s.Server().Go("server", func(p *sim.Process) {
		l := listen(p)
		conn, _, _ := p.Accept(l)
		p.Sleep(time.Second)
		p.Send(conn, []byte("hello"), 0)
		p.Sleep(time.Second)
	})
	got, state, second := "", "", 0
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, netip.AddrPortFrom(s.Server().Addr(), serverPort))
		p.Thread("reader", func(r *sim.Process) {
			buf := make([]byte, 16)
			n, _ := r.Recv(c, buf, 0)
			got = string(buf[:n])
			second, _ = r.Socket()
			r.Mark("read")
		})
		p.Sleep(500 * time.Millisecond)
		v, _ := p.GetSockOpt(c, "TCP_INFO")
		state = v.Text
		p.WaitFor("read")
		if _, err := p.Send(c, []byte("x"), 0); err != nil {
			t.Error("after the thread has ended: ", err)
		}
		if err := p.Close(second); err != nil {
			t.Error("a descriptor that the thread has made: ", err)
		}
		p.Sleep(0)
	})
	run(t, s)
	if got != "hello" || state != stack.Established.Linux() {
		t.Errorf("the thread read %q, the process saw %s", got, state)
	}
}

// TestThreadsDieWithTheirProcess: exit_group(2) and signal(7) end every thread,
// whichever of them exits or is hit.
func TestThreadsDieWithTheirProcess(t *testing.T) {
	for name, end := range map[string]struct {
		main, other func(*sim.Process)
		kill        string
		status      int
		signal      string
	}{
		"exit":                   {main: func(p *sim.Process) { p.Exit(3) }, status: 3},
		"return of the function": {main: func(*sim.Process) {}},
		"exit of a thread":       {other: func(p *sim.Process) { p.Exit(3) }, status: 3},
		"SIGKILL":                {kill: "server", status: 137, signal: "SIGKILL"},
		"SIGKILL to a thread":    {kill: "other", status: 137, signal: "SIGKILL"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSim(t, sim.Config{Link: link.Symmetric(10*time.Millisecond, 0)})
			live := func(p *sim.Process) {
				defer func() { p.Socket() }() // not even what is deferred makes calls
				p.Sleep(time.Minute)
				t.Errorf("%s makes calls at %s, after its process has ended", p.Name(), p.Now())
			}
			wait := func(body func(*sim.Process)) func(*sim.Process) {
				return func(p *sim.Process) {
					p.Sleep(time.Second)
					if body != nil {
						body(p)
						return
					}
					live(p)
				}
			}
			s.Server().Go("server", func(p *sim.Process) {
				listen(p)
				p.Thread("worker", live)
				p.Thread("other", wait(end.other))
				wait(end.main)(p)
			})
			s.Network(func(n *sim.Network) {
				n.Sleep(2 * time.Second)
				if end.kill != "" {
					if err := n.Kill(end.kill, stack.SIGKILL); err != nil {
						t.Error(err)
					}
				}
			})
			tr := run(t, s)
			if len(s.Leftovers()) > 0 {
				t.Errorf("left: %v", s.Leftovers())
			}
			for _, p := range tr.Processes {
				if !p.Ended || p.Status != end.status || p.Signal != end.signal || p.EndAt >= time.Minute {
					t.Errorf("%+v, want status %d %s", p, end.status, end.signal)
				}
			}
			for _, c := range tr.Calls[3:] {
				if c.Op != trace.OpExit {
					t.Errorf("%s made %s", tr.Processes[c.Process].Name, c.Op)
				}
			}
		})
	}
}

// TestSIGPIPEIsOfTheProcess: a thread's broken pipe ends the process with 141,
// and one disposition holds for all threads.
func TestSIGPIPEIsOfTheProcess(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		s := newSim(t, sim.Config{Link: link.Symmetric(10*time.Millisecond, 0)})
		s.Server().Go("server", func(p *sim.Process) {
			l := listen(p)
			c, _, _ := p.Accept(l)
			p.Close(c)
			p.Sleep(time.Second)
		})
		after := false
		s.Client().Go("client", func(p *sim.Process) {
			c, _ := p.Socket()
			p.Connect(c, serverOf(p))
			p.Sleep(100 * time.Millisecond)
			p.Thread("writer", func(w *sim.Process) {
				w.Send(c, []byte("x"), 0)
				w.Sleep(100 * time.Millisecond)
				w.Send(c, []byte("x"), 0)
			})
			p.IgnoreSIGPIPE(ignored) // after the thread has begun
			p.Sleep(time.Second)
			after = true
		})
		tr := run(t, s)
		want := 141
		if ignored {
			want = 0
		}
		if after != ignored || tr.Processes[1].Status != want {
			t.Errorf("ignored %t: the process went on %t, %+v; want status %d", ignored, after, tr.Processes[1], want)
		}
	}
}
