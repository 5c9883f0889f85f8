package layout

import (
	"strconv"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// panel is the plot of one direction.
type panel struct {
	from      trace.Side
	data      bool
	low, high int64 // sequence numbers
	top       Unit
	height    Unit
}

func (p *panel) extend(low, high int64) {
	if p.low < 0 {
		p.low, p.high = low, high
	}
	p.low, p.high = min(p.low, low), max(p.high, high)
}

// round gives an empty range some extent.
func (p *panel) round() {
	if p.low < 0 {
		p.low, p.high = 0, 1
	}
	if p.high-p.low < 4 {
		p.high = p.low + 4
	}
}

// y is the place of a sequence number. What lies outside is clipped.
func (p *panel) y(v int64) Unit {
	v = max(p.low, min(v, p.high))
	return p.top + p.height - panelPad - Unit(int64(p.height-panelPad-panelHead)*(v-p.low)/(p.high-p.low))
}

// ticks are round numbers for the axis: steps of 1, 2 or 5 times a power of
// ten.
func (p *panel) ticks() (list []int64) {
	want := int64(5)
	if !p.data {
		want = 2
	}
	step := int64(1)
	for (p.high-p.low)/step > want {
		switch first(step) {
		case 2:
			step = step / 2 * 5
		default:
			step *= 2
		}
	}
	for v := (p.low + step - 1) / step * step; v <= p.high; v += step {
		list = append(list, v)
	}
	return list
}

// first is a number's first digit.
func first(n int64) int64 {
	for n >= 10 {
		n /= 10
	}
	return n
}

func number(v int64) string { return strconv.FormatInt(v, 10) }

// place stacks the panels.
func (q *sequence) place() {
	for side := range q.panels {
		p := &q.panels[side]
		p.height = panelBare
		if p.data {
			p.height = panelFull
		}
		q.y += panelGap
		p.top = q.y
		q.y += p.height
	}
}

// axes draws the frames, the numbers and the names of the directions.
func (q *sequence) axes() {
	for side := range q.panels {
		p := &q.panels[side]
		name := p.from.String() + " to " + p.from.Peer().String()
		q.label(Ink, q.frame, Pos{edge, p.top - 10*PointUnit}, name, Bold, sizeText)
		what := "relative sequence number in bytes"
		if side == 0 {
			what += "; " + vantage[q.options.View]
		}
		at := Pos{edge + slack(Width(name, Bold, sizeText)) + 6*PointUnit, p.top - 10*PointUnit}
		q.label(Muted, q.frame, at, what, Sans, sizeText)
		bottom := p.top + p.height
		q.stroke(Grid, Muted, q.frame, PointUnit*3/4, Solid, Pos{q.left, p.top}, Pos{q.left, bottom}, Pos{q.right, bottom})
		for _, v := range p.ticks() {
			t, y := number(v), p.y(v)
			q.stroke(Grid, Rule, q.frame, PointUnit*3/4, Solid, Pos{q.left, y}, Pos{q.right, y})
			w := Width(t, Sans, sizeText)
			q.label(Muted, q.frame, Pos{q.left - 6*PointUnit - w, y + 7*PointUnit/2}, t, Sans, sizeText)
		}
	}
}

// label writes a text that has its place in any case.
func (q *sequence) label(r Role, group int, p Pos, text string, f Font, size Unit) {
	q.text(Labels, r, group, p, text, f, size)
	q.take(q.lastBox())
}

func (q *sequence) lastBox() Quad {
	l := q.layers[Labels]
	return l[len(l)-1].Box
}

// try writes a text, in the middle of the first of some places where it
// touches no other and stays on the picture.
func (q *sequence) try(r Role, group int, text string, f Font, places ...Pos) bool {
	w := Width(text, f, sizeText)
	for _, c := range places {
		p := Pos{c.X - w/2, c.Y}
		box := rect(p.X, p.Y-ascent(sizeText), p.X+slack(w), p.Y+descent(sizeText))
		if box[0].X < 0 || box[1].X > q.width || q.covers(box) {
			continue
		}
		q.box(Halos, Paper, group, rect(p.X, box[0].Y, p.X+w, box[2].Y))
		q.label(r, group, p, text, f, sizeText)
		return true
	}
	return false
}

// stripe is how wide the stripes are by which taken places are found.
const stripe = 32 * PointUnit

// take keeps labels from a place.
func (q *sequence) take(box Quad) {
	x0, _, x1, _ := box.bounds()
	for i := x0 / stripe; i <= x1/stripe; i++ {
		q.taken[i] = append(q.taken[i], box)
	}
}

func (q *sequence) covers(box Quad) bool {
	x0, _, x1, _ := box.bounds()
	for i := x0 / stripe; i <= x1/stripe; i++ {
		for _, t := range q.taken[i] {
			if Overlap(t, box) {
				return true
			}
		}
	}
	return false
}

// upright writes a text from bottom to top, right of x, if there is room
// between two heights: in the middle, or where it crosses no line.
func (q *sequence) upright(r Role, group int, x, top, bottom Unit, text string) bool {
	const step = 8 * PointUnit
	w := Width(text, Sans, sizeText)
	room := bottom - top - slack(w)
	if room < 0 || x+ascent(sizeText)+descent(sizeText) > q.width {
		return false
	}
	place := func(below Unit) Quad { // so far below the middle
		y := bottom - (bottom-top-w)/2 + below
		return Quad{{x, y}, {x, y - slack(w)}, {x + ascent(sizeText) + descent(sizeText), y - slack(w)}, {x + ascent(sizeText) + descent(sizeText), y}}
	}
	best, found := Quad{}, false
	for n := range 2*room/2/step + 1 {
		below := (n + 1) / 2 * step * (1 - 2*(n%2))
		box := place(below)
		if box[1].Y < top || box[0].Y > bottom || q.covers(box) {
			continue
		}
		if !found {
			best, found = box, true
		}
		if !q.crossed(box) {
			best = box
			break
		}
	}
	if !found {
		return false
	}
	base := best[0].add(ascent(sizeText), 0)
	q.take(best)
	q.box(Halos, Paper, group, best)
	q.add(Mark{
		Layer: Labels, Shape: Text, Role: r, Group: group, Points: []Pos{base, base.add(0, -slack(w))},
		Text: text, Font: Sans, Size: sizeText, Box: best,
	})
	return true
}

// crossed reports whether a line of the graph, all of which are level or
// upright, runs through a box.
func (q *sequence) crossed(box Quad) bool {
	x0, y0, x1, y1 := box.bounds()
	if q.many {
		return false
	}
	for i := range q.layers[Lines] {
		p := q.layers[Lines][i].Points
		for n := 1; n < len(p); n++ {
			a, b := p[n-1], p[n]
			if max(a.X, b.X) > x0 && min(a.X, b.X) < x1 && max(a.Y, b.Y) > y0 && min(a.Y, b.Y) < y1 {
				return true
			}
		}
	}
	return false
}
