package onlinux

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/linux"
)

// host is one machine of a run, through all its boots.
type host struct {
	w        *World
	side     trace.Side
	addr     netip.Addr
	mtu      int
	settings [][2]string
	lh       *linux.Host // nil while it is down
	onBoot   []func()
}

func (h *host) boot() (err error) {
	bits := 24
	if h.addr.Is6() {
		bits = 64
	}
	h.lh, err = h.w.m.NewHost(linux.HostConfig{
		Addrs: []netip.Prefix{netip.PrefixFrom(h.addr, bits)}, MTU: h.mtu, Settings: h.settings,
	})
	return err
}

// process is one process on a host.
type process struct {
	*task
	w       *World
	host    *host
	lp      *linux.Process
	index   int // into Trace.Processes
	step    int
	ignore  bool // SIGPIPE
	waiting bool // for a call to return
	result  *linux.Result
	ended   bool
}

// process makes a process. parent is the one that it is forked from, nil for
// none.
func (w *World) process(h *host, name string, body func(program.Process), parent *process) *process {
	p := &process{task: w.task(name), w: w, host: h, step: -1, index: len(w.rec.trace.Processes)}
	w.rec.trace.Processes = append(w.rec.trace.Processes, trace.Process{Name: name, Host: h.side})
	p.task.process = p
	if parent != nil {
		p.ignore = parent.ignore
		lp, err := parent.lp.Fork()
		if err != nil {
			w.fail(err)
		}
		p.lp = lp
	}
	p.body = func() {
		if p.lp == nil {
			lp, err := h.lh.Spawn()
			if err != nil {
				w.fail(err)
				return
			}
			p.lp = lp
		}
		body(p)
		p.Exit(0)
	}
	return p
}

// Name implements [program.Process], and so do the other methods.
func (p *process) Name() string { return p.name }

// Now is the virtual time since the start of the run.
func (p *process) Now() time.Duration { return p.w.now }

// Sleep lets virtual time pass.
func (p *process) Sleep(d time.Duration) { p.w.sleep(p.task, d) }

// WaitFor waits for a label.
func (p *process) WaitFor(label string) { p.w.waitFor(p.task, label) }

// Mark reaches a label.
func (p *process) Mark(label string) { p.w.mark(label) }

// SetStep numbers the calls that follow.
func (p *process) SetStep(n int) { p.step = n }

// IgnoreSIGPIPE sets the disposition of SIGPIPE.
func (p *process) IgnoreSIGPIPE(ignore bool) {
	if p.ignore == ignore {
		return
	}
	p.ignore = ignore
	p.perform(linux.IgnoreSIGPIPE(ignore), trace.Trigger{})
}

// perform makes a system call and waits for its result; nil when the process has
// ended of it.
func (p *process) perform(c linux.Call, by trace.Trigger) *linux.Result {
	p.result = nil
	step, err := p.lp.Do(c)
	if err != nil {
		p.w.fail(err)
		panic(unwound{})
	}
	p.w.take(step, by)
	for p.result == nil && !p.ended {
		p.waiting = true
		p.park()
	}
	return p.result
}

// begin records the start of a call.
func (p *process) begin(op trace.Op, a *trace.Args) int {
	tr := p.w.rec.trace
	tr.Calls = append(tr.Calls, trace.Call{
		Process: p.index, Host: p.host.side, Op: op, Args: a, Conn: -1, Begin: p.w.now, Step: p.step,
	})
	p.w.rec.event(trace.CallBegin, len(tr.Calls)-1)
	return len(tr.Calls) - 1
}

// returned records the end of a call.
func (p *process) returned(i int, r *trace.Result) {
	c := &p.w.rec.trace.Calls[i]
	c.Returned, c.End, c.Result = true, p.w.now, *r
	c.Data = slices.Clone(r.Data[:min(len(r.Data), trace.DataLimit)])
	p.w.rec.event(trace.CallEnd, i)
}

// Call makes a call that is given as data.
func (p *process) Call(op trace.Op, a trace.Args) trace.Result {
	kept := a
	kept.Data = slices.Clone(a.Data[:min(len(a.Data), trace.DataLimit)])
	kept.IPv6 = op == trace.OpSocket && p.host.addr.Is6()
	call, err := encode(op, &a, p.host.addr)
	i := p.begin(op, &kept)
	p.doing = p.w.rec.trace.Calls[i].Begun()
	if err != nil {
		p.w.fail(fmt.Errorf("process %s: %w", p.name, err))
		panic(unwound{})
	}
	by := trace.Trigger{Kind: trace.ByCall, Index: i}
	limited := op == trace.OpConnect && a.Timeout > 0
	if limited {
		p.perform(linux.SetsockoptTime(a.FD, soSndTimeo, a.Timeout), trace.Trigger{})
	}
	events := len(p.w.rec.trace.Events)
	r := p.perform(call, by)
	p.doing = ""
	if r == nil { // it has died of SIGPIPE
		p.returned(i, &trace.Result{Value: -1, Errno: stack.EPIPE})
		panic(unwound{})
	}
	p.w.rec.trace.Calls[i].Blocked = p.w.rec.trace.Calls[i].Begin != p.w.now && len(p.w.rec.trace.Events) > events
	result := decode(op, &a, r)
	p.returned(i, &result)
	if limited {
		p.perform(linux.SetsockoptTime(a.FD, soSndTimeo, 0), trace.Trigger{})
	}
	return result
}

// Fork starts another process that shares every descriptor.
func (p *process) Fork(name string, child func(program.Process)) {
	q := p.w.process(p.host, name, child, p)
	i := p.begin(trace.OpFork, &trace.Args{Child: name})
	p.returned(i, &trace.Result{Value: q.index})
	p.w.ready = append(p.w.ready, q.task)
}

// Exit ends the process and does not return.
func (p *process) Exit(status int) {
	i := p.begin(trace.OpExit, &trace.Args{Status: status})
	step, err := p.lp.Do(linux.Exit(status))
	if err != nil {
		p.w.fail(err)
		panic(unwound{})
	}
	p.returned(i, &trace.Result{})
	p.w.take(step, trace.Trigger{Kind: trace.ByCall, Index: i})
	p.end(status, "")
	panic(unwound{})
}

// exited takes in that the process is no more.
func (p *process) exited(e *linux.Exited) {
	if e.Signal != 0 {
		s := stack.Signal(e.Signal)
		p.end(128+e.Signal, s.String())
	} else {
		p.end(e.Status, "")
	}
	p.killed = true
	if p.waiting {
		p.waiting = false
		if e.Signal == int(stack.SIGPIPE) {
			p.killed = false // its call is to be recorded
		}
		p.w.ready = append(p.w.ready, p.task)
	} else if e.Signal == int(stack.SIGPIPE) {
		p.killed = false
	}
}

func (p *process) end(status int, signal string) {
	if p.ended {
		return
	}
	p.ended = true
	t := &p.w.rec.trace.Processes[p.index]
	t.Ended, t.EndAt, t.Status, t.Signal = true, p.w.now, status, signal
	if signal == stack.SIGPIPE.String() {
		p.w.rec.note(trace.NoteSignal, p.host.side, fmt.Sprintf("process %s killed by %s", p.name, signal))
	}
}

// vanish is the end of a process whose machine lost power.
func (p *process) vanish() {
	p.end(0, trace.PowerLoss)
	p.killed = true
	p.label = ""
}
