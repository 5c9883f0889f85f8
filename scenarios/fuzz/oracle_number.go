package fuzz

import (
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func watchNumbers(l *ledger) watcher { return &numberWatcher{l: l} }

type numberWatcher struct {
	quiet
	l *ledger
}

func (w *numberWatcher) see(e trace.Event) {
	if e.Kind != trace.Sent {
		return
	}
	s := &w.l.trace.Segments[e.Index]
	if !byHost(s) || s.Flags.Has(wire.RST) || w.l.forged(s.Conn) {
		return
	}
	n := &w.l.ends[s.Conn][s.From]
	if s.Flags.Has(wire.ACK) && !s.Flags.Has(wire.SYN) && n.hasAck && wire.Before(s.Ack, n.acked) {
		w.l.report(s.Conn, "ack-goes-back", "%s acknowledges %d with #%d, after %d", s.From, s.Ack, s.Number, n.acked)
	}
	if s.Flags.Has(wire.ACK) && n.opened {
		w.coverage(s, n)
	}
	if s.Len > 0 && n.hasEdge && !s.Flags.Has(wire.SYN) {
		w.window(s, n)
	}
}

func (w *numberWatcher) coverage(s *trace.Segment, n *end) {
	most := uint32(1 + n.got.len())
	if n.hasFin && n.peerFin == most {
		most++
	}
	if wire.Before(most, s.Ack) {
		w.l.report(s.Conn, "ack-of-nothing", "%s acknowledges %d with #%d, and only what is below %d has arrived in order", s.From, s.Ack, s.Number, most)
	}
}

// window allows the one byte beyond a closed window that probes it.
func (w *numberWatcher) window(s *trace.Segment, n *end) {
	end := s.Seq + uint32(s.Len)
	if s.Len == 1 {
		end--
	}
	if wire.Before(n.edge, end) {
		w.l.report(s.Conn, "beyond-the-window", "%s sends up to %d with #%d, and the window ends at %d", s.From, s.Seq+uint32(s.Len), s.Number, n.edge)
	}
}
