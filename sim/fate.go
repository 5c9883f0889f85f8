package sim

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/buffer"
)

// held is a segment that waits on the link for a label.
type held struct {
	number int
	frame  buffer.Buffer
	delay  time.Duration
}

// dispose asks the link what becomes of a segment that was just sent, and does
// it. It takes over frame.
func (s *Sim) dispose(number int, seg *wire.Segment, frame buffer.Buffer) {
	rec := &s.rec.trace.Segments[number-1]
	s.scratch.offered = link.Offered{
		From: rec.From, Seg: seg, Seq: rec.Seq, At: s.now, Size: len(rec.Frame), Retrans: rec.Retransmission,
	}
	v := s.link.Offer(&s.scratch.offered)
	if s.config.Fate != nil {
		v = s.config.Fate(s.rec.trace, rec, v)
	}
	from, conn := rec.From, rec.Conn
	rec.Link = append(rec.Link, v.Done...)
	switch {
	case v.Lost:
		s.rec.lost(number, v.Rule)
		frame.Release()
	default:
		for range v.Copies {
			// Numbered here, so that a copy follows its original.
			s.rec.copied(number)
		}
		first := len(s.rec.trace.Segments) - len(v.Copies)
		for i, later := range v.Copies {
			s.carry(first+i+1, frame.Clone(), v.Delay+later, &v)
		}
		if v.Hold != "" && !s.done[v.Hold] {
			s.hold(v.Hold, held{number, frame, v.Delay})
			break
		}
		s.carry(number, frame, v.Delay, &v)
	}
	for i := range v.Forged {
		s.forge(&v.Forged[i], from, conn, v.Delay/2)
	}
	if v.TooBig > 0 {
		s.tooBig(number, v.TooBig)
	}
}

// carry puts a segment on its way to the other host.
func (s *Sim) carry(number int, frame buffer.Buffer, delay time.Duration, v *link.Verdict) {
	rec := &s.rec.trace.Segments[number-1]
	if v.Spoil {
		damaged := append([]byte(nil), rec.Frame...)
		what := link.Damage(damaged, rec.Len, v.Field, v.Spoiler)
		rec.Damaged = damaged
		rec.Link = append(rec.Link, "changed "+what)
		frame.Release()
		frame = buffer.MakeWithData(damaged)
	}
	s.heap.push(event{at: s.now + delay, segment: number, frame: frame, host: s.hosts[rec.From.Peer()]})
}

func (s *Sim) hold(label string, h held) {
	if s.held == nil {
		s.held = make(map[string][]held)
	}
	s.held[label] = append(s.held[label], h)
}

// reach marks a label: whoever waits for it goes on, segments included.
func (s *Sim) reach(label string) {
	s.done[label] = true
	for _, h := range s.held[label] {
		s.carry(h.number, h.frame, h.delay, &link.Verdict{})
	}
	delete(s.held, label)
}

// forge puts a segment on the link that a rule or a middlebox has made up.
// It starts in the middle, when the segment that provoked it gets there.
func (s *Sim) forge(f *link.Forged, provokedBy trace.Side, conn int, reaches time.Duration) {
	pretended := f.To.Peer()
	addr := s.rec.trace.Conns[conn].Addr
	seg := wire.Segment{Src: addr[pretended], Dst: addr[f.To], Flags: f.Flags, Seq: f.Seq}
	if f.Flags.Has(wire.ACK) {
		seg.Ack = f.Ack
	}
	frame, err := seg.Frame()
	if err != nil {
		s.fail(fmt.Errorf("forging a segment at %s: %w", s.now, err))
		return
	}
	number := s.rec.injected(pretended, conn, &seg, frame, f.By)
	s.heap.push(event{
		at: s.now + reaches + s.link.Latency(pretended)/2, segment: number,
		frame: buffer.MakeWithData(frame), host: s.hosts[f.To],
	})
}

// tooBig tells the sender of a segment, as a router does, that the link
// carries less (RFC 1191, RFC 8201).
func (s *Sim) tooBig(number, mtu int) {
	rec := &s.rec.trace.Segments[number-1]
	h := s.hosts[rec.From]
	frame, err := wire.TooBig(rec.Frame, mtu)
	if err != nil {
		return // a datagram that may be fragmented, or that is no such datagram
	}
	s.rec.note("icmp", rec.From, fmt.Sprintf("a router tells %s that #%d exceeds the MTU of %d bytes", rec.From, number, mtu))
	s.heap.push(event{at: s.now + s.link.Latency(rec.From), icmp: true, frame: buffer.MakeWithData(frame), host: h})
}

// arriveICMP delivers an ICMP message.
func (s *Sim) arriveICMP(e *event) {
	s.ctx = context{host: e.host, conn: noConn}
	if e.host.stack == nil || s.link.Cut(e.host.side) {
		e.frame.Release()
		return
	}
	e.host.stack.Inject(e.frame)
	s.settle(e.host, nil)
}
