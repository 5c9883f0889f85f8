package fidelity

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// segment is a segment as it is compared: of the recording or of the run.
type segment struct {
	at      time.Duration
	rx      time.Duration // when it arrived; -1 when it did not
	from    trace.Side
	ports   tuple
	flags   wire.Flags
	seq     number
	ack     number // zero without ACK
	len     int
	window  int
	options []string
	trigger trace.Trigger // of the run
	index   int           // into Case.Segments or Trace.Segments
}

// String is the segment as a report shows it.
func (s *segment) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s [%s] seq %s", sideName(s.from), s.flags, s.seq)
	if s.len > 0 {
		fmt.Fprintf(&b, " len %d", s.len)
	}
	if s.flags.Has(wire.ACK) {
		fmt.Fprintf(&b, " ack %s", s.ack)
	}
	return b.String()
}

// zero is the sequence number zero itself, not relative to anything.
var zero = number{-1, 0}

// String is the number, with the count of the incarnation behind it when it is
// not the first.
func (n number) String() string {
	switch {
	case n == zero:
		return "zero"
	case n.Life > 0:
		return fmt.Sprintf("%d'%d", n.Off, n.Life+1)
	}
	return fmt.Sprint(n.Off)
}

// same compares what a segment says.
func (s *segment) same(o *segment) bool {
	return s.from == o.from && s.ports == o.ports && s.flags == o.flags &&
		s.seq == o.seq && s.ack == o.ack && s.len == o.len
}

// pure reports an ACK and nothing else.
func (s *segment) pure() bool { return s.flags == wire.ACK && s.len == 0 }

// end is the number after the segment.
func (s *segment) end() int64 {
	n := s.seq.Off + int64(s.len)
	if s.flags.Has(wire.SYN) {
		n++
	}
	if s.flags.Has(wire.FIN) {
		n++
	}
	return n
}

// recorded gives the segments of a recording that the hosts sent, with its
// numbers told anew.
func (c *Case) recorded() ([]segment, bases) {
	b := bases{}
	for i := range c.Segments {
		if s := &c.Segments[i]; s.Flags.Has(wire.SYN) && !s.Injected {
			b.add(s.Ports, s.From, s.Seq)
		}
	}
	var out []segment
	for i := range c.Segments {
		s := &c.Segments[i]
		if !s.Injected {
			out = append(out, c.told(i, b))
		}
	}
	return out, b
}

func (c *Case) told(i int, b bases) segment {
	s := &c.Segments[i]
	n := segment{
		at: s.Sent, rx: -1, from: s.From, ports: s.Ports, flags: s.Flags, len: s.Len, window: s.Window,
		options: s.Options, index: i, seq: b.of(s.Ports, s.From, s.Seq),
	}
	if s.Arrived {
		n.rx = s.Received
	}
	if s.Flags.Has(wire.ACK) {
		n.ack = b.of(s.Ports, s.From.Peer(), s.Ack)
	}
	spoke := b[s.Ports] != nil && len(b[s.Ports][s.From]) > 0
	if n.flags.Has(wire.RST|wire.ACK) && (n.seq.Off < 0 || n.seq.Off > near || !spoke && n.seq.Off == 0) {
		// The answer to a segment without ACK, from no connection, has the
		// sequence number zero (RFC 9293 section 3.10.7.1), which is far from
		// any initial one. The recording tells it from one all the same.
		n.seq = zero
	}
	return n
}

// portsOf are the two ports of a connection of the run.
func portsOf(c *trace.Conn) tuple {
	return tuple{c.At(trace.Client).Addr.Port(), c.At(trace.Server).Addr.Port()}
}

// replayed gives the segments that the hosts of a run have sent.
func replayed(tr *trace.Trace) []segment {
	b := bases{}
	for i := range tr.Segments {
		if s := &tr.Segments[i]; s.Flags.Has(wire.SYN) && s.Injected == "" {
			b.add(portsOf(&tr.Conns[s.Conn]), s.From, int64(s.RawSeq))
		}
	}
	var out []segment
	for i := range tr.Segments {
		if tr.Segments[i].Injected == "" {
			out = append(out, toldOf(tr, i, b))
		}
	}
	return out
}

func toldOf(tr *trace.Trace, i int, b bases) segment {
	s := &tr.Segments[i]
	ports := portsOf(&tr.Conns[s.Conn])
	n := segment{
		at: s.SentAt, rx: -1, from: s.From, ports: ports, flags: s.Flags, len: s.Len, window: int(s.Window),
		index: i, trigger: s.Trigger,
	}
	if s.Arrived {
		n.rx = s.ReceivedAt
	}
	n.number(b, s.RawSeq, s.RawAck)
	return n
}

// offeredOf is toldOf for a segment that is being sent.
func offeredOf(o *link.Offered, b bases) segment {
	n := segment{
		at: o.At, rx: -1, from: o.From, flags: o.Seg.Flags, len: len(o.Seg.Payload), window: int(o.Seg.Window),
	}
	n.ports[o.From], n.ports[o.From.Peer()] = o.Seg.Src.Port(), o.Seg.Dst.Port()
	n.number(b, o.Seg.Seq, o.Seg.Ack)
	return n
}

// number gives a segment of the run its relative numbers.
func (s *segment) number(b bases, seq, ack uint32) {
	s.seq = b.of(s.ports, s.from, int64(seq))
	if s.flags.Has(wire.ACK) {
		s.ack = b.of(s.ports, s.from.Peer(), int64(ack))
	}
	if s.flags.Has(wire.RST|wire.ACK) && seq == 0 {
		s.seq = zero
	}
}
