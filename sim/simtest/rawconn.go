package simtest

import (
	"net"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// SyscallConn gives what low-level code asks of a connection: whether something
// is there to be read, as clients do before they take a connection from their
// pool, and socket options.
//
// There is no descriptor behind a connection, so the functions get one that
// stands in for it. In Read and Write that is one end of a socket pair in the
// connection's state: the unread data is in it, or the end of the stream, or
// ECONNRESET, and what is taken from it or put into it is taken from the
// connection or written to it. In Control it is a TCP socket that is connected
// to nothing, with the options of the connection, and those that it has
// afterwards are set. They do so on Linux; elsewhere they return an error that
// is [errors.ErrUnsupported].
func (c *Conn) SyscallConn() (syscall.RawConn, error) { return &rawConn{c.socket, c}, nil }

// SyscallConn gives access to the options of the listener: see
// [Conn.SyscallConn]. Its Read and Write return an error.
func (l *Listener) SyscallConn() (syscall.RawConn, error) { return &rawConn{l.socket, nil}, nil }

// rawConn is a syscall.RawConn.
type rawConn struct {
	*socket
	conn *Conn // nil for a listener
}

func (r *rawConn) opError(op string, err error) error {
	if err == nil {
		return nil
	}
	e := &net.OpError{Op: op, Net: "tcp", Addr: r.remote, Err: err}
	switch {
	case r.remote == nil:
		e.Addr = r.local
	default:
		e.Source = r.local
	}
	return e
}

// Control implements syscall.RawConn.
func (r *rawConn) Control(f func(fd uintptr)) error {
	r.nw.mu.Lock()
	err := r.usable()
	var now []option
	if err == nil {
		now = optionsOf(r.sock)
	}
	r.nw.mu.Unlock()
	var changed []option
	if err == nil {
		changed, err = withOptions(r.host.Addr().Is4(), now, f)
	}
	if err != nil {
		return r.opError("raw-control", err)
	}
	r.nw.mu.Lock()
	defer r.nw.mu.Unlock()
	if len(changed) > 0 && r.usable() == nil {
		r.enqueue(func() { r.host.set(r.fd, changed) })
	}
	return nil
}

// Read implements syscall.RawConn.
func (r *rawConn) Read(f func(fd uintptr) (done bool)) error {
	return r.opError("raw-read", r.move(toRead, stack.PollIn, func() (bool, error) {
		unread, state := r.peek()
		left, done, err := withUnread(unread, state, f)
		if err != nil {
			return false, err
		}
		for taken := make([]byte, len(unread)-left); len(taken) > 0; {
			n, err := r.conn.Read(taken)
			if err != nil {
				return false, err
			}
			taken = taken[n:]
		}
		return done, nil
	}))
}

// Write implements syscall.RawConn.
func (r *rawConn) Write(f func(fd uintptr) (done bool)) error {
	return r.opError("raw-write", r.move(toWrite, stack.PollOut, func() (bool, error) {
		r.nw.mu.Lock()
		broken := r.shut || r.sock.Broken()
		r.nw.mu.Unlock()
		data, done, err := withRoom(broken, f)
		if err == nil && len(data) > 0 {
			_, err = r.conn.Write(data)
		}
		return done, err
	}))
}

// move calls f until it is done, and waits for the connection in between.
func (r *rawConn) move(which int, want stack.PollEvents, f func() (done bool, err error)) error {
	if r.conn == nil {
		return syscall.EINVAL
	}
	for {
		r.nw.mu.Lock()
		err := r.usable()
		if err == nil && r.deadline[which] <= r.nw.Now() {
			err = os.ErrDeadlineExceeded
		}
		r.nw.mu.Unlock()
		if err != nil {
			return err
		}
		if done, err := f(); done || err != nil {
			return err
		}
		if err := r.await(which, want); err != nil {
			return err
		}
	}
}

// await waits until poll would report something.
func (s *socket) await(which int, want stack.PollEvents) error {
	s.nw.mu.Lock()
	o := s.op(kindOf[which], nil, nil)
	o.ready = func() bool {
		return s.closed || o.told || !s.hung && s.sock.Poll(want)&(want|stack.PollErr|stack.PollHup) != 0
	}
	o.try = func() {
		if s.closed && !o.told {
			o.err = net.ErrClosed
		}
		s.nw.finish(o)
	}
	o.due = func() time.Duration { return s.deadline[which] }
	o.late = func() { s.nw.fail(o, os.ErrDeadlineExceeded) }
	o.interrupt = func(err error) { s.nw.tell(o, 0, err) }
	s.nw.blockLocked(o)
	return o.err
}

// streamState is how a stream of bytes goes on after those that are there.
type streamState int

const (
	streamOpen streamState = iota
	streamEnded
	streamReset
)

// peek is what Read would find, without taking it; an error of the connection
// is taken, as by a real read.
func (r *rawConn) peek() ([]byte, streamState) {
	r.nw.mu.Lock()
	defer r.nw.mu.Unlock()
	buf := make([]byte, min(max(r.sock.Endpoint().Unread(), 1), ahead))
	n, e := r.sock.Recv(buf, stack.MsgPeek)
	switch {
	case e == stack.EAGAIN:
		return nil, streamOpen
	case e != stack.OK:
		return nil, streamReset
	case n == 0:
		return nil, streamEnded
	}
	return buf[:n], streamOpen
}

// mirrored are the options that Control carries over.
var mirrored = []string{
	"SO_REUSEADDR", "SO_REUSEPORT", "SO_KEEPALIVE", "SO_LINGER", "SO_RCVBUF", "SO_SNDBUF",
	"TCP_NODELAY", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT",
}

func optionsOf(s *stack.Socket) []option {
	var now []option
	for _, name := range mirrored {
		if v, e := s.Option(name); e == stack.OK {
			now = append(now, option{name, v})
		}
	}
	return now
}

// differing are the options that are not among those before.
func differing(before, after []option) []option {
	return slices.DeleteFunc(after, func(o option) bool { return slices.Contains(before, o) })
}

// set makes the calls for options. The engine calls it.
func (h *Host) set(fd int, options []option) {
	for _, o := range options {
		h.process.SetSockOpt(fd, o.name, o.value)
	}
}
