package sim

import (
	"net/netip"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/buffer"
)

// theLink is the only one between the two hosts: an index into Trace.Links.
const theLink = 0

// recorder writes the trace and keeps what it takes to do so: which
// connection every endpoint and segment belongs to.
type recorder struct {
	sim    *Sim
	trace  *trace.Trace
	frozen bool // the run is over: what happens now is teardown
	slab   []byte
	conns  conns
	space  *workspace // nil when the trace is finished
}

func (r *recorder) init(s *Sim) {
	r.sim = s
	r.trace = &trace.Trace{Seed: s.config.Seed, Links: []trace.Link{{
		A: trace.Client, B: trace.Server, Text: s.config.Link.String(), Middlebox: s.config.Link.Middlebox.Name,
	}}}
	r.space = workspaces.Get().(*workspace)
	r.space.open(r.trace)
	for _, h := range s.hosts {
		r.trace.Hosts = append(r.trace.Hosts, trace.Host{Name: h.side.String(), Addr: h.Addr()})
	}
	r.conns.init(r.trace)
}

func (r *recorder) finish(end time.Duration) *trace.Trace {
	r.frozen = true
	if r.space != nil {
		r.space.close(r.trace)
		r.space = nil
	}
	// Passages are recorded when a segment is sent. The run lasts until the last
	// one, unless it was to end before.
	for _, p := range r.trace.Passages {
		if until := r.sim.config.Until; r.trace.Stopped == "" && (until == 0 || p.At <= until) {
			end = max(end, p.At)
		}
	}
	r.trace.End = end
	r.trace.Passages = slices.DeleteFunc(r.trace.Passages, func(p trace.Passage) bool { return p.At > end })
	return r.trace
}

// snapshot copies what was recorded until now. What an element points to is
// written once, and is shared.
func (r *recorder) snapshot(now time.Duration) *trace.Trace {
	t := *r.trace
	t.End = now
	t.Passages = nil
	for _, p := range r.trace.Passages {
		if p.At <= now {
			t.Passages = append(t.Passages, p)
		}
	}
	t.Events, t.Segments, t.Calls = slices.Clone(t.Events), slices.Clone(t.Segments), slices.Clone(t.Calls)
	t.Transitions, t.Timers, t.Notes = slices.Clone(t.Transitions), slices.Clone(t.Timers), slices.Clone(t.Notes)
	t.Conns, t.Processes = slices.Clone(t.Conns), slices.Clone(t.Processes)
	for i := range t.Segments {
		t.Segments[i].Acts = slices.Clone(t.Segments[i].Acts)
	}
	return &t
}

func (r *recorder) event(k trace.Kind, index int) {
	r.trace.Events = append(room(r.trace.Events), trace.Event{At: r.sim.now, Kind: k, Index: index})
}

// room doubles a slice that is full. append grows a long one by a quarter,
// which copies what a long run has recorded several times over.
func room[T any](s []T) []T {
	if len(s) < cap(s) {
		return s
	}
	return slices.Grow(s, max(16, len(s)))
}

func (r *recorder) note(kind trace.NoteKind, side trace.Side, text string) trace.Trigger {
	r.trace.Notes = append(r.trace.Notes, trace.Note{Kind: kind, Host: side, Text: text})
	i := len(r.trace.Notes) - 1
	r.event(trace.Noted, i)
	return trace.Trigger{Kind: trace.ByNote, Index: i}
}

// change records a transition and what becomes of the connection.
func (r *recorder) change(h *Host, c stack.Change) {
	if r.frozen {
		return
	}
	r.flushTimer()
	conn := r.conns.bind(h, c, r.sim.ctx.conn, r.sim.ctx.arrived)
	if r.sim.ctx.conn == noConn {
		r.sim.ctx.conn = conn
	}
	unread := 0
	if o := r.sim.ctx.owner; o != nil && c.To == stack.Closed && r.sim.ctx.trigger.Kind == trace.ByCall {
		unread = o.Unread
	}
	r.trace.Transitions = append(r.trace.Transitions, trace.Transition{
		Host: h.side, Endpoint: c.Endpoint.ID, Conn: conn, From: c.From, To: c.To,
		Trigger: r.sim.ctx.trigger, Orphan: c.Endpoint.Orphan(), Unread: unread,
	})
	r.event(trace.Changed, len(r.trace.Transitions)-1)
	if c.To == stack.Closed && c.From != stack.Listen {
		h.past[c.Endpoint.Tuple()] = cause.Past{How: r.how(c), At: r.sim.now}
	}
}

