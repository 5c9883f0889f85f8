package layout

import "github.com/tcpsim/tcpsim/plots/story"

// entry is a glyph of the legend with its meaning.
type entry struct {
	text string
	draw func(q *sequence, at Pos)
}

// legend puts what the glyphs mean into a strip of its own, above the graph.
func (q *sequence) legend() {
	bar := func(dash Dash, role Role) func(*sequence, Pos) {
		return func(q *sequence, at Pos) {
			q.stroke(Lines, role, q.frame, 3*PointUnit/2, dash, at.add(0, 5*PointUnit), at.add(0, -5*PointUnit))
		}
	}
	step := func(dash Dash, role Role) func(*sequence, Pos) {
		return func(q *sequence, at Pos) {
			q.stroke(Lines, role, q.frame, thin, dash, at.add(-6*PointUnit, 4*PointUnit), at.add(0, 4*PointUnit), at.add(0, -4*PointUnit), at.add(6*PointUnit, -4*PointUnit))
		}
	}
	entries := []entry{
		{"data", bar(Solid, RoleData)},
		{"R retransmission", bar(Dashed, RoleData)},
		{"lost", func(q *sequence, at Pos) { q.cross(at, q.frame) }},
		{"SYN", func(q *sequence, at Pos) { q.flag(story.Syn, at, q.frame) }},
		{"FIN", func(q *sequence, at Pos) { q.flag(story.Fin, at, q.frame) }},
		{"cumulative ACK, a tick per duplicate, 3 the third", step(Solid, RoleAck)},
		{"ACK + receive window", step(Dashed, RoleWindow)},
		{"S SACK", bar(Solid, RoleSack)},
		{"RST", func(q *sequence, at Pos) {
			q.stroke(Lines, RoleRst, q.frame, 3*PointUnit/2, Dashed, at.add(0, 6*PointUnit), at.add(0, -6*PointUnit))
		}},
		{"Z zero window, P probe", nil},
	}
	x := edge
	q.y += 14 * PointUnit
	for _, e := range entries {
		w := slack(Width(e.text, Sans, sizeText))
		glyph := Unit(0)
		if e.draw != nil {
			glyph = 18 * PointUnit
		}
		if x+glyph+w > q.width-edge {
			x = edge
			q.y += 15 * PointUnit
		}
		if e.draw != nil {
			e.draw(q, Pos{x + 7*PointUnit, q.y - 4*PointUnit})
		}
		q.label(Muted, q.frame, Pos{x + glyph, q.y}, e.text, Sans, sizeText)
		x += glyph + w + 8*PointUnit
	}
}
