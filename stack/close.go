package stack

import (
	"gvisor.dev/gvisor/pkg/tcpip"

	"github.com/tcpsim/tcpsim/stack/words"
)

// How is the second argument of shutdown.
type How uint8

// SHUT_RD, SHUT_WR and SHUT_RDWR.
const (
	ShutRead How = iota
	ShutWrite
	ShutBoth
)

var howNames = [...]string{"SHUT_RD", "SHUT_WR", "SHUT_RDWR"}

// String is the constant's name.
func (h How) String() string { return words.Constant(howNames[:], "How", h) }

// ParseHow finds a direction by its name, with SHUT_ in front or without.
func ParseHow(name string) (How, bool) {
	for i, n := range howNames {
		if name == n || "SHUT_"+name == n {
			return How(i), true
		}
	}
	return 0, false
}

// Shutdown ends one or both directions. ENOTCONN when the connection is gone
// or was never made (Linux: inet_shutdown).
//
// Linux's tcp_shutdown looks only at SHUT_WR: SHUT_RD changes what recv
// answers and nothing on the wire until the FIN was sent. gVisor resets the
// connection when both sides are shut and bytes are unread, so it learns of
// SHUT_RD only together with, or after, SHUT_WR, and only when nothing is
// unread.
func (s *Socket) Shutdown(how How) Errno {
	s.sync()
	read, write := how != ShutWrite, how != ShutRead
	if s.listening {
		if !read {
			return OK
		}
		s.shutRead = true
		return errnoOf(s.ep.Shutdown(tcpip.ShutdownRead))
	}
	if s.Connecting() {
		// Linux's tcp_disconnect leaves ECONNRESET behind in SYN_SENT.
		err := s.disconnect()
		s.err = ECONNRESET
		s.wake()
		return err
	}
	s.shutRead = s.shutRead || read
	s.shutWrite = s.shutWrite || write
	if s.dead || s.assoc == unconnected {
		return ENOTCONN
	}
	var flags tcpip.ShutdownFlags
	if write {
		flags |= tcpip.ShutdownWrite
	}
	if s.shutWrite && s.shutRead && !s.rec.readShut && s.rec.Unread() == 0 {
		flags |= tcpip.ShutdownRead
		s.rec.readShut = true
	}
	s.wake()
	if flags == 0 {
		return OK
	}
	return errnoOf(s.ep.Shutdown(flags))
}

// Close drops one reference. The last one closes the connection: a RST when
// bytes are unread or SO_LINGER is {1, 0}, else a FIN once everything is sent
// (Linux: __tcp_close). It reports whether that was the last reference.
func (s *Socket) Close() (last bool) {
	s.refs--
	if s.refs > 0 {
		return false
	}
	s.stopGiveUp()
	s.sync()
	s.rec.orphan = true
	s.rec.unwatch()
	if s.abortsFinWait2() {
		s.ep.Abort()
	} else {
		s.ep.Close()
	}
	s.queue.EventUnregister(&s.entry)
	return true
}

// Forget unlinks a closed socket from its endpoint, so that nothing keeps the
// endpoint once it is CLOSED. It is separate from Close for the sake of a
// caller that lingers: Lingering needs the endpoint.
func (s *Socket) Forget() {
	if s.rec.socket == s {
		s.rec.socket = nil
	}
}

// Lingering reports whether a close with a positive SO_LINGER still waits:
// something that was sent, or the FIN, is not acknowledged (Linux:
// sk_stream_closing).
func (s *Socket) Lingering() bool {
	switch s.state() {
	case FinWait1, Closing, LastAck:
		return true
	}
	return false
}

// abortsFinWait2 reports that a connection is not to wait for the peer's FIN
// once its socket is closed: TCP_LINGER2 is below zero (Linux: __tcp_close).
// gVisor ends it in silence.
func (s *Socket) abortsFinWait2() bool {
	return s.Linger2() < 0 && s.state() == FinWait2
}