// how says what ended an endpoint, for the cause of a RST that comes later.
func (r *recorder) how(c stack.Change) string {
	t := r.sim.ctx.trigger
	from := "from " + c.From.String()
	switch t.Kind {
	case trace.ByCall:
		return r.trace.Calls[t.Index].Op.String() + "(), " + from
	case trace.BySegment:
		if s := r.trace.Segments[t.Index]; s.Flags.Has(wire.RST) {
			return "reset by #" + itoa(s.Number) + ", " + from
		}
		return "by #" + itoa(r.trace.Segments[t.Index].Number) + ", " + from
	case trace.ByTimer:
		return "timer " + r.trace.Timers[t.Index].Name + ", " + from
	case trace.ByNote:
		return r.trace.Notes[t.Index].Text + ", " + from
	}
	return from
}

// frameBytes copies a frame into memory that the trace keeps. Small copies
// share one allocation.
func (r *recorder) frameBytes(frame *buffer.Buffer) []byte {
	start := r.reserve(int(frame.Size()))
	views := frame.AsViewList() // not Apply, which clones every view
	for v := views.Front(); v != nil; v = v.Next() {
		r.slab = append(r.slab, v.AsSlice()...)
	}
	return r.slab[start:len(r.slab):len(r.slab)]
}

// dataBytes copies the data of a call.
func (r *recorder) dataBytes(data []byte) []byte {
	start := r.reserve(len(data))
	r.slab = append(r.slab, data...)
	return r.slab[start:len(r.slab):len(r.slab)]
}

// reserve makes room for n bytes and returns where they begin. The first slab
// is small, because most runs are short.
func (r *recorder) reserve(n int) int {
	const first, largest = 4 << 10, 256 << 10
	if n > cap(r.slab)-len(r.slab) {
		r.slab = make([]byte, 0, max(first, min(2*cap(r.slab), largest), n))
	}
	return len(r.slab)
}

// sent records a segment that h has put on the link, and returns its number.
func (r *recorder) sent(h *Host, seg *wire.Segment, frame []byte) int {
	r.flushTimer()
	conn := r.conns.ofSent(h, seg, r.sim.ctx.conn)
	i := r.append(h.side, conn, seg, frame)
	s := &r.trace.Segments[i]
	s.Trigger = r.sim.ctx.trigger
	s.Retransmission, s.Probe = r.conns.progress(conn, h.side, seg)
	if seg.Flags.Has(wire.RST) {
		why := cause.Of(r.sim.situation())
		s.Cause = &why
	}
	r.event(trace.Sent, i)
	return s.Number
}

// flushTimer records the timer that is being run. It waits for the timer's
// first effect: gVisor lets timers run that it has no use for any more, and
// wakes up for nothing.
func (r *recorder) flushTimer() {
	t := r.sim.ctx.timer
	if t == nil {
		return
	}
	r.sim.ctx.timer = nil
	r.sim.ctx.trigger.Index = len(r.trace.Timers)
	r.trace.Timers = append(r.trace.Timers, trace.Timer{Host: t.clock.host.side, Conn: t.conn, Name: t.name})
	r.event(trace.Fired, r.sim.ctx.trigger.Index)
}

// injected records a segment that somebody else has put on the link.
func (r *recorder) injected(from trace.Side, conn int, seg *wire.Segment, frame []byte, by string) int {
	i := r.append(from, conn, seg, frame)
	s := &r.trace.Segments[i]
	s.Injected, s.Trigger = by, r.sim.ctx.trigger
	if seg.Flags.Has(wire.RST) {
		why := cause.Of(&cause.Situation{Injector: by})
		s.Cause = &why
	}
	r.event(trace.Sent, i)
	return s.Number
}

