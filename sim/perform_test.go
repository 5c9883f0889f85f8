package sim_test

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// TestEveryCallCanBeGivenAsData makes each call of the trace by Call: but for
// fork and exit, which take or end a program, none may be missing.
func TestEveryCallCanBeGivenAsData(t *testing.T) {
	s := newSim(t, sim.Config{})
	made := map[trace.Op]bool{}
	s.Client().Go("client", func(p *sim.Process) {
		for _, op := range trace.Ops() {
			if op == trace.OpFork || op == trace.OpExit {
				continue
			}
			r := p.Call(op, trace.Args{FD: 99, Option: "SO_ERROR"})
			if op != trace.OpSocket && op != trace.OpPoll && r.Errno != stack.EBADF {
				t.Errorf("%s on a descriptor that is not open: %v, want EBADF", op, r.Errno)
			}
			if r.Errno != stack.OK && r.Value != -1 {
				t.Errorf("%s: %d with %s, want -1", op, r.Value, r.Errno)
			}
		}
	})
	tr := run(t, s)
	for i := range tr.Calls {
		made[tr.Calls[i].Op] = true
	}
	for _, op := range trace.Ops() {
		if !made[op] && op != trace.OpFork {
			t.Errorf("the trace has no %s", op)
		}
	}
}

func TestForkAndExitAreNoData(t *testing.T) {
	s := newSim(t, sim.Config{})
	s.Client().Go("client", func(p *sim.Process) {
		for _, op := range []trace.Op{trace.OpNone, trace.OpFork, trace.OpExit, 200} {
			func() {
				defer func() {
					if text, _ := recover().(string); !strings.Contains(text, "no call that can be given as data") {
						t.Errorf("%s: %q", op, text)
					}
				}()
				p.Call(op, trace.Args{})
			}()
		}
	})
	run(t, s)
}

// TestACallReceivesAllData: the trace keeps the beginning, who calls gets all.
func TestACallReceivesAllData(t *testing.T) {
	s := newSim(t, sim.Config{Seed: 1})
	got := 0
	s.Server().Go("server", func(p *sim.Process) {
		l := p.Call(trace.OpSocket, trace.Args{}).Value
		p.Call(trace.OpBind, trace.Args{FD: l, Addr: server(s)})
		p.Call(trace.OpListen, trace.Args{FD: l, Backlog: 1})
		c := p.Call(trace.OpAccept, trace.Args{FD: l})
		p.Sleep(stepTime)
		got = len(p.Call(trace.OpRecv, trace.Args{FD: c.Value, Len: 4096}).Data)
	})
	s.Client().Go("client", func(p *sim.Process) {
		c := p.Call(trace.OpSocket, trace.Args{}).Value
		p.Call(trace.OpConnect, trace.Args{FD: c, Addr: server(s)})
		p.Call(trace.OpSend, trace.Args{FD: c, Data: make([]byte, 1000), Len: 1000})
		p.Sleep(2 * stepTime)
	})
	run(t, s)
	if got != 1000 {
		t.Errorf("%d bytes, want 1000", got)
	}
}
