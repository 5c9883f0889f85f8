package stack

import (
	"net/netip"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// association is struct socket's state in Linux (SS_UNCONNECTED and so on): it
// decides what connect answers, which the TCP state alone does not.
type association uint8

const (
	unconnected association = iota
	connecting
	connected
)

// Socket is one open file description: what descriptors that dup or fork made
// share. Its calls never block.
type Socket struct {
	host  *Host
	rec   *Endpoint
	ep    *tcp.Endpoint
	queue *waiter.Queue
	entry waiter.Entry
	stirs atomic.Uint64

	refs      int
	nonblock  bool
	assoc     association
	err       Errno // sk_err: pending, reported once
	dead      bool  // the endpoint has reached CLOSED after being something else
	shutRead  bool
	shutWrite bool
	listening bool
	bound     netip.AddrPort
	giveUp    tcpip.Timer // ends a connect that has used up its SYN retries
	opts      options
	written   int64
	drained   bool // Recv has taken all there was when stirs was drainedAt
	drainedAt uint64
	into      tcpip.SliceWriter // where Recv puts data; here because it would be allocated
}

// Socket makes a socket with one reference.
func (h *Host) Socket() (*Socket, Errno) {
	s := &Socket{host: h, refs: 1, opts: options{synRetries: h.defaults.synRetries}}
	if err := s.renew(); err != OK {
		return nil, err
	}
	return s, OK
}

// renew gives the socket a fresh endpoint, at birth and after a failed
// connect: Linux's tcp_disconnect makes the old one usable again, gVisor's
// stays in its error state.
func (s *Socket) renew() Errno {
	q := new(waiter.Queue)
	ep, err := s.host.ns.NewEndpoint(tcp.ProtocolNumber, s.host.net, q)
	if err != nil {
		return errnoOf(err)
	}
	if s.rec != nil {
		s.rec.unwatch()
		s.rec.socket = nil
	}
	s.attach(s.host.track(ep.(*tcp.Endpoint), s), q)
	s.assoc, s.dead, s.err, s.shutRead, s.shutWrite = unconnected, false, OK, false, false
	return OK
}

func (s *Socket) attach(rec *Endpoint, q *waiter.Queue) {
	s.rec, s.ep, s.queue = rec, rec.ep, q
	rec.socket = s
	s.entry.Init(s, waiter.ReadableEvents|waiter.WritableEvents|waiter.EventHUp|waiter.EventErr|waiter.EventRdHUp)
	q.EventRegister(&s.entry)
}

// NotifyEvent implements waiter.EventListener. It runs on gVisor's processor
// and may only set a flag: anything that waits there would wait for itself.
func (s *Socket) NotifyEvent(waiter.EventMask) { s.wake() }

func (s *Socket) wake() { s.stirs.Add(1) }

// Stirs counts what has happened to the socket. When it has grown, a call that
// would have blocked is worth another try.
func (s *Socket) Stirs() uint64 { return s.stirs.Load() }

// Endpoint is the endpoint behind the socket.
func (s *Socket) Endpoint() *Endpoint { return s.rec }

// Nonblock is O_NONBLOCK.
func (s *Socket) Nonblock() bool { return s.nonblock }

// SetNonblock sets or clears O_NONBLOCK.
func (s *Socket) SetNonblock(on bool) { s.nonblock = on }

// Retain adds a reference, as dup and fork do.
func (s *Socket) Retain() { s.refs++ }

// Refs is the number of descriptors that refer to the socket.
func (s *Socket) Refs() int { return s.refs }

// Listening reports whether listen was called.
func (s *Socket) Listening() bool { return s.listening }

// Linger is the socket's SO_LINGER.
func (s *Socket) Linger() Linger { return s.opts.linger }

// Linger2 is the socket's TCP_LINGER2 in seconds, 0 when it was not set.
func (s *Socket) Linger2() int { return s.opts.set["TCP_LINGER2"].Int }

// Written is the number of bytes that the socket has taken from send.
func (s *Socket) Written() int64 { return s.written }

// RecvTimeout is SO_RCVTIMEO; 0 is for ever.
func (s *Socket) RecvTimeout() time.Duration { return s.opts.recvTimeout }

// SendTimeout is SO_SNDTIMEO; 0 is for ever.
func (s *Socket) SendTimeout() time.Duration { return s.opts.sendTimeout }

// state is the endpoint's state at this moment, not at the last Changes.
func (s *Socket) state() State { return stateOf(s.ep.EndpointState()) }

// sync takes over the error of an endpoint that has ended since the last call.
//
// gVisor keeps the error twice (hardError and lastError) and reports each on
// its own terms. Linux has one, and clears it when it is reported; so the
// socket takes whatever there is, once, and reports by Linux's rules.
func (s *Socket) sync() {
	if s.dead || s.assoc == unconnected {
		return
	}
	if s.ep.EndpointState() == tcp.StateTimeWait {
		// Linux hands a TIME_WAIT connection to a minisock and marks the
		// socket closed (tcp_time_wait).
		s.dead = true
		return
	}
	if s.state() != Closed {
		return
	}
	s.dead = true
	s.stopGiveUp()
	for range 2 {
		e := errnoOf(s.ep.LastError())
		if e == ECONNABORTED {
			// This side has reset the connection itself, because of data
			// that nobody will read: a reset like any other (Linux:
			// tcp_rcv_state_process calls tcp_reset).
			e = ECONNRESET
		}
		if s.err == OK {
			s.err = e
		}
	}
	if s.err == ECONNREFUSED && s.rec.halfOpen {
		// A RST in SYN_RECV, which only a simultaneous open shows to a process
		// (Linux: tcp_reset).
		s.err = ECONNRESET
	}
}

// takeError reports the pending error and clears it (Linux: sock_error).
func (s *Socket) takeError() Errno {
	e := s.err
	s.err = OK
	return e
}

// recvShut is sk_shutdown & RCV_SHUTDOWN.
func (s *Socket) recvShut() bool { return s.shutRead || s.dead || s.rec.finSeen || s.finNow() }

// sendShut is sk_shutdown & SEND_SHUTDOWN.
func (s *Socket) sendShut() bool { return s.shutWrite || s.dead }

// finNow covers a FIN that was processed after the last Changes.
func (s *Socket) finNow() bool {
	switch s.state() {
	case CloseWait, LastAck, Closing, TimeWait:
		return true
	}
	return false
}

func (s *Socket) peerClosed() bool { return s.rec.finSeen || s.finNow() }
