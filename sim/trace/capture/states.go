package capture

import (
	"fmt"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// sent records that a segment was sent, after what that says of its sender:
// a change of state comes before the segment that shows it.
func (b *builder) sent(i int, p *passage) {
	s := &b.t.Segments[i]
	e := &b.ends[p.try][p.from]
	switch {
	case p.copyOf != nil:
		first := &b.t.Segments[p.copyOf.number-1]
		s.Retransmission, s.Probe, s.Cause, s.Trigger = first.Retransmission, first.Probe, first.Cause, first.Trigger
		b.event(p.sentAt, trace.Sent, i)
		return
	case p.seg.Flags.Has(wire.RST):
		b.explain(i, p)
	default:
		s.Retransmission, s.Probe = e.advance(&p.seg)
		if p.seg.Flags.Has(wire.SYN|wire.ACK) && len(e.got) > 0 {
			s.Trigger = trace.Trigger{Kind: trace.BySegment, Index: e.got[len(e.got)-1]}
		}
	}
	if s.Injected == "" {
		b.sends(p, e)
	}
	b.event(p.sentAt, trace.Sent, i)
}

// sends moves the sender's state by what it sends.
func (b *builder) sends(p *passage, e *end) {
	to, f := e.state, p.seg.Flags
	switch {
	case f.Has(wire.RST):
		// Before it is established, a side may answer an old duplicate and go
		// on.
		if (e.state == stack.SynSent || e.state == stack.SynReceived) && b.goesOn(p.try, p.from, p.number) {
			return
		}
		if e.state != stack.Closed {
			e.how = fmt.Sprintf("its own RST, #%d, from %s", p.number, e.state)
		}
		to = stack.Closed
	case f.Has(wire.SYN):
		switch {
		case e.state == stack.SynSent && f.Has(wire.ACK):
			to = stack.SynReceived // simultaneous open
		case e.state != stack.Closed:
		case f.Has(wire.ACK):
			to = stack.SynReceived
		case !e.begun:
			to = stack.SynSent
		}
	case f.Has(wire.FIN):
		switch e.state {
		case stack.SynReceived, stack.Established:
			to = stack.FinWait1
		case stack.CloseWait:
			to = stack.LastAck
		}
		if to != e.state {
			e.finSent, e.finAt = true, p.sentAt
		}
	}
	here := spot{p.sentAt, p.try, p.from}
	b.move(here, e, to, trace.Trigger{})
	if f.Has(wire.ACK) && !f.Has(wire.RST) && e.heard && before(e.rcv, p.seg.Ack) {
		// It has got more than the capture shows.
		e.rcv = p.seg.Ack
		b.finish(here, e, trace.Trigger{})
	}
}

// arrive records that a segment was received, and moves its receiver's state.
func (b *builder) arrive(p *passage) {
	i := p.number - 1
	b.event(p.receivedAt, trace.Received, i)
	side := p.from.Peer()
	e := &b.ends[p.try][side]
	by := trace.Trigger{Kind: trace.BySegment, Index: i}
	m := spot{at: p.receivedAt, try: p.try, side: side}
	if len(e.got) >= maxGot {
		e.got = e.got[:copy(e.got, e.got[1:])]
	}
	e.got = append(e.got, i)
	if p.seg.Flags.Has(wire.RST) {
		b.reset(m, e, p, by)
		return
	}
	if p.seg.Flags.Has(wire.SYN) {
		if !b.synArrives(m, e, p, by) {
			return
		}
	} else if e.state == stack.Closed || e.state == stack.SynSent {
		return
	}
	if p.seg.Flags.Has(wire.ACK) {
		b.ackArrives(m, e, p, by)
	}
	e.take(&p.seg)
	b.finish(m, e, by)
}

// synArrives is the first part of RFC 9293 section 3.10.7: it reports whether
// the segment belongs to the connection.
func (b *builder) synArrives(m spot, e *end, p *passage, by trace.Trigger) bool {
	ack := p.seg.Flags.Has(wire.ACK)
	switch {
	case e.state == stack.Closed && !e.begun && !ack && e.answers:
		e.state = stack.Listen
		e.heard, e.rcv = true, p.seg.Seq+1
		b.move(m, e, stack.SynReceived, by)
	case e.state == stack.SynSent && ack && p.seg.Ack == e.next && b.takes(m, p):
		e.heard, e.rcv = true, p.seg.Seq+1
		b.move(m, e, stack.Established, by)
	case e.state == stack.SynSent && !ack:
		e.heard, e.rcv = true, p.seg.Seq+1
		b.move(m, e, stack.SynReceived, by)
	case e.state == stack.SynReceived && ack:
	default:
		return false
	}
	return true
}

// takes reports whether a side takes the SYN,ACK that is the answer to its SYN.
// One that says nothing but RST after it does not wait for it any more.
func (b *builder) takes(m spot, p *passage) bool {
	if b.goesOn(m.try, m.side, p.number) {
		return true
	}
	for _, r := range b.resets[m.try] {
		if r.from == m.side && !r.seg.Flags.Has(wire.ACK) {
			return false
		}
	}
	return true
}

// goesOn reports whether a side sends more than RSTs after a segment.
func (b *builder) goesOn(try int, side trace.Side, number int) bool {
	return b.later[try][side] >= number
}

func (b *builder) ackArrives(m spot, e *end, p *passage, by trace.Trigger) {
	ack := p.seg.Ack
	if !e.sent || before(e.next, ack) {
		return
	}
	if before(e.una, ack) {
		e.una = ack
	}
	if e.state == stack.SynReceived && e.una != b.conn.tries[m.try].isn[m.side] {
		b.move(m, e, stack.Established, by)
	}
	if !e.finSent || e.una != e.next {
		return
	}
	switch e.state {
	case stack.FinWait1:
		b.move(m, e, stack.FinWait2, by)
	case stack.Closing:
		b.move(m, e, stack.TimeWait, by)
	case stack.LastAck:
		e.how = fmt.Sprintf("#%d acknowledged its FIN", p.number)
		b.move(m, e, stack.Closed, by)
	}
}

// finish takes in the peer's FIN once everything before it is there.
func (b *builder) finish(m spot, e *end, by trace.Trigger) {
	if !e.finished() {
		return
	}
	switch e.state {
	case stack.SynReceived, stack.Established:
		b.move(m, e, stack.CloseWait, by)
	case stack.FinWait1:
		b.move(m, e, stack.Closing, by)
	case stack.FinWait2:
		b.move(m, e, stack.TimeWait, by)
	}
}

// reset is what a RST does. One that is not exactly at RCV.NXT may get a
// challenge ACK (RFC 5961): whether it did shows in that the receiver goes on.
func (b *builder) reset(m spot, e *end, p *passage, by trace.Trigger) {
	goesOn := b.goesOn(m.try, m.side, p.number) && b.t.Segments[b.later[m.try][m.side]].SentAt > m.at
	switch e.state {
	case stack.Closed:
		return
	case stack.SynSent:
		if !p.seg.Flags.Has(wire.ACK) || p.seg.Ack != e.next {
			return
		}
	default:
		if p.seg.Seq != e.rcv && goesOn {
			return
		}
	}
	e.how = fmt.Sprintf("reset by #%d, from %s", p.number, e.state)
	b.move(m, e, stack.Closed, by)
}
