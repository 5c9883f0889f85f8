package layout

import (
	"slices"

	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// roleOfState is the fill of a lifeline.
func roleOfState(s stack.State) Role {
	switch s {
	case stack.Closed:
		return ClosedLine
	case stack.Listen, stack.SynSent, stack.SynReceived:
		return Opening
	case stack.Established:
		return Open
	}
	return Closing
}

// maxLanes is how many connections a lifeline shows side by side.
const maxLanes = 3

// stretch is a piece of a lifeline on which nothing changes.
type stretch struct {
	from, to Unit
	roles    []Role // of the connections, none when all is closed
}

// lifelines draws the bands and the marks of the breaks on them.
func (l *ladder) lifelines() {
	group := l.group(Group{Kind: Frame})
	for side := range l.line {
		for _, s := range l.stretches(trace.Side(side)) {
			l.band(l.line[side], s, group)
		}
	}
	// All gaps and then all their edges, so that either is one shape.
	var edges [][]Pos
	for _, x := range l.line {
		for _, row := range l.breaks {
			edges = append(edges, l.zigzag(x, l.y(row)-breakSize/2, group)...)
		}
	}
	for _, e := range edges {
		l.stroke(Lifelines, Muted, group, thin, Solid, e...)
	}
}

func (l *ladder) stretches(side trace.Side) (list []stretch) {
	live := slices.Clone(l.Before[side])
	from := l.top - 10*PointUnit
	cut := func(y Unit) {
		if y > from {
			list = append(list, stretch{from, y, rolesOf(live)})
		}
		from = max(from, y)
	}
	for row := range l.Moments {
		m := &l.Moments[row]
		switch {
		case m.Kind == story.Changes && m.Side == side:
			cut(l.y(row))
			s := &l.States[m.Index]
			live = story.Follow(live, s.Endpoint, s.To)
		case m.Kind == story.BulkEnds:
			cut(l.y(row))
			live = slices.Clone(l.Bulks[m.Index].After[side])
		}
	}
	cut(l.bottom)
	return list
}

// rolesOf gives the fills of a band: one per connection; a listening socket
// shows only until there is one.
func rolesOf(live []story.Endpoint) (roles []Role) {
	listening := false
	for _, p := range live {
		if p.State == stack.Listen {
			listening = listening || !p.Served
			continue
		}
		if len(roles) < maxLanes {
			roles = append(roles, roleOfState(p.State))
		}
	}
	if len(roles) == 0 && listening {
		roles = append(roles, Opening)
	}
	return roles
}

func (l *ladder) band(x Unit, s stretch, group int) {
	if len(s.roles) == 0 {
		l.stroke(Lifelines, ClosedLine, group, thin, Solid, Pos{x, s.from}, Pos{x, s.to})
		return
	}
	n := Unit(len(s.roles))
	for i, r := range s.roles {
		x0 := x - bandHalf + 2*bandHalf*Unit(i)/n
		x1 := x - bandHalf + 2*bandHalf*Unit(i+1)/n
		if i > 0 {
			x0 += PointUnit / 2
		}
		l.stateBox(r, group, rect(x0, s.from, x1, s.to))
	}
}

// stateBox is the area of a state. The one of opening is too light to be seen
// on its own, and gets an edge.
func (c *canvas) stateBox(r Role, group int, q Quad) {
	const edge = PointUnit / 4 // half of the line
	c.box(Lifelines, r, group, q)
	if r == Opening {
		q = rect(q[0].X+edge, q[0].Y+edge, q[2].X-edge, q[2].Y-edge)
		c.stroke(Lifelines, ClosedLine, group, 2*edge, Solid, q[0], q[1], q[2], q[3], q[0])
	}
}

// zigzag marks a break of the axis on a lifeline, and gives its edges.
func (l *ladder) zigzag(x, y Unit, group int) [][]Pos {
	const h, w = 4 * PointUnit, 8 * PointUnit
	edgeAt := func(d Unit) []Pos {
		return []Pos{{x - w, y + d + h/2}, {x - w/3, y + d - h/2}, {x + w/3, y + d + h/2}, {x + w, y + d - h/2}}
	}
	up, down := edgeAt(-h), edgeAt(h)
	gap := slices.Clone(up)
	for i := len(down) - 1; i >= 0; i-- {
		gap = append(gap, down[i])
	}
	l.fill(Lifelines, Paper, group, gap...)
	return [][]Pos{up, down}
}

// gaps plans the words on the breaks.
func (l *ladder) gaps() {
	mid := (l.line[0] + l.line[1]) / 2
	for i, row := range l.breaks {
		group := l.group(Group{Kind: Frame})
		lines := wrap(l.waits[i], Sans, sizeText, (l.line[1]-l.line[0]-40*PointUnit)*100/115)
		text := fit(l.waits[i], Sans, sizeText, (l.line[1]-l.line[0]-40*PointUnit)*100/115)
		if len(lines) == 0 {
			continue
		}
		w := Width(text, Sans, sizeText)
		block := func() Quad {
			y := l.y(row) - breakSize/2
			return rect(mid-w/2, y-7*PointUnit, mid-w/2+slack(w), y+7*PointUnit)
		}
		l.bodies = append(l.bodies, body{row: row, label: true, place: block})
		l.draw = append(l.draw, func() {
			q := block()
			l.box(Halos, Paper, group, q)
			l.text(Labels, Muted, group, Pos{q[0].X, q[0].Y + 10*PointUnit}, text, Sans, sizeText)
		})
	}
}
