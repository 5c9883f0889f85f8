package program

import (
	"bytes"
	"fmt"
	"maps"
	"net/netip"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Environment is what a program finds around it. The zero value knows no host
// and no child.
type Environment struct {
	// Hosts are the addresses that the names of hosts stand for in this run.
	Hosts map[string]netip.Addr

	// Child gives the process that a fork starts, nil for none of that name.
	Child func(name string) *model.Process

	// Fail is told of a step that cannot be performed; nil panics.
	Fail func(*model.Step, error)

	// After is told what each step of Run has come to, before its label is reached;
	// nil does nothing.
	After func(*Program, *model.Step, Outcome)
}

// Program is a process that performs steps, and its sockets by the names that
// the steps give them. A name keeps its descriptor after close, as a C variable
// does: using it then is EBADF.
type Program struct {
	Process
	env Environment
	fds map[string]int
}

// New makes the program of a process, with no sockets.
func New(p Process, env Environment) *Program {
	return &Program{Process: p, env: env, fds: make(map[string]int)}
}

// Thread is the same program on another thread of its process: with the same
// names.
func (v *Program) Thread(p Process) *Program {
	return &Program{Process: p, env: v.env, fds: v.fds}
}

// FD is the descriptor that a name stands for: [trace.NoFD] when it stands for
// none or the call that should have made it has failed.
func (v *Program) FD(name string) int {
	if fd, ok := v.fds[name]; ok {
		return fd
	}
	return trace.NoFD
}

// Run performs all steps of a process and reaches their labels.
func (v *Program) Run(m *model.Process) {
	for i := range m.Steps {
		s := &m.Steps[i]
		v.SetStep(i)
		o := v.Perform(s)
		if v.env.After != nil {
			v.env.After(v, s, o)
		}
		if s.Label != "" {
			v.Mark(s.Label)
		}
	}
	v.SetStep(-1)
}

// Outcome is what a step came to: its last call, with all data, and the bytes
// that all of its calls have moved. Op is OpNone for a step that makes no call.
type Outcome struct {
	Op   trace.Op
	Args trace.Args
	trace.Result
	Total int
}

// Call is the last call as a trace has it, with the beginning of its data.
func (o *Outcome) Call() trace.Call {
	c := trace.Call{Op: o.Op, Args: &o.Args, Result: o.Result, Returned: true}
	c.Data = c.Data[:min(len(c.Data), trace.DataLimit)]
	return c
}

// verbs is what each step of a process does. There is no other place that knows.
var verbs map[model.Verb]func(*Program, *model.Step) Outcome

func init() { // for fork, which performs steps itself
	verbs = map[model.Verb]func(*Program, *model.Step) Outcome{
		model.VerbSocket: func(v *Program, s *model.Step) Outcome {
			return v.made(s.Socket, v.call(trace.OpSocket, trace.Args{}))
		},
		model.VerbBind: func(v *Program, s *model.Step) Outcome {
			return v.call(trace.OpBind, trace.Args{FD: v.FD(s.Socket), Addr: v.address(s.Address)})
		},
		model.VerbListen: func(v *Program, s *model.Step) Outcome {
			return v.call(trace.OpListen, trace.Args{FD: v.FD(s.Socket), Backlog: s.Backlog})
		},
		model.VerbConnect: func(v *Program, s *model.Step) Outcome {
			a := trace.Args{FD: v.FD(s.Socket), Addr: v.address(s.Address), Timeout: s.Timeout}
			return v.nonblock(s, func() Outcome { return v.call(trace.OpConnect, a) })
		},
		model.VerbAccept: func(v *Program, s *model.Step) Outcome {
			return v.nonblock(s, func() Outcome {
				return v.made(s.As, v.call(trace.OpAccept, trace.Args{FD: v.FD(s.Socket)}))
			})
		},
		model.VerbSend: func(v *Program, s *model.Step) Outcome {
			data := s.Data
			if data == nil {
				data = pattern(s.Bytes)
			}
			return v.repeat(s, trace.OpSend, trace.Args{FD: v.FD(s.Socket), Data: data, Len: len(data), Flags: s.Flags})
		},
		model.VerbRecv: func(v *Program, s *model.Step) Outcome {
			return v.repeat(s, trace.OpRecv, trace.Args{FD: v.FD(s.Socket), Len: s.Size, Flags: s.Flags})
		},
		model.VerbShutdown: func(v *Program, s *model.Step) Outcome {
			return v.call(trace.OpShutdown, trace.Args{FD: v.FD(s.Socket), How: s.How})
		},
		model.VerbClose: func(v *Program, s *model.Step) Outcome {
			return v.call(trace.OpClose, trace.Args{FD: v.FD(s.Socket)})
		},
		model.VerbDup: func(v *Program, s *model.Step) Outcome {
			return v.made(s.As, v.call(trace.OpDup, trace.Args{FD: v.FD(s.Socket)}))
		},
		model.VerbSetsockopt: func(v *Program, s *model.Step) Outcome {
			return v.call(trace.OpSetsockopt, trace.Args{FD: v.FD(s.Socket), Option: s.Option, OptVal: s.Value})
		},
		model.VerbGetsockopt: func(v *Program, s *model.Step) Outcome {
			return v.call(trace.OpGetsockopt, trace.Args{FD: v.FD(s.Socket), Option: s.Option})
		},
		model.VerbPoll: func(v *Program, s *model.Step) Outcome {
			set := []trace.PollFD{{FD: v.FD(s.Socket), Events: s.Events}}
			return v.call(trace.OpPoll, trace.Args{Poll: set, Timeout: s.Timeout})
		},
		model.VerbFcntl: func(v *Program, s *model.Step) Outcome {
			return v.call(trace.OpFcntl, trace.Args{FD: v.FD(s.Socket), Nonblock: *s.Nonblock})
		},
		model.VerbGetsockname: func(v *Program, s *model.Step) Outcome {
			return v.call(trace.OpGetsockname, trace.Args{FD: v.FD(s.Socket)})
		},
		model.VerbGetpeername: func(v *Program, s *model.Step) Outcome {
			return v.call(trace.OpGetpeername, trace.Args{FD: v.FD(s.Socket)})
		},
		model.VerbSleep:   func(v *Program, s *model.Step) Outcome { v.Sleep(s.Duration); return Outcome{} },
		model.VerbWaitFor: func(v *Program, s *model.Step) Outcome { v.WaitFor(s.Target); return Outcome{} },
		model.VerbSigpipe: func(v *Program, s *model.Step) Outcome { v.IgnoreSIGPIPE(s.IgnoreSIGPIPE); return Outcome{} },
		model.VerbFork:    fork,
		model.VerbExit: func(v *Program, s *model.Step) Outcome {
			if s.Label != "" {
				v.Mark(s.Label) // nothing runs after exit
			}
			v.Exit(s.Status)
			return Outcome{}
		},
	}
}

// Perform does one step. It panics for a verb of the network, which no program
// that was checked has.
func (v *Program) Perform(s *model.Step) Outcome {
	do, ok := verbs[s.Verb]
	if !ok {
		panic(fmt.Sprintf("program: a process cannot do %s", s))
	}
	return do(v, s)
}

func (v *Program) call(op trace.Op, a trace.Args) Outcome {
	return Outcome{Op: op, Args: a, Result: v.Call(op, a)}
}

// made remembers the descriptor that a call has made.
func (v *Program) made(name string, o Outcome) Outcome {
	v.fds[name] = trace.NoFD
	if o.Errno == stack.OK {
		v.fds[name] = o.Value
	}
	return o
}

// nonblock runs f with O_NONBLOCK as the step wants it. Only a step that says
// so makes the two calls around it.
func (v *Program) nonblock(s *model.Step, f func() Outcome) Outcome {
	if s.Nonblock == nil || !*s.Nonblock {
		return f()
	}
	fd := v.FD(s.Socket)
	v.Call(trace.OpFcntl, trace.Args{FD: fd, Nonblock: true})
	o := f()
	v.Call(trace.OpFcntl, trace.Args{FD: fd})
	return o
}

// repeat makes a call once, or until the result that the step names. Every
// other error ends it too: it would come again for ever.
func (v *Program) repeat(s *model.Step, op trace.Op, a trace.Args) Outcome {
	o := Outcome{Op: op, Args: a}
	for {
		o.Result = v.Call(op, a)
		o.Total += max(o.Value, 0)
		if s.Until == "" || o.Errno != stack.OK || o.Value == 0 {
			return o
		}
	}
}

// fork starts the child with a copy of every name: it has the descriptors, and
// what SIGPIPE does, from its parent.
func fork(v *Program, s *model.Step) Outcome {
	var m *model.Process
	if v.env.Child != nil {
		m = v.env.Child(s.Target)
	}
	if m == nil {
		err := fmt.Errorf("no process %q starts by a fork", s.Target)
		if v.env.Fail == nil {
			panic("program: " + err.Error())
		}
		v.env.Fail(s, err)
		return Outcome{}
	}
	env, fds := v.env, maps.Clone(v.fds)
	v.Fork(s.Target, func(p Process) {
		child := &Program{Process: p, env: env, fds: fds}
		child.Run(m)
	})
	return Outcome{}
}

// pattern is data that shows where it is cut: the alphabet, again and again.
func pattern(n int) []byte {
	const alphabet = "abcdefghijklmnopqrstuvwxyz"
	return bytes.Repeat([]byte(alphabet), n/len(alphabet)+1)[:n]
}

// address resolves an address: the name of a host is the address that it has in
// this run.
func (v *Program) address(a model.Address) netip.AddrPort {
	if addr, ok := v.env.Hosts[a.Host]; ok && a.Host != "" {
		return netip.AddrPortFrom(addr, a.Port)
	}
	return netip.AddrPortFrom(a.IP, a.Port)
}
