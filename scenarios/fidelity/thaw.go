package fidelity

import (
	"slices"
	"time"
)

// stalled is how long nothing at all has to happen, with a segment under way
// that is long overdue, for the recording machine to have stood still.
const stalled = 30 * time.Millisecond

// thawed gives the case with the time taken out in which the recording machine
// stood still, and whether there was any.
//
// Whether its kernels' timers stood still as well, a recording does not say:
// the virtual machine was frozen at times, and at times only the relay was not
// scheduled. So a recording with stalls has two readings, one in which that
// time passed and one in which it did not. No event lies in what is taken out,
// so that both have the same order of events.
func (c *Case) thawed() (Case, bool) {
	cuts := c.stalls()
	if len(cuts) == 0 {
		return *c, false
	}
	shift := func(t time.Duration) time.Duration {
		for i := len(cuts) - 1; i >= 0; i-- {
			if t >= cuts[i].to {
				t -= cuts[i].to - cuts[i].from
			}
		}
		return t
	}
	out := *c
	out.Calls = slices.Clone(c.Calls)
	for i := range out.Calls {
		k := &out.Calls[i]
		k.Begin, k.End = shift(k.Begin), shift(k.End)
	}
	out.Segments = slices.Clone(c.Segments)
	for i := range out.Segments {
		s := &out.Segments[i]
		s.Sent, s.Received = shift(s.Sent), shift(s.Received)
	}
	return out, true
}

// stalls finds the gaps between two events that end with the arrival of a
// segment that was under way through all of them.
func (c *Case) stalls() (out []cut) {
	var instants []time.Duration
	for i := range c.Calls {
		instants = append(instants, c.Calls[i].Begin, c.Calls[i].End)
	}
	for i := range c.Segments {
		s := &c.Segments[i]
		instants = append(instants, s.Sent)
		if s.Arrived {
			instants = append(instants, s.Received)
		}
	}
	slices.Sort(instants)
	instants = slices.Compact(instants)
	for i := 1; i < len(instants); i++ {
		from, to := instants[i-1], instants[i]
		if to-from < stalled || !c.overdue(from, to) {
			continue
		}
		out = append(out, cut{from + c.Latency, to})
	}
	return out
}

// overdue reports whether a segment was under way from before from until to,
// or until just after: what had piled up is dealt with at once.
func (c *Case) overdue(from, to time.Duration) bool {
	const atOnce = 10 * time.Millisecond
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.Arrived && s.Sent <= from && s.Received >= to && s.Received <= to+atOnce {
			return true
		}
	}
	return false
}
