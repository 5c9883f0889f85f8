package story

import (
	"slices"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// sent tells a segment. Its moment points at the segment until group knows
// which arrow it belongs to.
func (r *reader) sent(i int, e trace.Event) {
	s := &r.Trace.Segments[e.Index]
	id := r.moment(Moment{At: micro(e.At), Kind: Sends, Index: e.Index, Side: s.From, event: i})
	if s.Injected == "" {
		r.latest[flowKey{s.From, s.Conn}] = id
		r.latest[flowKey{s.From, -1}] = id // for timers of which no connection is known
		if s.Trigger.Kind == trace.BySegment && r.Trace.Segments[s.Trigger.Index].Flags.Has(wire.FIN) {
			r.finished[flowKey{s.From, s.Conn}] = id
		}
	}
	if s.Trigger.Kind == trace.ByTimer && s.Probe {
		if n, ok := r.timerOf[s.Trigger.Index]; ok && r.Timers[n].Name == "RTO" {
			// gVisor has one timer for both; a probe is the work of the other.
			r.Timers[n].Name = "persist"
		}
	}
	r.collect(s.From, e.Index)
	if !s.Arrived {
		at := s.SentAt + r.trips[s.From]
		if s.Lost != "" && s.ReceivedAt > s.SentAt {
			at = s.ReceivedAt
		}
		m := Moment{At: micro(at), Kind: Vanishes, Index: e.Index, Side: s.From.Peer(), event: -1}
		if m.At == micro(e.At) {
			r.moment(m)
		} else {
			r.pending[s.From] = append(r.pending[s.From], m)
		}
	}
}

// vanish tells where segments would have arrived, once the events have come as
// far: before the arrival of a later segment from the same side, and at the
// latest when time goes on.
func (r *reader) vanish(e trace.Event) {
	for side := range r.pending {
		p := r.pending[side]
		n := 0
		for n < len(p) && (p[n].At < micro(e.At) ||
			p[n].At == micro(e.At) && e.Kind == trace.Received && int(r.Trace.Segments[e.Index].From) == side && p[n].Index < e.Index) {
			r.moment(p[n])
			n++
		}
		r.pending[side] = p[n:]
	}
}

// collect puts a segment to those of its key from the same instant.
func (r *reader) collect(side trace.Side, segment int) {
	k := r.keyOf(segment)
	if runs := r.runs[side]; len(runs) > 0 && runs[0].key.at != k.at {
		r.flush(side)
	}
	for i := range r.runs[side] {
		if c := &r.runs[side][i]; c.key == k {
			c.segments = append(c.segments, segment)
			return
		}
	}
	r.runs[side] = append(r.runs[side], run{k, []int{segment}})
}

// flush makes arrows of the segments that a side has sent in one instant: one
// of all that have one key when they are enough for a band, else one each.
func (r *reader) flush(side trace.Side) {
	for _, c := range r.runs[side] {
		if len(c.segments) >= bandSize {
			r.Arrows = append(r.Arrows, r.arrow(c.segments))
			continue
		}
		for _, i := range c.segments {
			r.Arrows = append(r.Arrows, r.arrow([]int{i}))
		}
	}
	r.runs[side] = r.runs[side][:0]
}

// group lets the moments of segments point at arrows.
func (r *reader) group() {
	type place struct{ arrow, part int }
	at := make(map[int]place)
	for a := range r.Arrows {
		for part, i := range r.Arrows[a].Segments {
			at[i] = place{a, part}
		}
	}
	kept := r.Moments[:0]
	for _, m := range r.Moments {
		switch m.Kind {
		case Sends, Arrives, Vanishes:
			p, ok := at[m.Index]
			if !ok {
				continue
			}
			m.Index, m.Part = p.arrow, p.part
		}
		kept = append(kept, m)
	}
	r.Moments = kept
}

// gather moves the rows of a band next to each other, at either end. In one
// instant its segments alternate with what they bring about; drawn in that
// order, every label in between would pull the band apart.
func (r *reader) gather() {
	type end struct {
		arrow int
		sends bool
	}
	first := make(map[end]int)
	place := make([]int, len(r.Moments))
	for i, m := range r.Moments {
		place[i] = i
		if m.Kind > Vanishes || !r.Arrows[m.Index].Band() || r.instant(m.Index) {
			continue
		}
		k := end{m.Index, m.Kind == Sends}
		if f, ok := first[k]; ok && r.Moments[f].At == m.At {
			place[i] = f
		} else {
			first[k] = i
		}
	}
	order := make([]int, len(place))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return place[a] - place[b] })
	moved := make([]Moment, len(order))
	for to, from := range order {
		moved[to] = r.Moments[from]
	}
	r.Moments = moved
}

