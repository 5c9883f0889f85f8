package fuzz

import (
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func watchResets(l *ledger) watcher { return &resetWatcher{l: l} }

type resetWatcher struct {
	quiet
	l *ledger
}

func (w *resetWatcher) see(e trace.Event) {
	if e.Kind != trace.Sent {
		return
	}
	s := &w.l.trace.Segments[e.Index]
	if !s.Flags.Has(wire.RST) || !byHost(s) {
		return
	}
	switch {
	case s.Cause == nil:
		w.l.report(s.Conn, "no-cause", "RST #%d has no cause", s.Number)
	case s.Cause.ID == cause.Unexplained:
		w.l.report(s.Conn, "unexplained", "RST #%d: %s", s.Number, s.Cause.Text)
	}
	if s.Trigger.Kind != trace.BySegment {
		w.abort(s)
		return
	}
	in := &w.l.trace.Segments[s.Trigger.Index]
	if in.Flags.Has(wire.RST) {
		w.l.report(s.Conn, "answers-a-reset", "RST #%d answers RST #%d", s.Number, in.Number)
		return
	}
	if in.Conn == s.Conn {
		w.answer(s, in)
	}
}

// answer checks a RST that a segment has brought about. Without a connection,
// and before one is synchronized, the sequence number is that which the segment
// acknowledges; where it acknowledges nothing it is zero, and the RST
// acknowledges the segment.
func (w *resetWatcher) answer(s, in *trace.Segment) {
	if in.Flags.Has(wire.ACK) && s.RawSeq == in.RawAck || in.Damaged != nil {
		return
	}
	if e := &w.l.ends[s.Conn][s.From]; e.opened && !e.forged && w.inWindow(s, e) {
		return // an endpoint aborts: CLOSED by now, or about to be
	} else if e.forged && e.opened || e.twin {
		return
	}
	end := in.RawSeq + uint32(in.Len)
	if in.Flags.Has(wire.SYN) {
		end++
	}
	if in.Flags.Has(wire.FIN) {
		end++
	}
	switch {
	case in.Flags.Has(wire.ACK):
		w.l.report(s.Conn, "wrong-number", "RST #%d answers #%d, which acknowledges %d, with sequence number %d", s.Number, in.Number, in.RawAck, s.RawSeq)
	case s.RawSeq != 0:
		w.l.report(s.Conn, "wrong-number", "RST #%d answers #%d, which acknowledges nothing, with sequence number %d instead of 0", s.Number, in.Number, s.RawSeq)
	case !s.Flags.Has(wire.ACK) || s.RawAck != end:
		w.l.report(s.Conn, "wrong-number", "RST #%d answers #%d, which ends at %d, and acknowledges %d", s.Number, in.Number, end, s.RawAck)
	}
}

// abort checks a RST that a process or a timer has brought about: SND.NXT, or
// less where the peer's window has shrunk and would not take that.
func (w *resetWatcher) abort(s *trace.Segment) {
	e := &w.l.ends[s.Conn][s.From]
	if e.forged || !e.opened || w.inWindow(s, e) {
		return
	}
	w.l.report(s.Conn, "wrong-number", "RST #%d aborts with sequence number %d, outside of SND.UNA %d to SND.NXT %d in %s", s.Number, s.Seq, e.una, e.sndNxt, e.state)
}

func (w *resetWatcher) inWindow(s *trace.Segment, e *end) bool {
	if e.state == stack.SynReceived || e.state == stack.SynSent {
		return s.Seq == 0 || s.Seq == 1
	}
	return !wire.Before(s.Seq, e.una) && !wire.Before(e.sndNxt, s.Seq)
}
