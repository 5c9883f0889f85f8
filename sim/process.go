package sim

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Process is one process on a host: straight-line code with blocking calls.
// Its methods are the socket calls of Linux; they return a [stack.Errno] as
// the error, and must be called only from the process's own function.
type Process struct {
	task  *task
	host  *Host
	index int // into Trace.Processes
	fds   map[int]*stack.Socket
	step  int

	// A thread shares the descriptors, the dispositions of signals and the end
	// with the process that started it: its leader. A process leads itself.
	leader        *Process
	threads       []*Process // of a leader
	ignoreSIGPIPE bool       // of a leader

	lastRecv *trace.Args // a reader makes the same call again and again
	room     []byte      // where Call receives
}

// firstFD is the first descriptor after standard input, output and error.
const firstFD = 3

func (h *Host) newProcess(name string, body func(*Process)) *Process {
	s := h.sim
	tr := s.rec.trace
	p := &Process{host: h, index: len(tr.Processes), fds: make(map[int]*stack.Socket), step: -1}
	p.leader = p
	p.task = &task{sim: s, name: name, process: p, doing: "its own code"}
	p.task.body = func() {
		body(p)
		if p.leader != p {
			p.ended(0, "")
			return
		}
		p.exit(0)
	}
	tr.Processes = append(tr.Processes, trace.Process{Name: name, Host: h.side})
	s.tasks = append(s.tasks, p.task)
	return p
}

// Name is the process's name.
func (p *Process) Name() string { return p.task.name }

// Host is the host that the process runs on.
func (p *Process) Host() *Host { return p.host }

// Now is the virtual time since the start of the run.
func (p *Process) Now() time.Duration { return p.task.sim.now }

// SetStep numbers the calls that follow, for whoever compares them with a
// script: Call.Step of the trace.
func (p *Process) SetStep(n int) { p.step = n }

// Sleep lets virtual time pass.
func (p *Process) Sleep(d time.Duration) {
	p.alive()
	p.task.doing = fmt.Sprintf("sleep(%s)", d)
	p.task.sleep(d)
}

// Mark reaches a label that WaitFor waits for.
func (p *Process) Mark(label string) { p.task.sim.reach(label) }

// WaitFor blocks until some process or the experimenter has reached label.
func (p *Process) WaitFor(label string) {
	p.alive()
	p.task.waitFor(label)
}

func (t *task) waitFor(label string) {
	t.doing = "wait-for " + label
	if !t.sim.done[label] {
		t.wait(forever, func() bool { return t.sim.done[label] })
	}
}

// IgnoreSIGPIPE sets the disposition of SIGPIPE: ignored, or the default,
// which kills the process. Its threads share it (signal(7)).
func (p *Process) IgnoreSIGPIPE(ignore bool) { p.leader.ignoreSIGPIPE = ignore }

// Exit ends the process with all its threads, whichever of them calls it
// (exit_group(2)). Every descriptor is closed, without lingering.
func (p *Process) Exit(status int) { p.exit(status) }

// Fork starts another process at this instant that shares every descriptor:
// only the last close closes. The trace shows the call; what it returns is the
// child's number in Trace.Processes, in place of a process id.
func (p *Process) Fork(name string, body func(*Process)) *Process {
	i := p.begin(trace.OpFork, &trace.Args{Child: name}, nil)
	child := p.host.newProcess(name, body)
	for fd, s := range p.fds {
		s.Retain()
		child.fds[fd] = s
	}
	child.ignoreSIGPIPE = p.leader.ignoreSIGPIPE
	s := p.task.sim
	s.heap.push(event{at: s.now, task: child.task})
	p.returned(i, child.index, stack.OK)
	return child
}

// Thread starts another thread of the process at this instant: it has the same
// descriptors, not copies of them, so that it can block in one call while the
// process makes others. When body returns, the thread ends and nothing is
// closed. The end of the process, and a signal to any of its threads, ends them
// all. A descriptor that another thread blocks on must not be closed: Linux
// keeps the socket until the blocked call returns, which is not modelled; give
// the thread a Dup of its own.
func (p *Process) Thread(name string, body func(*Process)) *Process {
	p.alive()
	t := p.host.newProcess(name, body)
	t.fds, t.leader = p.fds, p.leader
	t.leader.threads = append(t.leader.threads, t)
	s := p.task.sim
	s.heap.push(event{at: s.now, task: t.task})
	return t
}

// alive keeps a deferred function of a process that is being unwound from
// making calls.
func (p *Process) alive() {
	if p.task.over {
		panic(unwound{})
	}
}