// instant reports whether an arrow arrives in the instant in which it is sent.
// There the order of events is all there is to tell.
func (r *reader) instant(arrow int) bool {
	s := &r.Trace.Segments[r.Arrows[arrow].Segments[0]]
	if !s.Arrived {
		return r.trips[s.From] == 0
	}
	return micro(s.ReceivedAt) == micro(s.SentAt)
}

func (r *reader) changed(i int, e trace.Event) {
	tr := &r.Trace.Transitions[e.Index]
	s := r.stateOf(e.Index)
	if tr.Trigger.Kind == trace.ByTimer {
		if n, ok := r.timerOf[tr.Trigger.Index]; ok && !r.Timers[n].Merged {
			r.Timers[n].Merged = true
			r.ended(&r.Timers[n], tr, e.At)
			s.Cause[0] = r.Timers[n].Label()
		}
	}
	r.States = append(r.States, s)
	id := r.moment(Moment{At: micro(e.At), Kind: Changes, Index: len(r.States) - 1, Side: s.Host, event: i})
	r.entered[flowKey{tr.Host, tr.Conn}] = id
}

// remark tells what was done to a host, and errors that calls returned. An
// error that comes with the end of a connection is told as its cause.
func (r *reader) remark(i int, e trace.Event, in bool, bulk int) {
	if e.Kind == trace.Noted {
		if in {
			r.Bulks[bulk].Remarks++
			return
		}
		n := &r.Trace.Notes[e.Index]
		r.say(i, e, Remark{Strong: true, flow: flowKey{n.Host, -1}}, ASCII(n.Text))
		return
	}
	c := &r.Trace.Calls[e.Index]
	aside := r.aside(e.Index)
	switch {
	case aside == "" && !worth(c):
	case in:
		r.Bulks[bulk].Remarks++
	case aside != "":
		r.say(i, e, Remark{Port: r.port(c.Conn), flow: flowKey{c.Host, c.Conn}}, aside)
	default:
		r.fail(i, e, c)
	}
}

// say adds a remark and tells where its text went. What one host has to say of
// one connection in one instant is one remark, and what repeats is counted.
func (r *reader) say(i int, e trace.Event, m Remark, text string) (remark, part int) {
	if n := len(r.Moments); n > 0 && r.Moments[n-1].Kind == Says && r.Moments[n-1].At == micro(e.At) {
		remark = r.Moments[n-1].Index
		if last := &r.Remarks[remark]; last.Strong == m.Strong && last.flow == m.flow {
			for part = range last.Parts {
				if last.Parts[part].Text == text {
					last.Parts[part].Times++
					return remark, part
				}
			}
			last.Parts = append(last.Parts, Part{text, 1})
			return remark, len(last.Parts) - 1
		}
	}
	m.Host, m.Parts = m.flow.side, []Part{{text, 1}}
	r.Remarks = append(r.Remarks, m)
	r.moment(Moment{At: micro(e.At), Kind: Says, Index: len(r.Remarks) - 1, Side: m.Host, event: i})
	return len(r.Remarks) - 1, 0
}
