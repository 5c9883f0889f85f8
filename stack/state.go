package stack

import "gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

// State is a connection state of RFC 9293 section 3.3.2.
type State uint8

// The eleven states.
const (
	Closed State = iota
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
)

var stateNames = [...]struct{ rfc, linux string }{
	Closed:      {"CLOSED", "CLOSE"},
	Listen:      {"LISTEN", "LISTEN"},
	SynSent:     {"SYN_SENT", "SYN_SENT"},
	SynReceived: {"SYN_RECEIVED", "SYN_RECV"},
	Established: {"ESTABLISHED", "ESTABLISHED"},
	FinWait1:    {"FIN_WAIT_1", "FIN_WAIT1"},
	FinWait2:    {"FIN_WAIT_2", "FIN_WAIT2"},
	CloseWait:   {"CLOSE_WAIT", "CLOSE_WAIT"},
	Closing:     {"CLOSING", "CLOSING"},
	LastAck:     {"LAST_ACK", "LAST_ACK"},
	TimeWait:    {"TIME_WAIT", "TIME_WAIT"},
}

// String is the name in RFC 9293 with underscores: FIN_WAIT_1.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s].rfc
	}
	return "UNKNOWN"
}

// Linux is the name in Linux's tcp_states.h without its prefix: FIN_WAIT1.
func (s State) Linux() string {
	if int(s) < len(stateNames) {
		return stateNames[s].linux
	}
	return "UNKNOWN"
}

// Synchronized reports whether both sides know each other's sequence numbers
// (RFC 9293 section 3.3.2: ESTABLISHED and everything after it).
func (s State) Synchronized() bool { return s >= Established }

// ParseState finds a state by either of its names.
func ParseState(name string) (State, bool) {
	for i, n := range stateNames {
		if name == n.rfc || name == n.linux {
			return State(i), true
		}
	}
	return Closed, false
}

// stateOf maps gVisor's states. Its INITIAL, BOUND, CONNECTING and ERROR are
// CLOSED on the wire: no segment but a RST comes from them.
func stateOf(s tcp.EndpointState) State {
	switch s {
	case tcp.StateListen:
		return Listen
	case tcp.StateSynSent:
		return SynSent
	case tcp.StateSynRecv:
		return SynReceived
	case tcp.StateEstablished:
		return Established
	case tcp.StateFinWait1:
		return FinWait1
	case tcp.StateFinWait2:
		return FinWait2
	case tcp.StateCloseWait:
		return CloseWait
	case tcp.StateClosing:
		return Closing
	case tcp.StateLastAck:
		return LastAck
	case tcp.StateTimeWait:
		return TimeWait
	default:
		return Closed
	}
}
