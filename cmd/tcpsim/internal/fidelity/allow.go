package fidelity

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Allowance is something in which a run may differ from a recording that it is
// the same as.
type Allowance struct{ Name, Why string }

// The names of the allowances.
const (
	allowWindow     = "window"
	allowOptions    = "syn-options"
	allowDelayedAck = "delayed-ack"
	allowStall      = "stall"
)

// Allowances is the whole list. The IP header and timestamps are not on it:
// recordings do not hold them, so that there is nothing to compare.
func Allowances() []Allowance {
	return []Allowance{
		{allowWindow, "The advertised window follows from how a kernel accounts for its buffers, not from " +
			"the protocol. Where another window has an effect, other segments are sent, and that is a difference."},
		{allowOptions, "The options of a SYN announce what a host can do: window scale and maximum segment size " +
			"are a kernel's own choice, and a timestamp counts from a number of its own. Where they have an effect, " +
			"other segments are sent."},
		{allowDelayedAck, "When a pure ACK of new data or of a FIN is sent is up to delayed-ACK policy (RFC 9293 section " +
			"3.8.6.3): gVisor acknowledges at once, Linux within 40 ms or with the next data, and one ACK for several " +
			"segments. The other side must have acknowledged as much in the end, or Linux's ACK was still " +
			"delayed when a RST ended the connection; then the RST that gVisor's ACK drew from the closed " +
			"peer goes with it. Every other pure ACK counts: challenge ACKs, duplicate ACKs, window " +
			"updates, probes and their answers, and the last ACK of the handshake."},
		{allowStall, "The recording machine stood still at times, which a segment shows that is long overdue, or an " +
			"ACK that Linux never delays so long, while nothing at all happens. Whether only the relay between the " +
			"hosts stood still, or the hosts too, so that timers which fell due fired at the end, nobody can tell: " +
			"a case is the same when it is in either reading."},
	}
}

// acks compares the pure ACKs of one sender. Those that only one of the two
// has are allowed when the other acknowledged as much.
func (k *comparison) acks(rec, own []segment, recAcks, ownAcks []*segment) (pairs []pair) {
	used := map[int]bool{}
	for _, r := range recAcks {
		i := slices.IndexFunc(ownAcks, func(o *segment) bool { return o.same(r) && !used[o.index] })
		if i >= 0 {
			used[ownAcks[i].index] = true
			pairs = append(pairs, pair{r, ownAcks[i]})
			continue
		}
		if !covered(r, own) || !ordinary(r, k.rec) {
			k.differ(difference{at: r.at, rec: r}, "Linux sent %s; tcpsim did not, and no delayed ACK explains it", r)
			return pairs
		}
		k.allowed[allowDelayedAck]++
	}
	for _, o := range ownAcks {
		if used[o.index] {
			continue
		}
		if !covered(o, rec) || !ordinary(o, k.own) {
			k.differ(difference{at: o.when(), own: o}, "tcpsim sent %s; Linux did not, and no delayed ACK explains it", o)
			return pairs
		}
		k.allowed[allowDelayedAck]++
	}
	return pairs
}

func covered(s *segment, by []segment) bool {
	return slices.ContainsFunc(by, func(o segment) bool {
		return o.ports == s.ports && o.flags.Has(wire.ACK) && o.ack.Life == s.ack.Life && o.ack.Off >= s.ack.Off
	})
}

// ordinary reports that an ACK is one that TCP sends by itself: with the
// sequence number that its sender has come to, and for the end of a segment
// that its peer had sent.
func ordinary(a *segment, all []segment) bool {
	next, bound := int64(0), false
	for i := range all {
		switch s := &all[i]; {
		case s.at > a.at || s.ports != a.ports || s.flags.Has(wire.RST) || s.pure():
		case s.from == a.from && s.seq.Life == a.seq.Life:
			next = max(next, s.end())
		case s.from != a.from && s.seq.Life == a.ack.Life:
			bound = bound || s.end() == a.ack.Off
		}
	}
	return bound && a.seq.Off == next
}

// withoutOverdue takes out the ACKs that Linux had still delayed when a RST
// ended the connection, and with each the RST that it drew.
func (k *comparison) withoutOverdue(rec, own []segment) []segment {
	gone := map[int]bool{}
	for side := trace.Client; side <= trace.Server; side++ {
		_, acks := split(bySender(own, side))
		for _, a := range acks {
			if !covered(a, bySender(rec, side)) && cutOff(a, rec, own) {
				gone[a.index] = true
			}
		}
	}
	for _, s := range own {
		if s.flags == wire.RST && s.trigger.Kind == trace.BySegment && gone[s.trigger.Index] {
			gone[s.index] = true
		}
	}
	if len(gone) > 0 {
		k.allowed[allowDelayedAck] += len(gone)
	}
	return slices.DeleteFunc(own, func(s segment) bool { return gone[s.index] })
}

// delayedAckMax is how long Linux delays an ACK at most (TCP_DELACK_MAX).
const delayedAckMax = 200 * time.Millisecond

// cutOff reports that in the recording a RST reached the sender of an ACK
// before it had to send it, after what the ACK acknowledges had arrived.
func cutOff(ack *segment, rec, own []segment) bool {
	if ack.trigger.Kind != trace.BySegment || !ordinary(ack, own) {
		return false
	}
	what := slices.IndexFunc(own, func(s segment) bool { return s.index == ack.trigger.Index })
	if what < 0 {
		return false
	}
	cause := slices.IndexFunc(rec, func(s segment) bool { return s.same(&own[what]) && s.rx >= 0 })
	if cause < 0 {
		return false
	}
	since := rec[cause].rx
	return slices.ContainsFunc(rec, func(s segment) bool {
		return s.from != ack.from && s.ports == ack.ports && s.flags.Has(wire.RST) &&
			s.rx >= since && s.rx <= since+delayedAckMax
	})
}

// incidental counts what is not compared.
func (k *comparison) incidental(p pair) {
	if p.rec.window != p.own.window {
		k.allowed[allowWindow]++
	}
	if p.rec.flags.Has(wire.SYN) && !slices.Equal(p.rec.options, k.optionsOf(p.own)) {
		k.allowed[allowOptions]++
	}
}
