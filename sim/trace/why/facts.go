package why

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// facts are what the capture says of one RST, before anybody draws a
// conclusion. An index is -1 where there is no such segment.
type facts struct {
	*follower
	index    int
	r        *Segment
	me, peer *host
	bare     bool     // without an acknowledgement
	answers  int      // the segment that it answers
	s        *Segment // that one
	delay    time.Duration
	state    state // before that one came, or when it was sent

	goesOn   int // what its sender says later and could not after a RST
	crossing int // a RST of the other side under way at the same time
	reopened bool

	strange  bool // its TTL is none of its sender's
	ttl      byte // the usual one
	nextID   bool // its IP id is the next of its sender's counter
	echoID   bool // its IP id is that of the segment it answers, or of its last
	fits     bool // its number is its sender's next
	unheard  bool // it acknowledges what nobody has sent
	sinceOwn time.Duration
	since    time.Duration // anything at all
	probes   []int
	retries  []int
}

func (f *follower) facts(i int) *facts {
	r := &f.Segments[i]
	me, peer := f.sender(i)
	x := &facts{
		follower: f, index: i, r: r, me: me, peer: peer, bare: !r.Flags.Has(wire.ACK),
		answers: f.answered(i), crossing: -1, sinceOwn: -1, since: -1,
		probes: me.probes, retries: me.retries,
	}
	at := i
	if x.answers >= 0 {
		x.s = &f.Segments[x.answers]
		x.delay, at = r.At-x.s.At, x.answers
	}
	x.state = f.stateBefore(me, r.Try, at)
	if x.state == established && me.lastData < 0 && f.greetsAgain(i) {
		x.state = synReceived
	}
	if x.state == established && x.answers >= 0 && !x.bare && r.Seq == me.next+1 {
		x.state = finWait1 // its FIN is not in the file
	}
	if me.last >= 0 {
		x.sinceOwn = r.At - f.Segments[me.last].At
		x.since = x.sinceOwn
	}
	if peer.last >= 0 {
		if d := r.At - f.Segments[peer.last].At; x.since < 0 || d < x.since {
			x.since = d
		}
	}
	x.fits = me.spoke && r.Seq == me.next
	x.unheard = !x.bare && peer.spoke && wire.Before(peer.next, r.Ack) && (!me.heard || wire.Before(me.acked, r.Ack))
	x.ttl, x.strange = me.strange(r.TTL)
	x.nextID = me.goesOn(r)
	x.echo()
	x.goesOn = x.aliveAfter()
	x.crossing = x.crossed()
	if at := f.Anew[r.From]; at > 0 && x.s != nil && at <= r.At {
		x.reopened = true
	}
	for try, p := range f.hosts {
		x.reopened = x.reopened || try > r.Try && p[r.From].syn >= 0 && p[r.From].lastAck < 0
	}
	return x
}

// greetsAgain reports whether the sender of a RST sends its SYN,ACK again
// after: then it had not got the acknowledgement that the capture shows.
func (f *follower) greetsAgain(i int) bool {
	r := &f.Segments[i]
	for _, s := range f.Segments[i+1:] {
		if s.From == r.From && s.Try == r.Try && s.Flags.Has(wire.SYN|wire.ACK) && !s.Copy {
			return true
		}
	}
	return false
}

// echo looks for the IP id of what the RST answers: a device that makes its
// RST out of a segment at hand often leaves it.
func (x *facts) echo() {
	if !x.r.HasID || x.r.ID == 0 {
		return
	}
	got := x.me.got
	for _, k := range got[max(0, len(got)-16):] {
		if x.Segments[k].ID == x.r.ID {
			x.echoID = true
		}
	}
	if x.me.seen > 0 && x.me.lastID == x.r.ID {
		x.echoID = true
	}
}

// aliveAfter is a segment that the alleged sender of the RST sends later and
// that a host without the connection would not: from the usual distance, no
// copy, with something new in it.
func (x *facts) aliveAfter() int {
	switch x.state {
	case none, synSent, timeWait, closed:
		return -1
	case synReceived:
		if x.bare {
			return -1 // an answer to a wrong acknowledgement is no end
		}
	}
	last := x.last[x.r.From][x.r.Try]
	if last <= x.index {
		return -1
	}
	next, acked := x.me.next, x.me.acked
	if !x.bare {
		acked = later(acked, x.r.Ack) // it says so itself
	}
	for k := x.index + 1; k <= last; k++ {
		s := &x.Segments[k]
		if s.From != x.r.From || s.Try != x.r.Try || s.Copy || s.Flags.Has(wire.RST) || s.Flags.Has(wire.SYN) {
			continue
		}
		if x.me.seen >= 2 && x.me.ttl[s.TTL] == 0 {
			continue // not the host itself
		}
		if x.r.Seq != 0 && !wire.Before(x.r.Seq, s.End()) && !wire.Before(x.r.Seq, next) && (x.bare || !wire.Before(x.r.Ack, s.Ack)) && !wire.Before(acked, s.Ack) {
			continue // overtaken by the RST
		}
		if wire.Before(next, s.End()) || wire.Before(acked, s.Ack) || s.At-x.r.At > 2*x.leg(x.r.From)+time.Millisecond {
			return k
		}
	}
	return -1
}

// crossed is a RST of the other side that was under way at the same time and
// answers nothing of this one.
func (x *facts) crossed() int {
	if !x.bare || x.state != established {
		return -1
	}
	wait := max(x.leg(0)+x.leg(1), time.Millisecond)
	for _, k := range x.rsts {
		q := &x.Segments[k]
		if q.From == x.r.From || q.Try != x.r.Try || q.Flags.Has(wire.ACK) {
			continue
		}
		apart := q.At - x.r.At
		if apart < 0 {
			apart = -apart
		}
		if apart <= wait && x.peer.spoke && q.Seq == x.peer.next {
			return k
		}
	}
	return -1
}

// silence is how long a host had said nothing, the segment that is answered
// left out.
func (x *facts) silence() time.Duration {
	if x.s == nil || x.me.last < 0 {
		return x.sinceOwn
	}
	return x.s.At - x.Segments[x.me.last].At
}

// idle is how long nobody had said anything before the segment that is
// answered.
func (x *facts) idle() time.Duration {
	if x.answers < 0 {
		return x.since
	}
	for k := x.answers - 1; k >= 0; k-- {
		if q := &x.Segments[k]; q.Try == x.r.Try && !q.Copy {
			return x.s.At - q.At
		}
	}
	return -1
}

// round is the timeout of a box that a silence fits, 0 for none.
func round(d time.Duration) time.Duration {
	for _, s := range []int{60, 120, 180, 300, 350, 600, 900, 1800, 3600, 7200} {
		t := time.Duration(s) * time.Second
		if d >= t-t/100 && d <= t+t/50+2*time.Second {
			return t
		}
	}
	return 0
}

// peers are the neighbours that fit: the same server, reset by the same side
// within the same instant.
func (x *facts) together() (n int) {
	for _, k := range x.Neighbours {
		if k.Server == x.Addr[trace.Server] && k.By == x.r.From && !k.Refused && k.Apart < 100*time.Millisecond && k.Apart > -100*time.Millisecond && k.Silent {
			n++
		}
	}
	return n
}
