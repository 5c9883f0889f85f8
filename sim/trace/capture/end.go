package capture

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// end is one side of a connection, as far as its segments tell.
type end struct {
	state   stack.State
	begun   bool // it has had another state than CLOSED
	ended   time.Duration
	how     string // what ended it
	answers bool   // it will send a SYN,ACK: it listens

	sent    bool
	next    uint32 // SND.NXT
	una     uint32 // SND.UNA
	finSent bool
	finAt   time.Duration

	heard   bool
	rcv     uint32 // RCV.NXT
	early   [][2]uint32
	peerFin bool
	finEnd  uint32 // the number after the peer's FIN

	got []int // the last segments that it received
}

// maxGot bounds how far back the segment is looked for that a RST answers.
const maxGot = 256

// maxEarly bounds what arrives out of order.
const maxEarly = 256

// follow prepares the ends of each incarnation.
func (b *builder) follow(list []*passage) {
	b.ends = make([][2]end, len(b.t.Conns))
	for _, p := range list {
		if p.seg.Flags.Has(wire.SYN | wire.ACK) {
			b.ends[p.try][p.from].answers = true
		}
	}
	for i, try := range b.conn.tries {
		for side := trace.Client; side <= trace.Server; side++ {
			// Without a handshake both sides are in the middle of it. A side
			// that sends nothing but RSTs may have had none.
			if try.seen[side] && !try.known[0] && !try.known[1] && b.speaks(list, i, side) {
				e := &b.ends[i][side]
				e.sent, e.next, e.una = true, try.isn[side]+1, try.isn[side]+1
				e.heard, e.rcv = true, try.isn[side.Peer()]+1
				b.move(spot{0, i, side}, e, stack.Established, trace.Trigger{})
				b.inferred.open++
			}
		}
	}
}

func (b *builder) speaks(list []*passage, try int, side trace.Side) bool {
	return slices.ContainsFunc(list, func(p *passage) bool {
		return p.try == try && p.from == side && !p.seg.Flags.Has(wire.RST)
	})
}

// spot is where and when something changes.
type spot struct {
	at   time.Duration
	try  int
	side trace.Side
}

// move records a change of state.
func (b *builder) move(at spot, e *end, to stack.State, by trace.Trigger) {
	from := e.state
	if from == to {
		return
	}
	b.t.Transitions = append(b.t.Transitions, trace.Transition{
		Host: at.side, Endpoint: at.try, Conn: at.try, From: from, To: to, Trigger: by,
	})
	b.event(at.at, trace.Changed, len(b.t.Transitions)-1)
	b.inferred.moves++
	e.state, e.begun = to, true
	if to == stack.Closed {
		e.ended = at.at
	}
}

// advance notes what a segment says of its sender, and reports whether all of
// it had been sent before: again, or as a probe below SND.UNA.
func (e *end) advance(seg *wire.Segment) (retransmission, probe bool) {
	if seg.Flags.Has(wire.RST) {
		return false, false
	}
	last := seg.End()
	if e.sent && seg.Seq == e.una-1 && len(seg.Payload) <= 1 && seg.Flags&(wire.SYN|wire.FIN) == 0 && before(seg.Seq, e.next) {
		return false, true
	}
	if seg.Len() == 0 {
		return false, false
	}
	if e.sent && !before(e.next, last) {
		return true, false
	}
	if !e.sent {
		e.una = seg.Seq
	}
	e.sent, e.next = true, last
	return false, false
}

// take notes data that has arrived, and reports whether RCV.NXT moved.
func (e *end) take(seg *wire.Segment) {
	first, last := seg.Seq, seg.End()
	if seg.Flags.Has(wire.FIN) {
		e.peerFin, e.finEnd = true, last
	}
	if !e.heard {
		e.heard, e.rcv = true, last
		return
	}
	if before(e.rcv, first) {
		if first != last && len(e.early) < maxEarly {
			e.early = append(e.early, [2]uint32{first, last})
		}
		return
	}
	if before(e.rcv, last) {
		e.rcv = last
	}
	for again := true; again; {
		again = false
		e.early = slices.DeleteFunc(e.early, func(r [2]uint32) bool {
			if before(e.rcv, r[0]) {
				return false
			}
			if before(e.rcv, r[1]) {
				e.rcv, again = r[1], true
			}
			return true
		})
	}
}

// finished reports whether everything up to the peer's FIN has arrived.
func (e *end) finished() bool { return e.peerFin && !before(e.rcv, e.finEnd) }
