package capture

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// A RST has two forms (RFC 9293 section 3.5.2 and 3.10.7). One that answers a
// segment with an acknowledgement takes its number from there and bears none
// itself; one that answers a segment without has number zero. Hosts that abort
// a connection of their own accord send their next number, and acknowledge
// what they have got. So the form tells an answer from an abort, and the rest
// follows from the state of the sender.

// giveUp is how often something is sent again before a host may give up.
const giveUp = 3

// closeWait is how long Linux remembers a connection that only the peer has
// yet to close, or that was closed on both sides: tcp_fin_timeout, TIME_WAIT.
const closeWait = 60 * time.Second

// explain infers why a RST was sent, before it changes its sender's state.
func (b *builder) explain(i int, p *passage, e *end) {
	s := &b.t.Segments[i]
	b.inferred.causes++
	if by := b.forger(p, e); by != "" {
		s.Injected = "somebody on the way (inferred)"
		b.inferred.forged++
		c := cause.Of(&cause.Situation{Injector: "somebody on the way"})
		b.blame(s, c, by)
		return
	}
	if k := b.answered(p, e); k >= 0 {
		s.Trigger = trace.Trigger{Kind: trace.BySegment, Index: k}
		b.answer(s, p, e, k)
		return
	}
	b.abort(s, p, e)
}

// blame fills in a cause, and says that it is a conclusion and from what.
func (b *builder) blame(s *trace.Segment, c trace.Cause, from string) {
	c.Text = "inferred: " + c.Text
	if from != "" {
		c.Text += " (" + from + ")"
	}
	s.Cause = &c
}

// forger says what speaks for a RST that its alleged sender has not sent.
func (b *builder) forger(p *passage, e *end) string {
	// In SYN_RECEIVED an answer to a wrong acknowledgement is no end.
	alive := e.state.Synchronized() && e.state != stack.TimeWait || e.state == stack.SynReceived && p.seg.Flags.Has(wire.ACK)
	if alive && b.goesOn(p.try, p.from, p.number) {
		return fmt.Sprintf("the %s goes on with #%d", p.from, b.later[p.try][p.from]+1)
	}
	if q := b.crossing(p, e); q != nil {
		return fmt.Sprintf("both sides are said to have answered with a RST at once, see #%d", q.number)
	}
	if len(e.ttl) != 1 {
		return ""
	}
	for usual, n := range e.ttl {
		if n >= 2 && usual != p.ttl() {
			return fmt.Sprintf("its time to live is %d, that of what the %s has sent %d", p.ttl(), p.from, usual)
		}
	}
	return ""
}

// crossing is a RST in the other direction that was under way at the same
// time, while both sides were well. Of two hosts that forget a connection at
// once nobody has heard; something on the way that ends it tells both.
func (b *builder) crossing(p *passage, e *end) *passage {
	if e.state != stack.Established || p.seg.Flags.Has(wire.ACK) {
		return nil
	}
	for _, q := range b.resets[p.try] {
		if q.from != p.from && !q.seg.Flags.Has(wire.ACK) && q.sentAt < p.receivedAt && p.sentAt < q.receivedAt {
			return q
		}
	}
	return nil
}

// answered is the index of the segment that a RST answers, -1 for none.
func (b *builder) answered(p *passage, e *end) int {
	for n := len(e.got) - 1; n >= 0; n-- {
		s := &b.t.Segments[e.got[n]]
		if s.Flags.Has(wire.RST) {
			continue
		}
		switch ack := s.Flags.Has(wire.ACK); {
		case !p.seg.Flags.Has(wire.ACK):
			if ack && s.RawAck == p.seg.Seq {
				return e.got[n]
			}
		case p.seg.Seq == 0 && !ack && s.RawSeq+space(s) == p.seg.Ack:
			return e.got[n]
		case e.finSent && s.ReceivedAt >= e.finAt && s.Len > 0 && before(e.acked, s.RawSeq+space(s)):
			// Some answer data after a close with the form of an abort. Data
			// that nobody reads any more is not acknowledged.
			return e.got[n]
		}
	}
	return -1
}

// space is what a segment takes in sequence numbers.
func space(s *trace.Segment) uint32 {
	n := uint32(s.Len)
	if s.Flags.Has(wire.SYN) {
		n++
	}
	if s.Flags.Has(wire.FIN) {
		n++
	}
	return n
}

