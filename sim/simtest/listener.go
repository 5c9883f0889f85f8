package simtest

import (
	"context"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/tcpsim/tcpsim/sim/internal/drive"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// backlog is what package net takes from net.core.somaxconn.
const backlog = 4096

// ephemeral is where a listener without a port begins to look for one.
const ephemeral = 32768

// Listener is a listening socket: a net.Listener, with SetDeadline as
// *net.TCPListener has it.
type Listener struct {
	*socket
	twin *socket // what hears those who dial from the host itself; nil until somebody does
	keep net.KeepAliveConfig
}

// Listen announces on an address of the host, such as ":80". At "localhost" or
// 127.0.0.1 only the host itself reaches it. The listener is a [*Listener].
func (h *Host) Listen(network, address string) (net.Listener, error) {
	return h.listenOn(context.Background(), network, address, &ListenConfig{})
}

func (h *Host) listenOn(ctx context.Context, network, address string, by *ListenConfig) (net.Listener, error) {
	t, err := h.resolve(ctx, "listen", network, address)
	if err == nil && (t.at.Addr().Is4() != h.Addr().Is4() || network == "tcp4" && !h.Addr().Is4() || network == "tcp6" && h.Addr().Is4()) {
		err = sysError("socket", stack.EAFNOSUPPORT)
	}
	if err != nil {
		return nil, h.opError("listen", network, t, err)
	}
	var options []option
	if by.Control != nil {
		options, err = controlled(func(c syscall.RawConn) error { return by.Control(family(t), t.shown.String(), c) }, t)
		if err != nil {
			return nil, h.opError("listen", network, t, err)
		}
	}
	var l *Listener
	o := &op{rank: rank{kind: kindOpen, side: int(h.sim.Side()), name: address}}
	o.try = func() {
		if l, o.err = h.listen(t.at, options); l != nil {
			l.keep = h.nw.keepOf(by.KeepAliveConfig, by.KeepAlive)
		}
		h.nw.finish(o)
	}
	h.nw.block(o)
	if o.err != nil {
		return nil, h.opError("listen", network, t, o.err)
	}
	return l, nil
}

func (h *Host) listen(at netip.AddrPort, options []option) (*Listener, error) {
	if !h.sim.Up() {
		return nil, errDown
	}
	on, own := h, at
	if at.Addr().IsLoopback() {
		l, err := h.loopback()
		if err != nil {
			return nil, err
		}
		on, own = l.to, netip.AddrPortFrom(l.to.Addr(), at.Port())
	}
	fd, err := on.announce(own, options, h)
	if err != nil {
		return nil, err
	}
	s := on.newSocket(fd)
	bound := s.sock.LocalAddr()
	if on != h {
		bound = netip.AddrPortFrom(at.Addr(), bound.Port())
	}
	s.local = net.TCPAddrFromAddrPort(bound)
	l := &Listener{socket: s}
	h.nw.listeners = append(h.nw.listeners, l)
	return l, nil
}

// announce makes a listening socket. besides, unless it is nil, is who else
// must not have a listener at a port that is chosen here.
func (h *Host) announce(at netip.AddrPort, options []option, besides *Host) (fd int, err error) {
	p := h.process
	if fd, err = p.Socket(); err != nil {
		return 0, sysError("socket", err.(stack.Errno))
	}
	p.SetSockOpt(fd, "SO_REUSEADDR", stack.Value{Int: 1})
	h.set(fd, options)
	if at.Port() != 0 {
		err = p.Bind(fd, at)
	} else {
		for port := uint16(ephemeral); ; port++ {
			if besides != nil && besides.listens(port) {
				continue
			}
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
		return 0, sysError(call, err.(stack.Errno))
	}
	return fd, nil
}

// listens reports whether a program of the host listens at a port, be it on its
// loopback.
func (h *Host) listens(port uint16) bool {
	return slices.ContainsFunc(h.nw.listeners, func(l *Listener) bool {
		return (l.host == h || l.host.outer == h) && !l.closed && l.lost == nil && l.local.(*net.TCPAddr).Port == int(port)
	})
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
func (l *Listener) Close() error {
	err := l.close()
	l.nw.mu.Lock()
	twin := l.twin
	l.nw.mu.Unlock()
	if err == nil && twin != nil {
		twin.close()
	}
	return l.opError("close", err)
}

// SetDeadline bounds Accept.
func (l *Listener) SetDeadline(t time.Time) error {
	err := l.setDeadline(t, toRead)
	if err == net.ErrClosed {
		return err // bare, as *net.TCPListener gives it
	}
	return l.opError("set", err)
}

// Accept implements net.Listener. The connection is a [*Conn].
func (l *Listener) Accept() (net.Conn, error) {
	l.nw.mu.Lock()
	if err := l.usable(); err != nil {
		l.nw.mu.Unlock()
		return nil, l.opError("accept", err)
	}
	a := &accepting{Listener: l}
	a.op = l.op(kindRead, a.ready, a.try)
	a.op.due = func() time.Duration { return l.deadline[toRead] }
	a.op.late = func() { a.end(os.ErrDeadlineExceeded) }
	a.op.abort = a.end
	a.op.interrupt = func(err error) { a.nw.tell(a.op, 0, err) }
	l.nw.blockLocked(a.op)
	if a.op.err != nil {
		return nil, l.opError("accept", a.op.err)
	}
	return a.conn, nil
}

// accepting is an Accept that goes on.
type accepting struct {
	*Listener
	op    *op
	calls [2]drive.Pending // on the socket and on its twin
	conn  *Conn
}

func (a *accepting) sockets() [2]*socket { return [2]*socket{a.socket, a.twin} }

func (a *accepting) ready() bool {
	if a.closed || a.op.told {
		return true
	}
	for i, s := range a.sockets() {
		if s != nil && !s.hung && (a.calls[i] == nil || a.calls[i].Stirred()) {
			return true
		}
	}
	return false
}

func (a *accepting) try() {
	switch {
	case a.closed || a.op.told:
		a.end(net.ErrClosed)
		return
	case a.deadline[toRead] <= a.nw.Now():
		a.op.late()
		return
	}
	for i, s := range a.sockets() {
		if s != nil && !s.hung && a.from(s, &a.calls[i]) {
			return
		}
	}
}

// from tries to accept from one of the two. It reports whether the call has
// ended.
func (a *accepting) from(on *socket, call *drive.Pending) bool {
	h := on.host
	if *call == nil {
		*call = h.driver.Begin(h.process, trace.OpAccept, trace.Args{FD: on.fd})
	}
	var n *stack.Socket
	var peer netip.AddrPort
	errno := (*call).Try(func(s *stack.Socket) (e stack.Errno) {
		if n, peer, e = s.Accept(); e == stack.OK {
			usual(n, a.keep)
		}
		return e
	})
	switch errno {
	case stack.EAGAIN:
		(*call).Block()
		return false
	case stack.OK:
		fd := (*call).ReturnConn(n, peer)
		*call = nil
		a.conn = newConn(h, fd)
		a.conn.remote = net.TCPAddrFromAddrPort(peer)
		if h.outer != nil {
			l := h.outer.loop
			l.name(a.conn, l.dialed[peer.Port()])
		}
		a.end(nil)
		a.nw.opened(a.conn.socket)
	default:
		a.end(sysError("accept", errno))
	}
	return true
}

func (a *accepting) end(err error) {
	for i, call := range a.calls {
		if call != nil {
			call.Return(-1, nil, stack.EAGAIN)
			a.calls[i] = nil
		}
	}
	if !a.op.told {
		a.op.err = err
	}
	a.nw.finish(a.op)
}

// opened looks whether the plan is about this connection.
func (nw *Network) opened(s *socket) {
	p := nw.plan
	if p == nil || p.sock != nil || s.host.outer != nil || s.host.sim.Side() != p.side {
		return
	}
	if p.nth--; p.nth > 0 {
		return
	}
	p.sock = s
	p.wrote(s)
}
