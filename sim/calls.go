package sim

import (
	"fmt"
	"net/netip"
	"time"

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
func (p *Process) simple(name, args string, fd int, f func(*stack.Socket) (int, stack.Errno)) (int, error) {
	sock, errno := p.lookup(fd)
	i := p.begin(name, args, fd, sock)
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
	family := "AF_INET"
	if p.host.Addr().Is6() {
		family = "AF_INET6"
	}
	i := p.begin("socket", family+", SOCK_STREAM", -1, nil)
	sock, errno := p.host.stack.Socket()
	if errno == stack.OK {
		fd = p.install(sock)
	}
	p.returned(i, fd, errno)
	return fd, asError(errno)
}

// Bind names a socket. An address without an IP address is any of the host's.
func (p *Process) Bind(fd int, addr netip.AddrPort) error {
	_, err := p.simple("bind", fmt.Sprintf("%d, %s", fd, addrText(addr)), fd, func(s *stack.Socket) (int, stack.Errno) {
		return 0, s.Bind(addr)
	})
	return err
}

func addrText(a netip.AddrPort) string {
	if !a.Addr().IsValid() {
		return fmt.Sprintf("*:%d", a.Port())
	}
	return a.String()
}

// Listen makes a socket accept connections; backlog+1 of them may wait.
func (p *Process) Listen(fd, backlog int) error {
	_, err := p.simple("listen", fmt.Sprintf("%d, %d", fd, backlog), fd, func(s *stack.Socket) (int, stack.Errno) {
		return 0, s.Listen(backlog)
	})
	return err
}

// Accept takes a connection off the accept queue, and waits for one unless the
// socket is non-blocking or SO_RCVTIMEO passes.
func (p *Process) Accept(fd int) (conn int, peer netip.AddrPort, err error) {
	sock, errno := p.lookup(fd)
	i := p.begin("accept", itoa(fd), fd, sock)
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
			c.Result = fmt.Sprintf("%d from %s", conn, peer)
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
	sock, errno := p.lookup(fd)
	if errno != stack.OK {
		return p.ConnectTimeout(fd, addr, 0)
	}
	return p.ConnectTimeout(fd, addr, sock.SendTimeout())
}

// ConnectTimeout is Connect with a time limit in place of SO_SNDTIMEO; past it
// the call gives EINPROGRESS and the handshake goes on. Zero is no limit.
func (p *Process) ConnectTimeout(fd int, addr netip.AddrPort, limit time.Duration) error {
	sock, errno := p.lookup(fd)
	i := p.begin("connect", fmt.Sprintf("%d, %s", fd, addr), fd, sock)
	if errno == stack.OK {
		deadline := p.deadline(limit)
		errno = p.attempt(i, sock, func() stack.Errno { return sock.Connect(addr) })
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
	_, err := p.simple("shutdown", fmt.Sprintf("%d, %s", fd, how), fd, func(s *stack.Socket) (int, stack.Errno) {
		return 0, s.Shutdown(how)
	})
	return err
}

// Close gives a descriptor back. The last descriptor of a socket closes the
// connection; with a positive SO_LINGER the call then waits until everything
// is acknowledged or the time has passed, and returns 0 in either case.
func (p *Process) Close(fd int) error {
	sock, errno := p.lookup(fd)
	i := p.begin("close", itoa(fd), fd, sock)
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
	return p.simple("dup", itoa(fd), fd, func(s *stack.Socket) (int, stack.Errno) {
		s.Retain()
		return p.install(s), stack.OK
	})
}

// SetNonblock sets or clears O_NONBLOCK, as fcntl does.
func (p *Process) SetNonblock(fd int, on bool) error {
	flags := "O_RDWR"
	if on {
		flags += "|O_NONBLOCK"
	}
	_, err := p.simple("fcntl", fmt.Sprintf("%d, F_SETFL, %s", fd, flags), fd, func(s *stack.Socket) (int, stack.Errno) {
		s.SetNonblock(on)
		return 0, stack.OK
	})
	return err
}

// SetSockOpt sets a socket option by its name.
func (p *Process) SetSockOpt(fd int, option string, v stack.Value) error {
	_, err := p.simple("setsockopt", fmt.Sprintf("%d, %s, %s", fd, option, v), fd, func(s *stack.Socket) (int, stack.Errno) {
		return 0, s.SetOption(option, v)
	})
	return err
}

// GetSockOpt asks for a socket option by its name. SO_ERROR gives the pending
// error, by number, and clears it.
func (p *Process) GetSockOpt(fd int, option string) (v stack.Value, err error) {
	sock, errno := p.lookup(fd)
	i := p.begin("getsockopt", fmt.Sprintf("%d, %s", fd, option), fd, sock)
	if errno == stack.OK {
		errno = p.attempt(i, sock, func() (e stack.Errno) {
			v, e = sock.Option(option)
			return e
		})
	}
	if errno == stack.OK {
		result := v.String()
		if option == "SO_ERROR" && v.Int != 0 {
			result = stack.Errno(v.Int).String()
		}
		p.task.sim.rec.trace.Calls[i].Result = "[" + result + "]"
	}
	p.returned(i, 0, errno)
	return v, asError(errno)
}

// GetSockName is the socket's own address.
func (p *Process) GetSockName(fd int) (addr netip.AddrPort, err error) {
	return p.name("getsockname", fd, func(s *stack.Socket) (netip.AddrPort, stack.Errno) { return s.LocalAddr(), stack.OK })
}

// GetPeerName is the peer's address.
func (p *Process) GetPeerName(fd int) (addr netip.AddrPort, err error) {
	return p.name("getpeername", fd, (*stack.Socket).PeerAddr)
}

func (p *Process) name(call string, fd int, f func(*stack.Socket) (netip.AddrPort, stack.Errno)) (addr netip.AddrPort, err error) {
	sock, errno := p.lookup(fd)
	i := p.begin(call, itoa(fd), fd, sock)
	if errno == stack.OK {
		addr, errno = f(sock)
	}
	if errno == stack.OK {
		p.task.sim.rec.trace.Calls[i].Result = "[" + addr.String() + "]"
	}
	p.returned(i, 0, errno)
	return addr, asError(errno)
}
