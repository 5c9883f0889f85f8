package story

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// Wait words what the hosts waited for in the gap before moment i, and how
// long: "2MSL: 60 s", "until close() on server: 20 s".
func (s *Story) Wait(i int) string {
	gap := s.Gap(i)
	m := &s.Moments[i]
	for j := i; j < len(s.Moments) && s.Moments[j].At == m.At; j++ {
		if n := &s.Moments[j]; n.Kind == Fires {
			return s.Timers[n.Index].Label()
		}
	}
	switch m.Kind {
	case Says:
		r := &s.Remarks[m.Index]
		return "until " + r.Parts[0].Text + ": " + Span(gap)
	case Sends:
		t := s.Trace.Segments[s.Arrows[m.Index].Segments[m.Part]]
		if t.Injected != "" {
			return "until " + s.Arrows[m.Index].Injected + " forges a segment: " + Span(gap)
		}
		return s.until(t.Trigger, m.Side, gap)
	case Changes:
		return s.until(s.Trace.Transitions[s.States[m.Index].Index].Trigger, m.Side, gap)
	case Arrives:
		return "under way: " + Span(gap)
	}
	return "idle: " + Span(gap)
}

func (s *Story) until(t trace.Trigger, side trace.Side, gap time.Duration) string {
	if t.Kind == trace.ByCall {
		return fmt.Sprintf("until %s on %s: %s", callName(&s.Trace.Calls[t.Index]), side, Span(gap))
	}
	return "idle: " + Span(gap)
}

// Gap is the time between moment i and the one before.
func (s *Story) Gap(i int) time.Duration {
	if i == 0 {
		return s.Moments[0].At - s.From
	}
	return s.Moments[i].At - s.Moments[i-1].At
}
