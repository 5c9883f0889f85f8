package simtest

import (
	"io"
	"net"
	"slices"

	"github.com/tcpsim/tcpsim/sim/internal/drive"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// reading is a Read that goes on.
type reading struct {
	*socket
	op   *op
	buf  []byte
	call drive.Pending
}

func (r *reading) ready() bool {
	return r.closed || r.op.told || !r.hung && r.readers[0] == r.op && (r.call == nil || r.call.Stirred())
}

func (r *reading) try() {
	switch {
	case r.closed || r.op.told:
		r.end(0, net.ErrClosed, stack.EAGAIN)
		return
	case r.deadline[toRead] <= r.nw.Now():
		r.op.late()
		return
	case r.call == nil:
		r.call = r.host.driver.Begin(r.host.process, trace.OpRecv, trace.Args{FD: r.fd, Len: len(r.buf)})
	}
	n := 0
	errno := r.call.Try(func(s *stack.Socket) (e stack.Errno) {
		n, e = s.Recv(r.buf, 0)
		return e
	})
	switch {
	case errno == stack.EAGAIN:
		r.call.Block()
	case errno != stack.OK:
		r.end(0, sysError("read", errno), errno)
	case n == 0:
		r.end(0, io.EOF, errno)
	default:
		r.end(n, nil, errno)
	}
}

func (r *reading) interrupt(err error) { r.nw.tell(r.op, 0, err) }

func (r *reading) end(n int, err error, errno stack.Errno) {
	if r.op.over {
		return
	}
	r.heard = r.heard || n > 0
	if !r.op.told {
		r.op.n, r.op.err = n, err
	}
	if r.call != nil {
		r.call.Return(n, r.buf[:n], errno)
	}
	r.readers = slices.DeleteFunc(r.readers, func(o *op) bool { return o == r.op })
	r.nw.finish(r.op)
}

// writing is a Write that goes on, whether its caller waits or not.
type writing struct {
	*socket
	op    *op
	data  []byte
	sent  int
	owes  int
	begun bool
	known stack.Errno // what it has returned, where that was known at once
	call  drive.Pending
}

func (w *writing) ready() bool {
	switch {
	case w.interrupted():
		return true
	case w.hung:
		return false
	}
	return w.chain[0] == w.op && (w.call == nil || w.call.Stirred())
}

// interrupted reports that the caller waits no longer, or that what is left is
// thrown away with the connection.
func (w *writing) interrupted() bool {
	return w.op.told || w.closed && (w.op.done != nil || w.linger.On && w.linger.Time == 0)
}

func (w *writing) try() {
	if w.interrupted() {
		w.end(net.ErrClosed, stack.EAGAIN)
		return
	}
	if w.call == nil && w.known == stack.OK {
		w.begin()
		w.nw.plan.begins(w.socket)
		if w.op.over || w.hung {
			return
		}
	}
	if w.call == nil {
		w.call = w.host.driver.Begin(w.host.process, trace.OpSend, trace.Args{FD: w.fd, Data: w.data, Len: len(w.data)})
	}
	if w.known != stack.OK {
		w.end(w.op.err, w.known)
		return
	}
	n := 0
	rest := w.data[w.sent:]
	rest = rest[:min(len(rest), w.nw.plan.allows(w.socket))]
	errno := w.call.Try(func(s *stack.Socket) (e stack.Errno) {
		n, _, e = s.Send(rest, stack.MsgNoSignal)
		return e
	})
	w.sent += n
	w.written += n
	w.owed -= min(n, w.owes)
	w.owes -= min(n, w.owes)
	switch {
	case errno == stack.EAGAIN:
		w.call.Block()
	case errno != stack.OK:
		w.end(sysError("write", errno), errno)
	case w.sent == len(w.data):
		w.end(nil, errno)
	default:
		w.nw.plan.wrote(w.socket)
		w.nw.plan.begins(w.socket) // the next byte was handed over with those before
		w.call.Retry()
		return
	}
	w.nw.plan.wrote(w.socket)
}

// begin notes where the Write begins, and whether it answers something.
func (w *writing) begin() {
	if w.begun {
		return
	}
	w.begun = true
	w.starts = append(w.starts, w.socket.written)
	if len(w.turns) == 0 || w.heard {
		w.turns = append(w.turns, w.socket.written)
	}
	w.heard = false
}

// interrupt leaves the caller its buffer.
func (w *writing) interrupt(err error) {
	w.data = append([]byte(nil), w.data[:w.sent]...)
	w.nw.tell(w.op, w.sent, err)
}

func (w *writing) end(err error, errno stack.Errno) {
	if w.op.over {
		return
	}
	if w.op.done != nil && !w.op.told {
		w.op.n, w.op.err = w.sent, err
	}
	if w.call != nil {
		if errno == stack.EAGAIN && w.sent > 0 {
			errno = stack.OK // one write(2) took a part, and there was no other
		}
		w.call.Return(w.sent, w.data[:w.sent], errno)
	}
	w.unchain(w.op)
}
