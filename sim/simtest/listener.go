package simtest

import (
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/stack"
)

// backlog is what package net takes from net.core.somaxconn.
const backlog = 4096

// ephemeral is where a listener without a port begins to look for one.
const ephemeral = 32768

// Listener is a listening socket: a net.Listener, with SetDeadline as
// *net.TCPListener has it.
type Listener struct{ *socket }

// Listen announces on an address of the host, such as ":80". The listener is a
// [*Listener].
func (h *Host) Listen(network, address string) (net.Listener, error) {
	opError := func(at net.Addr, err error) error {
		return &net.OpError{Op: "listen", Net: network, Addr: at, Err: err}
	}
	at, err := h.resolve(network, address)
	if err != nil {
		return nil, opError(nil, err)
	}
	var l *Listener
	o := &op{rank: rank{kind: kindOpen, side: int(h.sim.Side()), name: address}}
	o.try = func() {
		l, o.err = h.listen(at)
		h.nw.finish(o)
	}
	h.nw.block(o)
	if o.err != nil {
		return nil, opError(net.TCPAddrFromAddrPort(at), o.err)
	}
	return l, nil
}

func (h *Host) listen(at netip.AddrPort) (*Listener, error) {
	if !h.sim.Up() {
		return nil, errDown
	}
	p := h.process
	fd, err := p.Socket()
	if err != nil {
		return nil, sysError("socket", err.(stack.Errno))
	}
	p.SetSockOpt(fd, "SO_REUSEADDR", stack.Value{Int: 1})
	if at.Port() != 0 {
		err = p.Bind(fd, at)
	} else {
		for port := uint16(ephemeral); ; port++ {
			if err = p.Bind(fd, netip.AddrPortFrom(at.Addr(), port)); err != stack.EADDRINUSE || port == 65535 {
				break
			}
		}
	}
	call := "bind"
	if err == nil {
		call, err = "listen", p.Listen(fd, backlog)
	}
	if err != nil {
		p.Close(fd)
		return nil, sysError(call, err.(stack.Errno))
	}
	s := h.newSocket(fd)
	s.local = net.TCPAddrFromAddrPort(s.sock.LocalAddr())
	return &Listener{s}, nil
}

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return l.local }

func (l *Listener) opError(op string, err error) error {
	if err == nil {
		return nil
	}
	return &net.OpError{Op: op, Net: "tcp", Addr: l.local, Err: err}
}

// Close implements net.Listener. Connections that nobody has accepted are
// reset.
func (l *Listener) Close() error { return l.opError("close", l.close()) }

// SetDeadline bounds Accept.
func (l *Listener) SetDeadline(t time.Time) error {
	return l.opError("set", l.setDeadline(t, toRead))
}

// Accept implements net.Listener. The connection is a [*Conn].
func (l *Listener) Accept() (net.Conn, error) {
	l.nw.mu.Lock()
	if err := l.usable(); err != nil {
		l.nw.mu.Unlock()
		return nil, l.opError("accept", err)
	}
	a := &accepting{socket: l.socket}
	a.op = l.op(kindRead, a.ready, a.try)
	a.op.due = func() time.Duration { return l.deadline[toRead] }
	a.op.late = func() { a.end(os.ErrDeadlineExceeded) }
	a.op.abort = a.end
	l.nw.blockLocked(a.op)
	if a.op.err != nil {
		return nil, l.opError("accept", a.op.err)
	}
	return a.conn, nil
}

// accepting is an Accept that goes on.
type accepting struct {
	*socket
	op   *op
	call *sim.Pending
	conn *Conn
}

func (a *accepting) ready() bool {
	return a.closed || !a.hung && (a.call == nil || a.call.Stirred())
}

func (a *accepting) try() {
	switch {
	case a.closed:
		a.end(net.ErrClosed)
		return
	case a.deadline[toRead] <= a.nw.Now():
		a.op.late()
		return
	case a.call == nil:
		a.call = a.nw.driver.Begin(a.host.process, "accept", "", a.fd)
	}
	var n *stack.Socket
	var peer netip.AddrPort
	errno := a.call.Try(func(s *stack.Socket) (e stack.Errno) {
		if n, peer, e = s.Accept(); e == stack.OK {
			a.nw.options(n)
		}
		return e
	})
	switch errno {
	case stack.EAGAIN:
		a.call.Block()
	case stack.OK:
		fd := a.call.ReturnConn(n, peer)
		a.call = nil
		a.conn = newConn(a.host, fd)
		a.conn.remote = net.TCPAddrFromAddrPort(peer)
		a.nw.finish(a.op)
		a.nw.opened(a.conn.socket)
	default:
		a.end(sysError("accept", errno))
	}
}

func (a *accepting) end(err error) {
	if a.call != nil {
		a.call.Return(-1, nil, stack.EAGAIN)
		a.call = nil
	}
	a.op.err = err
	a.nw.finish(a.op)
}

// opened looks whether the plan is about this connection.
func (nw *Network) opened(s *socket) {
	p := nw.plan
	if p == nil || p.sock != nil || s.host.sim.Side() != p.side {
		return
	}
	if p.nth--; p.nth > 0 {
		return
	}
	p.sock = s
	p.wrote(s)
}
