package coverage

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

func (e Edge) compare(o Edge) int {
	return cmp.Or(cmp.Compare(e.From, o.From), cmp.Compare(e.To, o.To), cmp.Compare(e.By, o.By))
}

func listed(e Edge) bool {
	return slices.ContainsFunc(transitions, func(r TransitionRow) bool { return r.Edge == e })
}

// Seen lists the edges that a trace has taken, each as often as it was taken.
//
// A host makes an endpoint of its own for each connection of a listener, so
// that the edge from SYN_RECEIVED back to LISTEN is the end of that endpoint
// while the listener stays where it is.
func Seen(tr *trace.Trace) []Edge {
	type endpoint struct {
		host trace.Side
		id   int
	}
	passive := map[endpoint]bool{}
	var edges []Edge
	for i := range tr.Transitions {
		t := &tr.Transitions[i]
		id := endpoint{t.Host, t.Endpoint}
		if t.From == stack.Listen && t.To == stack.SynReceived {
			passive[id] = true
		}
		by, ok := eventOf(tr, t)
		if !ok {
			continue
		}
		e := Edge{t.From, t.To, by}
		if e == (Edge{stack.SynReceived, stack.Closed, RST}) && passive[id] {
			e.To = stack.Listen
		}
		edges = append(edges, e)
	}
	return edges
}

// eventOf says what has brought about a change of state; nothing for a loss of
// power.
func eventOf(tr *trace.Trace, t *trace.Transition) (by Event, ok bool) {
	switch t.Trigger.Kind {
	case trace.ByCall:
		return Call, true
	case trace.ByNote:
		kind := tr.Notes[t.Trigger.Index].Kind
		return Call, kind == "signal" || kind == "kill"
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
