package simtest

import (
	"io"
	"net"
	"os"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// Conn is a connection: a net.Conn with the methods of *net.TCPConn, except
// File.
type Conn struct{ *socket }

func newConn(h *Host, fd int) *Conn {
	s := h.newSocket(fd)
	s.local = net.TCPAddrFromAddrPort(s.sock.LocalAddr())
	if peer, e := s.sock.PeerAddr(); e == stack.OK {
		s.remote = net.TCPAddrFromAddrPort(peer)
	}
	return &Conn{s}
}

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// opError wraps an error as package net does.
func (c *Conn) opError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	c.nw.mu.Lock()
	if err := c.usable(); err != nil || len(p) == 0 {
		c.nw.mu.Unlock()
		return 0, c.opError("read", err)
	}
	r := &reading{socket: c.socket, buf: p}
	r.op = c.op(kindRead, r.ready, r.try)
	r.op.due = func() time.Duration { return c.deadline[toRead] }
	r.op.late = func() { r.end(0, os.ErrDeadlineExceeded, stack.EAGAIN) }
	r.op.abort = func(err error) { r.end(0, err, stack.EAGAIN) }
	r.op.interrupt = r.interrupt
	c.readers = append(c.readers, r.op)
	c.nw.blockLocked(r.op)
	return r.op.n, c.opError("read", r.op.err)
}

// ahead is how much Write takes over without waiting until the socket has
// taken it, where the socket has room for something.
const ahead = 64 << 10

// Write implements net.Conn. As on a real socket it waits only while the send
// buffer is full. It must not wait otherwise: programs write, and close, under
// locks for which others wait, and a bubble in which somebody waits for a lock
// is not at rest.
func (c *Conn) Write(p []byte) (int, error) {
	c.nw.mu.Lock()
	err := c.usable()
	if err == nil && c.deadline[toWrite] <= c.nw.Now() {
		err = os.ErrDeadlineExceeded
	}
	if err != nil {
		c.nw.mu.Unlock()
		return 0, c.opError("write", err)
	}
	w := &writing{socket: c.socket, data: p}
	w.op = c.op(kindWrite, w.ready, w.try)
	w.op.due = func() time.Duration { return c.deadline[toWrite] }
	w.op.late = func() { w.end(os.ErrDeadlineExceeded, stack.EAGAIN) }
	w.op.abort = func(err error) { w.end(err, stack.EAGAIN) }
	w.op.interrupt = w.interrupt
	c.chain = append(c.chain, w.op)
	broken := true
	switch {
	case c.sock.Broken():
		// The connection is gone: nothing reaches the link any more, and what
		// this call returns is known now.
		_, _, e := c.sock.Send(nil, stack.MsgNoSignal)
		w.known, w.op.err = e, sysError("write", e)
	case c.shut:
		// The FIN may still wait for the engine, and this would follow it.
		w.known, w.op.err = stack.EPIPE, sysError("write", stack.EPIPE)
	default:
		broken = false
	}
	if broken || c.owed+len(p) <= ahead && c.sock.Poll(stack.PollOut)&stack.PollOut != 0 && !c.stuck() {
		w.op.due = nil
		w.data = append([]byte(nil), p...)
		if !broken {
			c.owed += len(p)
			w.owes = len(p)
			w.op.n = len(p)
		}
		n, err := w.op.n, w.op.err
		c.nw.submit(w.op)
		c.nw.mu.Unlock()
		return n, c.opError("write", err)
	}
	c.nw.blockLocked(w.op)
	return w.op.n, c.opError("write", w.op.err)
}

// Close implements net.Conn: a FIN, or a RST where SetLinger or unread data
// ask for one. With a positive linger time it waits, as close does.
func (c *Conn) Close() error { return c.opError("close", c.close()) }

// CloseWrite ends the sending side: a FIN.
func (c *Conn) CloseWrite() error { return c.shutdown(stack.ShutWrite) }

