package sim_test

import (
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"gvisor.dev/gvisor/pkg/tcpip"
)

// leftovers reports goroutines and endpoints that a run has left behind.
func leftovers(t *testing.T, f func()) {
	t.Helper()
	clean := func(before int) bool {
		for range 400 {
			if runtime.NumGoroutine() <= before && len(tcpip.GetDanglingEndpoints()) == 0 {
				return true
			}
			time.Sleep(5 * time.Millisecond)
		}
		return false
	}
	if !clean(1 << 30) {
		t.Fatal("endpoints of earlier tests dangle")
	}
	before := runtime.NumGoroutine()
	f()
	if !clean(before) {
		pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		t.Errorf("%d goroutines before, %d after; %d endpoints dangle", before, runtime.NumGoroutine(), len(tcpip.GetDanglingEndpoints()))
	}
}

func TestRunLeavesNothing(t *testing.T) {
	for name, pr := range programs {
		t.Run(name, func(t *testing.T) {
			leftovers(t, func() {
				if _, err := pr.run(1); err != nil {
					t.Error(err)
				}
			})
		})
	}
	// Processes that never end, one that never began, a run that a limit ends
	// and one that never ran.
	block := func(p *sim.Process) {
		defer p.Sleep(time.Second) // a deferred call of a process that is over
		l := listen(p)
		p.Accept(l)
	}
	for name, c := range map[string]sim.Config{
		"blocked": {}, "until": {Until: time.Second}, "limit": {Limits: sim.Limits{Events: 20}},
	} {
		t.Run(name, func(t *testing.T) {
			leftovers(t, func() {
				for range 5 {
					s := newSim(t, c)
					s.Server().Go("server", block)
					s.Client().GoAt(time.Hour, "late", func(*sim.Process) {})
					s.Client().Go("client", func(p *sim.Process) {
						for range 100 {
							p.Sleep(time.Minute)
						}
					})
					s.Network(func(n *sim.Network) { n.WaitFor("never") })
					s.Run()
				}
			})
		})
	}
	t.Run("never run", func(t *testing.T) {
		leftovers(t, func() {
			s := newSim(t, sim.Config{})
			s.Server().Go("server", block)
			s.Close()
		})
	})
}

func TestPanicOfAProcessReachesTheCaller(t *testing.T) {
	leftovers(t, func() {
		s := newSim(t, sim.Config{})
		s.Server().Go("server", func(p *sim.Process) { p.Accept(listen(p)) })
		s.Client().GoAt(time.Second, "client", func(*sim.Process) { panic("a test's own bug") })
		defer func() {
			if p, _ := recover().(*sim.Panic); p == nil || p.Value != "a test's own bug" {
				t.Errorf("recovered %v", p)
			}
		}()
		s.Run()
		t.Error("Run returned")
	})
}

func TestKilledProcess(t *testing.T) {
	for signal, status := range map[stack.Signal]int{stack.SIGKILL: 137, stack.SIGTERM: 143, stack.SIGINT: 130, stack.SIGABRT: 134} {
		s := newSim(t, sim.Config{})
		after := false
		s.Server().Go("server", func(p *sim.Process) {
			p.Accept(listen(p))
			after = true
		})
		var again error
		s.Network(func(n *sim.Network) {
			n.Sleep(time.Second)
			n.Kill("server", signal)
			again = n.Kill("server", signal)
		})
		tr := run(t, s)
		p := tr.Processes[0]
		if !p.Ended || p.EndAt != time.Second || p.Status != status || !strings.HasPrefix(p.Signal, "SIG") {
			t.Errorf("signal %d: %+v", signal, p)
		}
		if after {
			t.Errorf("signal %d: the process went on", signal)
		}
		if again == nil || !strings.Contains(again.Error(), "process server has ended") {
			t.Errorf("killing it twice gives %v", again)
		}
		if call := tr.Calls[3]; call.Op != trace.OpAccept || call.Returned {
			t.Errorf("the call it was in: %+v", call)
		}
	}
}

