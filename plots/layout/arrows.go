package layout

import (
	"fmt"

	"github.com/tcpsim/tcpsim/plots/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// The measures of an arrow.
const (
	labelStart  = 17 * PointUnit // from the lifeline: room for a head
	labelBelow  = 2 * PointUnit  // from the line
	thin        = 12 * PointUnit / 10
	thick       = 24 * PointUnit / 10
	headLength  = 8 * PointUnit
	headHalf    = 3 * PointUnit
	crossHalf   = 9 * PointUnit / 2
	lostPercent = 62
	flyPercent  = 85
	fullBand    = 12 // more lines than that are drawn as an area
)

func roleOf(k story.Kind) Role {
	switch k {
	case story.Data:
		return RoleData
	case story.Ack:
		return RoleAck
	case story.Rst:
		return RoleRst
	}
	return RoleSyn
}

// arrows lays out what went over the link.
func (l *ladder) arrows() {
	for i := range l.Arrows {
		a := &l.Arrows[i]
		group := l.group(l.segmentGroup(a))
		l.label(i, a, group)
		for part, at := range a.Segments {
			l.crossBody(i, part, at)
		}
		l.draw = append(l.draw, func() { l.drawArrow(i, a, group) })
	}
}

func (l *ladder) segmentGroup(a *story.Arrow) Group { return segmentGroup(l.Story, a) }

func segmentGroup(s *story.Story, a *story.Arrow) Group {
	g := Group{Kind: Segment, Hover: s.Hover(a)}
	for _, i := range a.Segments {
		seg := &s.Trace.Segments[i]
		if seg.Cause != nil {
			g.Causes++
		}
		if n := len(g.Shows); n > 0 && g.Shows[n-1].Last+1 == seg.Number {
			g.Shows[n-1].Last++
			continue
		}
		g.Shows = append(g.Shows, Range{seg.Number, seg.Number})
	}
	g.ID = fmt.Sprintf("segment-%d", s.Trace.Segments[a.Segments[0]].Number)
	return g
}

// ends of the line of one segment, as if it went all the way.
func (l *ladder) path(arrow, part int) (from, to Pos) {
	a := &l.Arrows[arrow]
	f := l.ends[arrow][part]
	x0, x1 := l.line[a.From], l.line[a.From.Peer()]
	dir := Unit(1)
	if x1 < x0 {
		dir = -1
	}
	from = Pos{x0 + dir*bandHalf, l.y(f.send)}
	to = Pos{x1 - dir*bandHalf, l.y(f.end)}
	if a.Injected != "" {
		from.X = (x0 + x1) / 2
	}
	return from, to
}

func along(a, b Pos, percent Unit) Pos {
	return Pos{a.X + (b.X-a.X)*percent/100, a.Y + (b.Y-a.Y)*percent/100}
}

// label plans the text at the sender's end of an arrow: below its line, along
// the slope.
func (l *ladder) label(i int, a *story.Arrow, group int) {
	span := l.line[1] - l.line[0] - 2*bandHalf
	room := span * 52 / 100
	start := Unit(labelStart)
	if a.Injected != "" {
		room, start = span*42/100, 9*PointUnit
		if a.Lost > 0 {
			room = span * 26 / 100 // up to the cross
		}
	}
	font := Sans
	if a.Kind == story.Rst {
		font = Bold
	}
	lines := wrap(a.Label, font, sizeText, room*100/115)
	bold := len(lines)
	if a.Lost == 0 && a.Injected == "" {
		room = span * 64 / 100
	}
	for _, w := range a.Words {
		lines = append(lines, wrapParts(w, Sans, sizeText, room*100/115)...)
	}
	widest := Unit(0)
	widths := make([]Unit, len(lines))
	for n, t := range lines {
		f := Sans
		if n < bold {
			f = font
		}
		widths[n] = Width(t, f, sizeText)
		widest = max(widest, widths[n])
	}
	last := len(a.Segments) - 1
	quad := func(n int, w Unit) Quad {
		from, to := l.path(i, last)
		o := labelBelow + Unit(n)*lineHeight
		if steep(from, to) {
			return level(from, free(a, from, to), start, slack(w), o+PointUnit/2, o+lineHeight-PointUnit/2)
		}
		d := start + lean(from, to, o+lineHeight)
		return sloped(from, to, d, d+slack(w), o+PointUnit/2, o+lineHeight-PointUnit/2)
	}
	l.bodies = append(l.bodies, body{
		row: l.ends[i][last].send, label: true,
		place: func() Quad {
			from, to := l.path(i, last)
			o := labelBelow + Unit(len(lines))*lineHeight
			if steep(from, to) {
				return level(from, free(a, from, to), start, slack(widest), labelBelow, o)
			}
			return sloped(from, to, start, start+lean(from, to, o)+slack(widest), labelBelow, o)
		},
	})
	// The next line from this side leaves below this label.
	if next := l.nextSend(i); next >= 0 {
		l.rows.atLeast(l.ends[i][last].send, next, Unit(len(lines))*lineHeight+2*labelBelow)
	}
	l.draw = append(l.draw, func() {
		for n, t := range lines {
			f, role := Sans, roleOf(a.Kind)
			if n < bold {
				f = font
			}
			from, to := l.path(i, last)
			leftward := to.X < from.X
			if steep(from, to) {
				leftward = free(a, from, to).X < from.X
			}
			l.slopedText(quad(n, widths[n]), t, f, role, group, leftward, n >= bold && a.Kind == story.Rst)
		}
	})
}

// lean is how far a text that lies o below a line from a to b must start later
// along it, not to lean over the lifeline where the line is steep.
func lean(a, b Pos, o Unit) Unit {
	dx, dy := b.X-a.X, b.Y-a.Y
	if dx < 0 {
		dx = -dx
	}
	if dx == 0 {
		return 0
	}
	return o * dy / dx
}

// steep reports whether a line falls so much that its label is written level,
// beside its start: along the line it would slide down with it for ever.
func steep(a, b Pos) bool { return b.Y-a.Y > b.X-a.X && b.Y-a.Y > a.X-b.X }

// free is where a level label may run from the start of a steep line from a to
// b: along the line, or for a line that starts between the lifelines away from
// it, where there is room too.
func free(arrow *story.Arrow, a, b Pos) Pos {
	if arrow.Injected != "" {
		b.X = 2*a.X - b.X
	}
	return b
}

// level is the place of a level text at the start of a line from a to b. Its
// corners are in the order of a text along the line.
func level(a, b Pos, start, w, o0, o1 Unit) Quad {
	if b.X < a.X {
		start, w = -start, -w
	}
	return rect(a.X+start, a.Y+o0, a.X+start+w, a.Y+o1)
}

// nextSend is the row in which the sender of arrow i sends the next one.
func (l *ladder) nextSend(i int) int {
	for j := i + 1; j < len(l.Arrows); j++ {
		if l.Arrows[j].From == l.Arrows[i].From {
			if row := l.ends[j][0].send; row > l.ends[i][len(l.ends[i])-1].send {
				return row
			}
		}
	}
	return -1
}

// slopedText writes into a quad whose edges follow a line. The quad of a line
// that runs to the left begins at its right end.
func (l *ladder) slopedText(q Quad, text string, f Font, role Role, group int, leftward, cause bool) {
	a, b, under := q[0], q[1], q[3]
	if leftward {
		a, b, under = q[1], q[0], q[2]
		// The slack is at the sender's end then; shift the text towards it.
		w := Width(text, f, sizeText)
		rest := slack(w) - w
		if n := slack(w); n > 0 {
			dx, dy := (b.X-a.X)*rest/n, (b.Y-a.Y)*rest/n
			a, under = a.add(dx, dy), under.add(dx, dy)
		}
	}
	base := Pos{a.X + (under.X-a.X)*80/100, a.Y + (under.Y-a.Y)*80/100}
	to := Pos{base.X + b.X - a.X, base.Y + b.Y - a.Y}
	w := Width(text, f, sizeText)
	l.box(Labels, Paper, group, sloped(base, to, -PointUnit, w+PointUnit, -ascent(sizeText), descent(sizeText)))
	l.add(Mark{
		Layer: Labels, Shape: Text, Role: role, Group: group, Points: []Pos{base, to},
		Text: text, Font: f, Size: sizeText, Box: q, Cause: cause,
	})
}

// crossBody keeps labels off the cross of a lost segment, and plans the name
// of the rule that lost it.
func (l *ladder) crossBody(i, part, segment int) {
	s := &l.Trace.Segments[segment]
	a := &l.Arrows[i]
	row := l.ends[i][part].send
	if a.Refused {
		l.bodies = append(l.bodies, body{row: l.ends[i][part].end, place: func() Quad {
			c := l.refusal(i, part)
			return rect(c.X-crossHalf, c.Y-crossHalf, c.X+crossHalf, c.Y+crossHalf)
		}})
	}
	if s.Lost == "" {
		return
	}
	cross := func() Pos {
		from, to := l.path(i, part)
		return along(from, to, lostPercent)
	}
	l.bodies = append(l.bodies, body{row: row, place: func() Quad {
		c := cross()
		return rect(c.X-crossHalf, c.Y-crossHalf, c.X+crossHalf, c.Y+crossHalf)
	}})
	if a.Loss == "" {
		return
	}
	room := (l.line[1]-l.line[0])*(100-lostPercent)/100 - 22*PointUnit
	if a.Injected != "" {
		room = (l.line[1]-l.line[0])*(100-lostPercent)/200 - 16*PointUnit
	}
	lines := wrap("lost: "+a.Loss, Bold, sizeText, room*100/115)
	widest := Unit(0)
	for _, t := range lines {
		widest = max(widest, Width(t, Bold, sizeText))
	}
	block := func() Quad {
		c := cross()
		x := c.X + crossHalf + 4*PointUnit
		if a.From == trace.Server {
			x = c.X - crossHalf - 4*PointUnit - slack(widest)
		}
		y := c.Y - 5*PointUnit
		return rect(x, y, x+slack(widest), y+Unit(len(lines))*lineHeight)
	}
	l.bodies = append(l.bodies, body{row: row, label: true, place: block})
	group := l.lastGroup()
	l.draw = append(l.draw, func() {
		q := block()
		l.box(Labels, Paper, group, q)
		for n, t := range lines {
			x := q[0].X
			if a.From == trace.Server {
				x = q[1].X - slack(Width(t, Bold, sizeText))
			}
			l.text(Labels, RoleRst, group, Pos{x, q[0].Y + Unit(n)*lineHeight + 9*PointUnit}, t, Bold, sizeText)
		}
	})
}

func (l *ladder) lastGroup() int { return len(l.groups) - 1 }
