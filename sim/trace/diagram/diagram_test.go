package diagram

import (
	"slices"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func TestEdgesAreListedOnce(t *testing.T) {
	var edges []Edge
	for _, r := range Transitions() {
		if slices.Contains(edges, r.Edge) || r.Why == "" {
			t.Errorf("%s is there twice, or has no reason", r.Edge)
		}
		edges = append(edges, r.Edge)
	}
	n := 0
	for _, r := range Transitions() {
		if r.Figure5 {
			n++
		}
	}
	// The diagram has 19 edges, and notes 1 and 2 add one each.
	if n != 21 {
		t.Errorf("figure 5 has %d edges here, not 21", n)
	}
}

func TestAnEdgeBelongsToItsEvent(t *testing.T) {
	for _, tt := range []struct {
		edge Edge
		want bool
	}{
		{Edge{stack.Closed, stack.SynSent, Call}, true},
		{Edge{stack.Closed, stack.SynSent, Segment}, false},
		{Edge{stack.Established, stack.Closed, RST}, true},
		{Edge{stack.Listen, stack.Closed, RST}, false}, // a listener stays (RFC 9293 section 3.10.7.2)
		{Edge{stack.SynReceived, stack.FinWait1, Call}, false},
		{Edge{stack.SynSent, stack.CloseWait, Segment}, false},
		{Edge{stack.FinWait1, stack.Established, Segment}, false},
	} {
		if got := May(tt.edge); got != tt.want {
			t.Errorf("%s may be taken: %t", tt.edge, got)
		}
	}
}

func TestChangesOfStateAreReadAsEdges(t *testing.T) {
	const (
		listener = iota
		accepted
		opener
		unplugged
	)
	by := func(kind trace.TriggerKind, i int) trace.Trigger { return trace.Trigger{Kind: kind, Index: i} }
	tr := &trace.Trace{
		Segments: []trace.Segment{{Flags: wire.SYN}, {Flags: wire.RST | wire.ACK}},
		Notes:    []trace.Note{{Kind: trace.NoteSignal}, {Kind: trace.NoteCrash}},
		Transitions: []trace.Transition{
			{Endpoint: listener, From: stack.Closed, To: stack.Listen, Trigger: by(trace.ByCall, 0)},
			{Endpoint: accepted, From: stack.Listen, To: stack.SynReceived, Trigger: by(trace.BySegment, 0)},
			{Endpoint: opener, From: stack.SynSent, To: stack.SynReceived, Trigger: by(trace.BySegment, 0)},
			{Endpoint: accepted, From: stack.SynReceived, To: stack.Closed, Trigger: by(trace.BySegment, 1)},
			{Endpoint: opener, From: stack.SynReceived, To: stack.Closed, Trigger: by(trace.BySegment, 1)},
			{Endpoint: listener, From: stack.Listen, To: stack.Closed, Trigger: by(trace.ByNote, 0)},
			{Endpoint: unplugged, From: stack.Established, To: stack.Closed, Trigger: by(trace.ByNote, 1)},
			{Endpoint: unplugged, From: stack.TimeWait, To: stack.Closed, Trigger: by(trace.ByTimer, 0)},
		},
	}
	want := []Edge{
		{stack.Closed, stack.Listen, Call},
		{stack.Listen, stack.SynReceived, Segment},
		{stack.SynSent, stack.SynReceived, Segment},
		{stack.SynReceived, stack.Listen, RST}, // of a passive open
		{stack.SynReceived, stack.Closed, RST},
		{stack.Listen, stack.Closed, Call}, // the process was killed
		{stack.TimeWait, stack.Closed, Timer},
	}
	if got := Seen(tr); !slices.Equal(got, want) {
		t.Errorf("read as %v, want %v", got, want)
	}
}
