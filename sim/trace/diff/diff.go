package diff

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// Options say how to compare. The zero value compares what happened, with
// three events of context.
type Options struct {
	Times   bool // what happens at another time is another thing
	Context int  // events shown before and after the difference; 0 is 3

	// Segments compares nothing but the segments that each host sends: all
	// that a capture knows for certain.
	Segments bool
}

// Difference is where two runs first differ.
type Difference struct {
	Where string // client, server or link; empty when the runs are the same
	Lines []Line // what happened there, around the difference

	Events [2]int // how many events each run has
	Timed  bool   // same events, but some at other times
}

// Same reports that no difference was found.
func (d *Difference) Same() bool { return d.Where == "" }

// Line is what happened in both runs, or in one of them.
type Line struct {
	Text    string
	In      [2]bool
	At      [2]time.Duration // in virtual time
	Segment [2]int           // the number of the segment that it is about, or 0
	More    int              // so many more events that are not shown, instead of one event
}

// lanes are the points of view.
var lanes = [...]string{"client", "server", "link"}

// Compare compares two runs.
func Compare(a, b *trace.Trace, o Options) *Difference {
	if o.Context <= 0 {
		o.Context = 3
	}
	in := [2][len(lanes)][]event{read(a, o.Segments), read(b, o.Segments)}
	d := &Difference{}
	first, at, earliest := -1, 0, time.Duration(0)
	for lane := range lanes {
		x, y := in[0][lane], in[1][lane]
		d.Events[0] += len(x)
		d.Events[1] += len(y)
		n, timed := common(x, y, o.Times)
		d.Timed = d.Timed || timed
		if n == len(x) && n == len(y) {
			continue
		}
		if when := instant(x, y, n); first < 0 || when < earliest {
			first, at, earliest = lane, n, when
		}
	}
	if first >= 0 {
		d.Where = lanes[first]
		d.Lines = around(in[0][first], in[1][first], at, o)
	}
	return d
}

// common counts the events that two runs have in common before they differ,
// and says whether one of these was at another time.
func common(x, y []event, times bool) (n int, timed bool) {
	for n < len(x) && n < len(y) && x[n].same(&y[n], times) {
		timed = timed || x[n].at != y[n].at
		n++
	}
	return n, timed
}

// instant is when the first of two runs differs from the other.
func instant(x, y []event, n int) time.Duration {
	switch {
	case n == len(x):
		return y[n].at
	case n == len(y):
		return x[n].at
	}
	return min(x[n].at, y[n].at)
}
