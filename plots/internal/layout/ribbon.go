package layout

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// ribbonRows is in how many rows the names of states may stand beneath a
// ribbon.
const ribbonRows = 8

// ribbons draws the states of each host under the graph, in colours and with
// names. A name stands beneath the instant from which it holds; where names
// would touch, in a lower row.
func (q *sequence) ribbons() {
	q.y += 10 * PointUnit
	for side := range q.Headers {
		q.y += 12 * PointUnit
		q.label(Ink, q.frame, Pos{edge, q.y}, q.Headers[side], Bold, sizeText)
		q.y += 5 * PointUnit
		q.ribbon(trace.Side(side), q.y)
		q.y += ribbonHeight
		q.names(trace.Side(side))
	}
}

func (q *sequence) ribbon(side trace.Side, y Unit) {
	live := slices.Clone(q.Before[side])
	from := q.left
	cut := func(x Unit) {
		if x > from {
			roles := rolesOf(live)
			if len(roles) == 0 {
				mid := y + ribbonHeight/2
				q.stroke(Lifelines, ClosedLine, q.frame, thin, Solid, Pos{from, mid}, Pos{x, mid})
			}
			for i, r := range roles {
				n := Unit(len(roles))
				q.stateBox(r, q.frame, rect(from, y+ribbonHeight*Unit(i)/n, x, y+ribbonHeight*Unit(i+1)/n))
			}
			from = x
		}
	}
	for i := range q.Moments {
		m := &q.Moments[i]
		switch {
		case m.Kind == story.Changes && m.Side == side:
			cut(q.x(m.At))
			s := &q.States[m.Index]
			live = story.Follow(live, s.Endpoint, s.To)
		case m.Kind == story.BulkEnds:
			cut(q.x(m.At))
			live = slices.Clone(q.Bulks[m.Index].After[side])
		}
	}
	cut(q.right)
	for _, b := range q.times.Breaks {
		x0, x1 := q.left+b.Start, q.left+b.End
		q.box(Lifelines, Paper, q.frame, rect((2*x0+x1)/3, y-PointUnit, (x0+2*x1)/3, y+ribbonHeight+PointUnit))
	}
}

// names writes the states' names beneath a ribbon.
func (q *sequence) names(side trace.Side) {
	top := q.y
	var ends [ribbonRows]Unit // how far each row is taken, from the left
	used := 0
	for i := range q.Moments {
		m := &q.Moments[i]
		if m.Kind != story.Changes || m.Side != side {
			continue
		}
		s := &q.States[m.Index]
		hover := fmt.Sprintf("%s: %s %s > %s", story.Clock(m.At), s.Host, s.From, s.To)
		for _, c := range s.Cause {
			hover += ", " + c
		}
		group := q.group(Group{Kind: State, ID: fmt.Sprintf("state-%d", s.Index+1), Hover: hover, States: 1})
		x := q.x(m.At)
		q.stroke(Marks, Ink, group, PointUnit, Solid, Pos{x, top - ribbonHeight - PointUnit}, Pos{x, top + PointUnit})
		text := s.Name()
		if s.Listener {
			text = "listener CLOSED"
		}
		w := slack(Width(text, Bold, sizeText))
		at := min(x, q.width-edge-w)
		for row := range ends {
			if ends[row] > at-2*PointUnit {
				continue
			}
			ends[row] = at + w
			used = max(used, row+1)
			y := top + 11*PointUnit + Unit(row)*lineHeight
			if row > 0 {
				q.stroke(Grid, Muted, group, PointUnit/2, Dotted, Pos{x, top}, Pos{x, y - 8*PointUnit})
			}
			q.box(Halos, Paper, group, rect(at, y-ascent(sizeText), at+w, y+descent(sizeText)))
			q.label(Ink, group, Pos{at, y}, text, Bold, sizeText)
			break
		}
	}
	hidden := 0
	for i := range q.Bulks {
		hidden += q.Bulks[i].States
	}
	if hidden > 0 && side == trace.Client {
		text := fmt.Sprintf("%d changes of state in a crowd are not named", hidden)
		q.group(Group{Kind: Block, ID: "states", Hover: text, States: hidden})
		q.strip = append(q.strip, text)
	}
	q.y = top + Unit(used)*lineHeight + 4*PointUnit
}

