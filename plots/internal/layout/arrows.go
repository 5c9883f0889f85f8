package layout

import (
	"fmt"

	"github.com/tcpsim/tcpsim/plots/internal/story"
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
	secondHead  = 7 * PointUnit // behind the first, of a RST
	crossHalf   = 9 * PointUnit / 2
	refusalHalf = 45 * PointUnit / 10
	refusalSize = headLength + 2*refusalHalf + 3*PointUnit // with the head before it
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

// crossBody keeps labels off the cross of a lost segment, and plans the name
// of the rule that lost it.
func (l *ladder) crossBody(i, part, segment int) {
	s := &l.Trace.Segments[segment]
	a := &l.Arrows[i]
	row := l.ends[i][part].send
	if a.Refused {
		l.bodies = append(l.bodies, body{row: l.ends[i][part].end, place: func() Quad {
			c := l.refusal(i, part)
			return rect(c.X-refusalHalf, c.Y-refusalHalf, c.X+refusalHalf, c.Y+refusalHalf)
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
		l.box(Halos, Paper, group, q)
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
