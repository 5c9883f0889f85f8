package fuzz

import (
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// ledger is what is known of a run at one of its events, kept by means of the
// trace alone. Sequence numbers in it are relative to the initial ones.
type ledger struct {
	trace *trace.Trace
	left  []sim.Leftover // at the end of the run
	conf  *Config
	index int // of the event
	now   time.Duration
	ends  [][2]end // by connection and side
	fds   fdTable

	// readers counts the calls of recv that go on, by connection and side. One
	// with MSG_WAITALL has taken what it has not returned yet.
	readers [][2]int

	found []Violation
	seen  map[seen]bool
}

// end is one side of one incarnation of a connection.
type end struct {
	state  stack.State
	opened bool // had an endpoint
	fin    bool // the peer's FIN was consumed

	// What it sends.
	sent    stream
	sndNxt  uint32 // the highest sequence number sent, plus one
	finAt   uint32 // sequence number of its FIN, valid with finSent
	finSent bool
	una     uint32 // the highest acknowledgement that has arrived
	edge    uint32 // the highest right edge of the peer's windows that has arrived
	hasEdge bool

	// What it receives.
	got     stream
	peerFin uint32 // sequence number of a FIN that has arrived, valid with hasFin
	hasFin  bool
	acked   uint32 // the highest acknowledgement sent
	hasAck  bool

	shift    int8 // window scale of its SYN, -1 for none
	synSeen  bool
	forged   bool // a forged segment has reached it
	twin     bool // it cannot tell this connection from another
	closedBy trace.Trigger
	reset    bool        // CLOSED by a RST that arrived
	from     stack.State // the state in which it was closed
}

func newLedger(o outcome, c *Config) *ledger {
	l := &ledger{trace: o.Trace, left: o.left, conf: c, ends: make([][2]end, len(o.Conns)), readers: make([][2]int, len(o.Conns)), seen: map[seen]bool{}}
	for i := range l.ends {
		l.ends[i][0].shift, l.ends[i][1].shift = -1, -1
	}
	l.fds.init(l)
	l.twins()
	return l
}

// twins finds connections of one 4-tuple that begin with the same number, and
// gives up on them. An initial sequence number is a function of the 4-tuple and
// of a clock that ticks every 4 µs (RFC 9293 section 3.4.1, MUST-8; every 64 ns
// in Linux and gVisor). Here calls take no time, so that a host which gives a
// connection up and opens it again at one instant sends the same SYN twice: for
// the peer there is one connection, and its segments belong to both.
func (l *ledger) twins() {
	type birth struct {
		addr wire.Tuple
		from trace.Side
		isn  uint32
	}
	var first map[birth]int
	for i := range l.trace.Segments {
		s := &l.trace.Segments[i]
		if s.Flags&(wire.SYN|wire.ACK) != wire.SYN || !byHost(s) {
			continue
		}
		if first == nil {
			first = map[birth]int{}
		}
		b := birth{l.trace.Conns[s.Conn].Tuple(), s.From, s.RawSeq}
		conn, again := first[b]
		if !again {
			first[b] = s.Conn
		} else if conn != s.Conn {
			l.taint(s)
			l.ends[conn][s.From.Peer()].twin, l.ends[s.Conn][s.From.Peer()].twin = true, true
		}
	}
}

// take enters an event.
func (l *ledger) take(e trace.Event) {
	switch e.Kind {
	case trace.Sent:
		if s := &l.trace.Segments[e.Index]; byHost(s) {
			l.sent(s)
		}
	case trace.Received:
		s := &l.trace.Segments[e.Index]
		switch {
		case s.Injected != "", s.Damaged != nil && sound(s.Damaged):
			l.taint(s)
		case s.Damaged == nil: // else the host throws it away
			l.received(s)
		}
	case trace.Changed:
		l.changed(&l.trace.Transitions[e.Index])
	case trace.CallBegin:
		l.fds.begin(e.Index)
		l.reads(&l.trace.Calls[e.Index], 1)
	case trace.CallEnd:
		l.fds.end(e.Index)
		l.reads(&l.trace.Calls[e.Index], -1)
	}
}

func (l *ledger) reads(c *trace.Call, more int) {
	if c.Op == trace.OpRecv && c.Conn >= 0 {
		l.readers[c.Conn][c.Host] += more
	}
}

// alone reports whether a recv that ends is the only one at its socket.
func (l *ledger) alone(c *trace.Call) bool { return l.readers[c.Conn][c.Host] <= 1 }

// byHost reports whether a host has sent a segment, and not somebody on the
// way: a forger, or the link that makes two of one.
func byHost(s *trace.Segment) bool { return s.Injected == "" && s.CopyOf == 0 }

// taint marks every incarnation of a 4-tuple that a forged segment reaches: from
// then on nobody can say what the two ends should believe.
func (l *ledger) taint(s *trace.Segment) {
	addr := l.trace.Conns[s.Conn].Tuple()
	for i := range l.ends {
		if l.trace.Conns[i].Tuple() == addr {
			l.ends[i][0].forged, l.ends[i][1].forged = true, true
		}
	}
}

func (l *ledger) sent(s *trace.Segment) {
	e := &l.ends[s.Conn][s.From]
	if s.Flags.Has(wire.RST) {
		return
	}
	if s.Flags.Has(wire.SYN) {
		e.synSeen, e.shift = true, windowScale(s)
	}
	if !s.Probe { // a probe's byte is any byte, below what is acknowledged
		e.sent.put(offset(s), s.Payload())
	}
	next := s.Seq + uint32(s.Len)
	if s.Flags.Has(wire.SYN) {
		next++
	}
	if s.Flags.Has(wire.FIN) {
		e.finSent, e.finAt = true, next
		next++
	}
	if wire.Before(e.sndNxt, next) {
		e.sndNxt = next
	}
	if s.Flags.Has(wire.ACK) && (!e.hasAck || wire.Before(e.acked, s.Ack)) {
		e.hasAck, e.acked = true, s.Ack
	}
}

func (l *ledger) received(s *trace.Segment) {
	e := &l.ends[s.Conn][s.From.Peer()]
	if s.Flags.Has(wire.RST) {
		return
	}
	if !s.Probe {
		e.got.put(offset(s), s.Payload())
	}
	if s.Flags.Has(wire.FIN) {
		e.hasFin, e.peerFin = true, s.Seq+uint32(s.Len)
	}
	base := uint32(1)
	if s.Flags.Has(wire.ACK) {
		base = s.Ack
		if wire.Before(e.una, s.Ack) {
			e.una = s.Ack
		}
	} else if !s.Flags.Has(wire.SYN) {
		return
	}
	edge := base + uint32(s.Window)<<l.scale(s)
	if !e.hasEdge || wire.Before(e.edge, edge) {
		e.hasEdge, e.edge = true, edge
	}
}

// scale is the shift that holds for the window of a segment.
func (l *ledger) scale(s *trace.Segment) uint8 {
	a, b := &l.ends[s.Conn][0], &l.ends[s.Conn][1]
	if s.Flags.Has(wire.SYN) || a.shift < 0 || b.shift < 0 {
		return 0
	}
	return uint8(l.ends[s.Conn][s.From].shift)
}

func (l *ledger) changed(t *trace.Transition) {
	if t.Conn < 0 {
		return
	}
	e := &l.ends[t.Conn][t.Host]
	e.opened, e.state = true, t.To
	switch t.To {
	case stack.CloseWait, stack.LastAck, stack.Closing, stack.TimeWait:
		e.fin = true
	case stack.Closed:
		e.closedBy, e.from = t.Trigger, t.From
		e.reset = t.Trigger.Kind == trace.BySegment && l.trace.Segments[t.Trigger.Index].Flags.Has(wire.RST)
	}
}

// forged reports whether a forged segment has reached either end.
func (l *ledger) forged(conn int) bool {
	return conn >= 0 && (l.ends[conn][0].forged || l.ends[conn][1].forged)
}

// offset is where the payload of a segment stands in the stream of its side.
func offset(s *trace.Segment) uint32 {
	if s.Flags.Has(wire.SYN) {
		return 0
	}
	return s.Seq - 1
}

// windowScale reads the option of a SYN, -1 where there is none.
func windowScale(s *trace.Segment) int8 {
	seg, err := wire.Parse(s.Frame)
	if err != nil {
		return -1
	}
	if shift, ok := wire.WindowScaleOf(seg.Options); ok {
		return int8(shift)
	}
	return -1
}
