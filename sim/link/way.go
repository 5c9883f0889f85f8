package link

import (
	"math/rand/v2"
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

// queued is a segment that waits for the link, or is being sent.
type queued struct {
	begins, ends time.Duration
	size         int
}

// stream is the random stream of one fault, made when it is first needed.
func (w *way) stream(r **rand.Rand, name string) *rand.Rand {
	if *r == nil {
		*r = rand.New(w.source("link/" + w.side + "/" + name))
	}
	return *r
}

// offer does to a segment what the direction does to all.
func (w *way) offer(o *Offered, v *Verdict) {
	d := w.d
	if d.Loss > 0 && w.stream(&w.loss, "loss").Float64() < d.Loss {
		v.lose("loss " + percent(d.Loss))
		return
	}
	if w.burstLoss() {
		v.lose("loss in a burst")
		return
	}
	if d.MTU > 0 && o.Size > d.MTU {
		v.lose("exceeds the MTU")
		v.TooBig = d.MTU
		return
	}
	if !w.transmit(o, v) {
		return
	}
	if d.Reorder > 0 && w.stream(&w.reorder, "reorder").Float64() < d.Reorder {
		v.Done = append(v.Done, "reorder "+percent(d.Reorder))
	} else {
		v.Delay += w.delay()
	}
	if d.Duplicate > 0 && w.stream(&w.duplicate, "duplicate").Float64() < d.Duplicate {
		v.Copies = append(v.Copies, 0)
		v.Done = append(v.Done, "duplicate "+percent(d.Duplicate))
	}
	if d.Corrupt > 0 && w.spoiler().Float64() < d.Corrupt {
		v.Spoil, v.Field, v.Spoiler = true, d.Field, w.spoiler()
		v.Done = append(v.Done, "corrupt "+percent(d.Corrupt))
	}
}

func (w *way) spoiler() *rand.Rand { return w.stream(&w.corrupt, "corrupt") }

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
	if w.stream(&w.burst, "burst").Float64() < move {
		w.bad = !w.bad
	}
	loss := g.InGood
	if w.bad {
		loss = g.InBad
	}
	return w.stream(&w.burst, "burst").Float64() < loss
}

// transmit sends the segment at the link's rate, after what waits in front of
// it. It reports false when the queue has no room.
func (w *way) transmit(o *Offered, v *Verdict) bool {
	if w.d.Rate == 0 {
		return true
	}
	packets, bytes := 0, 0
	kept := w.queue[:0]
	for _, q := range w.queue {
		if q.ends > o.At {
			kept = append(kept, q)
		}
		if q.begins > o.At {
			packets++
			bytes += q.size
		}
	}
	w.queue = kept
	begins := max(o.At, w.busy)
	if begins > o.At {
		limit := w.d.Queue
		if limit.Packets > 0 && packets+1 > limit.Packets || limit.Bytes > 0 && bytes+o.Size > limit.Bytes {
			v.lose("queue full")
			return false
		}
	}
	ends := begins + time.Duration(int64(o.Size)*8*int64(time.Second)/w.d.Rate)
	w.busy = ends
	w.queue = append(w.queue, queued{begins, ends, o.Size})
	v.Delay += ends - o.At
	return true
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
