package stack

import "gvisor.dev/gvisor/pkg/tcpip"

// Destroy ends a connection on behalf of an administrator (ss -K, Linux:
// tcp_abort): the peer gets a RST, and whoever has the socket ECONNABORTED. It
// reports whether it has ended: in CLOSING, LAST_ACK and TIME_WAIT Linux ends a
// connection without a RST, which gVisor cannot, and nothing is done.
func (e *Endpoint) Destroy() bool {
	switch stateOf(e.gvisorState()) {
	case SynSent, SynReceived, Established, CloseWait, FinWait1, FinWait2:
	default:
		return false
	}
	if e.socket == nil {
		e.ep.Abort()
		return true
	}
	e.socket.sync()
	e.socket.abort(ECONNABORTED)
	return true
}

// abort resets the connection, and leaves why behind for the next call.
func (s *Socket) abort(why Errno) {
	s.stopGiveUp()
	s.rec.keepUnread()
	s.ep.Abort()
	// What gVisor keeps is that somebody aborted; twice, as in sync.
	for range 2 {
		s.ep.LastError()
	}
	s.dead, s.err = true, why
	s.wake()
}

// keepUnread saves what no recv has taken yet: on Linux it can still be read
// after an abort, and gVisor throws it away. Nothing is taken off gVisor's queue,
// which could open the window.
func (e *Endpoint) keepUnread() {
	n := e.Unread()
	if n == 0 {
		return
	}
	w := tcpip.SliceWriter(make([]byte, n))
	all := []byte(w)
	if _, err := e.ep.Read(&w, tcpip.ReadOptions{Peek: true}); err == nil {
		e.kept = all
	}
}

// readKept reads from what an abort has left.
func (e *Endpoint) readKept(p []byte, peek bool) int {
	n := copy(p, e.kept)
	if !peek {
		e.kept = e.kept[n:]
	}
	return n
}
