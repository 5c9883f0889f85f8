package why

import (
	"time"

	"github.com/tcpsim/tcpsim/stack/wire"
)

// A host without a use for a segment answers it at once: within the round trip
// between the capture point and it. What is older was answered otherwise, or
// by nobody. Kernels under load have been seen to take half a second.
const slowAnswer = 2 * time.Second

// answered is the index of the segment that RST i answers, -1 for none. A RST
// answers one segment, and of several they are answered in order.
//
// Without an acknowledgement it takes its number from the segment's own
// (RFC 9293 section 3.5.2, group 2 and 3), with number zero it acknowledges all
// of one that had none (group 1).
func (f *follower) answered(i int) int {
	r := &f.Segments[i]
	me, _ := f.sender(i)
	if r.Flags.Has(wire.ACK) {
		return f.answeredWithAck(r, me)
	}
	gone := max(me.reset, me.killed)
	first, old, probe, ack := -1, -1, -1, -1
	for _, k := range me.got {
		s := &f.Segments[k]
		if s.Flags.Has(wire.RST) || !s.Flags.Has(wire.ACK) || s.Ack != r.Seq || k <= me.used || !f.inTime(r, s) {
			continue
		}
		taken := me.heard && !wire.Before(me.acked, s.End())
		switch {
		case gone >= 0 && k > gone:
			if first < 0 {
				first = k
			}
		case s.Len() > 0 && !taken:
			if first < 0 {
				first = k
			}
		case s.Len() > 0 && (gone >= 0 || f.quick(r, s)):
			old = k
		case s.Len() > 0:
		case me.heard && s.Seq == me.acked-1:
			probe = k
		case gone >= 0 || f.quick(r, s) || f.stateBefore(me, r.Try, k) == closed:
			ack = k
		}
	}
	for _, k := range []int{first, probe, ack, old} {
		if k >= 0 {
			return k
		}
	}
	return -1
}

// quick reports whether a RST comes as soon after a bare acknowledgement as an
// answer does. A host that forgets a connection does so seldom just before one.
func (f *follower) quick(r, s *Segment) bool {
	return r.At-s.At <= max(100*time.Millisecond, 4*f.leg(r.From))
}

func (f *follower) inTime(r, s *Segment) bool {
	return r.At-s.At <= max(slowAnswer, 8*f.leg(r.From))
}

func (f *follower) answeredWithAck(r *Segment, me *host) int {
	late := -1
	for _, k := range me.got {
		s := &f.Segments[k]
		switch {
		case s.Flags.Has(wire.RST) || k <= me.used || !f.inTime(r, s):
		case !s.Flags.Has(wire.ACK) && s.End() == r.Ack && (r.Seq == 0 || !me.spoke):
			return k
		case s.Flags.Has(wire.SYN) && !s.Flags.Has(wire.ACK) && me.spoke && s.End() == r.Ack && s.Seq+1 != me.acked:
			return k // another SYN than the one it has taken
		case late < 0 && (me.fin >= 0 || r.Seq == me.next+1) && me.heard &&
			(len(s.Payload) > 0 && wire.Before(later(me.acked, r.Ack), s.End()) || f.gap(me, k, later(me.acked, r.Ack))):
			late = k
		}
	}
	// Some answer data after a close with the form of an abort. Data that
	// nobody reads any more is not acknowledged, nor is a number beyond what has
	// come. A RST with the number after the next one follows a FIN that is not in
	// the file.
	return late
}

// gap reports whether something before segment k is missing: nothing in the
// capture leads from what was acknowledged to its number.
func (f *follower) gap(me *host, k int, acked uint32) bool {
	for _, q := range me.got {
		if s := &f.Segments[q]; q < k && s.Len() > 0 && !wire.Before(acked, s.Seq) && wire.Before(acked, s.End()) {
			acked = s.End()
		}
	}
	return wire.Before(acked, f.Segments[k].Seq)
}
