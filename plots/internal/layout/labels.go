package layout

import "github.com/tcpsim/tcpsim/plots/internal/story"

// label plans the text at the sender's end of an arrow: below its line, along
// the slope.
func (l *ladder) label(i int, a *story.Arrow, group int) {
	span := l.line[1] - l.line[0] - 2*bandHalf
	room := span * 64 / 100
	start := Unit(labelStart)
	switch {
	case a.Injected != "" && a.Lost > 0:
		room, start = span*26/100, 9*PointUnit // up to the cross
	case a.Injected != "" && a.Refused:
		room, start = span/2-refusalSize-15*PointUnit, 9*PointUnit // up to the hollow cross
		if a.Kind == story.Rst {
			room -= secondHead
		}
	case a.Injected != "":
		room, start = span*46/100, 9*PointUnit
	case a.Lost > 0:
		room = span * 52 / 100
	}
	font := Sans
	if a.Kind == story.Rst {
		font = Bold
	}
	lines := wrap(a.Label, font, sizeText, room*100/115)
	bold := len(lines)
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
	l.box(Halos, Paper, group, sloped(base, to, -PointUnit, w+PointUnit, -ascent(sizeText), descent(sizeText)))
	l.add(Mark{
		Layer: Labels, Shape: Text, Role: role, Group: group, Points: []Pos{base, to},
		Text: text, Font: f, Size: sizeText, Box: q, Cause: cause,
	})
}
