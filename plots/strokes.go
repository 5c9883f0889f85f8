package plots

import (
	"strings"

	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// arrow writes an arrow from the row in which it is sent. One that arrives
// before anything else happens on the link or to a host takes one line; of
// another only the start is written, and the rest when it arrives. It reports
// whether all is written.
func (g *grid) arrow(row int, clock string) bool {
	m := &g.Moments[row]
	a := &g.Arrows[m.Index]
	whole := g.undisturbed(row)
	lost := len(a.Segments) == a.Lost
	room := g.link - 6
	if a.Injected != "" {
		// The numbers of a band stay whole, also on a narrow page.
		name, _, _ := strings.Cut(a.Label, " ")
		room = min(max(g.link/2-5, len(name)), g.link-8)
	}
	text := strings.Join(strings.Fields(a.Label), " ")
	first := fold(text, room)[0]
	label := " " + first + " "
	var lines []string
	switch {
	case lost:
		lines = append(lines, g.stroke(a, label, g.link*62/100, "X"))
		whole = true
	case whole:
		lines = append(lines, g.stroke(a, label, g.link, ">"))
	default:
		lines = append(lines, g.stroke(a, label, g.link-6, ""))
	}
	if rest := strings.TrimSpace(text[len(first):]); rest != "" {
		for _, t := range fold(rest, g.link-4) {
			lines = append(lines, g.word(a, t))
		}
	}
	if a.Loss != "" {
		for _, t := range fold("lost: "+a.Loss, g.link-4) {
			lines = append(lines, g.word(a, t))
		}
	}
	for _, w := range a.Words {
		for _, t := range fold(strings.ReplaceAll(w, "\n", " "), g.link-4) {
			lines = append(lines, g.word(a, t))
		}
	}
	g.put(1, clock, lines)
	return whole
}

// undisturbed reports whether nothing happens between the sending and the
// arrival of the arrow that is sent in a row.
func (g *grid) undisturbed(row int) bool {
	index := g.Moments[row].Index
	for _, m := range g.Moments[row+1:] {
		if m.Index != index || m.Kind > story.Vanishes {
			return false
		}
		if m.Kind != story.Sends {
			return true
		}
	}
	return false
}

// stroke is a line with a label near its start, n columns long from its
// sender's side. A RST is double, a retransmission broken.
func (g *grid) stroke(a *story.Arrow, label string, n int, tip string) string {
	ink := "-"
	switch {
	case a.Kind == story.Rst:
		ink = "="
	case a.Retransmission:
		ink = "- "
	}
	start := 2
	if a.Injected != "" {
		label = "<>" + label
		start = max(2, min(g.link/2, g.link-len(label)-1-len(tip)))
		n = max(n, start+len(label)+2)
		if a.From == trace.Server {
			label = strings.TrimPrefix(label, "<>") + "<>"
		}
	}
	n = max(n, start+len(label)+1+len(tip))
	n = min(n, g.link)
	label = cut(label, max(0, n-start-len(tip)))
	rest := repeat(ink, n-start-len(label)-len(tip))
	lead := repeat(ink, start)
	if a.Injected != "" {
		lead = strings.Repeat(" ", start)
	}
	if a.From == trace.Client {
		return lead + label + rest + tip
	}
	if tip == ">" {
		tip = "<"
	}
	return strings.Repeat(" ", g.link-n) + tip + rest + label + lead
}

// landing is the end of an arrow that was started above.
func (g *grid) landing(a *story.Arrow) string {
	name, _, _ := strings.Cut(a.Label, " ")
	ink := "-"
	if a.Kind == story.Rst {
		ink = "="
	}
	name = cut(name, g.link/2)
	if a.From == trace.Client {
		t := repeat(ink, 3) + " " + name + " " + repeat(ink, 2) + ">"
		return strings.Repeat(" ", g.link-len(t)) + t
	}
	return "<" + repeat(ink, 2) + " " + name + " " + repeat(ink, 3)
}

// word is a line of text at the sender's side of the link.
func (g *grid) word(a *story.Arrow, t string) string {
	if a.From == trace.Client {
		return "   " + t
	}
	return strings.Repeat(" ", max(0, g.link-3-len(t))) + t
}

func repeat(ink string, n int) string {
	if n <= 0 {
		return ""
	}
	return strings.Repeat(ink, n/len(ink)+1)[:n]
}

func center(t string, width int) string {
	left := max(0, (width-len(t))/2)
	return strings.Repeat(" ", left) + t
}

func cut(t string, width int) string {
	switch {
	case len(t) <= width:
		return t
	case width < 4:
		return t[:max(0, width)]
	}
	return t[:width-3] + "..."
}

// fold breaks a text into lines of at most width columns: at spaces, and inside
// a word that is longer.
func fold(t string, width int) (lines []string) {
	for _, line := range trace.Wrap(t, width) {
		for len(line) > width {
			lines = append(lines, line[:width])
			line = line[width:]
		}
		lines = append(lines, line)
	}
	return lines
}