func (r *recorder) append(from trace.Side, conn int, seg *wire.Segment, frame []byte) int {
	c := &r.trace.Conns[conn]
	n := len(r.trace.Segments)
	r.trace.Segments = room(r.trace.Segments)[:n+1] // filled in place: it is large
	s := &r.trace.Segments[n]
	s.Number, s.From, s.To, s.Link, s.Conn = n+1, from, from.Peer(), theLink, conn
	s.Flags, s.RawSeq, s.RawAck = seg.Flags, seg.Seq, seg.Ack
	s.Seq, s.Len, s.Window = c.Relative(from, seg.Seq), len(seg.Payload), seg.Window
	s.Frame, s.SentAt = frame, r.sim.now
	if seg.Flags.Has(wire.ACK) {
		s.Ack = c.Relative(s.To, seg.Ack)
	}
	if seg.Flags.Has(wire.RST|wire.ACK) && seg.Seq == 0 {
		// The zero of a host that has no connection, and so no sequence space
		// to be relative to (RFC 9293 section 3.5.2, group 1).
		s.Seq = 0
	}
	if n+1 > r.sim.budget.limits.Segments {
		r.trace.Stopped = "limit of " + itoa(r.sim.budget.limits.Segments) + " segments"
		r.sim.fail(&LimitError{
			Limit: itoa(r.sim.budget.limits.Segments) + " segments",
			At:    r.sim.now, Stood: r.sim.stood(),
		})
	}
	return n
}

func (r *recorder) lost(number int, rule string) {
	r.trace.Segments[number-1].Lost = rule
	r.event(trace.Lost, number-1)
}

func (r *recorder) received(number int) *trace.Segment {
	s := &r.trace.Segments[number-1]
	s.Arrived, s.ReceivedAt = true, r.sim.now
	r.event(trace.Received, number-1)
	r.conns.heard(s)
	return s
}

// segment fills in what was parsed when the segment was sent, but for its
// options.
func (r *recorder) segment(s *trace.Segment, seg *wire.Segment) {
	c := &r.trace.Conns[s.Conn]
	seg.Src, seg.Dst = c.At(s.From).Addr, c.At(s.To).Addr
	seg.Flags, seg.Seq, seg.Ack, seg.Window = s.Flags, s.RawSeq, s.RawAck, s.Window
	seg.Options, seg.Payload = nil, s.Payload()
}

// unsent is how many bytes send has taken and TCP has not put on the wire.
func (r *recorder) unsent(h *Host, e *stack.Endpoint, sock *stack.Socket) int {
	conn, ok := r.conns.of(h.side, e)
	if !ok {
		return 0
	}
	return max(0, int(sock.Written())-int(r.conns.dataSent(conn, h.side)))
}

// addrOf keeps netip out of the callers that only need a side's address.
func (r *recorder) addrOf(t wire.Tuple, h *Host) [2]netip.AddrPort {
	var a [2]netip.AddrPort
	a[h.side], a[h.side.Peer()] = t.Src, t.Dst
	return a
}

// gone records an endpoint that its host has lost.
func (r *recorder) gone(h *Host, e *stack.Endpoint) {
	conn, ok := r.conns.of(h.side, e)
	if !ok {
		conn = noConn
	}
	r.trace.Transitions = append(r.trace.Transitions, trace.Transition{
		Host: h.side, Endpoint: e.ID, Conn: conn, From: e.State(), To: stack.Closed,
		Trigger: r.sim.ctx.trigger, Orphan: e.Orphan(),
	})
	r.event(trace.Changed, len(r.trace.Transitions)-1)
}

// copied records the copy that the link makes of a segment, and returns its
// number.
func (r *recorder) copied(number int) int {
	c := r.trace.Segments[number-1]
	c.CopyOf, c.Number = number, len(r.trace.Segments)+1
	r.trace.Segments = append(r.trace.Segments, c)
	r.event(trace.Sent, len(r.trace.Segments)-1)
	return c.Number
}

// passed records when a segment gets to the middlebox, if there is one.
func (r *recorder) passed(number int, at time.Duration) {
	if r.trace.Links[theLink].Middlebox != "" {
		r.trace.Passages = append(room(r.trace.Passages), trace.Passage{Segment: number, At: at})
	}
}
