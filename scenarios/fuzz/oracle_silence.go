package fuzz

import (
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func watchSilence(l *ledger) watcher { return &silenceWatcher{l: l} }

type silenceWatcher struct {
	l   *ledger
	due []dueReset
}

// dueReset is a RST that the host is working on and has to obey.
type dueReset struct {
	conn    int
	side    trace.Side
	segment int
}

func (w *silenceWatcher) see(e trace.Event) {
	w.settle(e)
	switch e.Kind {
	case trace.Received:
		w.arrived(e.Index)
	case trace.Sent:
		w.sent(&w.l.trace.Segments[e.Index])
	}
}

func (w *silenceWatcher) sent(s *trace.Segment) {
	if !byHost(s) || s.Flags.Has(wire.RST) || s.Flags.Has(wire.SYN) {
		return
	}
	e := &w.l.ends[s.Conn][s.From]
	if e.opened && e.state == stack.Closed {
		rule, how := "speaks-when-closed", "was closed"
		if e.reset {
			rule, how = "speaks-after-reset", "was reset"
		}
		w.l.report(s.Conn, rule, "#%d [%s] comes from the %s, whose endpoint %s in %s", s.Number, s.Flags, s.From, how, e.from)
	}
}

// arrived notes a RST whose sequence number is exactly the next one expected:
// the only kind that RFC 5961 lets end a connection at once. TIME_WAIT ignores
// it (RFC 1337).
func (w *silenceWatcher) arrived(index int) {
	s := &w.l.trace.Segments[index]
	side := s.From.Peer()
	e := &w.l.ends[s.Conn][side]
	if !s.Flags.Has(wire.RST) || s.Injected != "" || s.Damaged != nil || e.forged || s.Flags&(wire.SYN|wire.FIN) != 0 || s.Len > 0 {
		return
	}
	if !e.hasAck || s.Seq != e.acked || !e.state.Synchronized() || e.state == stack.TimeWait {
		return
	}
	if s.Flags.Has(wire.ACK) && wire.Before(e.sndNxt, s.Ack) {
		return
	}
	w.due = append(w.due, dueReset{s.Conn, side, index})
}

func (w *silenceWatcher) settle(e trace.Event) {
	kept := w.due[:0]
	for _, d := range w.due {
		by := trace.Trigger{Kind: trace.BySegment, Index: d.segment}
		if e.Kind == trace.Changed && w.l.trace.Transitions[e.Index].Trigger == by {
			kept = append(kept, d)
			continue
		}
		w.check(d)
	}
	w.due = kept
}

func (w *silenceWatcher) check(d dueReset) {
	if e := &w.l.ends[d.conn][d.side]; e.state != stack.Closed {
		s := &w.l.trace.Segments[d.segment]
		w.l.report(d.conn, "reset-ignored", "RST #%d bears the number that the %s expects next (%d), and leaves it in %s",
			s.Number, d.side, s.Seq, e.state)
	}
}

func (w *silenceWatcher) end() {
	for _, d := range w.due {
		w.check(d)
	}
}
