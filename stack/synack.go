package stack

import (
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// maxSynAckRetries is where gVisor stops by itself, as with SYNs.
const maxSynAckRetries = maxSynRetries

// defaultSynAckRetries is Linux's tcp_synack_retries.
const defaultSynAckRetries = 5

// limitSynAcks ends a connection in SYN_RECEIVED when Linux would: after the
// wait that follows the last permitted SYN,ACK, in silence and without another
// one (reqsk_timer_handler). gVisor has no such setting. With TCP_DEFER_ACCEPT
// it is left alone: both count differently then.
func (e *Endpoint) limitSynAcks() {
	n := e.host.defaults.synAckRetries
	if e.state != SynReceived || n >= maxSynAckRetries || e.host.defersAccept(e) {
		return
	}
	wait := time.Duration(1<<(n+1)-1) * tcp.InitialRTO
	e.synAcks = e.host.clock.AfterFunc(wait-beforehand, e.synAckTimeout)
}

func (e *Endpoint) synAckTimeout() {
	if stateOf(e.gvisorState()) == SynReceived {
		e.ep.Abort()
	}
}

// pastHandshake stops the timers that limit a handshake when it is over.
func (e *Endpoint) pastHandshake(now State) {
	if now == SynSent || now == SynReceived {
		return
	}
	if e.socket != nil {
		e.socket.stopGiveUp()
	}
	if e.synAcks != nil {
		e.synAcks.Stop()
		e.synAcks = nil
	}
}

// defersAccept reports whether the listener that has made e waits for data.
func (h *Host) defersAccept(e *Endpoint) bool {
	l := h.Listener(e.tuple.Src)
	if l == nil {
		return false
	}
	var o tcpip.TCPDeferAcceptOption
	return l.ep.GetSockOpt(&o) == nil && o > 0
}