// answer explains a RST that answers segment k.
func (b *builder) answer(s *trace.Segment, p *passage, e *end, k int) {
	arrived := &b.t.Segments[k]
	seg := wire.Segment{
		Src: b.conn.Addr[arrived.From], Dst: b.conn.Addr[p.from], Flags: arrived.Flags,
		Seq: arrived.RawSeq, Ack: arrived.RawAck, Payload: arrived.Payload(),
	}
	sit := &cause.Situation{Trigger: trace.BySegment, Arrived: &seg, Number: arrived.Number}
	syn := seg.Flags.Has(wire.SYN)
	switch st := e.state; {
	case b.reopens(p):
		sit.Owner = &cause.Owner{State: stack.SynSent}
		b.blame(s, cause.Of(sit), "it has forgotten the connection, and begins another")
	case e.lost, st == stack.Established && e.tried < giveUp, st == stack.CloseWait && e.tried < giveUp:
		e.lost = true
		b.blame(s, forgotten(sit), "by the segments it should know it; a host that rebooted, crashed or moved looks the same")
	case st == stack.Closed && e.begun:
		sit.Past = &cause.Past{How: e.how, At: e.ended}
		b.blame(s, cause.Of(sit), "")
	case st == stack.Closed && syn && !seg.Flags.Has(wire.ACK):
		b.blame(s, cause.Of(sit), "a firewall that rejects the SYN, or a full backlog that is set to, looks the same")
	case st == stack.Closed && !b.conn.Begun:
		b.blame(s, cause.Of(sit), "what came before is not in the file")
	case st == stack.Closed:
		b.blame(s, cause.Of(sit), "")
	case st == stack.SynSent && syn && seg.Ack == e.next:
		sit.Past = &cause.Past{How: "it does not wait for an answer any more"}
		b.blame(s, pastWithout(sit), "a port scan looks the same")
	case st == stack.SynSent, st == stack.SynReceived:
		sit.Owner = &cause.Owner{State: st}
		b.blame(s, cause.Of(sit), "")
	case e.gone(p, &seg):
		sit.Past = &cause.Past{How: fmt.Sprintf("it gave up or had waited long enough in %s", st)}
		b.blame(s, pastWithout(sit), "")
	default:
		sit.Owner = &cause.Owner{State: st, Orphan: true}
		b.blame(s, cause.Of(sit), "after shutdown() of both directions it looks the same")
	}
}

// reopens reports whether the sender of a RST has begun the connection anew by
// then, in a later incarnation.
func (b *builder) reopens(p *passage) bool {
	for i := p.try + 1; i < len(b.ends); i++ {
		if b.ends[i][p.from].state == stack.SynSent {
			return true
		}
	}
	return false
}

// forgotten is the cause of an answer from a host that should know the
// connection. When it lost it is not known.
func forgotten(sit *cause.Situation) trace.Cause {
	sit.Past = &cause.Past{Crashed: true}
	c := cause.Of(sit)
	c.Text = fmt.Sprintf("%s arrived for a connection that this host has forgotten", arrival(sit))
	return c
}

// pastWithout is the cause of an answer from a host that has ended the
// connection at an instant that is not known.
func pastWithout(sit *cause.Situation) trace.Cause {
	c := cause.Of(sit)
	c.Text = fmt.Sprintf("%s arrived for a connection that this host had ended: %s", arrival(sit), sit.Past.How)
	return c
}

func arrival(sit *cause.Situation) string {
	what := "a segment"
	switch f := sit.Arrived.Flags; {
	case len(sit.Arrived.Payload) > 0:
		what = "data"
	case f.Has(wire.SYN):
		what = "a SYN,ACK"
	case f.Has(wire.FIN):
		what = "a FIN"
	case f.Has(wire.ACK):
		what = "an ACK"
	}
	return fmt.Sprintf("%s (#%d)", what, sit.Number)
}

// gone reports whether a side does not know the connection any more: it was
// not answered, it has waited longer than it had to, or it resets what is in
// order and empty.
func (e *end) gone(p *passage, arrived *wire.Segment) bool {
	if e.tried >= giveUp || e.state == stack.Established || e.state == stack.CloseWait {
		return true
	}
	waits := e.state == stack.FinWait2 || e.state == stack.TimeWait
	if waits && p.sentAt-e.finAt >= closeWait {
		return true
	}
	return len(arrived.Payload) == 0 && !before(e.rcv, arrived.End())
}

// abort explains a RST that a side sends of its own accord.
func (b *builder) abort(s *trace.Segment, p *passage, e *end) {
	call := &cause.Situation{Trigger: trace.ByCall, Call: trace.OpClose}
	switch {
	case !p.seg.Flags.Has(wire.ACK):
		b.blame(s, unknownCause("without an acknowledgement it answers a segment, and that is not in the file"), "")
	case !e.begun && p.from == trace.Server && !e.sent:
		b.blame(s, unknownCause("it is the first that the %s sends in the file, and answers none of its segments", p.from), "")
	case e.retries >= giveUp:
		b.blame(s, unknownCause("the %s had sent something again %d times without an answer, and may have given up", p.from, e.retries), "")
	case e.unread > 0:
		call.Owner = &cause.Owner{Unread: e.unread}
		c := cause.Of(call)
		c.Text = fmt.Sprintf("close(), or the end of the process, with data unread: of what arrived, %d bytes came after the %s last sent data", e.unread, p.from)
		b.blame(s, c, "SO_LINGER {on, 0 s} looks the same")
	default:
		call.Owner = &cause.Owner{Linger: stack.Linger{On: true}}
		b.blame(s, cause.Of(call), b.doubt(p, e))
	}
}

// doubt says what else an abort without new data may be.
func (b *builder) doubt(p *passage, e *end) string {
	switch {
	case e.received > 0:
		return "a close() with data unread looks the same, but none came after its last own"
	case p.from == trace.Server:
		return "nothing has arrived that could be unread; the end of a listener that has not accepted the connection looks the same"
	}
	return "nothing has arrived that could be unread"
}

func unknownCause(format string, args ...any) trace.Cause {
	return trace.Cause{
		ID: cause.Unexplained, Text: "no rule explains it: " + fmt.Sprintf(format, args...),
		Source: "RFC 9293 section 3.5.2 (when a RST is sent)",
	}
}
