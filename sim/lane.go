package sim

import (
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
)

// arrival is what an event is when it is a segment that arrives.
type arrival struct {
	at      time.Duration
	seq     uint64
	segment int
	frame   buffer.Buffer
	host    *Host
}

// lane is a queue of segments, each of which arrives at or after the one before
// it.
type lane struct {
	waiting []arrival
	begin   int // those before it are gone
}

// fits reports whether a segment that arrives at that time may be pushed.
func (l *lane) fits(at time.Duration) bool {
	n := len(l.waiting)
	return l.begin == n || at >= l.waiting[n-1].at
}

func (l *lane) push(a arrival) {
	if n := len(l.waiting); n == cap(l.waiting) && l.begin > n/2 {
		// Better than to grow: more than half of the room is free.
		n = copy(l.waiting, l.waiting[l.begin:])
		clear(l.waiting[n:])
		l.waiting, l.begin = l.waiting[:n], 0
	}
	l.waiting = append(room(l.waiting), a)
}

func (l *lane) pop(e *event) {
	a := &l.waiting[l.begin]
	*e = event{at: a.at, seq: a.seq, segment: a.segment, frame: a.frame, host: a.host}
	*a = arrival{} // what it points to is not kept
	l.begin++
	if l.begin == len(l.waiting) {
		l.waiting, l.begin = l.waiting[:0], 0
	}
}
