package story

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// Hover is all there is to say about a segment.
func Hover(s *trace.Segment) string {
	t := fmt.Sprintf("%s; %s to %s, sent %s", s.Summary(), s.From, s.From.Peer(), Clock(s.SentAt))
	switch {
	case s.Lost != "":
		t += ", lost: " + s.Lost
	case s.Arrived:
		t += ", received " + Clock(s.ReceivedAt)
	default:
		t += ", not received before the end"
	}
	if len(s.Acts) > 0 {
		t += "; link: " + strings.Join(s.Acts, ", ")
	}
	if s.Cause != nil {
		t += "; why: " + s.Cause.Text
		if s.Cause.Source != "" {
			t += " (" + s.Cause.Source + ")"
		}
	}
	return ASCII(t)
}

// hoverLimit is how many segments of a band the hover text lists.
const hoverLimit = 20

// Hover is the hover text of an arrow: a line per segment.
func (s *Story) Hover(a *Arrow) string {
	lines := make([]string, 0, min(len(a.Segments), hoverLimit)+2)
	if a.Band() {
		lines = append(lines, a.Label)
	}
	for n, i := range a.Segments {
		if n == hoverLimit {
			lines = append(lines, fmt.Sprintf("and %d more", len(a.Segments)-n))
			break
		}
		h := Hover(&s.Trace.Segments[i])
		if a.Refused {
			h += "; the receiver refused it"
		}
		lines = append(lines, h)
	}
	return strings.Join(lines, "\n")
}
