package fuzz

import (
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/diagram"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func watchStates(l *ledger) watcher {
	return &stateWatcher{l: l, at: map[endpointID]stack.State{}, diagram: diagram.NewReader(l.trace)}
}

type endpointID struct {
	side trace.Side
	id   int
}

type stateWatcher struct {
	quiet
	l       *ledger
	at      map[endpointID]stack.State
	diagram *diagram.Reader
}

func (w *stateWatcher) see(e trace.Event) {
	if e.Kind != trace.Changed {
		return
	}
	t := &w.l.trace.Transitions[e.Index]
	id := endpointID{t.Host, t.Endpoint}
	was, ok := w.at[id]
	w.at[id] = t.To
	edge, taken := w.diagram.Edge(t)
	switch {
	case ok && was != t.From:
		w.l.report(t.Conn, "leap", "%s endpoint %d was in %s and leaves %s for %s", t.Host, t.Endpoint, was, t.From, t.To)
	case taken && !diagram.May(edge):
		w.l.report(t.Conn, "unknown-edge", "%s endpoint %d: %s", t.Host, t.Endpoint, edge)
	case !taken && t.To != stack.Closed:
		w.l.report(t.Conn, "unknown-edge", "%s endpoint %d: %s to %s without an event of TCP", t.Host, t.Endpoint, t.From, t.To)
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
