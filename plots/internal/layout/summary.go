package layout

import (
	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// summary draws a long trace as what its segments cover: for each point of
// width and height, whether there is data, a retransmission or a loss. What it
// takes depends on the size of the picture and not on the length of the trace.
func (q *sequence) summary() {
	g := Group{Kind: Block, ID: "segments", Hover: "each mark stands for all segments of its place"}
	columns := int((q.right-q.left)/PointUnit) + 1
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if !q.inside(s) {
			continue
		}
		if n := len(g.Shows); n > 0 && g.Shows[n-1].Last+1 == s.Number {
			g.Shows[n-1].Last++
		} else {
			g.Shows = append(g.Shows, Range{s.Number, s.Number})
		}
	}
	q.rest = q.group(g)
	for side := range q.panels {
		p := &q.panels[side]
		q.cover(p, columns, RoleData, 0, func(s *trace.Segment) bool {
			return s.Len > 0 && !s.Retransmission && s.Lost == ""
		})
		q.cover(p, columns, RoleSyn, -beside, func(s *trace.Segment) bool { return s.Retransmission && s.Lost == "" })
		q.cover(p, columns, RoleRst, beside, func(s *trace.Segment) bool { return s.Lost != "" })
		q.ackSummary(p, columns)
	}
	marked := 0
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if q.inside(s) && s.Flags&(wire.SYN|wire.FIN) != 0 && s.Flags&wire.RST == 0 && marked < rulesLimit {
			marked++
			q.data(s, q.x(q.seenAt(s, s.From)), q.rest)
		}
	}
	q.strip = append(q.strip, "too many segments to draw each: every mark stands for all of its place; draw a part of the time to see each")
}

// beside is how far from the data the marks of what was lost or sent again
// stand: their place tells them apart, not their colour alone.
const beside = 6 * PointUnit

// cover draws, column by column, the stretches that some segments cover, down
// below where they are.
func (q *sequence) cover(p *panel, columns int, role Role, down Unit, want func(*trace.Segment) bool) {
	rows := int(p.height / PointUnit)
	seen := make([]bool, columns*(rows+1))
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if s.From != p.from || !q.inside(s) || story.KindOf(s) == story.Rst || !want(s) {
			continue
		}
		c := int((q.x(q.seenAt(s, s.From)) - q.left) / PointUnit)
		low := int((p.y(int64(s.Seq)) - p.top) / PointUnit)
		high := int((p.y(int64(s.Seq)+int64(s.Len)) - p.top) / PointUnit)
		for r := max(0, high); r <= min(low, rows); r++ {
			seen[c*(rows+1)+r] = true
		}
	}
	for c := range columns {
		for r := 0; r <= rows; r++ {
			if !seen[c*(rows+1)+r] {
				continue
			}
			end := r
			for end < rows && seen[c*(rows+1)+end+1] {
				end++
			}
			x := q.left + Unit(c)*PointUnit
			y := p.top + down
			q.box(Lines, role, q.rest, rect(x, y+Unit(r)*PointUnit, x+PointUnit, y+Unit(end+1)*PointUnit))
			r = end
		}
	}
}

// ackSummary draws the step of the highest acknowledgement per column.
func (q *sequence) ackSummary(p *panel, columns int) {
	highest := make([]int64, columns)
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if s.From == p.from || !s.Flags.Has(wire.ACK) || s.Flags.Has(wire.RST) || !q.inside(s) || s.Lost != "" {
			continue
		}
		c := int((q.x(q.seenAt(s, p.from)) - q.left) / PointUnit)
		highest[c] = max(highest[c], int64(s.Ack)+1)
	}
	var points []Pos
	best := int64(0)
	for c, v := range highest {
		if v <= best {
			continue
		}
		x := q.left + Unit(c)*PointUnit
		if best > 0 {
			points = append(points, Pos{x, p.y(best - 1)})
		}
		best = v
		points = append(points, Pos{x, p.y(best - 1)})
	}
	if best > 0 {
		points = append(points, Pos{q.right, p.y(best - 1)})
		q.stroke(Lines, RoleAck, q.rest, thin, Solid, points...)
	}
}
