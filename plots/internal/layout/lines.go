package layout

import (
	"github.com/tcpsim/tcpsim/plots/internal/story"
)

// drawArrow draws the lines, heads and crosses of an arrow.
func (l *ladder) drawArrow(i int, a *story.Arrow, group int) {
	role := roleOf(a.Kind)
	if n := len(a.Segments); n > fullBand {
		f0, t0 := l.path(i, 0)
		f1, t1 := l.path(i, n-1)
		l.fill(Grid, BlockFill, group, f0, t0, t1, f1)
	}
	if a.Injected != "" {
		from, _ := l.path(i, 0)
		l.middlebox(from, group)
	}
	for part, segment := range a.Segments {
		s := &l.Trace.Segments[segment]
		from, to := l.path(i, part)
		edgeLine := part == 0 || part == len(a.Segments)-1
		if len(a.Segments) > fullBand && !edgeLine && s.Lost == "" {
			continue
		}
		dash, width := Solid, Unit(thin)
		if a.Retransmission {
			dash = Dashed
		}
		if a.Kind == story.Rst {
			width = thick
		}
		switch {
		case s.Lost != "":
			stop := along(from, to, lostPercent)
			if len(a.Segments) <= fullBand || edgeLine {
				l.stroke(Lines, role, group, width, dash, from, stop)
			}
			l.cross(stop, group)
		case !s.Arrived:
			l.stroke(Lines, role, group, width, Dotted, from, along(from, to, flyPercent))
		default:
			l.stroke(Lines, role, group, width, dash, from, to)
			l.head(from, to, role, group, a.Kind == story.Rst)
			if a.Refused {
				l.hollow(l.refusal(i, part), role, group)
			}
		}
	}
}

// refusal is the place of the hollow cross: behind the head, with a piece of
// the line between.
func (l *ladder) refusal(arrow, part int) Pos {
	from, to := l.path(arrow, part)
	d := Unit(refusalSize - refusalHalf)
	if l.Arrows[arrow].Kind == story.Rst {
		d += secondHead
	}
	return back(from, to, d)
}

// back is the point that lies d before the end of a line.
func back(from, to Pos, d Unit) Pos {
	q := sloped(to, from, d, d, 0, 0)
	return q[0]
}

// hollow is the hollow cross of a segment that its receiver refused.
func (l *ladder) hollow(at Pos, role Role, group int) {
	const a, b = 15 * PointUnit / 10, 48 * PointUnit / 10
	// A plus of arm width 2a and reach b+a, turned by 45 degrees.
	plus := [...][2]Unit{
		{-a, -b - a},
		{a, -b - a},
		{a, -a},
		{b + a, -a},
		{b + a, a},
		{a, a},
		{a, b + a},
		{-a, b + a},
		{-a, a},
		{-b - a, a},
		{-b - a, -a},
		{-a, -a},
		{-a, -b - a},
	}
	points := make([]Pos, len(plus))
	for i, p := range plus {
		points[i] = at.add((p[0]-p[1])*707/1000, (p[0]+p[1])*707/1000)
	}
	l.fill(Marks, Paper, group, points...)
	l.stroke(Marks, role, group, PointUnit, Solid, points...)
}

// middlebox is the diamond from which a forged segment comes.
func (l *ladder) middlebox(at Pos, group int) {
	const r = 5 * PointUnit
	points := []Pos{at.add(0, -r), at.add(r, 0), at.add(0, r), at.add(-r, 0), at.add(0, -r)}
	l.fill(Marks, Paper, group, points...)
	l.stroke(Marks, RoleRst, group, thin, Solid, points...)
}

// head is an arrow's head; that of a RST is double.
func (l *ladder) head(from, to Pos, role Role, group int, double bool) {
	length, half := Unit(headLength), Unit(headHalf)
	if double {
		half = 4 * PointUnit
	}
	l.tip(from, to, length, half, role, group)
	if double {
		l.tip(from, back(from, to, secondHead), length, half, role, group)
	}
}

func (l *ladder) tip(from, to Pos, length, half Unit, role Role, group int) {
	q := sloped(to, from, 0, length, -half, half)
	l.fill(Heads, role, group, to, q[1], q[2])
}