// marked lists the instants for the time axis: all in which something happens,
// or of a trace that is summed up, even ones.
func (q *sequence) marked() (list []time.Duration) {
	if q.many {
		const parts = 5
		step := time.Microsecond
		for (q.To-q.From)/step > parts {
			if first(int64(step)) == 2 {
				step = step / 2 * 5
			} else {
				step *= 2
			}
		}
		for at := (q.From + step - 1) / step * step; at <= q.To; at += step {
			list = append(list, at)
		}
		return list
	}
	for i := range q.Moments {
		m := &q.Moments[i]
		if m.Kind != story.Vanishes && (i == 0 || m.At != q.Moments[i-1].At) {
			list = append(list, m.At)
		}
	}
	return list
}

// timeRows is in how many rows the instants may stand beneath the axis.
const timeRows = 2

// timeAxis writes the instants that have room.
func (q *sequence) timeAxis() {
	q.y += 8 * PointUnit
	q.stroke(Grid, Muted, q.frame, PointUnit*3/4, Solid, Pos{q.left, q.y}, Pos{q.right, q.y})
	var ends [timeRows]Unit // with slack
	text := Unit(-1)        // how far the upper row's text reaches
	mark := Unit(-1)        // the last mark that runs through the upper row
	used := 1
	for _, instant := range q.marked() {
		x := q.x(instant)
		t := story.Clock(instant)
		w := Width(t, Sans, sizeText)
		at := max(edge, min(x-w/2, q.width-edge-slack(w)))
		for row := range ends {
			// No mark of a lower row may touch a time of the upper one.
			const clear = 3 * PointUnit
			if at < ends[row]+5*PointUnit || row == 0 && at < mark+clear || row > 0 && x < text+clear {
				continue
			}
			ends[row] = at + slack(w)
			if row == 0 {
				text = at + w
			} else {
				mark = x
			}
			used = max(used, row+1)
			y := q.y + Unit(row)*lineHeight
			q.stroke(Grid, Muted, q.frame, PointUnit*3/4, Solid, Pos{x, q.y}, Pos{x, y + 4*PointUnit})
			q.box(Halos, Paper, q.frame, rect(at, y+15*PointUnit-ascent(sizeText), at+w, y+15*PointUnit+descent(sizeText)))
			q.label(Muted, q.frame, Pos{at, y + 15*PointUnit}, t, Sans, sizeText)
			break
		}
	}
	axis := q.y
	q.y += 6*PointUnit + Unit(used)*lineHeight
	for _, b := range q.times.Breaks {
		x := q.left + (b.Start+b.End)/2
		q.box(Grid, Paper, q.frame, rect(x-2*PointUnit, axis-2*PointUnit, x+2*PointUnit, axis+2*PointUnit))
	}
}

// breaks marks what is cut out of the time axis.
func (q *sequence) breaks() {
	var list []string
	for _, b := range q.times.Breaks {
		x0, x1 := q.left+b.Start, q.left+b.End
		mid := (x0 + x1) / 2
		written := false
		for side := range q.panels {
			p := &q.panels[side]
			q.stroke(Grid, Muted, q.frame, thin, Dotted, Pos{mid, p.top}, Pos{mid, p.top + p.height})
			if !written && x1-x0 >= 14*PointUnit {
				written = q.upright(Muted, q.frame, mid-6*PointUnit, p.top, p.top+p.height, b.Wait)
			}
		}
		if !written {
			list = append(list, b.Wait)
		}
	}
	if len(list) > 0 {
		q.strip = append(q.strip, "time axis broken: "+join3(list))
	}
}

// join3 joins a few texts and counts the others.
func join3(list []string) string {
	t := ""
	for i, s := range list {
		if i == 6 {
			return t + fmt.Sprintf(", and %d more", len(list)-i)
		}
		if i > 0 {
			t += ", "
		}
		t += s
	}
	return t
}
