package layout

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// beside lays out what stands outside the lifelines: states with their causes,
// timers, and what was done to the hosts.
func (l *ladder) beside() {
	lanes := l.lanes()
	for row := range l.Moments {
		m := &l.Moments[row]
		switch m.Kind {
		case story.Changes:
			l.state(row, &l.States[m.Index])
		case story.Fires:
			l.timer(row, &l.Timers[m.Index], lanes[m.Index])
		case story.Says:
			r := &l.Remarks[m.Index]
			font := Mono
			if r.Strong {
				font = Bold
			}
			group := l.group(Group{Kind: Remark, ID: fmt.Sprintf("remark-%d", m.Index+1), Hover: story.Clock(m.At) + ": " + r.Text()})
			var lines []string
			for _, t := range r.Lines() {
				lines = append(lines, wrapColumn(t, font, l.columnWidth())...)
			}
			l.aside(row, r.Host, "", lines, font, Ink, group)
		}
	}
}

func (l *ladder) columnWidth() Unit {
	return l.width - edge - l.line[trace.Server] - columnGap
}

// wrapColumn breaks a text for the column beside a lifeline.
func wrapColumn(text string, f Font, w Unit) []string { return wrap(text, f, sizeText, w*100/115) }

func (l *ladder) state(row int, s *story.State) {
	group := l.group(Group{
		Kind: State, ID: fmt.Sprintf("state-%d", s.Index+1), States: 1,
		Hover: fmt.Sprintf("%s: %s %s > %s", story.Clock(l.Moments[row].At), s.Host, s.From, s.To),
	})
	var lines []string
	if s.Listener {
		text := "listener CLOSED"
		if len(s.Cause) > 0 {
			text += ": " + strings.Join(s.Cause, ", ")
		}
		l.aside(row, s.Host, "", wrapColumn(text, Mono, l.columnWidth()), Mono, Muted, group)
		return
	}
	for _, c := range s.Cause {
		lines = append(lines, wrapColumn(c, Mono, l.columnWidth())...)
	}
	l.aside(row, s.Host, s.Name(), lines, Mono, Muted, group)
}

// aside plans a block beside a lifeline: a tag, and lines beneath it. Without
// a tag the first line takes its place.
func (l *ladder) aside(row int, side trace.Side, tag string, lines []string, f Font, role Role, group int) {
	const pad = 5 * PointUnit
	widest := Unit(0)
	for _, t := range lines {
		widest = max(widest, slack(Width(t, f, sizeText)))
	}
	tagWidth := Unit(0)
	if tag != "" {
		tagWidth = slack(Width(tag, Bold, sizeText)) + 2*pad
		widest = max(widest, tagWidth)
	}
	height := 2*tagHalf + Unit(len(lines))*lineHeight
	if tag == "" {
		height = 2*tagHalf + Unit(len(lines)-1)*lineHeight
	}
	height += 3 * PointUnit
	near := l.line[side] - columnGap // the edge that faces the lifeline
	if side == trace.Server {
		near = l.line[side] + columnGap
	}
	block := func() Quad {
		y := l.y(row) - tagHalf
		if side == trace.Client {
			return rect(near-widest, y, near, y+height)
		}
		return rect(near, y, near+widest, y+height)
	}
	l.bodies = append(l.bodies, body{row: row, label: true, place: block})
	l.draw = append(l.draw, func() {
		y := l.y(row)
		left := func(w Unit) Unit { // of something w wide, and its slack
			if side == trace.Client {
				return near - w
			}
			return near
		}
		bandEdge := l.line[side] - bandHalf
		if side == trace.Server {
			bandEdge = l.line[side] + bandHalf
		}
		if tag != "" {
			l.stroke(Lifelines, Ink, group, thin, Solid, Pos{bandEdge, y}, Pos{near, y})
			x := left(tagWidth)
			l.box(Halos, Tag, group, rect(x, y-tagHalf, x+tagWidth, y+tagHalf))
			w := Width(tag, Bold, sizeText)
			l.text(Labels, Ink, group, Pos{x + (tagWidth-w)/2, y + 7*PointUnit/2}, tag, Bold, sizeText)
			y += lineHeight + tagHalf - 5*PointUnit
		} else {
			stop := near + 3*PointUnit
			if side == trace.Server {
				stop = near - 3*PointUnit
			}
			l.stroke(Lifelines, Muted, group, PointUnit/2, Solid, Pos{bandEdge, y}, Pos{stop, y})
		}
		for n, t := range lines {
			w := Width(t, f, sizeText)
			p := Pos{left(w), y + Unit(n)*lineHeight + 7*PointUnit/2}
			l.box(Halos, Paper, group, rect(p.X-PointUnit, p.Y-ascent(sizeText), p.X+w+PointUnit, p.Y+descent(sizeText)))
			l.text(Labels, role, group, p, t, f, sizeText)
		}
	})
}

// timer plans a dotted bracket from when a timer was set to when it fired.
func (l *ladder) timer(row int, t *story.Timer, lane int) {
	group := l.group(Group{
		Kind: Timer, ID: fmt.Sprintf("timer-%d", t.Index+1),
		Hover: fmt.Sprintf("%s: timer %s of %s fires, set at %s", story.Clock(t.To), t.Name, t.Host, story.Clock(t.From)),
	})
	if !t.Merged {
		l.aside(row, t.Host, "", wrapColumn(t.Label(), Mono, l.columnWidth()), Mono, Muted, group)
	}
	if t.Start < 0 {
		return
	}
	l.draw = append(l.draw, func() {
		out := Unit(-1)
		if t.Host == trace.Server {
			out = 1
		}
		base := l.line[t.Host] + out*bandHalf
		x := l.line[t.Host] + out*(7*PointUnit+Unit(lane)*4*PointUnit)
		y0, y1 := l.y(t.Start), l.y(l.shown[row])
		l.stroke(Lifelines, Muted, group, thin, Dotted, Pos{x, y0}, Pos{x, y1})
		l.stroke(Lifelines, Muted, group, thin, Solid, Pos{base, y0}, Pos{x + out*PointUnit, y0})
		l.stroke(Lifelines, Muted, group, thin, Solid, Pos{base, y1}, Pos{x + out*PointUnit, y1})
	})
}

// lanes keeps brackets that run at the same time apart, three at most.
func (l *ladder) lanes() []int {
	lane := make([]int, len(l.Timers))
	var free [2][3]int // the row at which a lane becomes free
	for row := range l.Moments {
		m := &l.Moments[row]
		if m.Kind != story.Fires || l.Timers[m.Index].Start < 0 {
			continue
		}
		t := &l.Timers[m.Index]
		f := &free[t.Host]
		n := 0
		for n < len(f)-1 && f[n] > t.Start {
			n++
		}
		f[n] = row
		lane[m.Index] = n
	}
	return lane
}
