package onlinux

import (
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// forgery is a segment that a rule or a middlebox is going to forge.
type forgery struct {
	link.Forged
	conn       int
	provokedBy int // the number of a segment
}

// icmp is a message that a router sends.
type icmp struct {
	to    trace.Side
	frame []byte
}

// dispose asks the link what becomes of a segment that was just sent, and does
// it.
func (w *World) dispose(number int, seg *wire.Segment, frame []byte) {
	s := w.rec.at(number)
	v := w.link.Offer(&link.Offered{
		From: s.From, Seg: seg, Seq: s.Seq, At: w.now, Size: len(frame), Retrans: s.Retransmission,
	})
	s.Acts = append(s.Acts, v.Done...)
	if len(v.Flaws) > 0 && !v.Lost {
		frame = slices.Clone(frame)
		for _, f := range v.Flaws {
			s.Acts = append(s.Acts, "changed "+f.Damage(frame, s.Len))
		}
		s.Damaged = frame
	}
	if !v.Unseen {
		w.rec.passed(number, w.now+v.Reach)
	}
	if v.Lost {
		w.rec.lost(number, v.Rule)
	} else {
		first := len(w.rec.trace.Segments) + 1
		for range v.Copies {
			w.rec.copied(number) // numbered here, so that a copy follows its original
		}
		for i, later := range v.Copies {
			w.rec.passed(first+i, w.now+v.Reach+later)
			w.carry(first+i, frame, v.Delay+later, &v)
		}
		w.carry(number, frame, v.Delay, &v)
	}
	conn := w.rec.at(number).Conn
	for _, f := range v.Forged {
		w.at(w.now+v.Reach, event{forged: &forgery{f, conn, number}})
	}
	if v.TooBig > 0 {
		w.tooBig(number, v.TooBig)
	}
}

// carry puts a segment on its way, or keeps it.
func (w *World) carry(number int, frame []byte, delay time.Duration, v *link.Verdict) {
	a := arrival{number, frame, delay, max(0, v.Delay-v.Reach)}
	if v.Hold != "" && !w.done[v.Hold] {
		w.held[v.Hold] = append(w.held[v.Hold], a)
		return
	}
	w.at(w.now+delay, event{arrival: &a})
}

// arrive delivers a segment.
func (w *World) arrive(a *arrival) {
	h := w.hosts[w.rec.at(a.number).To]
	switch {
	case h.lh == nil:
		w.rec.lost(a.number, h.side.String()+" is down")
		return
	case w.link.Cut(h.side):
		w.rec.lost(a.number, "cable of "+h.side.String()+" unplugged")
		return
	}
	w.rec.received(a.number)
	step, err := h.lh.Inject(a.frame)
	if err != nil {
		w.fail(err)
		return
	}
	w.take(step, trace.Trigger{Kind: trace.BySegment, Index: a.number - 1})
}

// forge puts a segment on the middle of the link that a rule made up.
func (w *World) forge(f *forgery) {
	c := &w.rec.trace.Conns[f.conn]
	from := f.To.Peer()
	seg := wire.Segment{Src: c.At(from).Addr, Dst: c.At(f.To).Addr, Flags: f.Flags, Seq: f.Seq}
	if f.Flags.Has(wire.ACK) {
		seg.Ack = f.Ack
	}
	w.fromMiddle(from, f.conn, &seg, f.By, trace.Trigger{Kind: trace.BySegment, Index: f.provokedBy - 1})
}

// fromMiddle sends a forged segment from the middlebox, or from the middle of a
// link that has none.
func (w *World) fromMiddle(from trace.Side, conn int, seg *wire.Segment, by string, t trace.Trigger) {
	frame, err := seg.Frame()
	if err != nil {
		w.fail(fmt.Errorf("forging a segment at %s: %w", w.now, err))
		return
	}
	number := w.rec.injected(from, conn, seg, frame, by, t)
	w.rec.passed(number, w.now)
	w.at(w.now+w.link.FromMiddle(from), event{arrival: &arrival{number: number, frame: frame}})
}

// tooBig tells the sender of a segment, as a router does, that the link carries
// less (RFC 1191, RFC 8201).
func (w *World) tooBig(number, mtu int) {
	s := w.rec.at(number)
	frame, err := wire.TooBig(s.Frame, mtu)
	if err != nil {
		return // a datagram that may be fragmented
	}
	w.rec.note(trace.NoteICMP, s.From, fmt.Sprintf("a router tells %s that #%d exceeds the MTU of %d bytes", s.From, number, mtu))
	w.at(w.now+w.link.Latency(s.From), event{icmp: &icmp{s.From, frame}})
}

func (w *World) arriveICMP(m *icmp) {
	h := w.hosts[m.to]
	if h.lh == nil || w.link.Cut(m.to) {
		return
	}
	step, err := h.lh.Inject(m.frame)
	if err != nil {
		w.fail(err)
		return
	}
	w.take(step, trace.Trigger{})
}
