package diagram

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Event is what makes an endpoint change its state.
type Event string

// The events. A loss of power is none: it takes the endpoint away from any
// state, and TCP has no part in it.
const (
	Call    Event = "call" // also the end of a process, which closes its sockets
	Segment Event = "segment"
	RST     Event = "RST"
	Timer   Event = "timer"
)

// Edge is one edge of a state diagram.
type Edge struct {
	From stack.State
	To   stack.State
	By   Event
}

func (e Edge) String() string { return fmt.Sprintf("%s > %s by %s", e.From, e.To, e.By) }

// Compare orders edges by their states and then by what takes them.
func (e Edge) Compare(o Edge) int {
	return cmp.Or(cmp.Compare(e.From, o.From), cmp.Compare(e.To, o.To), cmp.Compare(e.By, o.By))
}

// May reports whether a host in a simulation may take an edge.
func May(e Edge) bool {
	return slices.ContainsFunc(transitions, func(t Transition) bool { return t.Edge == e && t.Never == "" })
}

// Seen lists the edges that a trace has taken, each as often as it was taken.
func Seen(tr *trace.Trace) []Edge {
	r := NewReader(tr)
	var edges []Edge
	for i := range tr.Transitions {
		if e, ok := r.Edge(&tr.Transitions[i]); ok {
			edges = append(edges, e)
		}
	}
	return edges
}

// Reader turns the changes of state of a trace into edges, one after another.
//
// A host makes an endpoint of its own for each connection of a listener, so
// that the edge from SYN_RECEIVED back to LISTEN is the end of that endpoint
// while the listener stays where it is.
type Reader struct {
	trace   *trace.Trace
	passive map[endpoint]bool
}

type endpoint struct {
	host trace.Side
	id   int
}

// NewReader reads from the beginning of a trace.
func NewReader(tr *trace.Trace) *Reader { return &Reader{tr, map[endpoint]bool{}} }

// Edge is the edge of a change of state, in the order of the trace. It reports
// false for a loss of power, which takes an endpoint away from any state and in
// which TCP has no part.
func (r *Reader) Edge(t *trace.Transition) (Edge, bool) {
	id := endpoint{t.Host, t.Endpoint}
	if t.From == stack.Listen && t.To == stack.SynReceived {
		r.passive[id] = true
	}
	by, ok := eventOf(r.trace, t)
	e := Edge{t.From, t.To, by}
	if e == (Edge{stack.SynReceived, stack.Closed, RST}) && r.passive[id] {
		e.To = stack.Listen
	}
	return e, ok
}

// eventOf says what has brought about a change of state; nothing for a loss of
// power.
func eventOf(tr *trace.Trace, t *trace.Transition) (by Event, ok bool) {
	switch t.Trigger.Kind {
	case trace.ByCall:
		return Call, true
	case trace.ByNote:
		return Call, tr.Notes[t.Trigger.Index].Kind == trace.NoteSignal
	case trace.BySegment:
		if tr.Segments[t.Trigger.Index].Flags.Has(wire.RST) {
			return RST, true
		}
		return Segment, true
	case trace.ByTimer:
		return Timer, true
	}
	return "", false
}
