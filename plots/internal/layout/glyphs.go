package layout

import (
	"time"

	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// steps is how far the two step lines of a direction have come: what the
// receiver has acknowledged, and the end of its window.
type steps struct {
	begun    bool
	x        Unit
	ack      int64
	window   int64
	dups     int
	together map[Unit]int // how many of them have one place
	sackAt   Unit         // the last place with SACK blocks, and how many ACKs had some
	sacks    int
}

// segments draws each segment with its glyphs, in the order in which the
// vantage sees them.
func (q *sequence) segments() {
	groups := make(map[int]int)
	fans := q.fans()
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if !q.inside(s) {
			continue
		}
		if story.KindOf(s) == story.Rst {
			continue // has a rule of its own
		}
		groups[i] = q.group(segmentGroup(q.Story, &story.Arrow{Segments: []int{i}, Label: story.Label(s)}))
		q.data(s, fans.next(s.From, q.x(q.seenAt(s, s.From)), s), groups[i])
	}
	for side := range q.panels {
		p := &q.panels[side]
		now := steps{together: q.together(p.from)}
		for _, i := range q.acks(p.from) {
			q.ack(p, &now, &q.Trace.Segments[i], groups[i])
		}
		q.finish(p, &now)
	}
}

// acks are the segments that acknowledge one direction, as the vantage sees
// them; what was lost is never seen at the other end.
func (q *sequence) acks(data trace.Side) (list []int) {
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if s.From == data || !s.Flags.Has(wire.ACK) || s.Flags.Has(wire.RST) || !q.inside(s) {
			continue
		}
		list = append(list, i)
	}
	sortBy(list, func(i int) time.Duration { return q.seenAt(&q.Trace.Segments[i], data) })
	return list
}

// data draws what a segment takes in sequence numbers.
func (q *sequence) data(s *trace.Segment, x Unit, group int) {
	p := &q.panels[s.From]
	low, high := p.y(int64(s.Seq)), p.y(int64(s.Seq)+int64(s.Len))
	kind := story.KindOf(s)
	word := ""
	switch {
	case kind == story.Syn || kind == story.Fin:
		word = [...]string{story.Syn: "SYN", story.Fin: "FIN"}[kind]
		q.flag(kind, Pos{x, high}, group)
	case s.Len == 0 && s.Flags.Has(wire.ACK):
		return // only acknowledges
	case s.Len == 0:
		q.stroke(Lines, RoleAck, group, thin, Solid, Pos{x, low + 3*PointUnit}, Pos{x, low - 3*PointUnit})
	}
	if s.Len > 0 {
		dash := Solid
		if s.Lost != "" {
			dash = Dotted
		} else if s.Retransmission {
			dash = Dashed
		}
		q.stroke(Lines, roleOf(story.Data), group, 3*PointUnit/2, dash, Pos{x, low}, Pos{x, high})
		q.take(rect(x-PointUnit, high, x+PointUnit, low))
		q.ends(x, low, high, roleOf(story.Data), group)
	}
	if s.Retransmission {
		word = join("R", word)
	}
	if s.Probe {
		word = join("P", word)
	}
	if s.Lost != "" {
		at := Pos{x, (low + high) / 2}
		q.cross(at, group)
		q.take(rect(at.X-crossHalf, at.Y-crossHalf, at.X+crossHalf, at.Y+crossHalf))
		if word != "" && kind != story.Data {
			word += " (lost)"
		}
	}
	if word != "" {
		w := Width(word, Bold, sizeText)/2 + 5*PointUnit // to the middle of a text beside the bar
		q.later = append(q.later, func() {
			q.try(roleOf(kind), group, word, Bold,
				Pos{x, high - 7*PointUnit}, Pos{x + w, high + 4*PointUnit}, Pos{x + w, (low + high) / 2},
				Pos{x - w, high + 4*PointUnit}, Pos{x - w, (low + high) / 2}, Pos{x + w, low}, Pos{x, low + 15*PointUnit},
				Pos{x, high - 18*PointUnit}, Pos{x, low + 27*PointUnit})
		})
	}
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + b
}

// cross is the cross of a lost segment.
func (c *canvas) cross(at Pos, group int) {
	const h = crossHalf
	c.stroke(Marks, RoleRst, group, 2*PointUnit, Solid, at.add(-h, -h), at.add(h, h))
	c.stroke(Marks, RoleRst, group, 2*PointUnit, Solid, at.add(-h, h), at.add(h, -h))
}

// ends are the arrow ends of a bar that is long enough for them.
func (q *sequence) ends(x, low, high Unit, role Role, group int) {
	const w, h = 5 * PointUnit / 2, 3 * PointUnit
	if low-high < 3*h {
		return
	}
	q.stroke(Heads, role, group, PointUnit, Solid, Pos{x - w, high + h}, Pos{x, high}, Pos{x + w, high + h})
	q.stroke(Heads, role, group, PointUnit, Solid, Pos{x - w, low - h}, Pos{x, low}, Pos{x + w, low - h})
}

