package stack

import (
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// beforehand is how much earlier the socket layer ends a connection than gVisor
// would at the same instant: in silence, where Linux sends a RST.
const beforehand = time.Nanosecond

// keepalive is the socket layer's own count of a connection that SO_KEEPALIVE
// watches. The probes are gVisor's; giving up is left to the socket layer,
// because Linux aborts the connection then (tcp_keepalive_timer), and gVisor
// only forgets it.
type keepalive struct {
	timer tcpip.Timer
	since tcpip.MonotonicTime // when the count began
	heard uint64              // segments that had arrived by then
	sent  uint64              // segments that had been sent by then
	busy  uint64              // see the method
}

// keepaliveOption notes that an option was set that may concern keepalive. All
// but TCP_USER_TIMEOUT restart gVisor's timer.
func (e *Endpoint) keepaliveOption(name string) {
	switch name {
	case "SO_KEEPALIVE", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT":
		e.watch()
	case "TCP_USER_TIMEOUT":
		if e.keep != nil {
			passed := e.host.clock.NowMonotonic().Sub(e.keep.since)
			e.keep.timer.Reset(e.giveUpAfter(passed) - beforehand - passed)
		}
	}
}

// watch starts to count anew, from this instant.
func (e *Endpoint) watch() {
	if e.socket == nil || e.socket.dead || e.orphan ||
		!probed(stateOf(e.gvisorState())) || !e.ep.SocketOptions().GetKeepAlive() {
		e.unwatch()
		return
	}
	wait := e.giveUpAfter(0) - beforehand
	if e.keep == nil {
		e.keep = &keepalive{}
		e.keep.timer = e.host.clock.AfterFunc(wait, e.keepaliveTimeout)
	} else {
		e.keep.timer.Reset(wait)
	}
	e.keep.since, e.keep.heard, e.keep.sent, e.keep.busy = e.host.clock.NowMonotonic(), e.heard(), e.sent(), e.busy()
}

func (e *Endpoint) unwatch() {
	if e.keep != nil {
		e.keep.timer.Stop()
		e.keep = nil
	}
}

// notice starts to count anew when a segment has arrived, and stops when there
// is nothing to probe any more. A timer that waited for nothing would make the
// run last until it fires.
func (e *Endpoint) notice(now State) {
	switch {
	case !probed(now):
		e.unwatch()
	case e.keep != nil && e.keep.heard != e.heard():
		e.watch()
	case e.keep == nil && now != e.state:
		e.watch()
		if e.keep != nil {
			// gVisor's timer starts with the first segment after a handshake,
			// Linux's with the end of it (tcp_finish_connect).
			e.ep.SocketOptions().SetKeepAlive(true)
		}
	}
}

// probed reports whether it is up to keepalive to end a connection in a state:
// in all others something is on the way, or there is no connection.
func probed(s State) bool { return s == Established || s == CloseWait || s == FinWait2 }

// giveUpAfter is how long after the last segment a connection is given up, of
// which some has passed: when the last probe has gone unanswered, or at the first
// probe to come that is later than TCP_USER_TIMEOUT. Linux does not count probes
// with TCP_USER_TIMEOUT; gVisor sends none beyond TCP_KEEPCNT.
func (e *Endpoint) giveUpAfter(passed time.Duration) time.Duration {
	var idle tcpip.KeepaliveIdleOption
	var interval tcpip.KeepaliveIntervalOption
	var limit tcpip.TCPUserTimeoutOption
	count, err := e.ep.GetSockOptInt(tcpip.KeepaliveCountOption)
	for _, o := range []tcpip.GettableSocketOption{&idle, &interval, &limit} {
		if err == nil {
			err = e.ep.GetSockOpt(o)
		}
	}
	if limit > 0 {
		over := time.Duration(limit) - time.Duration(idle)
		over = max(over, passed-time.Duration(idle)+1)
		count = min(count, max(1, int((over+time.Duration(interval)-1)/time.Duration(interval))))
	}
	return time.Duration(idle) + time.Duration(count)*time.Duration(interval)
}

func (e *Endpoint) stats() *tcp.Stats { return e.ep.Stats().(*tcp.Stats) }

// heard counts the segments that have arrived for the endpoint.
func (e *Endpoint) heard() uint64 { return e.stats().SegmentsReceived.Value() }

// sent counts the segments that the endpoint has sent.
func (e *Endpoint) sent() uint64 { return e.stats().SegmentsSent.Value() }

// busy changes when the endpoint sends data or sends them again: with something
// on the way it is the retransmission timer that decides, as on Linux.
func (e *Endpoint) busy() uint64 {
	n := e.stats().SendErrors.Timeouts.Value()
	if e.socket != nil {
		n += uint64(e.socket.written)
	}
	return n
}

// keepaliveTimeout gives the connection up, unless data are on the way. When they
// were already at the last segment, and the retransmission timer is a slow one,
// no probe tells of it: gVisor has sent none.
func (e *Endpoint) keepaliveTimeout() {
	s := e.socket
	if s == nil || e.keep == nil || e.keep.busy != e.busy() || e.keep.sent == e.sent() || !probed(s.state()) {
		return
	}
	e.abort(ETIMEDOUT)
}
