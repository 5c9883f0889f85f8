package layout

// sloped is a rectangle that lies along the line from a to b: from d0 to d1
// along it, and from o0 to o1 to the side that is below a falling line.
func sloped(a, b Pos, d0, d1, o0, o1 Unit) Quad {
	dx, dy := int64(b.X-a.X), int64(b.Y-a.Y)
	n := root(dx*dx + dy*dy)
	if n == 0 {
		n, dx = 1, 1
	}
	at := func(d, o Unit) Pos {
		// The normal that points downwards.
		nx, ny := -dy, dx
		if dx < 0 {
			nx, ny = dy, -dx
		}
		return Pos{
			a.X + Unit((int64(d)*dx+int64(o)*nx)/n),
			a.Y + Unit((int64(d)*dy+int64(o)*ny)/n),
		}
	}
	return Quad{at(d0, o0), at(d1, o0), at(d1, o1), at(d0, o1)}
}

// bounds is the upright rectangle around a quad.
func (q Quad) bounds() (x0, y0, x1, y1 Unit) {
	x0, y0, x1, y1 = q[0].X, q[0].Y, q[0].X, q[0].Y
	for _, p := range q[1:] {
		x0, x1 = min(x0, p.X), max(x1, p.X)
		y0, y1 = min(y0, p.Y), max(y1, p.Y)
	}
	return
}

// Overlap reports whether two rectangles share more than their edges.
func Overlap(a, b Quad) bool {
	ax0, ay0, ax1, ay1 := a.bounds()
	bx0, by0, bx1, by1 := b.bounds()
	if ax1 <= bx0 || bx1 <= ax0 || ay1 <= by0 || by1 <= ay0 {
		return false
	}
	return !parted(a, b) && !parted(b, a)
}

// parted reports whether an edge of a has all of b on its other side.
func parted(a, b Quad) bool {
	for i := range a {
		p, q := a[i], a[(i+1)%4]
		ex, ey := q.X-p.X, q.Y-p.Y
		side := func(r Pos) int64 { return int64(ex)*int64(r.Y-p.Y) - int64(ey)*int64(r.X-p.X) }
		in := side(a[(i+2)%4])
		out := true
		for _, r := range b {
			if s := side(r); (in > 0 && s > 0) || (in < 0 && s < 0) {
				out = false
				break
			}
		}
		if out && in != 0 {
			return true
		}
	}
	return false
}

// span is the part of the vertical line at x that lies in the quad.
func (q Quad) span(x Unit) (top, bottom Unit, ok bool) {
	for i := range q {
		p, r := q[i], q[(i+1)%4]
		if p.X > r.X {
			p, r = r, p
		}
		if x < p.X || x > r.X {
			continue
		}
		ys := [2]Unit{p.Y, r.Y}
		if r.X > p.X {
			y := p.Y + Unit(int64(r.Y-p.Y)*int64(x-p.X)/int64(r.X-p.X))
			ys = [2]Unit{y, y}
		}
		for _, y := range ys {
			if !ok {
				top, bottom, ok = y, y, true
			}
			top, bottom = min(top, y), max(bottom, y)
		}
	}
	return
}

// below is how far b must go down to lie below a.
func below(a, b Quad) Unit {
	need := Unit(0)
	ax0, _, ax1, _ := a.bounds()
	bx0, _, bx1, _ := b.bounds()
	lo, hi := max(ax0, bx0), min(ax1, bx1)
	try := func(x Unit) {
		if x < lo || x > hi {
			return
		}
		_, bottom, ok1 := a.span(x)
		top, _, ok2 := b.span(x)
		if ok1 && ok2 {
			need = max(need, bottom-top)
		}
	}
	for _, q := range [...]Quad{a, b} {
		for _, p := range q {
			try(p.X)
		}
	}
	try(lo)
	try(hi)
	return need
}
