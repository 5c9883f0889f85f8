package sim

import (
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// lookup finds a descriptor's socket.
func (p *Process) lookup(fd int) (*stack.Socket, stack.Errno) {
	if s, ok := p.fds[fd]; ok {
		return s, stack.OK
	}
	return nil, stack.EBADF
}

// install gives a socket the lowest free descriptor.
func (p *Process) install(s *stack.Socket) int {
	fd := firstFD
	for p.fds[fd] != nil {
		fd++
	}
	p.fds[fd] = s
	return fd
}

// simple is a call that returns at once: on one socket, with a number.
func (p *Process) simple(op trace.Op, args *trace.Args, f func(*stack.Socket) (int, stack.Errno)) (int, error) {
	sock, errno := p.lookup(args.FD)
	i := p.begin(op, args, sock)
	value := 0
	if errno == stack.OK {
		errno = p.attempt(i, sock, func() (e stack.Errno) {
			value, e = f(sock)
			return e
		})
	}
	p.returned(i, value, errno)
	return value, asError(errno)
}

// Socket makes a TCP socket and returns its descriptor.
func (p *Process) Socket() (fd int, err error) {
	i := p.begin(trace.OpSocket, &trace.Args{IPv6: p.host.Addr().Is6()}, nil)
	sock, errno := p.host.stack.Socket()
	if errno == stack.OK {
		fd = p.install(sock)
	}
	p.returned(i, fd, errno)
	return fd, asError(errno)
}

// Bind names a socket. An address without an IP address is any of the host's.
func (p *Process) Bind(fd int, addr netip.AddrPort) error {
	_, err := p.simple(trace.OpBind, &trace.Args{FD: fd, Addr: addr}, func(s *stack.Socket) (int, stack.Errno) {
		return 0, s.Bind(addr)
	})
	return err
}

// Listen makes a socket accept connections; backlog+1 of them may wait.
func (p *Process) Listen(fd, backlog int) error {
	_, err := p.simple(trace.OpListen, &trace.Args{FD: fd, Backlog: backlog}, func(s *stack.Socket) (int, stack.Errno) {
		return 0, s.Listen(backlog)
	})
	return err
}

// Accept takes a connection off the accept queue, and waits for one unless the
// socket is non-blocking or SO_RCVTIMEO passes.
func (p *Process) Accept(fd int) (conn int, peer netip.AddrPort, err error) {
	sock, errno := p.lookup(fd)
	i := p.begin(trace.OpAccept, &trace.Args{FD: fd}, sock)
	if errno == stack.OK {
		var n *stack.Socket
		deadline := p.deadline(sock.RecvTimeout())
		errno = p.retry(i, sock, sock.Nonblock(), deadline, stack.EAGAIN, func() (e stack.Errno) {
			n, peer, e = sock.Accept()
			return e
		})
		if errno == stack.OK {
			conn = p.install(n)
			c := &p.task.sim.rec.trace.Calls[i]
			c.Addr = peer
			if k, ok := p.task.sim.rec.conns.of(p.host.side, n.Endpoint()); ok {
				c.Conn = k
			}
		}
	}
	p.returned(i, conn, errno)
	return conn, peer, asError(errno)
}

// retry tries until the result is not EAGAIN. It gives up with late when the
// deadline passes, and at once when the call must not block.
func (p *Process) retry(i int, sock *stack.Socket, nonblock bool, deadline time.Duration, late stack.Errno, try func() stack.Errno) stack.Errno {
	for {
		seen := sock.Stirs()
		errno := p.attempt(i, sock, try)
		if errno == partly {
			errno = stack.EAGAIN
		}
		if errno != stack.EAGAIN || nonblock {
			return errno
		}
		if sock.Stirs() != seen {
			continue
		}
		if p.block(i, sock, seen, deadline) {
			return late
		}
	}
}

// Connect connects a socket. A non-blocking socket gets EINPROGRESS, then
// EALREADY until the handshake has ended, then its result once. A blocking one
// waits, at most SO_SNDTIMEO.
func (p *Process) Connect(fd int, addr netip.AddrPort) error {
	limit := time.Duration(0)
	if sock, errno := p.lookup(fd); errno == stack.OK {
		limit = sock.SendTimeout()
	}
	return p.connect(&trace.Args{FD: fd, Addr: addr}, limit)
}

// ConnectTimeout is Connect with a time limit in place of SO_SNDTIMEO; past it
// the call gives EINPROGRESS and the handshake goes on. Zero is no limit.
func (p *Process) ConnectTimeout(fd int, addr netip.AddrPort, limit time.Duration) error {
	return p.connect(&trace.Args{FD: fd, Addr: addr, Timeout: max(limit, 0)}, limit)
}

func (p *Process) connect(args *trace.Args, limit time.Duration) error {
	sock, errno := p.lookup(args.FD)
	i := p.begin(trace.OpConnect, args, sock)
	if errno == stack.OK {
		deadline := p.deadline(limit)
		errno = p.attempt(i, sock, func() stack.Errno { return sock.Connect(args.Addr) })
		for !sock.Nonblock() && (errno == stack.EINPROGRESS || errno == stack.EALREADY) {
			seen := sock.Stirs()
			if sock.Connecting() && p.block(i, sock, seen, deadline) {
				errno = stack.EINPROGRESS
				break
			}
			errno = p.attempt(i, sock, sock.ConnectResult)
		}
	}
	p.returned(i, 0, errno)
	return asError(errno)
}

// Shutdown ends one or both directions of a connection.
func (p *Process) Shutdown(fd int, how stack.How) error {
	_, err := p.simple(trace.OpShutdown, &trace.Args{FD: fd, How: how}, func(s *stack.Socket) (int, stack.Errno) {
		return 0, s.Shutdown(how)
	})
	return err
}

// Close gives a descriptor back. The last descriptor of a socket closes the
// connection; with a positive SO_LINGER the call then waits until everything
// is acknowledged or the time has passed, and returns 0 in either case.
func (p *Process) Close(fd int) error {
	sock, errno := p.lookup(fd)
	i := p.begin(trace.OpClose, &trace.Args{FD: fd}, sock)
	if errno == stack.OK {
		delete(p.fds, fd)
		last := false
		p.attempt(i, sock, func() stack.Errno {
			last = sock.Close()
			return stack.OK
		})
		if l := sock.Linger(); last && l.On && l.Time > 0 {
			deadline := p.deadline(l.Time)
			for sock.Lingering() {
				if p.block(i, sock, sock.Stirs(), deadline) {
					break
				}
			}
		}
		if last {
			sock.Forget()
		}
	}
	p.returned(i, 0, errno)
	return asError(errno)
}

// Dup makes a second descriptor of the same socket.
func (p *Process) Dup(fd int) (int, error) {
	return p.simple(trace.OpDup, &trace.Args{FD: fd}, func(s *stack.Socket) (int, stack.Errno) {
		s.Retain()
		return p.install(s), stack.OK
	})
}

// SetNonblock sets or clears O_NONBLOCK, as fcntl does.
func (p *Process) SetNonblock(fd int, on bool) error {
	_, err := p.simple(trace.OpFcntl, &trace.Args{FD: fd, Nonblock: on}, func(s *stack.Socket) (int, stack.Errno) {
		s.SetNonblock(on)
		return 0, stack.OK
	})
	return err
}

// SetSockOpt sets a socket option by its name.
func (p *Process) SetSockOpt(fd int, option string, v stack.Value) error {
	_, err := p.simple(trace.OpSetsockopt, &trace.Args{FD: fd, Option: option, OptVal: v.Only()}, func(s *stack.Socket) (int, stack.Errno) {
		return 0, s.SetOption(option, v)
	})
	return err
}

// GetSockOpt asks for a socket option by its name. SO_ERROR gives the pending
// error, by number, and clears it.
func (p *Process) GetSockOpt(fd int, option string) (v stack.Value, err error) {
	sock, errno := p.lookup(fd)
	i := p.begin(trace.OpGetsockopt, &trace.Args{FD: fd, Option: option}, sock)
	if errno == stack.OK {
		errno = p.attempt(i, sock, func() (e stack.Errno) {
			v, e = sock.Option(option)
			return e
		})
	}
	if errno == stack.OK {
		got := v.Only()
		p.task.sim.rec.trace.Calls[i].OptVal = &got
	}
	p.returned(i, 0, errno)
	return v, asError(errno)
}

// GetSockName is the socket's own address.
func (p *Process) GetSockName(fd int) (addr netip.AddrPort, err error) {
	return p.name(trace.OpGetsockname, fd, func(s *stack.Socket) (netip.AddrPort, stack.Errno) { return s.LocalAddr(), stack.OK })
}

// GetPeerName is the peer's address.
func (p *Process) GetPeerName(fd int) (addr netip.AddrPort, err error) {
	return p.name(trace.OpGetpeername, fd, (*stack.Socket).PeerAddr)
}

func (p *Process) name(op trace.Op, fd int, f func(*stack.Socket) (netip.AddrPort, stack.Errno)) (addr netip.AddrPort, err error) {
	sock, errno := p.lookup(fd)
	i := p.begin(op, &trace.Args{FD: fd}, sock)
	if errno == stack.OK {
		addr, errno = f(sock)
	}
	if errno == stack.OK {
		p.task.sim.rec.trace.Calls[i].Addr = addr
	}
	p.returned(i, 0, errno)
	return addr, asError(errno)
}
