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
			e.keep.timer.Reset(e.giveUpAfter() - beforehand - e.host.clock.NowMonotonic().Sub(e.keep.since))
		}
	}
}

// watch starts to count anew, from this instant.
func (e *Endpoint) watch() {
	if !e.ep.SocketOptions().GetKeepAlive() || e.socket == nil || e.socket.dead {
		e.unwatch()
		return
	}
	wait := e.giveUpAfter() - beforehand
	if e.keep == nil {
		e.keep = &keepalive{}
		e.keep.timer = e.host.clock.AfterFunc(wait, e.keepaliveTimeout)
	} else {
		e.keep.timer.Reset(wait)
	}
	e.keep.since, e.keep.heard, e.keep.busy = e.host.clock.NowMonotonic(), e.heard(), e.busy()
}

func (e *Endpoint) unwatch() {
	if e.keep != nil {
		e.keep.timer.Stop()
		e.keep = nil
	}
}

// notice starts to count anew when a segment has arrived, and stops when the
// connection has ended.
func (e *Endpoint) notice(now State) {
	switch {
	case e.keep == nil:
	case now == Closed && e.state != Closed:
		e.unwatch()
	case e.keep.heard != e.heard():
		e.watch()
	}
}

// giveUpAfter is how long after the last segment a connection is given up: when
// the last probe has gone unanswered, or at the first probe that comes later
// than TCP_USER_TIMEOUT.
func (e *Endpoint) giveUpAfter() time.Duration {
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
		count = max(1, int((over+time.Duration(interval)-1)/time.Duration(interval)))
	}
	return time.Duration(idle) + time.Duration(count)*time.Duration(interval)
}

func (e *Endpoint) stats() *tcp.Stats { return e.ep.Stats().(*tcp.Stats) }

// heard counts the segments that have arrived for the endpoint.
func (e *Endpoint) heard() uint64 { return e.stats().SegmentsReceived.Value() }

// busy changes when the endpoint sends data or sends them again: with something
// on the way it is the retransmission timer that decides, as on Linux.
func (e *Endpoint) busy() uint64 {
	n := e.stats().SendErrors.Timeouts.Value()
	if e.socket != nil {
		n += uint64(e.socket.written)
	}
	return n
}

func (e *Endpoint) keepaliveTimeout() {
	s := e.socket
	if s == nil || e.keep == nil || e.keep.busy != e.busy() {
		return
	}
	switch s.state() {
	case Established, CloseWait, FinWait2:
		s.abort(ETIMEDOUT)
	}
}
