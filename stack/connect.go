package stack

import (
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// maxSynRetries is where gVisor stops by itself: its backoff ends when the
// next wait would exceed two minutes, after the seventh SYN.
const maxSynRetries = 6

// Bind names the socket. EINVAL when it has a name, EADDRINUSE when the port
// is taken, EADDRNOTAVAIL for an address that is not this host's.
func (s *Socket) Bind(addr netip.AddrPort) Errno {
	if addr.Addr().IsValid() && addr.Addr().Unmap().Is4() != s.host.addr.Is4() {
		return EAFNOSUPPORT
	}
	if s.named() || s.assoc != unconnected {
		return EINVAL
	}
	if s.listenedOn(addr) {
		return EADDRINUSE
	}
	if err := s.ep.Bind(s.host.toFull(addr)); err != nil {
		if _, none := err.(*tcpip.ErrNoPortAvailable); none {
			return EADDRINUSE
		}
		return errnoOf(err)
	}
	if at, err := s.ep.GetLocalAddress(); err == nil {
		s.host.hold(at.Port)
	}
	s.bound = addr
	return OK
}

// named reports whether bind has fixed an address or a port. The wildcard
// address is not valid as a netip.Addr, and counts when it has a port.
func (s *Socket) named() bool { return s.bound != netip.AddrPort{} }

// listenedOn reports whether another socket listens on addr. SO_REUSEADDR does
// not help against it, also where one of the two addresses is the wildcard
// (Linux: inet_csk_bind_conflict): gVisor would let the more particular one in.
func (s *Socket) listenedOn(addr netip.AddrPort) bool {
	wild := func(a netip.Addr) bool { return !a.IsValid() || a.IsUnspecified() }
	for _, e := range s.host.endpoints {
		at := e.tuple.Src
		if stateOf(e.gvisorState()) != Listen || e == s.rec || at.Port() != addr.Port() {
			continue
		}
		shared := s.ep.SocketOptions().GetReusePort() && e.ep.SocketOptions().GetReusePort()
		if !shared && (wild(at.Addr()) || wild(addr.Addr()) || at.Addr() == addr.Addr()) {
			return true
		}
	}
	return false
}

// Listen makes the socket accept connections, or changes the backlog of one
// that does. The accept queue holds one more than backlog, as on Linux.
func (s *Socket) Listen(backlog int) Errno {
	if s.assoc != unconnected {
		return EINVAL
	}
	if s.named() && !s.listening && s.listenedOn(s.bound) {
		return EADDRINUSE
	}
	if err := s.ep.Listen(max(backlog, 0) + 1); err != nil {
		return errnoOf(err)
	}
	s.listening = true
	s.shutRead = false
	return OK
}

// Connect starts to connect, or asks how it went: EINPROGRESS when a handshake
// has begun, EALREADY while it goes on, OK once when it has succeeded, EISCONN
// after that, and the connection's error, once, when it has failed. The socket
// can be connected anew then (Linux: __inet_stream_connect).
func (s *Socket) Connect(addr netip.AddrPort) Errno {
	s.sync()
	pending := EALREADY
	switch s.assoc {
	case connected:
		return EISCONN
	case unconnected:
		if s.listening {
			return EISCONN
		}
		if addr.Addr().Unmap().Is4() != s.host.addr.Is4() {
			return EAFNOSUPPORT
		}
		if e := s.pinAddr(); e != OK {
			return e
		}
		err := s.ep.Connect(s.host.toFull(addr))
		switch err.(type) {
		case *tcpip.ErrConnectStarted:
		default:
			return s.refused(err)
		}
		// An error that a shutdown during an earlier handshake has left does
		// not outlive it (Linux: tcp_connect_init).
		s.assoc, s.err, pending = connecting, OK, EINPROGRESS
		s.startGiveUp()
	}
	return s.connectResult(pending)
}

// refused is the result of a connect that does not begin. The socket can be used
// as before: it can listen, to everybody, where gVisor's endpoint would listen
// to the peer of the connect only.
func (s *Socket) refused(err tcpip.Error) Errno {
	if s.named() {
		// An error that waits is not taken, and what is shut stays shut.
		pending, read, write := s.err, s.shutRead, s.shutWrite
		if e := s.disconnect(); e != OK {
			return e
		}
		s.err, s.shutRead, s.shutWrite = pending, read, write
	}
	switch err.(type) {
	case *tcpip.ErrNoPortAvailable, *tcpip.ErrPortInUse:
		// Linux: __inet_hash_connect, and tcp_v4_connect for a 4-tuple that
		// is taken.
		return EADDRNOTAVAIL
	}
	return errnoOf(err)
}

// ConnectResult is how the handshake that Connect began has ended, and
// EALREADY while it goes on. Unlike Connect it never begins another one: it is
// for a connect that blocks, whose socket somebody else may have shut down.
func (s *Socket) ConnectResult() Errno { return s.connectResult(EALREADY) }

func (s *Socket) connectResult(pending Errno) Errno {
	s.sync()
	switch s.state() {
	case SynSent, SynReceived:
		return pending
	case Closed:
		err := s.takeError()
		if err == OK {
			err = ECONNABORTED
		}
		if e := s.disconnect(); e != OK {
			return e
		}
		return err
	}
	s.stopGiveUp()
	s.assoc = connected
	return OK
}

// Connecting reports whether a handshake that Connect began is still going on.
func (s *Socket) Connecting() bool {
	st := s.state()
	return s.assoc == connecting && (st == SynSent || st == SynReceived)
}

// disconnect is Linux's tcp_disconnect: the socket is as new, but keeps its
// name and its options.
func (s *Socket) disconnect() Errno {
	if e := s.replace(); e != OK {
		return e
	}
	if s.named() {
		addr := s.bound
		s.bound = netip.AddrPort{}
		return s.Bind(addr)
	}
	return OK
}

// replace swaps the endpoint for a fresh one with the same options and no name.
func (s *Socket) replace() Errno {
	s.stopGiveUp()
	s.queue.EventUnregister(&s.entry)
	s.ep.Close()
	if e := s.renew(); e != OK {
		return e
	}
	s.opts.apply(s)
	return OK
}

// pinAddr gives a socket that is bound to a port of any address the address of
// its host before it connects. gVisor reserves such a port for every address,
// and gives it back for the connection's own address only: the port would stay
// taken after the connection has ended.
func (s *Socket) pinAddr() Errno {
	if !s.named() || s.bound.Addr().IsValid() && !s.bound.Addr().IsUnspecified() {
		return OK
	}
	// What was shut down before the connect stays shut (Linux: inet_shutdown
	// sets sk_shutdown in CLOSE too).
	read, write := s.shutRead, s.shutWrite
	if e := s.replace(); e != OK {
		return e
	}
	s.shutRead, s.shutWrite = read, write
	at := netip.AddrPortFrom(s.host.addr, s.bound.Port())
	return errnoOf(s.ep.Bind(s.host.toFull(at)))
}

// startGiveUp ends the handshake when Linux would: after the wait that follows
// the last permitted retransmission, without sending another SYN. gVisor keeps
// the number of retries and does not look at it.
func (s *Socket) startGiveUp() {
	n := s.opts.synRetries
	if n <= 0 || n >= maxSynRetries {
		return
	}
	wait := time.Duration(1<<(n+1)-1) * tcp.InitialRTO
	s.giveUp = s.host.clock.AfterFunc(wait, s.synTimeout)
}

func (s *Socket) synTimeout() {
	if !s.Connecting() {
		return
	}
	s.ep.Shutdown(tcpip.ShutdownRead | tcpip.ShutdownWrite)
	for range 2 {
		s.ep.LastError()
	}
	s.dead, s.err = true, ETIMEDOUT
	s.wake()
}

func (s *Socket) stopGiveUp() {
	if s.giveUp != nil {
		s.giveUp.Stop()
		s.giveUp = nil
	}
}

// Accept takes the first connection off the accept queue: EAGAIN when it is
// empty, EINVAL when the socket does not listen. A connection that was reset
// while it waited is accepted all the same.
func (s *Socket) Accept() (*Socket, netip.AddrPort, Errno) {
	if !s.listening {
		return nil, netip.AddrPort{}, EINVAL
	}
	var peer tcpip.FullAddress
	ep, q, err := s.ep.Accept(&peer)
	if err != nil {
		return nil, netip.AddrPort{}, errnoOf(err)
	}
	n := &Socket{host: s.host, refs: 1, assoc: connected, opts: s.opts}
	n.attach(s.host.byEndpoint(ep.(*tcp.Endpoint)), q)
	n.heed()
	n.opts.inherit(n)
	return n, s.host.fromParts(peer.Addr, peer.Port), OK
}

// LocalAddr is getsockname.
func (s *Socket) LocalAddr() netip.AddrPort {
	a, err := s.ep.GetLocalAddress()
	if err != nil {
		return netip.AddrPort{}
	}
	return s.host.fromParts(a.Addr, a.Port)
}

// PeerAddr is getpeername: ENOTCONN when the socket is not connected, or not
// any more.
func (s *Socket) PeerAddr() (netip.AddrPort, Errno) {
	s.sync()
	a, err := s.ep.GetRemoteAddress()
	if err != nil || s.dead {
		return netip.AddrPort{}, ENOTCONN
	}
	return s.host.fromParts(a.Addr, a.Port), OK
}
