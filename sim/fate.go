package sim

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/buffer"
)

// held is a segment that a middlebox or a rule keeps until a label is reached.
type held struct {
	number int
	frame  buffer.Buffer
	delay  time.Duration // since it was sent, when nobody keeps it
	rest   time.Duration // from where it is kept
}

// dispose asks the link what becomes of a segment that was just sent, and does
// it. It takes over frame.
func (s *Sim) dispose(number int, seg *wire.Segment, frame buffer.Buffer) {
	rec := &s.rec.trace.Segments[number-1]
	o := &s.scratch.offered
	o.From, o.Seg, o.Seq, o.At, o.Size, o.Retrans = rec.From, seg, rec.Seq, s.now, len(rec.Frame), rec.Retransmission
	v := s.link.Offer(o)
	rec.Acts = append(rec.Acts, v.Done...)
	if len(v.Flaws) > 0 && !v.Lost {
		frame.Release()
		frame = damage(rec, v.Flaws)
	}
	if !v.Unseen {
		s.rec.passed(number, s.now+v.Reach)
	}
	if v.Lost {
		s.rec.lost(number, v.Rule)
		frame.Release()
	} else {
		for range v.Copies {
			// Numbered here, so that a copy follows its original.
			s.rec.copied(number)
		}
		first := len(s.rec.trace.Segments) - len(v.Copies)
		for i, later := range v.Copies {
			s.rec.passed(first+i+1, s.now+v.Reach+later)
			s.carry(first+i+1, frame.Clone(), v.Delay+later, &v)
		}
		s.carry(number, frame, v.Delay, &v)
	}
	for i := range v.Forged {
		s.forge(&v.Forged[i], number, v.Reach)
	}
	if v.TooBig > 0 {
		s.tooBig(number, v.TooBig)
	}
}

// damage changes a segment, and gives its new content.
func damage(rec *trace.Segment, flaws []link.Flaw) buffer.Buffer {
	rec.Damaged = append([]byte(nil), rec.Frame...)
	for _, f := range flaws {
		rec.Acts = append(rec.Acts, "changed "+f.Damage(rec.Damaged, rec.Len))
	}
	return buffer.MakeWithData(rec.Damaged)
}

// carry puts a segment on its way to the other host, or keeps it.
func (s *Sim) carry(number int, frame buffer.Buffer, delay time.Duration, v *link.Verdict) {
	if v.Hold != "" && !s.done[v.Hold] {
		if s.held == nil {
			s.held = make(map[string][]held)
		}
		s.held[v.Hold] = append(s.held[v.Hold], held{number, frame, delay, max(0, v.Delay-v.Reach)})
		return
	}
	s.travel(number, frame, s.now+delay)
}

func (s *Sim) travel(number int, frame buffer.Buffer, arrives time.Duration) {
	to := s.rec.trace.Segments[number-1].From.Peer()
	s.heap.arrive(arrives, number, frame, s.hosts[to])
}

// reach marks a label: whoever waits for it goes on, segments included. One
// that has not come to where it is kept goes on as if nobody kept it.
func (s *Sim) reach(label string) {
	s.done[label] = true
	for _, h := range s.held[label] {
		sent := s.rec.trace.Segments[h.number-1].SentAt
		s.travel(h.number, h.frame, max(sent+h.delay, s.now+h.rest))
	}
	delete(s.held, label)
}

// forgery is a segment that a rule or a middlebox is going to forge.
type forgery struct {
	link.Forged
	conn       int
	provokedBy int // the number of a segment
}

// forge makes something of a segment that is forged in the middle of the link,
// when the segment that provoked it gets there.
func (s *Sim) forge(f *link.Forged, provokedBy int, reaches time.Duration) {
	s.forged = append(s.forged, forgery{*f, s.rec.trace.Segments[provokedBy-1].Conn, provokedBy})
	s.heap.push(event{at: s.now + reaches, segment: -len(s.forged)})
}

func (s *Sim) begin(f *forgery) {
	pretended := f.To.Peer()
	s.ctx = context{
		host: s.hosts[f.To], conn: noConn,
		trigger: trace.Trigger{Kind: trace.BySegment, Index: f.provokedBy - 1},
	}
	addr := addrsOf(&s.rec.trace.Conns[f.conn])
	seg := wire.Segment{Src: addr[pretended], Dst: addr[f.To], Flags: f.Flags, Seq: f.Seq}
	if f.Flags.Has(wire.ACK) {
		seg.Ack = f.Ack
	}
	frame, err := seg.Frame()
	if err != nil {
		s.fail(fmt.Errorf("forging a segment at %s: %w", s.now, err))
		return
	}
	s.fromMiddle(s.rec.injected(pretended, f.conn, &seg, frame, f.By), frame)
}

// fromMiddle sends a segment from the middlebox, or from the middle of a link
// that has none.
func (s *Sim) fromMiddle(number int, frame []byte) {
	s.rec.passed(number, s.now)
	from := s.rec.trace.Segments[number-1].From
	s.travel(number, buffer.MakeWithData(frame), s.now+s.link.FromMiddle(from))
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
	s.rec.note(trace.NoteICMP, rec.From, fmt.Sprintf("a router tells %s that #%d exceeds the MTU of %d bytes", rec.From, number, mtu))
	s.heap.push(event{at: s.now + s.link.Latency(rec.From), icmp: true, frame: buffer.MakeWithData(frame), host: h})
}

// arpTime is how long Linux asks for the owner of an address before it gives up:
// three times, a second each (mcast_solicit, retrans_time_ms).
const arpTime = 3 * time.Second

// unowned is the end of a segment to an address that neither host has. The sender
// asks for the owner in vain, and then tells its connection that it cannot be
// reached (Linux: arp_error_report, ipv4_link_failure). gVisor does not hear
// that of IPv6, whose connect goes on until it times out.
func (s *Sim) unowned(number int, h *Host, seg *wire.Segment) {
	s.rec.lost(number, "nobody has "+seg.Dst.Addr().String())
	rec := &s.rec.trace.Segments[number-1]
	if rec.Retransmission || !seg.Flags.Has(wire.SYN) || seg.Dst.Addr().Is6() {
		return // it waits for the answer that an earlier one waits for
	}
	frame, err := wire.HostUnreachable(rec.Frame)
	if err != nil {
		s.fail(fmt.Errorf("an ICMP message for #%d: %w", number, err))
		return
	}
	s.heap.push(event{at: s.now + arpTime, icmp: true, frame: buffer.MakeWithData(frame), host: h})
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
