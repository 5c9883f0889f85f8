package layout

import (
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// fans spread the bars of one instant, which would hide each other.
type fans struct {
	at   [2]Unit
	n    [2]int
	size map[[2]Unit]int // how many bars an instant has, by side and place
}

const (
	barGap  = 3 * PointUnit
	fanWide = 24 * PointUnit
)

func (q *sequence) fans() *fans {
	f := &fans{at: [2]Unit{-1, -1}, size: make(map[[2]Unit]int)}
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if q.inside(s) && bar(s) {
			f.size[[2]Unit{Unit(s.From), q.x(q.seenAt(s, s.From))}]++
		}
	}
	return f
}

// bar reports whether a segment has a glyph of its own.
func bar(s *trace.Segment) bool {
	return s.Len > 0 || s.Flags&(wire.SYN|wire.FIN) != 0 && !s.Flags.Has(wire.RST)
}

// next is the place of a segment whose instant is at x.
func (f *fans) next(side trace.Side, x Unit, s *trace.Segment) Unit {
	if !bar(s) {
		return x
	}
	if f.at[side] != x {
		f.at[side], f.n[side] = x, 0
	}
	n := f.n[side]
	f.n[side]++
	total := f.size[[2]Unit{Unit(side), x}]
	return x + min(barGap*Unit(n), fanWide*Unit(n)/Unit(max(1, total)))
}
