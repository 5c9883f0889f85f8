package diagram

import (
	"slices"

	"github.com/tcpsim/tcpsim/stack"
)

// Transition is an edge and its reason.
type Transition struct {
	Edge
	Figure5 bool   // it is in RFC 9293's diagram or in its notes 1 and 2
	Why     string // what brings it about, or the reason that gVisor takes it
	Never   string // why no host in a simulation takes it; empty for one that can be taken
}

// Transitions are the edges of figure 5 of RFC 9293 in its order, then the
// others by the state that they leave.
func Transitions() []Transition { return slices.Clone(transitions) }

// In gVisor a shutdown or close of an endpoint in SYN_RECEIVED sends no FIN. The
// lines that reasons name are those of the pinned version, which a test reads.
const noFIN = "gVisor sends a FIN only from a connected state (endpoint.go:2645), and SYN_RECEIVED is none (endpoint.go:93): CLOSE ends the handshake instead (endpoint.go:1166)"

var transitions = []Transition{
	figure5(stack.Closed, stack.Listen, Call, "passive OPEN"),
	figure5(stack.Closed, stack.SynSent, Call, "active OPEN"),
	figure5(stack.Listen, stack.Closed, Call, "CLOSE"),
	figure5(stack.Listen, stack.SynReceived, Segment, "rcv SYN"),
	never(figure5(stack.Listen, stack.SynSent, Call, "SEND"), "sockets have no such call: send on a listening socket fails (endpoint.go:1578), and so does connect (endpoint.go:2540)"),
	figure5(stack.SynReceived, stack.Listen, RST, "note 1: rcv RST, after a passive OPEN"),
	figure5(stack.SynReceived, stack.Established, Segment, "rcv ACK of SYN"),
	never(figure5(stack.SynReceived, stack.FinWait1, Call, "CLOSE"), noFIN),
	figure5(stack.SynSent, stack.Closed, Call, "CLOSE"),
	figure5(stack.SynSent, stack.SynReceived, Segment, "rcv SYN: simultaneous open"),
	figure5(stack.SynSent, stack.Established, Segment, "rcv SYN,ACK"),
	figure5(stack.Established, stack.FinWait1, Call, "CLOSE"),
	figure5(stack.Established, stack.CloseWait, Segment, "rcv FIN"),
	figure5(stack.FinWait1, stack.FinWait2, Segment, "rcv ACK of FIN"),
	figure5(stack.FinWait1, stack.Closing, Segment, "rcv FIN"),
	figure5(stack.FinWait1, stack.TimeWait, Segment, "note 2: rcv FIN together with the ACK of FIN"),
	figure5(stack.FinWait2, stack.TimeWait, Segment, "rcv FIN"),
	figure5(stack.Closing, stack.TimeWait, Segment, "rcv ACK of FIN"),
	figure5(stack.CloseWait, stack.LastAck, Call, "CLOSE"),
	figure5(stack.LastAck, stack.Closed, Segment, "rcv ACK of FIN"),
	figure5(stack.TimeWait, stack.Closed, Timer, "2MSL"),

	beyond(stack.Listen, stack.Established, Segment, "a SYN cookie comes back: gVisor makes the endpoint only then"),
	beyond(stack.Listen, stack.CloseWait, Segment, "a SYN cookie comes back with a FIN"),

	beyond(stack.SynSent, stack.Closed, RST, "note 3: a RST that acknowledges the SYN"),
	beyond(stack.SynSent, stack.Closed, Timer, "the SYN was sent as often as tcp_syn_retries allows"),
	never(beyond(stack.SynSent, stack.CloseWait, Segment, "the SYN,ACK bears a FIN: two edges of the figure in one segment"),
		"gVisor completes the handshake and leaves the FIN out (connect.go:341): the peer has to send it again"),

	beyond(stack.SynReceived, stack.Closed, RST, "note 3: a RST in a simultaneous open"),
	beyond(stack.SynReceived, stack.Closed, Call, "the listener is closed, or the socket of a simultaneous open: "+noFIN),
	beyond(stack.SynReceived, stack.Closed, Timer, "the SYN,ACK was sent as often as tcp_synack_retries allows"),
	beyond(stack.SynReceived, stack.Closed, Segment, "a SYN with another sequence number: the handshake is given up with a RST (synRcvdState)"),
	beyond(stack.SynReceived, stack.CloseWait, Segment, "the ACK of the SYN bears a FIN, or uncovers one that waited"),

	beyond(stack.Established, stack.Closed, RST, "note 3"),
	beyond(stack.Established, stack.Closed, Call, "note 3: ABORT, by SO_LINGER zero or bytes unread"),
	beyond(stack.Established, stack.Closed, Timer, "user timeout, retries used up, or keepalive without an answer"),

	beyond(stack.FinWait1, stack.Closed, RST, "note 3"),
	beyond(stack.FinWait1, stack.Closed, Call, "note 3: ABORT, by SO_LINGER zero or bytes unread"),
	beyond(stack.FinWait1, stack.Closed, Segment, "data for a process that cannot read them: note 3, with a RST (RFC 2525 section 2.17)"),
	beyond(stack.FinWait1, stack.Closed, Timer, "the FIN was sent as often as tcp_orphan_retries or tcp_retries2 allows"),

	beyond(stack.FinWait2, stack.Closed, RST, "note 3"),
	beyond(stack.FinWait2, stack.Closed, Call, "note 3: ABORT, by SO_LINGER zero or bytes unread"),
	beyond(stack.FinWait2, stack.Closed, Segment, "data for a process that cannot read them: note 3, with a RST (RFC 2525 section 2.17)"),
	beyond(stack.FinWait2, stack.Closed, Timer, "tcp_fin_timeout: no FIN has come for an orphan"),

	beyond(stack.CloseWait, stack.Closed, RST, "note 3"),
	beyond(stack.CloseWait, stack.Closed, Call, "note 3: ABORT, by SO_LINGER zero or bytes unread"),
	beyond(stack.CloseWait, stack.Closed, Timer, "user timeout, or retries used up"),

	beyond(stack.Closing, stack.Closed, RST, "note 3"),
	beyond(stack.Closing, stack.Closed, Call, "note 3: ABORT, by bytes unread after shutdown() of sending"),
	beyond(stack.Closing, stack.Closed, Timer, "the FIN was sent as often as retries allow"),

	beyond(stack.LastAck, stack.Closed, RST, "note 3"),
	beyond(stack.LastAck, stack.Closed, Call, "note 3: ABORT, by bytes unread after shutdown() of sending"),
	beyond(stack.LastAck, stack.Closed, Timer, "the FIN was sent as often as retries allow"),

	beyond(stack.TimeWait, stack.Closed, Call, "connect() takes the port (tcp_tw_reuse); or close() with bytes unread, which sends a RST also here"),
	beyond(stack.TimeWait, stack.Closed, Segment, "a SYN with a greater sequence number: TIME_WAIT gives way to it (RFC 9293 section 3.10.7.4)"),
}

func figure5(from, to stack.State, by Event, why string) Transition {
	return Transition{Edge: Edge{from, to, by}, Figure5: true, Why: why}
}

func beyond(from, to stack.State, by Event, why string) Transition {
	return Transition{Edge: Edge{from, to, by}, Why: why}
}

func never(r Transition, why string) Transition {
	r.Never = why
	return r
}