// CloseRead ends the receiving side. Nothing is sent.
func (c *Conn) CloseRead() error { return c.shutdown(stack.ShutRead) }

func (c *Conn) shutdown(how stack.How) error {
	c.nw.mu.Lock()
	defer c.nw.mu.Unlock()
	if err := c.usable(); err != nil {
		return c.opError("close", err)
	}
	_, e := c.sock.PeerAddr()
	if how != stack.ShutRead {
		c.shut = true
	}
	c.enqueue(func() { c.host.process.Shutdown(c.fd, how) })
	if e != stack.OK {
		return c.opError("close", sysError("shutdown", e))
	}
	return nil
}

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error { return c.setDeadline(t, toRead, toWrite) }

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(t, toRead) }

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(t, toWrite) }

func (c *Conn) setDeadline(t time.Time, which ...int) error {
	err := c.socket.setDeadline(t, which...)
	if err == net.ErrClosed {
		return &net.OpError{Op: "set", Net: "tcp", Addr: c.local, Err: err} // here package net names one address
	}
	return c.opError("set", err)
}

// SetLinger is SO_LINGER: with 0, Close discards what is not sent and sends a
// RST; with a positive number of seconds, Close waits that long at most; a
// negative number is the default.
func (c *Conn) SetLinger(sec int) error {
	l := stack.Linger{On: sec >= 0, Time: time.Duration(max(sec, 0)) * time.Second}
	return c.set(func() { c.linger = l }, option{"SO_LINGER", stack.Value{Kind: stack.KindLinger, Linger: l}})
}

// SetNoDelay is TCP_NODELAY, which is on from the start, as in package net.
func (c *Conn) SetNoDelay(on bool) error { return c.set(nil, onOff("TCP_NODELAY", on)) }

// SetReadBuffer is SO_RCVBUF.
func (c *Conn) SetReadBuffer(bytes int) error {
	return c.set(nil, option{"SO_RCVBUF", stack.Value{Int: bytes}})
}

// SetWriteBuffer is SO_SNDBUF.
func (c *Conn) SetWriteBuffer(bytes int) error {
	return c.set(nil, option{"SO_SNDBUF", stack.Value{Int: bytes}})
}

// SetKeepAlive is SO_KEEPALIVE.
func (c *Conn) SetKeepAlive(on bool) error { return c.set(nil, onOff("SO_KEEPALIVE", on)) }

// SetKeepAlivePeriod sets the idle time before the first probe: 15 s for zero,
// and nothing for a negative one, as package net does. EINVAL beyond 32,767 s.
func (c *Conn) SetKeepAlivePeriod(d time.Duration) error {
	return c.set(nil, keepIdle(d)...)
}

// SetKeepAliveConfig sets everything about keep-alive probes.
func (c *Conn) SetKeepAliveConfig(k net.KeepAliveConfig) error {
	return c.set(nil, keepAlive(k)...)
}

func (c *Conn) set(local func(), options ...option) error {
	c.nw.mu.Lock()
	defer c.nw.mu.Unlock()
	if err := c.usable(); err != nil {
		return c.opError("set", err)
	}
	if local != nil {
		local()
	}
	var err error
	for i, o := range options {
		if !o.fits() {
			options, err = options[:i], sysError("setsockopt", stack.EINVAL)
			break
		}
	}
	if len(options) > 0 {
		c.enqueue(func() {
			c.host.set(c.fd, options)
		})
	}
	return c.opError("set", err)
}

// ReadFrom implements io.ReaderFrom, with Write.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(struct{ io.Writer }{c}, r)
	return n, c.opError("readfrom", err)
}

// WriteTo implements io.WriterTo, with Read.
func (c *Conn) WriteTo(w io.Writer) (int64, error) {
	n, err := io.Copy(w, struct{ io.Reader }{c})
	return n, c.opError("writeto", err)
}

// MultipathTCP reports false: the connection is of plain TCP.
func (c *Conn) MultipathTCP() (bool, error) { return false, nil }