// begin records the start of a call and makes it the engine's context.
func (p *Process) begin(op trace.Op, args *trace.Args, sock *stack.Socket) int {
	p.alive()
	s := p.task.sim
	p.task.call, p.task.args = op, args
	if !s.spend() {
		panic(unwound{})
	}
	tr := s.rec.trace
	i := len(tr.Calls)
	s.ctx = context{host: p.host, conn: noConn}
	tr.Calls = append(room(tr.Calls), trace.Call{
		Process: p.index, Host: p.host.side, Op: op, Args: args, Begin: s.now, Step: p.step, Conn: noConn,
	})
	s.rec.event(trace.CallBegin, i)
	p.focus(trace.Trigger{Kind: trace.ByCall, Index: i}, op, sock)
	tr.Calls[i].Conn = s.ctx.conn
	return i
}

// focus makes a call on a socket the engine's context, with what is true of
// the socket just before.
func (p *Process) focus(trigger trace.Trigger, op trace.Op, sock *stack.Socket) {
	s := p.task.sim
	s.ctx = context{host: p.host, trigger: trigger, op: op, conn: noConn}
	if sock == nil {
		return
	}
	e := sock.Endpoint()
	if conn, ok := s.rec.conns.of(p.host.side, e); ok {
		s.ctx.conn = conn
	}
	s.ctx.listener = sock.Listening()
	if canReset(op) || trigger.Kind == trace.ByNote {
		s.ctx.owner = s.ownerOf(e, sock)
	}
}

// canReset lists the calls that a RST can come of: what was true of the socket
// before other calls is nobody's concern, and asking for it costs more than
// most of them.
func canReset(op trace.Op) bool {
	switch op {
	case trace.OpClose, trace.OpShutdown, trace.OpExit:
		return true
	}
	return false
}

// quiet lists the calls after which there is nothing to settle: what they make
// TCP send it sends before they return, and its processor, parked with empty
// queues, gets nothing to do by them.
func quiet(op trace.Op) bool {
	switch op {
	case trace.OpSend, trace.OpRecv, trace.OpBind, trace.OpListen, trace.OpAccept, trace.OpDup, trace.OpFcntl,
		trace.OpSetsockopt, trace.OpGetsockopt:
		return true
	}
	return false
}

// partly is what a try gives that has moved some of the data and would block
// on the rest: EAGAIN, but the host has to be settled.
const partly stack.Errno = -1

// attempt runs one try of call i on its socket and settles the host. A try
// that would block has done nothing, and there is nothing to settle.
func (p *Process) attempt(i int, sock *stack.Socket, f func() stack.Errno) stack.Errno {
	s := p.task.sim
	if !s.spend() {
		panic(unwound{})
	}
	if s.ctx.host != p.host || s.ctx.trigger != (trace.Trigger{Kind: trace.ByCall, Index: i}) {
		p.focus(trace.Trigger{Kind: trace.ByCall, Index: i}, s.rec.trace.Calls[i].Op, sock)
	}
	errno := f()
	switch {
	case errno == stack.EAGAIN:
	case quiet(s.rec.trace.Calls[i].Op):
		s.collect(p.host, nil)
	default:
		s.settle(p.host, nil)
	}
	if c := &s.rec.trace.Calls[i]; c.Conn == noConn && sock != nil && !sock.Listening() {
		if conn, ok := s.rec.conns.of(p.host.side, sock.Endpoint()); ok {
			c.Conn = conn
		}
	}
	return errno
}

// block waits until something happens to the socket, or the deadline.
func (p *Process) block(i int, sock *stack.Socket, seen uint64, deadline time.Duration) (expired bool) {
	p.task.sim.rec.trace.Calls[i].Blocked = true
	return p.task.waitSocket(deadline, sock, seen)
}

// returned records the end of a call.
func (p *Process) returned(i, value int, errno stack.Errno) {
	s := p.task.sim
	c := &s.rec.trace.Calls[i]
	c.Returned, c.End, c.Value, c.Errno = true, s.now, value, errno
	if errno != stack.OK {
		c.Value = -1
	}
	s.rec.event(trace.CallEnd, i)
	p.task.call, p.task.args, p.task.doing = trace.OpNone, nil, "its own code"
}

// deadline turns a duration into an instant; zero is for ever.
func (p *Process) deadline(d time.Duration) time.Duration {
	if d <= 0 {
		return forever
	}
	return p.task.sim.now + d
}

func asError(e stack.Errno) error {
	if e == stack.OK {
		return nil
	}
	return e
}
