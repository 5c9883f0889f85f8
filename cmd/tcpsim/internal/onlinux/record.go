package onlinux

import (
	"net/netip"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/linux"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// recorder writes the trace.
type recorder struct {
	w      *World
	trace  *trace.Trace
	flows  [][2]flow                  // by connection and sender
	states map[endpoint]stack.State   // as the kernel has said last
	ids    map[endpoint]int           // of endpoints, counted by host
	count  [2]int                     // endpoints of a host
	over   map[endpoint]trace.Trigger // what ended it
}

// endpoint is a socket of a host, by its 4-tuple.
type endpoint struct {
	host          trace.Side
	local, remote netip.AddrPort
}

// flow is how far one direction of a connection has come, in absolute numbers.
type flow struct {
	next, acked uint32
	sent, heard bool
}

func (r *recorder) init(w *World) {
	r.w = w
	r.trace = &trace.Trace{
		Seed: w.config.Seed, Stack: "Linux " + w.kernel.Version,
		Links: []trace.Link{{
			A: trace.Client, B: trace.Server, Text: w.config.Link.String(), Middlebox: w.config.Link.Middlebox.Name,
		}},
	}
	for _, h := range w.hosts {
		r.trace.Hosts = append(r.trace.Hosts, trace.Host{Name: h.side.String(), Addr: h.addr})
	}
	r.states, r.ids = map[endpoint]stack.State{}, map[endpoint]int{}
	r.over = map[endpoint]trace.Trigger{}
}

func (r *recorder) event(k trace.Kind, index int) {
	r.trace.Events = append(r.trace.Events, trace.Event{At: r.w.now, Kind: k, Index: index})
}

func (r *recorder) at(number int) *trace.Segment { return &r.trace.Segments[number-1] }

func (r *recorder) note(kind trace.NoteKind, side trace.Side, text string) trace.Trigger {
	r.trace.Notes = append(r.trace.Notes, trace.Note{Kind: kind, Host: side, Text: text})
	i := len(r.trace.Notes) - 1
	r.event(trace.Noted, i)
	return trace.Trigger{Kind: trace.ByNote, Index: i}
}

// conn finds the connection of a segment, or of a 4-tuple: the youngest whose
// numbers fit.
func (r *recorder) conn(side trace.Side, local, remote netip.AddrPort, fits func(*trace.Conn) bool) int {
	for i := len(r.trace.Conns) - 1; i >= 0; i-- {
		c := &r.trace.Conns[i]
		if c.At(side).Addr == local && c.At(side.Peer()).Addr == remote && (fits == nil || fits(c)) {
			return i
		}
	}
	return -1
}

func (r *recorder) open(side trace.Side, local, remote netip.AddrPort) int {
	client, server := local, remote
	if side == trace.Server {
		client, server = remote, local
	}
	r.trace.Conns = append(r.trace.Conns, trace.Between(client, server))
	r.flows = append(r.flows, [2]flow{})
	return len(r.trace.Conns) - 1
}

// near is how far a number may be from an initial sequence number to be one of
// its connection.
const near = 1 << 30

// of is the connection of a segment that side has sent.
func (r *recorder) of(side trace.Side, seg *wire.Segment) int {
	within := func(e *trace.End, n uint32) bool { return !e.Known || n-e.ISN < near || e.ISN-n < 1<<16 }
	if seg.Flags.Has(wire.SYN) {
		syn := func(c *trace.Conn) bool {
			e, peer := c.At(side), c.At(side.Peer())
			return (!e.Known || e.ISN == seg.Seq) && (!seg.Flags.Has(wire.ACK) || within(peer, seg.Ack))
		}
		i := r.conn(side, seg.Src, seg.Dst, syn)
		if i < 0 {
			i = r.open(side, seg.Src, seg.Dst)
		}
		e := r.trace.Conns[i].At(side)
		e.Known, e.ISN = true, seg.Seq
		return i
	}
	i := r.conn(side, seg.Src, seg.Dst, func(c *trace.Conn) bool {
		bare := seg.Flags.Has(wire.RST) && seg.Seq == 0
		return (bare || within(c.At(side), seg.Seq)) && (!seg.Flags.Has(wire.ACK) || within(c.At(side.Peer()), seg.Ack))
	})
	if i < 0 {
		i = r.conn(side, seg.Src, seg.Dst, nil)
	}
	if i < 0 {
		i = r.open(side, seg.Src, seg.Dst)
	}
	return i
}

func (r *recorder) append(side trace.Side, conn int, seg *wire.Segment, frame []byte, by trace.Trigger) *trace.Segment {
	c := &r.trace.Conns[conn]
	s := trace.Segment{
		Number: len(r.trace.Segments) + 1, From: side, To: side.Peer(), Conn: conn,
		Flags: seg.Flags, RawSeq: seg.Seq, RawAck: seg.Ack, Window: seg.Window, Len: len(seg.Payload),
		Seq: c.Relative(side, seg.Seq), Frame: frame, SentAt: r.w.now, Trigger: by,
	}
	if seg.Flags.Has(wire.ACK) {
		s.Ack = c.Relative(s.To, seg.Ack)
	}
	if seg.Flags.Has(wire.RST|wire.ACK) && seg.Seq == 0 {
		s.Seq = 0 // of a host that has no connection, and so nothing to be relative to
	}
	r.trace.Segments = append(r.trace.Segments, s)
	r.event(trace.Sent, len(r.trace.Segments)-1)
	return &r.trace.Segments[len(r.trace.Segments)-1]
}

// sent records a segment that a host has put on the link, and gives its number.
func (r *recorder) sent(h *host, seg *wire.Segment, frame []byte, by trace.Trigger) int {
	conn := r.of(h.side, seg)
	s := r.append(h.side, conn, seg, frame, by)
	f := &r.flows[conn][h.side]
	switch {
	case seg.Flags.Has(wire.RST):
	case f.sent && f.heard && seg.Seq == f.acked-1 && s.Len <= 1 && seg.Flags&(wire.SYN|wire.FIN) == 0:
		s.Probe = true
	case seg.Len() == 0:
	case f.sent && !wire.Before(f.next, seg.End()):
		s.Retransmission = true
	default:
		f.sent, f.next = true, seg.End()
	}
	return s.Number
}

// injected records a segment that somebody else has put on the link.
func (r *recorder) injected(from trace.Side, conn int, seg *wire.Segment, frame []byte, by string, t trace.Trigger) int {
	s := r.append(from, conn, seg, frame, t)
	s.Injected = by
	if seg.Flags.Has(wire.RST) {
		s.Cause = forged(by)
	}
	return s.Number
}

func (r *recorder) copied(number int) {
	c := r.trace.Segments[number-1]
	c.CopyOf, c.Number = number, len(r.trace.Segments)+1
	r.trace.Segments = append(r.trace.Segments, c)
	r.event(trace.Sent, len(r.trace.Segments)-1)
}

func (r *recorder) lost(number int, rule string) {
	r.at(number).Lost = rule
	r.event(trace.Lost, number-1)
}

func (r *recorder) received(number int) {
	s := r.at(number)
	s.Arrived, s.ReceivedAt = true, r.w.now
	r.event(trace.Received, number-1)
	if s.Flags.Has(wire.ACK) && !s.Flags.Has(wire.RST) && s.Injected == "" {
		f := &r.flows[s.Conn][s.To]
		if !f.heard || wire.Before(f.acked, s.RawAck) {
			f.heard, f.acked = true, s.RawAck
		}
	}
}

// passed records when a segment gets to the middlebox, if there is one.
func (r *recorder) passed(number int, at time.Duration) {
	if r.trace.Links[0].Middlebox != "" {
		r.trace.Passages = append(r.trace.Passages, trace.Passage{Segment: number, At: at})
	}
}

// changed records what the kernel says of a socket's state. That it calls a
// connection closed which goes on as a TIME_WAIT without a socket, the machine
// has set right already where it can be told.
func (r *recorder) changed(h *host, c *linux.StateChange, by trace.Trigger) {
	if h == nil {
		return
	}
	e := endpoint{h.side, c.Local, c.Remote}
	if c.Host == nil && c.From != stack.Closed && r.states[e] == stack.Closed && r.ids[e] > 0 {
		return // of a boot that is over: its kernel cleans up
	}
	id, known := r.ids[e]
	if !known || c.From == stack.Closed {
		r.count[h.side]++
		id = r.count[h.side]
		r.ids[e] = id
	}
	conn := -1
	if c.Remote.IsValid() && c.Remote.Port() != 0 {
		conn = r.conn(h.side, c.Local, c.Remote, nil)
		if conn < 0 || c.From == stack.Closed && r.trace.Conns[conn].At(h.side).Known {
			conn = r.open(h.side, c.Local, c.Remote)
		}
	}
	r.states[e] = c.To
	if c.To == stack.Closed {
		r.over[e] = by
	}
	r.trace.Transitions = append(r.trace.Transitions, trace.Transition{
		Host: h.side, Endpoint: id, Conn: conn, From: c.From, To: c.To, Trigger: by,
	})
	r.event(trace.Changed, len(r.trace.Transitions)-1)
}

// endpoints are the sockets of a host that are not closed, in the order in which
// they were made.
func (r *recorder) endpoints(side trace.Side) (all []endpoint) {
	for e, st := range r.states {
		if e.host == side && st != stack.Closed {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b endpoint) int { return r.ids[a] - r.ids[b] })
	return all
}

// gone records an endpoint that its host has lost with its power.
func (r *recorder) gone(e endpoint, by trace.Trigger) {
	conn := -1
	if e.remote.IsValid() && e.remote.Port() != 0 {
		conn = r.conn(e.host, e.local, e.remote, nil)
	}
	r.trace.Transitions = append(r.trace.Transitions, trace.Transition{
		Host: e.host, Endpoint: r.ids[e], Conn: conn, From: r.states[e], To: stack.Closed, Trigger: by,
	})
	r.states[e], r.over[e] = stack.Closed, by
	r.event(trace.Changed, len(r.trace.Transitions)-1)
}

// timestamp is the latest that a host has sent on a connection, or zero.
func (r *recorder) timestamp(conn int, from trace.Side) uint32 {
	for i := len(r.trace.Segments) - 1; i >= 0; i-- {
		s := &r.trace.Segments[i]
		if s.Conn != conn || s.From != from || s.Injected != "" {
			continue
		}
		if seg, err := wire.Parse(s.Frame); err == nil {
			if t, ok := wire.TimestampsOf(seg.Options); ok {
				return t.Value
			}
		}
	}
	return 0
}
