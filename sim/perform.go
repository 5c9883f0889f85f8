package sim

import (
	"errors"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// performers says what each call is on this stack. Whatever has calls as data
// (scenario files, recordings of a kernel, scripts of tests) makes them here;
// fork, which needs a body for the child, and exit, which does not come back,
// are methods of Process only.
var performers = [...]func(*Process, *trace.Args) (trace.Result, error){
	trace.OpSocket: func(p *Process, _ *trace.Args) (trace.Result, error) { return value(p.Socket()) },
	trace.OpBind:   func(p *Process, a *trace.Args) (trace.Result, error) { return value(0, p.Bind(a.FD, a.Addr)) },
	trace.OpListen: func(p *Process, a *trace.Args) (trace.Result, error) { return value(0, p.Listen(a.FD, a.Backlog)) },
	trace.OpAccept: func(p *Process, a *trace.Args) (trace.Result, error) {
		fd, peer, err := p.Accept(a.FD)
		return trace.Result{Value: fd, Addr: peer}, err
	},
	trace.OpConnect: func(p *Process, a *trace.Args) (trace.Result, error) {
		if a.Timeout > 0 {
			return value(0, p.ConnectTimeout(a.FD, a.Addr, a.Timeout))
		}
		return value(0, p.Connect(a.FD, a.Addr))
	},
	trace.OpSend: func(p *Process, a *trace.Args) (trace.Result, error) { return value(p.Send(a.FD, a.Data, a.Flags)) },
	trace.OpRecv: func(p *Process, a *trace.Args) (trace.Result, error) {
		if cap(p.room) < a.Len {
			p.room = make([]byte, a.Len)
		}
		n, err := p.Recv(a.FD, p.room[:a.Len], a.Flags)
		return trace.Result{Value: n, Data: p.room[:max(n, 0)]}, err
	},
	trace.OpShutdown: func(p *Process, a *trace.Args) (trace.Result, error) { return value(0, p.Shutdown(a.FD, a.How)) },
	trace.OpClose:    func(p *Process, a *trace.Args) (trace.Result, error) { return value(0, p.Close(a.FD)) },
	trace.OpDup:      func(p *Process, a *trace.Args) (trace.Result, error) { return value(p.Dup(a.FD)) },
	trace.OpFcntl: func(p *Process, a *trace.Args) (trace.Result, error) {
		return value(0, p.SetNonblock(a.FD, a.Nonblock))
	},
	trace.OpSetsockopt: func(p *Process, a *trace.Args) (trace.Result, error) {
		return value(0, p.SetSockOpt(a.FD, a.Option, a.OptVal))
	},
	trace.OpGetsockopt: func(p *Process, a *trace.Args) (trace.Result, error) {
		v, err := p.GetSockOpt(a.FD, a.Option)
		return trace.Result{OptVal: &v}, err
	},
	trace.OpGetsockname: func(p *Process, a *trace.Args) (trace.Result, error) {
		addr, err := p.GetSockName(a.FD)
		return trace.Result{Addr: addr}, err
	},
	trace.OpGetpeername: func(p *Process, a *trace.Args) (trace.Result, error) {
		addr, err := p.GetPeerName(a.FD)
		return trace.Result{Addr: addr}, err
	},
	trace.OpPoll: func(p *Process, a *trace.Args) (trace.Result, error) {
		fds := make([]PollFD, len(a.Poll))
		for i, f := range a.Poll {
			fds[i] = PollFD{FD: f.FD, Events: f.Events}
		}
		n, err := p.Poll(fds, a.Timeout)
		r := trace.Result{Value: n}
		for _, f := range fds {
			r.Revents = append(r.Revents, f.Revents)
		}
		return r, err
	},
}

func value(n int, err error) (trace.Result, error) { return trace.Result{Value: n}, err }

// Call makes a call that is given as data, with all of the data that it moves:
// the methods of Process by another door. The data of a recv are valid until the
// next. It panics for fork and exit, which are no such calls (see [Process.Fork],
// [Process.Exit]).
func (p *Process) Call(op trace.Op, a trace.Args) trace.Result {
	if int(op) >= len(performers) || performers[op] == nil {
		panic("sim: " + op.String() + " is no call that can be given as data")
	}
	r, err := performers[op](p, &a)
	if err != nil {
		r = trace.Result{Value: -1}
		errors.As(err, &r.Errno)
	}
	return r
}