// flag is the glyph of a SYN, a triangle, or of a FIN, a square: of one size
// whatever the scale.
func (q *sequence) flag(k story.Kind, at Pos, group int) {
	const r = 7 * PointUnit / 2
	q.take(rect(at.X-r, at.Y-r, at.X+r, at.Y+r))
	if k == story.Syn {
		q.fill(Marks, RoleSyn, group, at.add(0, -r), at.add(r, r), at.add(-r, r))
		return
	}
	square := []Pos{at.add(-r, -r), at.add(r, -r), at.add(r, r), at.add(-r, r), at.add(-r, -r)}
	q.fill(Marks, Paper, group, square...)
	q.stroke(Marks, RoleSyn, group, thin, Solid, square...)
}

// ack carries the two step lines on.
func (q *sequence) ack(p *panel, now *steps, s *trace.Segment, group int) {
	sender := p.from
	lostAway := !s.Arrived && q.viewOf(sender) != s.From
	x := q.x(q.seenAt(s, sender))
	ack := int64(s.Ack)
	pure := s.Len == 0 && s.Flags&(wire.SYN|wire.FIN) == 0
	if lostAway {
		switch at := (Pos{x, p.y(ack)}); {
		case pure && s.Lost != "":
			q.cross(at, group) // nobody learned of it
		case pure:
			q.stroke(Lines, RoleAck, group, thin, Dotted, at.add(0, 4*PointUnit), at.add(0, -4*PointUnit))
		}
		return
	}
	window := ack + q.shifts.Window(s)
	if !now.begun {
		now.begun, now.x, now.ack, now.window = true, x, ack, window
		q.stroke(Lines, RoleAck, group, thin, Solid, Pos{x, p.y(ack) + 3*PointUnit}, Pos{x, p.y(ack) - 3*PointUnit})
	} else {
		from := Pos{now.x, p.y(now.ack)}
		switch {
		case ack > now.ack:
			q.stroke(Lines, RoleAck, group, thin, Solid, from, Pos{x, from.Y}, Pos{x, p.y(ack)})
			now.dups = 0
		case !pure:
			q.stroke(Lines, RoleAck, group, thin, Solid, from, Pos{x, from.Y})
		default:
			q.stroke(Lines, RoleAck, group, thin, Solid, from, Pos{x, from.Y}, Pos{x, from.Y + 4*PointUnit})
			if ack == now.ack && window == now.window {
				if now.dups++; now.dups == 3 {
					q.later = append(q.later, func() {
						q.try(RoleAck, group, "3", Bold, Pos{x + 6*PointUnit, from.Y + 12*PointUnit}, Pos{x, from.Y + 14*PointUnit})
					})
				}
			}
		}
		y0, y1 := p.y(now.window), p.y(window)
		if now.window <= p.high || window <= p.high { // clipped to the data
			q.stroke(Grid, RoleWindow, group, PointUnit, Dashed, Pos{now.x, y0}, Pos{x, y0}, Pos{x, y1})
		}
		now.x, now.ack, now.window = x, max(now.ack, ack), window
	}
	if s.Window == 0 {
		y := p.y(ack)
		q.later = append(q.later, func() {
			q.try(RoleRst, group, "Z", Bold, Pos{x, y - 5*PointUnit}, Pos{x, y + 13*PointUnit})
		})
	}
	if blocks := q.Sacks(s); len(blocks) > 0 {
		if now.sackAt != x {
			now.sackAt, now.sacks = x, 0
		}
		now.sacks++
		at := x - 5*PointUnit - min(Unit(now.sacks-1)*3*PointUnit, fanWide*Unit(now.sacks-1)/Unit(max(1, now.together[x])))
		for _, b := range blocks {
			q.sack(p, at, b, group, now.together[x])
		}
	}
}

// together counts the ACKs with SACK blocks that one place has.
func (q *sequence) together(data trace.Side) map[Unit]int {
	n := make(map[Unit]int)
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if s.From != data && q.inside(s) && len(q.Sacks(s)) > 0 {
			n[q.x(q.seenAt(s, data))]++
		}
	}
	return n
}

// viewOf is the host at which one direction is seen.
func (q *sequence) viewOf(sender trace.Side) trace.Side {
	switch q.options.View {
	case FromReceiver:
		return sender.Peer()
	case FromClient:
		return trace.Client
	case FromServer:
		return trace.Server
	}
	return sender
}

func (q *sequence) sack(p *panel, x Unit, b [2]uint32, group, together int) {
	w, line := Unit(3*PointUnit), Unit(3*PointUnit/2)
	if together > 8 {
		w, line = PointUnit, PointUnit/2
	}
	low, high := p.y(int64(b[0])), p.y(int64(b[1]))
	q.stroke(Lines, RoleSack, group, line, Solid, Pos{x, low}, Pos{x, high})
	for _, y := range [...]Unit{low, high} {
		q.stroke(Lines, RoleSack, group, line, Solid, Pos{x - w, y}, Pos{x + w, y})
	}
	q.take(rect(x-w, high, x+w, low))
	q.later = append(q.later, func() {
		q.try(RoleSack, group, "S", Bold, Pos{x, high - 3*PointUnit})
	})
}

// finish draws the step lines to the end.
func (q *sequence) finish(p *panel, now *steps) {
	if !now.begun || now.x >= q.right {
		return
	}
	y := p.y(now.ack)
	q.stroke(Lines, RoleAck, q.frame, thin, Solid, Pos{now.x, y}, Pos{q.right, y})
	if now.window <= p.high {
		y := p.y(now.window)
		q.stroke(Grid, RoleWindow, q.frame, PointUnit, Dashed, Pos{now.x, y}, Pos{q.right, y})
	}
}
