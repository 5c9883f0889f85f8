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
	if e.socket != nil {
		e.socket.sync()
	}
	e.abort(ECONNABORTED)
	return true
}

// abort resets the connection, and leaves why behind for the next call, or for
// the first one when nobody has accepted it yet.
func (e *Endpoint) abort(why Errno) {
	e.keepUnread()
	e.ep.Abort()
	// What gVisor keeps is that somebody aborted; twice, as in sync.
	for range 2 {
		e.ep.LastError()
	}
	e.aborted = why
	if e.socket != nil {
		e.socket.heed()
	}
}

// heed takes over why the endpoint was aborted.
func (s *Socket) heed() {
	if s.rec.aborted == OK {
		return
	}
	s.stopGiveUp()
	s.dead, s.err = true, s.rec.aborted
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
