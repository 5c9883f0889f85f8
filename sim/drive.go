package sim

import (
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Driver runs a Sim from outside, one event at a time, for code that is not
// written as processes: whoever drives decides when time passes and when a
// call is tried again. Everything must happen inside Do.
type Driver struct{ sim *Sim }

// Drive takes the place of Run. The caller ends the run with Finish.
func (s *Sim) Drive() *Driver {
	s.ran = true
	return &Driver{s}
}

// Do runs f at an instant of virtual time, which must not lie before the one
// of the last Do. It returns the error that ended the run, if any has.
func (d *Driver) Do(now time.Duration, f func()) (err error) {
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

// Next is the instant of the next event; false when there is none.
func (d *Driver) Next() (at time.Duration, ok bool) {
	in, at := d.sim.heap.first()
	return at, in >= 0 && d.sim.err == nil
}

// Step executes the next event.
func (d *Driver) Step() { d.sim.step() }

// Network gives what an experimenter can do, but for what waits.
func (d *Driver) Network() *Network { return &Network{task: &task{sim: d.sim}} }

// Process makes a process without a function of its own: its calls are made
// through Begin, and those of its methods that never block.
func (d *Driver) Process(h *Host, name string) *Process {
	p := h.newProcess(name, nil)
	p.task.doing = "code of its own"
	return p
}

// Kill ends a process with a signal: its descriptors are closed as the kernel
// closes them.
func (d *Driver) Kill(p *Process, signal stack.Signal) {
	p.signal(signal)
	p.task.unwind()
}

// Snapshot is the trace so far: a copy that does not change while the run goes
// on.
func (d *Driver) Snapshot() *trace.Trace { return d.sim.rec.snapshot(d.sim.now) }

// Finish ends the run and gives its trace.
func (d *Driver) Finish() *trace.Trace {
	d.sim.look()
	tr := d.sim.rec.finish(d.sim.now)
	d.sim.teardown()
	return tr
}

// Pending is a call that has begun and not returned.
type Pending struct {
	process *Process
	index   int
	sock    *stack.Socket
	seen    uint64
}

// Begin records the start of a call on a descriptor. The beginning of the data
// that it sends is copied.
func (d *Driver) Begin(p *Process, op trace.Op, args trace.Args) *Pending {
	sock := p.fds[args.FD]
	args.Data = p.kept(args.Data)
	return &Pending{process: p, index: p.begin(op, &args, sock), sock: sock}
}

// Try tries the call and settles the host. EAGAIN says that nothing was done.
func (c *Pending) Try(f func(*stack.Socket) stack.Errno) stack.Errno {
	c.seen = c.sock.Stirs()
	return c.process.attempt(c.index, c.sock, func() stack.Errno { return f(c.sock) })
}

// Stirred reports whether something has happened to the socket since the last
// Try: another may succeed.
func (c *Pending) Stirred() bool { return c.sock.Stirs() != c.seen }

// Retry makes Stirred report true: the last Try has done a part of what the
// call is to do.
func (c *Pending) Retry() { c.seen = ^uint64(0) }

// Block notes that the call waits.
func (c *Pending) Block() { c.process.task.sim.rec.trace.Calls[c.index].Blocked = true }

// Return records the end of the call: what it returned, and the data that a
// recv has got.
func (c *Pending) Return(value int, data []byte, errno stack.Errno) {
	p := c.process
	call := &p.task.sim.rec.trace.Calls[c.index]
	if call.Op == trace.OpRecv {
		call.Data = p.kept(data)
	}
	p.returned(c.index, value, errno)
}

// ReturnConn records that accept has taken a connection, and gives that a
// descriptor.
func (c *Pending) ReturnConn(conn *stack.Socket, peer netip.AddrPort) (fd int) {
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

// Socket is the socket of a descriptor, nil for none.
func (d *Driver) Socket(p *Process, fd int) *stack.Socket { return p.fds[fd] }

// Release gives a descriptor back; it is for the call close, which closes the
// socket itself.
func (d *Driver) Release(p *Process, fd int) { delete(p.fds, fd) }
