package sim

import (
	"slices"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

func (p *Process) exit(status int) {
	p.alive()
	s := p.task.sim
	i := p.begin(trace.OpExit, &trace.Args{Status: status}, nil)
	p.endOthers(status, "")
	p.closeAll(trace.OpExit, s.ctx.trigger)
	p.returned(i, 0, stack.OK)
	p.ended(status, "")
	panic(unwound{})
}

// endOthers ends all threads of the process but p itself, before its
// descriptors are closed (Linux: do_group_exit).
func (p *Process) endOthers(status int, signal string) {
	for _, t := range append([]*Process{p.leader}, p.leader.threads...) {
		if t != p && !t.task.over {
			t.ended(status, signal)
			t.task.unwind()
		}
	}
}

// signal kills the process, with all its threads: the shell would say 128 plus
// the number.
func (p *Process) signal(signal stack.Signal) {
	s, name := p.task.sim, signal.String()
	s.ctx = context{host: p.host, conn: noConn}
	s.ctx.trigger = s.rec.note(trace.NoteSignal, p.host.side, "process "+p.leader.Name()+" killed by "+name)
	p.endOthers(signal.Status(), name)
	p.closeAll(trace.OpNone, s.ctx.trigger)
	p.ended(signal.Status(), name)
}

// closeAll closes every descriptor as the kernel does at the end of a process:
// in order, and without waiting for SO_LINGER (Linux: PF_EXITING).
func (p *Process) closeAll(op trace.Op, trigger trace.Trigger) {
	fds := make([]int, 0, len(p.fds))
	for fd := range p.fds {
		fds = append(fds, fd)
	}
	slices.Sort(fds)
	for _, fd := range fds {
		sock := p.fds[fd]
		delete(p.fds, fd)
		p.focus(trigger, op, sock)
		sock.Close()
		p.task.sim.settle(p.host, nil)
		if sock.Refs() == 0 {
			sock.Forget()
		}
	}
}

func (p *Process) ended(status int, signal string) {
	rec := &p.task.sim.rec.trace.Processes[p.index]
	rec.Ended, rec.EndAt, rec.Status, rec.Signal = true, p.task.sim.now, status, signal
	p.task.over = true
}

// vanish is the end of a process whose machine loses power: nothing is closed.
func (p *Process) vanish() {
	rec := &p.task.sim.rec.trace.Processes[p.index]
	rec.Ended, rec.EndAt, rec.Signal = true, p.task.sim.now, trace.PowerLoss
	p.fds = nil
	p.task.unwind()
}
