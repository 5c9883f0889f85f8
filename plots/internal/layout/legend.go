package layout

import (
	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// entry is a glyph or a letter of the graph with its meaning.
type entry struct {
	used   bool
	draw   func(at Pos) // nil where the letter is all
	letter string
	role   Role // of the letter
	text   string
}

// legend puts what the glyphs mean into a strip of its own, above the graph:
// of those glyphs that the graph has.
func (q *sequence) legend() {
	const gap, space = 16 * PointUnit, 4 * PointUnit
	x := edge
	q.y += 16 * PointUnit
	for _, e := range q.entries() {
		if !e.used {
			continue
		}
		glyph, letter := Unit(0), Unit(0)
		if e.draw != nil {
			glyph = 12*PointUnit + space
		}
		if e.letter != "" {
			letter = slack(Width(e.letter, Bold, sizeText)) + space
		}
		w := slack(Width(e.text, Sans, sizeText))
		if x > edge && x+glyph+letter+w > q.width-edge {
			x = edge
			q.y += 18 * PointUnit
		}
		if e.draw != nil {
			e.draw(Pos{x + 6*PointUnit, q.y - 4*PointUnit})
		}
		if e.letter != "" {
			q.label(e.role, q.frame, Pos{x + glyph, q.y}, e.letter, Bold, sizeText)
		}
		q.label(Muted, q.frame, Pos{x + glyph + letter, q.y}, e.text, Sans, sizeText)
		x += glyph + letter + w + gap
	}
}

// entries lists all glyphs, and which of them the graph will have.
func (q *sequence) entries() []entry {
	has := q.glyphs()
	bar := func(dash Dash, role Role, lost bool) func(Pos) {
		return func(at Pos) {
			low, high := at.Y+7*PointUnit, at.Y-7*PointUnit
			q.stroke(Lines, role, q.frame, 3*PointUnit/2, dash, Pos{at.X, low}, Pos{at.X, high})
			q.ends(at.X, low, high, role, q.frame)
			if lost {
				q.cross(at, q.frame)
			}
		}
	}
	step := func(dash Dash, role Role) func(Pos) {
		return func(at Pos) {
			q.stroke(Lines, role, q.frame, thin, dash, at.add(-6*PointUnit, 4*PointUnit), at.add(0, 4*PointUnit), at.add(0, -4*PointUnit), at.add(6*PointUnit, -4*PointUnit))
		}
	}
	area := func(role Role) func(Pos) {
		return func(at Pos) {
			q.box(Lines, role, q.frame, rect(at.X-4*PointUnit, at.Y-4*PointUnit, at.X+4*PointUnit, at.Y+4*PointUnit))
		}
	}
	flag := func(k story.Kind) func(Pos) { return func(at Pos) { q.flag(k, at, q.frame) } }
	entries := []entry{
		{used: has.data, draw: bar(Solid, RoleData, false), text: "data"},
		{used: has.again, draw: bar(Dashed, RoleData, false), letter: "R", role: RoleData, text: "retransmission"},
		{used: has.lost, draw: bar(Dotted, RoleData, true), text: "lost"},
	}
	if q.many {
		entries = []entry{
			{used: has.data, draw: area(RoleData), text: "data"},
			{used: has.again, draw: area(RoleSyn), text: "retransmission, above the data"},
			{used: has.lost, draw: area(RoleRst), text: "lost, below the data"},
		}
	}
	return append(entries,
		entry{used: has.probe, letter: "P", role: RoleData, text: "probe of a zero window"},
		entry{used: has.syn, draw: flag(story.Syn), text: "SYN"},
		entry{used: has.fin, draw: flag(story.Fin), text: "FIN"},
		entry{used: has.ack, draw: step(Solid, RoleAck), text: "acknowledged"},
		entry{used: has.same && !q.many, draw: func(at Pos) {
			q.stroke(Lines, RoleAck, q.frame, thin, Solid, at.add(-6*PointUnit, 0), at.add(6*PointUnit, 0))
			q.stroke(Lines, RoleAck, q.frame, thin, Solid, at, at.add(0, 4*PointUnit))
		}, text: "the same ACK again"},
		entry{used: has.third && !q.many, letter: "3", role: RoleAck, text: "for the third time"},
		entry{used: has.window && !q.many, draw: step(Dashed, RoleWindow), text: "end of the receive window"},
		entry{used: has.zero && !q.many, letter: "Z", role: RoleRst, text: "zero window"},
		entry{used: has.sack && !q.many, draw: bar(Solid, RoleSack, false), letter: "S", role: RoleSack, text: "SACK block"},
		entry{used: has.rst, draw: func(at Pos) {
			q.stroke(Lines, RoleRst, q.frame, 3*PointUnit/2, Dashed, at.add(0, 8*PointUnit), at.add(0, -8*PointUnit))
		}, text: "RST"},
	)
}

// glyphs is which of the glyphs a graph has.
type glyphs struct {
	data, again, lost, probe, syn, fin, rst, ack, same, third, window, zero, sack bool
}

func (q *sequence) glyphs() (has glyphs) {
	type said struct {
		ack, window int64
		times       int
	}
	var last [2]said
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if !q.inside(s) {
			continue
		}
		kind := story.KindOf(s)
		if kind == story.Rst {
			has.rst = true
			continue
		}
		has.data = has.data || s.Len > 0 && !s.Retransmission && s.Lost == ""
		has.again = has.again || s.Retransmission
		has.lost = has.lost || s.Lost != ""
		has.probe = has.probe || s.Probe
		has.syn = has.syn || kind == story.Syn
		has.fin = has.fin || kind == story.Fin
		if !s.Flags.Has(wire.ACK) || !s.Arrived {
			continue
		}
		now := said{ack: int64(s.Ack), window: int64(s.Ack) + q.shifts.Window(s)}
		if before := last[s.From]; before.ack == now.ack && before.window == now.window && kind == story.Ack {
			has.same, now.times = true, before.times+1
			has.third = has.third || now.times == 3
		}
		last[s.From] = now
		has.ack = true
		has.window = has.window || now.window <= q.panels[s.From.Peer()].high
		has.zero = has.zero || s.Window == 0
		has.sack = has.sack || len(q.Sacks(s)) > 0
	}
	return has
}
