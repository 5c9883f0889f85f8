package plots

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// asciiWidth is how many columns an ASCII ladder has by default.
const asciiWidth = 100

// The columns of an ASCII ladder: time, client's side, lifeline, link,
// lifeline, server's side.
const (
	gutter = 11
	beside = 23
)

// grid is an ASCII ladder that is being written. Rows come in the order of
// events; each column has a first free row.
type grid struct {
	*story.Story
	link  int // columns between the lifelines
	lines []gridLine
	free  [3]int // client's side, link, server's side
	at    int    // the row of the last moment
	clock string // the last time that was written
}

type gridLine struct {
	clock string
	side  [2]string
	link  string
	gap   bool // of a break of the axis
}

func ascii(out *bytes.Buffer, s *story.Story, o Options) error {
	width := o.Width
	if width == 0 {
		width = asciiWidth
	}
	g := &grid{Story: s, link: width - gutter - 2*beside - 4}
	g.clock = "-"
	waits := layout.Waits(s)
	done := make([]bool, len(s.Arrows))
	for row := range s.Moments {
		if w, ok := waits[row]; ok {
			g.wait(w)
		}
		g.moment(row, done)
	}
	if len(s.Moments) == 0 {
		g.put(1, "", []string{center("nothing was sent", g.link)})
	}
	g.write(out, o)
	return nil
}

// row finds the row for something at an instant in a column.
func (g *grid) row(column int, clock string) int {
	r := max(g.at, g.free[column])
	if clock != "" && clock != g.clock {
		// Two times need two rows, also where the earlier one is not written.
		if g.at < len(g.lines) {
			r = max(r, g.at+1)
		}
		for r < len(g.lines) && g.lines[r].clock != "" {
			r++
		}
	}
	return r
}

// put writes lines into a column, from the row of an instant on.
func (g *grid) put(column int, clock string, lines []string) {
	r := g.row(column, clock)
	for len(g.lines) < r+len(lines) {
		g.lines = append(g.lines, gridLine{})
	}
	if clock != "" && clock != g.clock {
		g.lines[r].clock, g.clock = clock, clock
	}
	for i, t := range lines {
		l := &g.lines[r+i]
		switch column {
		case 0:
			l.side[trace.Client] = t
		case 1:
			l.link = t
		case 2:
			l.side[trace.Server] = t
		}
	}
	g.free[column] = r + len(lines)
	g.at = r
}

func (g *grid) wait(text string) {
	for _, t := range fold(text, g.link) {
		g.lines = append(g.lines, gridLine{link: center(t, g.link), gap: true})
	}
	r := len(g.lines)
	g.at, g.free = r, [3]int{r, r, r}
}

func (g *grid) moment(row int, done []bool) {
	m := &g.Moments[row]
	clock := story.Clock(m.At)
	switch m.Kind {
	case story.Sends:
		if m.Part > 0 {
			return
		}
		done[m.Index] = g.arrow(row, clock)
	case story.Arrives:
		if !done[m.Index] {
			done[m.Index] = true
			g.put(1, clock, []string{g.landing(&g.Arrows[m.Index])})
		}
	case story.Changes:
		s := &g.States[m.Index]
		lines := []string{s.To.String()}
		if s.Listener {
			lines[0] = "listener CLOSED"
		}
		for _, c := range s.Cause {
			lines = append(lines, fold(c, beside)...)
		}
		g.put(2*int(s.Host), clock, lines)
	case story.Fires:
		if t := &g.Timers[m.Index]; !t.Merged {
			g.put(2*int(t.Host), clock, fold(t.Label(), beside))
		}
	case story.Says:
		r := &g.Remarks[m.Index]
		var lines []string
		for _, t := range r.Lines() {
			if r.Strong {
				t = "* " + t
			}
			lines = append(lines, fold(t, beside)...)
		}
		g.put(2*int(r.Host), clock, lines)
	case story.BulkBegins:
		var lines []string
		for _, t := range g.Bulks[m.Index].Lines() {
			for _, l := range fold(t, g.link-4) {
				lines = append(lines, center(l, g.link))
			}
		}
		rule := " " + strings.Repeat(": ", (g.link-1)/2)
		lines = append(append([]string{rule}, lines...), rule)
		g.put(1, clock, lines)
	case story.BulkEnds:
		g.at = max(g.at, len(g.lines))
	}
}

func (g *grid) write(out *bytes.Buffer, o Options) {
	title := g.Title
	if o.Title != "" {
		title = story.ASCII(o.Title)
	}
	caption := g.Caption
	if o.Version != "" {
		caption += ", tcpsim " + story.ASCII(o.Version)
	}
	fmt.Fprintf(out, "%s\n%s\n\n", title, caption)
	left := gutter + beside + 1
	head := center(g.Headers[0], 2*left) // its middle is the lifeline
	if i := len(strings.TrimRight(head, " ")); i > left+g.link/2 {
		head = g.Headers[0]
	}
	pad := left + g.link + 1 - len(g.Headers[1])/2 - len(head)
	fmt.Fprintf(out, "%s%s%s\n", head, strings.Repeat(" ", max(2, pad)), g.Headers[1])
	line := [2]byte{'|', '|'}
	for _, l := range g.lines {
		line[0], line[1] = '|', '|'
		if l.gap {
			line[0], line[1] = '~', '~'
		}
		text := fmt.Sprintf("%*s %*s %c%-*s%c %s",
			gutter-1, l.clock, beside, l.side[0], line[0], g.link, l.link, line[1], l.side[1])
		out.WriteString(strings.TrimRight(text, " "))
		out.WriteByte('\n')
	}
	if g.Ended != "" {
		fmt.Fprintf(out, "\n%s\n", g.Ended)
	}
}
