package fuzz

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func watchPace(l *ledger) watcher {
	return &paceWatcher{l: l, sent: map[sequenceID]time.Duration{}, links: map[int]int{}}
}

// The fastest that is allowed.
const (
	leastRTO    = 200 * time.Millisecond
	leastSynRTO = time.Second
	stormLinks  = 10
)

type sequenceID struct {
	conn int
	from trace.Side
	seq  uint32
}

type paceWatcher struct {
	quiet
	l     *ledger
	sent  map[sequenceID]time.Duration // when a timer last sent what begins there
	links map[int]int                  // by segment: how long a chain of answers it ends
}

func (w *paceWatcher) see(e trace.Event) {
	if e.Kind != trace.Sent {
		return
	}
	s := &w.l.trace.Segments[e.Index]
	if !byHost(s) || s.Flags.Has(wire.RST) {
		return
	}
	switch {
	case s.Flags.Has(wire.SYN) || s.Len > 0 || s.Flags.Has(wire.FIN):
		w.timed(s)
	default:
		w.storm(s)
	}
}

// timed measures from one transmission by a timer to the next. What an ACK
// brings about has no pace of its own (fast retransmit, the recovery after a
// timeout).
func (w *paceWatcher) timed(s *trace.Segment) {
	id := sequenceID{s.Conn, s.From, s.RawSeq}
	last, again := w.sent[id]
	byTimer := s.Trigger.Kind == trace.ByTimer
	if byTimer || s.Flags.Has(wire.SYN) && !again {
		w.sent[id] = s.SentAt
	}
	if !again || !byTimer {
		return
	}
	least, own := leastRTO, w.l.conf.RTO[s.From]
	if own.Min > 0 {
		least = own.Min
	}
	if s.Flags.Has(wire.SYN) {
		least = leastSynRTO
	}
	if own.Max > 0 {
		least = min(least, own.Max)
	}
	if d := s.SentAt - last; d < least {
		w.l.report(s.Conn, "early-retransmission", "%s retransmits #%d [%s] after %s, and the RTO is at least %s", s.From, s.Number, s.Flags, d, least)
	}
}

// storm follows chains of empty segments that answer each other. An ACK is not
// answered by an ACK unless something is wrong with it; a chain of more than a
// few links is two hosts that believe in different numbers.
func (w *paceWatcher) storm(s *trace.Segment) {
	if s.Trigger.Kind != trace.BySegment || w.l.forged(s.Conn) {
		return // two hosts that a forger has set at odds answer each other for ever, also on Linux
	}
	links := w.links[s.Trigger.Index] + 1
	w.links[s.Number-1] = links
	if links > stormLinks {
		w.l.report(s.Conn, "storm", "%d empty segments answer each other, up to #%d", links, s.Number)
	}
}
