package sim

import (
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim/internal/drive"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

func init() {
	drive.Provide(func(s *Sim) drive.Driver[*Host, *Process, *Network] {
		s.ran = true
		return &driver{s}
	})
}

// driver is a [drive.Driver].
type driver struct{ sim *Sim }

func (d *driver) Do(now time.Duration, f func()) (err error) {
	s := d.sim
	if s.err != nil {
		return s.err
	}
	s.now = max(s.now, now)
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(unwound); !ok {
				panic(r)
			}
		}
		err = s.err
	}()
	f()
	return nil
}

func (d *driver) Next() (at time.Duration, ok bool) {
	in, at := d.sim.heap.first()
	return at, in >= 0 && d.sim.err == nil
}

func (d *driver) Step() { d.sim.step() }

func (d *driver) Network() *Network { return &Network{task: &task{sim: d.sim}} }

func (d *driver) Process(h *Host, name string) *Process {
	p := h.newProcess(name, nil)
	p.task.doing = "code of its own"
	return p
}

func (d *driver) Kill(p *Process, signal stack.Signal) {
	p.signal(signal)
	p.task.unwind()
}

func (d *driver) Ending(h *Host, text string) { d.sim.rec.note(trace.NoteEnding, h.side, text) }

func (d *driver) Snapshot() *trace.Trace { return d.sim.rec.snapshot(d.sim.now) }

func (d *driver) Finish() *trace.Trace {
	d.sim.look()
	tr := d.sim.rec.finish(d.sim.now)
	d.sim.teardown()
	return tr
}

// pending is a [drive.Pending].
type pending struct {
	process *Process
	index   int
	sock    *stack.Socket
	seen    uint64
}

func (d *driver) Begin(p *Process, op trace.Op, args trace.Args) drive.Pending {
	sock := p.fds[args.FD]
	args.Data = p.kept(args.Data)
	return &pending{process: p, index: p.begin(op, &args, sock), sock: sock}
}

func (c *pending) Try(f func(*stack.Socket) stack.Errno) stack.Errno {
	c.seen = c.sock.Stirs()
	return c.process.attempt(c.index, c.sock, func() stack.Errno { return f(c.sock) })
}

func (c *pending) Stirred() bool { return c.sock.Stirs() != c.seen }

func (c *pending) Retry() { c.seen = ^uint64(0) }

func (c *pending) Block() { c.process.task.sim.rec.trace.Calls[c.index].Blocked = true }

func (c *pending) Return(value int, data []byte, errno stack.Errno) {
	p := c.process
	call := &p.task.sim.rec.trace.Calls[c.index]
	if call.Op == trace.OpRecv {
		call.Data = p.kept(data)
	}
	p.returned(c.index, value, errno)
}

func (c *pending) ReturnConn(conn *stack.Socket, peer netip.AddrPort) (fd int) {
	p := c.process
	rec := &p.task.sim.rec
	fd = p.install(conn)
	call := &rec.trace.Calls[c.index]
	call.Addr = peer
	if k, ok := rec.conns.of(p.host.side, conn.Endpoint()); ok {
		call.Conn = k
	}
	p.returned(c.index, fd, stack.OK)
	return fd
}

func (d *driver) Socket(p *Process, fd int) *stack.Socket { return p.fds[fd] }

func (d *driver) Release(p *Process, fd int) { delete(p.fds, fd) }
