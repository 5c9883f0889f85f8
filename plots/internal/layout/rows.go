package layout

// rows are the heights of a ladder's rows. Each keeps what it takes from rows
// above it: y[b] >= y[a] + c. Rules only ever point downwards, so that one
// walk from the top finds the least heights.
type rows struct {
	y       []Unit
	nominal []Unit // by the scale of time alone
	rules   [][]rule
}

type rule struct {
	above int
	by    Unit
}

func newRows(nominal []Unit) *rows {
	return &rows{y: make([]Unit, len(nominal)), nominal: nominal, rules: make([][]rule, len(nominal))}
}

// atLeast demands that row b stands c below row a; it replaces a weaker demand.
func (r *rows) atLeast(a, b int, c Unit) {
	if a == b {
		return
	}
	for i := range r.rules[b] {
		if x := &r.rules[b][i]; x.above == a {
			x.by = max(x.by, c)
			return
		}
	}
	r.rules[b] = append(r.rules[b], rule{a, c})
}

func (r *rows) solve() {
	for b := range r.y {
		y := r.nominal[b]
		if b > 0 {
			y = max(y, r.y[b-1])
		}
		for _, x := range r.rules[b] {
			y = max(y, r.y[x.above]+x.by)
		}
		r.y[b] = y
	}
}

// body is something that must not be overlapped: it hangs on a row, and on a
// second one where it follows a line between the two.
type body struct {
	row   int
	place func() Quad
	label bool // two bodies that are no labels may overlap
}

// margin is what is left between two labels.
const margin = 1 * PointUnit

// rounds bounds the search; a few are enough for any trace seen so far.
const rounds = 200

// part moves rows down until no two bodies overlap. It reports whether that
// was reached.
func (r *rows) part(bodies []body) bool {
	quads := make([]Quad, len(bodies))
	order := make([]int, len(bodies))
	for range rounds {
		r.solve()
		for i := range bodies {
			quads[i] = bodies[i].place()
			order[i] = i
		}
		moved := false
		sortByTop(order, quads)
		for n, i := range order {
			_, _, _, bottom := quads[i].bounds()
			for _, j := range order[n+1:] {
				if _, top, _, _ := quads[j].bounds(); top >= bottom+margin {
					break
				}
				if !bodies[i].label && !bodies[j].label || bodies[i].row == bodies[j].row {
					continue
				}
				up, low := i, j
				if bodies[up].row > bodies[low].row {
					up, low = low, up
				}
				if !Overlap(quads[up], quads[low]) {
					continue
				}
				by := below(quads[up], quads[low]) + margin
				a, b := bodies[up].row, bodies[low].row
				r.atLeast(a, b, r.y[b]-r.y[a]+by)
				moved = true
			}
		}
		if !moved {
			return true
		}
	}
	return false
}