func TestCrashedHost(t *testing.T) {
	s := newSim(t, sim.Config{Link: link.Symmetric(time.Millisecond, 0)})
	s.Server().Go("server", func(p *sim.Process) {
		c, _, _ := p.Accept(listen(p))
		p.Recv(c, make([]byte, 1), 0)
		t.Error("a process went on after its host had crashed")
	})
	boots := 0
	s.Server().GoOnBoot("init", func(p *sim.Process) { boots++ })
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, server(s))
		p.Sleep(2 * time.Second)
	})
	s.Network(func(n *sim.Network) {
		n.Sleep(time.Second)
		for what, err := range map[string]error{"boot of a host that runs": n.Boot(trace.Server), "crash": n.Crash(trace.Server)} {
			if (err == nil) != (what == "crash") {
				t.Errorf("%s: %v", what, err)
			}
		}
		if n.Crash(trace.Server) == nil || s.Server().Up() {
			t.Error("the host crashed twice")
		}
		if err := n.Set(trace.Server, stack.Setting{Name: "tcp_sack", Value: "0"}); err == nil {
			t.Error("a setting of a host that is down")
		}
		n.Sleep(10 * time.Second)
		if err := n.Boot(trace.Server); err != nil || !s.Server().Up() {
			t.Errorf("boot: %v", err)
		}
	})
	tr := run(t, s)
	if p := tr.Processes[0]; p.Signal != "power loss" || p.EndAt != time.Second {
		t.Errorf("the server's process: %+v", p)
	}
	if boots != 1 {
		t.Errorf("%d processes started on boot, want 1", boots)
	}
	for _, seg := range tr.Segments {
		if seg.From == trace.Server && seg.SentAt >= time.Second && seg.SentAt < 11*time.Second {
			t.Errorf("#%d was sent by a host without power", seg.Number)
		}
	}
}

func TestForkSharesDescriptors(t *testing.T) {
	// Only the last close closes: parent, child, and a dup in each.
	s := newSim(t, sim.Config{Link: link.Symmetric(time.Millisecond, 0)})
	var eof time.Duration
	s.Server().Go("server", func(p *sim.Process) {
		c, _, _ := p.Accept(listen(p))
		p.Recv(c, make([]byte, 1), 0)
		eof = p.Now()
	})
	s.Client().Go("parent", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, server(s))
		d, _ := p.Dup(c)
		p.Fork("child", func(p *sim.Process) {
			p.Close(c)
			p.Sleep(3 * time.Second)
			if _, err := p.Send(c, nil, 0); result("", err) != "EBADF" {
				t.Errorf("the child's closed descriptor gives %v", err)
			}
			p.Close(d)
		})
		p.Close(d)
		p.Sleep(time.Second)
		if _, err := p.GetPeerName(c); err != nil {
			t.Errorf("the child's close closed the parent's descriptor: %v", err)
		}
	}) // its exit closes the last of its own
	tr := run(t, s)
	if want := 3 * time.Second; eof < want || eof > want+10*time.Millisecond {
		t.Errorf("the server read end of file at %v, want %v", eof, want)
	}
	fins := 0
	for _, seg := range tr.Segments {
		if seg.From == trace.Client && seg.Flags.String() == "F." {
			fins++
		}
	}
	if fins != 1 {
		t.Errorf("the client sent %d FINs", fins)
	}
}

func TestDescriptorsAreTheLowestFree(t *testing.T) {
	s := newSim(t, sim.Config{})
	s.Client().Go("client", func(p *sim.Process) {
		for want := 3; want < 6; want++ {
			if fd, _ := p.Socket(); fd != want {
				t.Errorf("descriptor %d, want %d", fd, want)
			}
		}
		p.Close(4)
		if fd, _ := p.Dup(5); fd != 4 {
			t.Errorf("dup gives %d, want 4", fd)
		}
		if fd, _ := p.Dup(5); fd != 6 {
			t.Errorf("dup gives %d, want 6", fd)
		}
	})
	run(t, s)
}

// TestKillFindsTheProcessThatRuns: of the processes of one name, one a boot,
// and not those that died with the machine.
func TestKillFindsTheProcessThatRuns(t *testing.T) {
	s := newSim(t, sim.Config{})
	body := func(p *sim.Process) { p.Sleep(time.Hour) }
	s.Server().Go("daemon", body)
	s.Server().GoOnBoot("daemon", body)
	s.Network(func(n *sim.Network) {
		for range 2 {
			n.Sleep(time.Second)
			n.Crash(trace.Server)
			n.Sleep(time.Second)
			n.Boot(trace.Server)
		}
		n.Sleep(time.Second)
		if err := n.Kill("daemon", 99); err == nil {
			t.Error("there is no signal 99")
		}
		if err := n.Kill("daemon", stack.SIGTERM); err != nil {
			t.Error(err)
		}
	})
	tr := run(t, s)
	if p := tr.Processes; len(p) != 3 || p[0].Signal != "power loss" || p[1].Signal != "power loss" || p[2].Status != 143 {
		t.Errorf("%+v", p)
	}
}
