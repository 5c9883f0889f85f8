package link

import (
	"math/rand/v2"
	"slices"
	"time"
)

// way is one direction in use: its random streams, the state of its loss model
// and the queue in front of it.
type way struct {
	d      *Direction
	side   string
	source func(name string) *rand.PCG

	loss, burst, duplicate, reorder, corrupt, jitter *rand.Rand

	bad      bool // the Gilbert-Elliott model is in its bad state
	recorded int  // which of Delays is next

	busy  time.Duration // when the last bit of what was queued is sent
	queue []queued
}

// queued is a segment that waits for the link.
type queued struct {
	begins time.Duration // when it is going to be sent
	size   int
}

// stream is the random stream of one fault, made when it is first needed.
func (w *way) stream(r **rand.Rand, name string) *rand.Rand {
	if *r == nil {
		*r = rand.New(w.source("link/" + w.side + "/" + name))
	}
	return *r
}

// luck is what chance has in store for one segment.
type luck struct {
	lost, burst, copied, reordered, spoiled bool

	bit   uint64 // which one is spoiled
	delay time.Duration
}

// draw draws from the stream of every fault, whatever becomes of the segment:
// what happens to the nth segment that a host sends by one fault then depends
// on no other fault and no rule.
func (w *way) draw() (l luck) {
	d := w.d
	l.lost = d.Loss > 0 && w.stream(&w.loss, "loss").Float64() < d.Loss
	l.burst = w.burstLoss()
	l.delay = w.delay()
	l.reordered = d.Reorder > 0 && w.stream(&w.reorder, "reorder").Float64() < d.Reorder
	l.copied = d.Duplicate > 0 && w.stream(&w.duplicate, "duplicate").Float64() < d.Duplicate
	if d.Corrupt > 0 {
		random := w.stream(&w.corrupt, "corrupt")
		l.spoiled, l.bit = random.Float64() < d.Corrupt, random.Uint64()
	}
	return l
}

// offer does to a segment what the direction does to all, and returns how long
// the segment is under way.
func (w *way) offer(o *Offered, l *luck, v *Verdict) (travel time.Duration) {
	d := w.d
	switch {
	case l.lost:
		v.lose("loss " + percent(d.Loss))
		return 0
	case l.burst:
		v.lose("loss in a burst")
		return 0
	case d.MTU > 0 && o.Size > d.MTU:
		v.lose("exceeds the MTU")
		v.TooBig = d.MTU
		return 0
	}
	travel, ok := w.transmit(o)
	if !ok {
		v.lose("queue full")
		return 0
	}
	if l.reordered {
		v.Done = append(v.Done, "reorder "+percent(d.Reorder))
	} else {
		travel += l.delay
	}
	if l.copied {
		v.Copies = append(v.Copies, 0)
		v.Done = append(v.Done, "duplicate "+percent(d.Duplicate))
	}
	if l.spoiled {
		v.Flaws = append(v.Flaws, Flaw{d.Field, l.bit})
		v.Done = append(v.Done, "corrupt "+percent(d.Corrupt))
	}
	return travel
}

// burstLoss moves the Gilbert-Elliott model by one segment.
func (w *way) burstLoss() bool {
	g := &w.d.Burst
	if *g == (GilbertElliott{}) {
		return false
	}
	move := g.ToBad
	if w.bad {
		move = g.ToGood
	}
	random := w.stream(&w.burst, "burst")
	if random.Float64() < move {
		w.bad = !w.bad
	}
	loss := g.InGood
	if w.bad {
		loss = g.InBad
	}
	return random.Float64() < loss
}

// transmit sends the segment at the link's rate, after what waits in front of
// it, and returns how long that takes. It reports false when the queue has no
// room.
func (w *way) transmit(o *Offered) (takes time.Duration, ok bool) {
	if w.d.Rate == 0 {
		return 0, true
	}
	w.queue = slices.DeleteFunc(w.queue, func(q queued) bool { return q.begins <= o.At })
	begins := max(o.At, w.busy)
	if begins > o.At {
		bytes := o.Size
		for _, q := range w.queue {
			bytes += q.size
		}
		limit := w.d.Queue
		if limit.Packets > 0 && len(w.queue)+1 > limit.Packets || limit.Bytes > 0 && bytes > limit.Bytes {
			return 0, false
		}
		w.queue = append(w.queue, queued{begins, o.Size})
	}
	w.busy = begins + time.Duration(int64(o.Size)*8*int64(time.Second)/w.d.Rate)
	return w.busy - o.At, true
}

// delay draws how long a segment is under way.
func (w *way) delay() time.Duration {
	d := w.d
	switch {
	case d.Distribution == Recorded:
		delay := d.Delays[w.recorded%len(d.Delays)]
		w.recorded++
		return delay
	case d.Jitter == 0:
		return d.Latency
	case d.Distribution == Normal:
		return max(0, d.Latency+time.Duration(w.stream(&w.jitter, "jitter").NormFloat64()*float64(d.Jitter)))
	}
	return max(0, d.Latency-d.Jitter+time.Duration(w.stream(&w.jitter, "jitter").Int64N(int64(2*d.Jitter)+1)))
}
