package plots

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// mermaid writes a sequence diagram. Its arrows are level and its rows equally
// high, so that times stand in the labels.
func mermaid(out *bytes.Buffer, s *story.Story, o Options) error {
	title := s.Title
	if o.Title != "" {
		title = story.ASCII(o.Title)
	}
	fmt.Fprintf(out, "---\ntitle: %q\n---\nsequenceDiagram\n", title)
	fmt.Fprintf(out, "    participant C as %s\n    participant S as %s\n", escape(s.Headers[0]), escape(s.Headers[1]))
	fmt.Fprintf(out, "    Note over C,S: %s\n", escape(s.Caption))
	waits := layout.Waits(s)
	for row := range s.Moments {
		if w, ok := waits[row]; ok {
			fmt.Fprintf(out, "    Note over C,S: ... %s ...\n", escape(w))
		}
		mermaidMoment(out, s, &s.Moments[row])
	}
	if len(s.Moments) == 0 {
		out.WriteString("    Note over C,S: nothing was sent\n")
	}
	if s.Ended != "" {
		fmt.Fprintf(out, "    Note over C,S: %s\n", escape(s.Ended))
	}
	return nil
}

var (
	participant = [2]string{trace.Client: "C", trace.Server: "S"}
	beyond      = [2]string{trace.Client: "left", trace.Server: "right"}
)

func mermaidMoment(out *bytes.Buffer, s *story.Story, m *story.Moment) {
	clock := story.Clock(m.At)
	note := func(side trace.Side, text string) {
		fmt.Fprintf(out, "    Note %s of %s: %s\n", beyond[side], participant[side], escape(text))
	}
	switch m.Kind {
	case story.Sends:
		if m.Part == 0 {
			mermaidArrow(out, s, &s.Arrows[m.Index], clock)
		}
	case story.Changes:
		st := &s.States[m.Index]
		text := clock + ": " + st.To.String()
		if st.Listener {
			text = clock + ": listener CLOSED"
		}
		if len(st.Cause) > 0 {
			text += "<br/>" + strings.Join(st.Cause, "<br/>")
		}
		note(st.Host, text)
	case story.Fires:
		if t := &s.Timers[m.Index]; !t.Merged {
			note(t.Host, clock+": "+t.Label())
		}
	case story.Says:
		r := &s.Remarks[m.Index]
		note(r.Host, clock+": "+r.Text())
	case story.BulkBegins:
		fmt.Fprintf(out, "    Note over C,S: %s\n", escape(strings.Join(s.Bulks[m.Index].Lines(), "<br/>")))
	}
}

func mermaidArrow(out *bytes.Buffer, s *story.Story, a *story.Arrow, clock string) {
	line := "->>"
	switch {
	case a.Lost == len(a.Segments) && a.Retransmission:
		line = "--x"
	case a.Lost == len(a.Segments):
		line = "-x"
	case a.Retransmission:
		line = "-->>"
	}
	text := a.Label
	if a.Loss != "" {
		text += ", lost: " + a.Loss
	}
	for _, w := range a.Words {
		text += "<br/>" + strings.ReplaceAll(w, "\n", " ")
	}
	fmt.Fprintf(out, "    %s%s%s: %s<br/>%s\n", participant[a.From], line, participant[a.From.Peer()], escape(text), clock)
}

// escape keeps Mermaid from reading a semicolon as the end of a line and a
// number sign as the start of an entity.
func escape(t string) string { return strings.NewReplacer("#", "#35;", ";", "#59;").Replace(t) }
