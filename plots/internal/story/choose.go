package story

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// chooseBulks decides what is told in blocks. Nothing is while the arrows fit.
// Then quiet stretches are: data and ACKs with nothing else between. What is
// still too much is told at its beginning and its end only.
func (r *reader) chooseBulks() {
	if r.countArrows() <= r.window.Arrows {
		return
	}
	rows := r.quiet()
	if rows > 2*r.window.Arrows {
		r.middle()
	}
}

// countArrows is how many arrows there would be without blocks.
func (r *reader) countArrows() int {
	var size [2]map[key]int
	var at [2]time.Duration
	total := 0
	count := func(side int) {
		for _, n := range size[side] {
			if n >= bandSize {
				n = 1
			}
			total += n
		}
		size[side] = make(map[key]int)
	}
	count(0)
	count(1)
	for i := range r.Trace.Segments {
		if !r.facts[i].inside {
			continue
		}
		side := int(r.Trace.Segments[i].From)
		k := r.keyOf(i)
		if k.at != at[side] {
			count(side)
			at[side] = k.at
		}
		size[side][k]++
		if total > r.window.Arrows {
			return total
		}
	}
	count(0)
	count(1)
	return total
}

func (r *reader) ordinary(e trace.Event) bool {
	switch e.Kind {
	case trace.Sent, trace.Received, trace.Lost:
		s := &r.Trace.Segments[e.Index]
		return s.Flags&(wire.SYN|wire.FIN|wire.RST) == 0 && s.Injected == "" && !r.facts[e.Index].refused
	case trace.CallEnd:
		return !worth(&r.Trace.Calls[e.Index])
	case trace.CallBegin, trace.Fired:
		return true
	}
	return false
}

// quiet makes a block of each quiet stretch and returns about how many rows
// are left to tell.
func (r *reader) quiet() (rows int) {
	begin, segments := -1, 0
	last := -1
	end := func() {
		if segments >= bulkSize {
			r.addBulk(begin, last)
			rows++
		} else {
			rows += segments
		}
		begin, segments = -1, 0
	}
	for i, e := range r.Trace.Events {
		if !r.within(e.At) {
			continue
		}
		if !r.ordinary(e) {
			end()
			if e.Kind != trace.Received && e.Kind != trace.Lost {
				rows++
			}
			continue
		}
		if e.Kind == trace.Sent {
			if begin < 0 {
				begin = i
			}
			last = i
			segments++
		}
	}
	end()
	return rows
}

// middle tells all between a beginning and an end in one block.
func (r *reader) middle() {
	for _, b := range r.Bulks {
		r.mark(b.begin, b.end, 0)
	}
	r.Bulks = nil
	var told []int // events that make a row
	for i, e := range r.Trace.Events {
		if !r.within(e.At) {
			continue
		}
		switch e.Kind {
		case trace.Sent, trace.Changed, trace.Noted, trace.Fired:
			told = append(told, i)
		case trace.CallEnd:
			if worth(&r.Trace.Calls[e.Index]) {
				told = append(told, i)
			}
		}
	}
	keep := r.window.Arrows / 2
	if len(told) <= 2*keep {
		return
	}
	r.addBulk(told[keep], told[len(told)-keep-1])
}

func (r *reader) addBulk(begin, end int) {
	r.Bulks = append(r.Bulks, Bulk{begin: begin, end: end})
	r.mark(begin, end, int32(len(r.Bulks)))
}

func (r *reader) mark(begin, end int, bulk int32) {
	for _, e := range r.Trace.Events[begin : end+1] {
		if e.Kind == trace.Sent {
			r.facts[e.Index].bulk = bulk
		}
	}
}

// atOf is the instant of a moment by its id.
func (r *reader) atOf(id int) time.Duration {
	// Ids grow with the moments, so the search starts at the end.
	for i := len(r.Moments) - 1; i >= 0; i-- {
		if r.Moments[i].id == id {
			return r.Moments[i].At
		}
	}
	return 0
}
