package fidelity

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/stack/wire"
)

// stalled is how long nothing at all has to happen, with something overdue,
// for the recording machine to have stood still.
const stalled = 30 * time.Millisecond

// stalls finds the intervals in which the recording machine stood still: those
// between two events, that is, in which nothing at all happens although
// something is overdue. No event lies in any of them.
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
	owed := c.owed()
	for i := 1; i < len(instants); i++ {
		gap := cut{instants[i-1], instants[i]}
		if gap.to-gap.from < stalled {
			continue
		}
		if since, ok := c.overdue(gap, owed); ok {
			out = append(out, cut{max(gap.from, since), gap.to})
		}
	}
	return out
}

// overdue reports whether something was overdue throughout a gap, or all of it
// but the beginning, and since when: a segment that had been under way for
// longer than it should, or an ACK that Linux never delays so long.
func (c *Case) overdue(gap cut, owed []cut) (since time.Duration, ok bool) {
	since = gap.to
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.Arrived && s.Sent <= gap.from && s.Received >= gap.to {
			since = min(since, s.Sent+c.Latency)
		}
	}
	for _, o := range owed {
		if o.from <= gap.from && o.to >= gap.to {
			since = min(since, o.from)
		}
	}
	return since, gap.to-since >= stalled
}

// owed are the intervals from the arrival of data or a FIN to the ACK, where
// that is longer than Linux delays any.
func (c *Case) owed() (out []cut) {
	for i := range c.Segments {
		s := &c.Segments[i]
		if !s.Arrived || s.Len == 0 && !s.Flags.Has(wire.FIN) || s.Flags.Has(wire.RST) {
			continue
		}
		k := slices.IndexFunc(c.Segments, func(a Segment) bool {
			return a.From == s.From.Peer() && a.Ports == s.Ports && a.Sent >= s.Received && a.Flags.Has(wire.ACK)
		})
		if k >= 0 && c.Segments[k].Sent-s.Received > delayedAckMax {
			out = append(out, cut{s.Received, c.Segments[k].Sent})
		}
	}
	return out
}
