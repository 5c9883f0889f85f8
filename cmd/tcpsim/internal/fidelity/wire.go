package fidelity

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// grace is how long after the last recorded event the run may still send what
// answers it.
const grace = 20 * time.Millisecond

// pair is a recorded segment and its counterpart.
type pair struct{ rec, own *segment }

// segments compares what each side sent.
func (k *comparison) segments() {
	rec, _ := k.c.recorded()
	// What the run sends after everything that was recorded is not compared:
	// the recording does not go on either.
	over := max(k.r.done, k.c.end()+lead) + grace
	own := slices.DeleteFunc(replayed(k.r.trace), func(s segment) bool { return s.at > over })
	own = k.withoutOverdue(rec, own)
	k.rec, k.own = rec, own
	var pairs []pair
	for side := trace.Client; side <= trace.Server; side++ {
		pairs = append(pairs, k.side(bySender(rec, side), bySender(own, side))...)
	}
	k.causes(pairs)
	k.spacing(pairs)
	for _, p := range pairs {
		k.incidental(p)
	}
}

func bySender(list []segment, side trace.Side) []segment {
	return slices.DeleteFunc(slices.Clone(list), func(s segment) bool { return s.from != side })
}

// side compares the segments of one sender, up to the first that differs: from
// there on nothing belongs together. Pure ACKs that delayed ACKs can move are
// compared apart from the rest.
func (k *comparison) side(rec, own []segment) (pairs []pair) {
	recFixed, recAcks := split(rec)
	ownFixed, ownAcks := split(own)
	for i := 0; i < max(len(recFixed), len(ownFixed)); i++ {
		switch {
		case i >= len(ownFixed):
			r := recFixed[i]
			k.differ(difference{at: r.at, rec: r}, "Linux sent %s; tcpsim did not", r)
			return pairs
		case i >= len(recFixed):
			o := ownFixed[i]
			k.differ(difference{at: o.when(), own: o}, "tcpsim sent %s; Linux did not", o)
			return pairs
		case !recFixed[i].same(ownFixed[i]):
			r, o := recFixed[i], ownFixed[i]
			k.differ(difference{at: min(r.at, o.when()), rec: r, own: o},
				"Linux sent %s at %s; tcpsim %s at %s", r, trace.Clock(r.at), o, trace.Clock(o.when()))
			return pairs
		}
		pairs = append(pairs, pair{recFixed[i], ownFixed[i]})
	}
	return append(pairs, k.acks(rec, own, recAcks, ownAcks)...)
}

// when is the instant of a segment of the run on the recording's clock.
func (s *segment) when() time.Duration { return max(0, s.at-lead) }

// split separates the pure ACKs that acknowledge something new after the
// handshake from everything else.
func split(list []segment) (fixed, acks []*segment) {
	type conn struct {
		t    tuple
		life int
	}
	highest := map[conn]int64{}
	for i := range list {
		s := &list[i]
		c := conn{s.ports, s.ack.Life}
		if s.pure() && s.ack.Off > 1 && s.ack.Off > highest[c] && s.seq.Off > 0 {
			acks = append(acks, s)
		} else {
			fixed = append(fixed, s)
		}
		if s.flags.Has(wire.ACK) && !s.flags.Has(wire.RST) {
			highest[c] = max(highest[c], s.ack.Off)
		}
	}
	return fixed, acks
}

// causes checks that what brought a segment about in the run came before it in
// the recording as well.
func (k *comparison) causes(pairs []pair) {
	counterpart := map[int]*segment{} // recorded, by the index of the run's segment
	for _, p := range pairs {
		counterpart[p.own.index] = p.rec
	}
	for _, p := range pairs {
		d := difference{at: p.rec.at, rec: p.rec, own: p.own}
		t := p.own.trigger
		switch t.Kind {
		case trace.BySegment:
			if c := counterpart[t.Index]; c != nil && (c.rx < 0 || c.rx > p.rec.at) {
				k.differ(d, "tcpsim sent %s because of %s, which in the recording had not arrived by then", p.rec, c)
			}
		case trace.ByCall:
			if i := k.r.trace.Calls[t.Index].Step; i >= 0 && k.c.Calls[i].Begin > p.rec.at {
				k.differ(d, "tcpsim sent %s because of %s, which in the recording had not begun by then", p.rec, &k.c.Calls[i])
			}
		}
	}
}

// spacing compares how far apart the retransmissions of one segment are.
func (k *comparison) spacing(pairs []pair) {
	last := map[string]pair{}
	for _, p := range pairs {
		if p.rec.len == 0 && p.rec.flags&(wire.SYN|wire.FIN) == 0 {
			continue
		}
		key := fmt.Sprint(p.rec.from, p.rec.ports, p.rec.flags, p.rec.seq, p.rec.len)
		before, again := last[key]
		last[key] = p
		if !again {
			continue
		}
		rec, own := p.rec.at-before.rec.at, p.own.at-before.own.at
		if !alike(rec, own) {
			k.differ(difference{at: p.rec.at, rec: p.rec, own: p.own},
				"Linux sent %s again after %s, tcpsim after %s", p.rec, rec, own)
		}
	}
}
