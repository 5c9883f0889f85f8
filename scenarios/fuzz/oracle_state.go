package fuzz

import (
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func watchStates(l *ledger) watcher { return &stateWatcher{l: l, at: map[endpointID]stack.State{}} }

// Edge is a change of state that may happen, and why.
type Edge struct {
	From, To stack.State
	Why      string
}

// Edges lists the changes of state that may be seen. A trace shows a change
// after the host has finished with one event, so that two edges of the figure
// that one segment brings about are one edge here. Those to CLOSED are left
// out: a RST, an abort, a timeout and a loss of power lead there from anywhere.
func Edges() []Edge { return edges }

var edges = []Edge{
	{stack.Closed, stack.Listen, "figure 5: passive OPEN"},
	{stack.Closed, stack.SynSent, "figure 5: active OPEN"},
	{stack.Listen, stack.SynReceived, "figure 5: rcv SYN"},
	{stack.SynSent, stack.SynReceived, "figure 5: rcv SYN, simultaneous open"},
	{stack.SynSent, stack.Established, "figure 5: rcv SYN,ACK"},
	{stack.SynReceived, stack.Established, "figure 5: rcv ACK of SYN"},
	{stack.SynReceived, stack.FinWait1, "figure 5: CLOSE"},
	{stack.Established, stack.FinWait1, "figure 5: CLOSE"},
	{stack.Established, stack.CloseWait, "figure 5: rcv FIN"},
	{stack.FinWait1, stack.FinWait2, "figure 5: rcv ACK of FIN"},
	{stack.FinWait1, stack.Closing, "figure 5: rcv FIN"},
	{stack.FinWait1, stack.TimeWait, "figure 5, note 2: FIN and ACK of FIN in one segment"},
	{stack.FinWait2, stack.TimeWait, "figure 5: rcv FIN"},
	{stack.CloseWait, stack.LastAck, "figure 5: CLOSE"},
	{stack.Closing, stack.TimeWait, "figure 5: rcv ACK of FIN"},

	{stack.Listen, stack.Established, "a SYN cookie comes back: gVisor makes the endpoint only then"},
	{stack.Listen, stack.CloseWait, "a SYN cookie comes back with a FIN"},
	{stack.SynReceived, stack.CloseWait, "the ACK of the SYN bears a FIN, or uncovers one that waited"},
	{stack.SynSent, stack.CloseWait, "the SYN,ACK bears a FIN"},
}

func known(from, to stack.State) bool {
	if to == stack.Closed {
		return true
	}
	for _, e := range edges {
		if e.From == from && e.To == to {
			return true
		}
	}
	return false
}

type endpointID struct {
	side trace.Side
	id   int
}

type stateWatcher struct {
	quiet
	l  *ledger
	at map[endpointID]stack.State
}

func (w *stateWatcher) see(e trace.Event) {
	if e.Kind != trace.Changed {
		return
	}
	t := &w.l.trace.Transitions[e.Index]
	id := endpointID{t.Host, t.Endpoint}
	was, ok := w.at[id]
	w.at[id] = t.To
	switch {
	case ok && was != t.From:
		w.l.report(t.Conn, "leap", "%s endpoint %d was in %s and leaves %s for %s", t.Host, t.Endpoint, was, t.From, t.To)
	case !known(t.From, t.To):
		w.l.report(t.Conn, "unknown-edge", "%s endpoint %d: %s to %s", t.Host, t.Endpoint, t.From, t.To)
	case t.Conn >= 0 && !w.l.forged(t.Conn):
		w.reason(t)
	}
}

// reason checks that the segment which has brought about a change could do so.
func (w *stateWatcher) reason(t *trace.Transition) {
	if t.Trigger.Kind != trace.BySegment {
		return
	}
	s := &w.l.trace.Segments[t.Trigger.Index]
	if s.Injected != "" {
		return
	}
	if t.From == stack.Listen && t.To != stack.SynReceived {
		w.cookie(t, s)
		return
	}
	e := &w.l.ends[t.Conn][t.Host]
	fin := s.Flags.Has(wire.FIN) || e.hasFin
	switch t.To {
	case stack.CloseWait, stack.Closing, stack.TimeWait:
		if !fin {
			w.l.report(t.Conn, "fin-out-of-nothing", "%s goes to %s with #%d, and no FIN has arrived", t.Host, t.To, s.Number)
		}
	case stack.FinWait2:
		if e.finSent && s.Conn == t.Conn && wire.Before(s.Ack, e.finAt+1) {
			w.l.report(t.Conn, "fin-not-acknowledged", "%s goes to %s with #%d, which acknowledges %d and not its FIN (%d)", t.Host, t.To, s.Number, s.Ack, e.finAt)
		}
	}
}

// cookie checks that what is taken for the ACK of a SYN cookie is that ACK, and
// comes for the first time. Otherwise there is a connection whose peer knows
// nothing of it, or knows other numbers, and nothing else is checked of it.
func (w *stateWatcher) cookie(t *trace.Transition, s *trace.Segment) {
	switch {
	case s.Conn != t.Conn:
		w.l.report(s.Conn, "cookie-taken-twice", "%s takes #%d [%s] for the ACK of a SYN cookie, and that connection existed before", t.Host, s.Number, s.Flags)
	case s.Seq != 1:
		w.l.report(s.Conn, "cookie-out-of-place", "%s takes #%d for the ACK of its SYN cookie, and its sequence number is %d, not 1", t.Host, s.Number, s.Seq)
	default:
		return
	}
	w.l.taint(s)
}
