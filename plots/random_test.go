package plots_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sort"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// randomTrace makes a trace that no run could make but whose parts fit: every
// kind of segment and event, in bursts, races and long gaps. It asks more of a
// layout than real traces do.
func randomTrace(seed uint64) *trace.Trace {
	r := rand.New(rand.NewPCG(seed, 7))
	g := &random{Rand: r, t: &trace.Trace{Seed: seed, Links: []trace.Link{{B: trace.Server, Text: "random"}}, Title: fmt.Sprintf("random trace %d", seed)}}
	g.t.Hosts = []trace.Host{
		{Name: "client", Addr: netip.MustParseAddr("10.0.0.1")}, {Name: "server", Addr: netip.MustParseAddr("10.0.0.2")},
	}
	g.latency = [...]time.Duration{0, 100 * time.Microsecond, 10 * time.Millisecond, 300 * time.Millisecond}[r.IntN(4)]
	for range 1 + r.IntN(3) {
		port := uint16(49152 + r.IntN(2))
		g.t.Conns = append(g.t.Conns, trace.Between(netip.AddrPortFrom(g.t.Hosts[0].Addr, port), netip.AddrPortFrom(g.t.Hosts[1].Addr, 8080)))
	}
	g.t.Processes = []trace.Process{{Name: "client"}, {Name: "server", Host: trace.Server}}
	steps := 2 + r.IntN(30)
	if r.IntN(20) == 0 {
		steps = 300
	}
	for range steps {
		g.step()
	}
	return g.finish()
}

// random is a trace in the making. Events come with their instants and are
// sorted in the end.
type random struct {
	*rand.Rand
	t       *trace.Trace
	latency time.Duration
	now     time.Duration
	events  []trace.Event
}

func (g *random) side() trace.Side { return trace.Side(g.IntN(2)) }

func (g *random) one(n int) bool { return g.IntN(n) == 0 }

func (g *random) add(at time.Duration, k trace.Kind, index int) {
	g.events = append(g.events, trace.Event{At: at, Kind: k, Index: index})
}

func (g *random) step() {
	switch g.IntN(8) {
	case 0, 1:
	case 2:
		g.now += time.Duration(g.IntN(1000)) * time.Microsecond
	case 3, 4:
		g.now += g.latency
	case 5:
		g.now += g.latency/3 + time.Microsecond
	case 6:
		g.now += 5 * g.latency
	case 7:
		if g.one(3) {
			g.now += time.Duration(g.IntN(7200)) * time.Second
		}
	}
	switch g.IntN(10) {
	case 0, 1:
		g.change()
	case 2:
		g.timer()
	case 3:
		g.note()
	case 4:
		g.call()
	default:
		from, n, kind := g.side(), 1, g.IntN(6)
		if g.one(4) {
			n = 2 + g.IntN(20)
		}
		for range n {
			g.segment(from, kind)
		}
	}
}

func (g *random) segment(from trace.Side, kind int) {
	s := trace.Segment{
		Number: len(g.t.Segments) + 1, From: from, Conn: g.IntN(len(g.t.Conns)), SentAt: g.now,
		Seq: uint32(g.IntN(100000)), Ack: uint32(g.IntN(100000)), Window: uint16(g.IntN(3) * 1000),
	}
	s.Flags = [...]wire.Flags{
		wire.ACK, wire.ACK | wire.PSH, wire.SYN, wire.SYN | wire.ACK, wire.FIN | wire.ACK, wire.RST | wire.ACK,
	}[kind]
	if kind == 1 {
		s.Len = 1 + g.IntN(1460)
	}
	s.Retransmission, s.Probe = kind != 0 && g.one(5), g.one(15)
	if g.one(12) {
		s.Injected = "middlebox"
	}
	if g.one(15) {
		s.Damaged, s.Acts = []byte{1}, []string{"changed a bit of the payload"}
	}
	if g.one(15) && s.Number > 1 {
		s.CopyOf = s.Number - 1
	}
	if s.Flags.Has(wire.RST) && !g.one(10) {
		s.Cause = &trace.Cause{
			ID:     [...]string{"unread-data", "linger-zero", "port-not-listening", "listener-got-syn-ack"}[g.IntN(4)],
			Text:   "a sentence that says in many words why it was sent",
			Source: "RFC 9293 section 3.10.7.1; section 3.5.2, group 1",
		}
	}
	i := len(g.t.Segments)
	g.add(g.now, trace.Sent, i)
	delay := g.latency
	if g.one(10) {
		delay = time.Duration(g.Int64N(int64(20*g.latency + 1)))
	}
	switch {
	case g.one(6):
		s.Lost = [...]string{"loss 5%", "drop client:FIN:1", "cable of server unplugged"}[g.IntN(3)]
		g.add(g.now, trace.Lost, i)
	case g.one(15): // under way at the end
	default:
		s.Arrived, s.ReceivedAt = true, g.now+delay
		g.add(s.ReceivedAt, trace.Received, i)
	}
	s.Trigger = g.trigger()
	g.t.Segments = append(g.t.Segments, s)
}

func (g *random) trigger() trace.Trigger {
	k := trace.TriggerKind(g.IntN(5))
	n := [...]int{1, len(g.t.Calls), len(g.t.Segments), len(g.t.Timers), len(g.t.Notes)}[k]
	if n == 0 {
		return trace.Trigger{}
	}
	return trace.Trigger{Kind: k, Index: g.IntN(n)}
}

func (g *random) change() {
	t := trace.Transition{
		Host: g.side(), Endpoint: 1 + g.IntN(3), Conn: g.IntN(len(g.t.Conns)),
		From: stack.State(g.IntN(11)), To: stack.State(g.IntN(11)), Trigger: g.trigger(), Unread: g.IntN(2) * g.IntN(100000),
	}
	g.t.Transitions = append(g.t.Transitions, t)
	g.add(g.now, trace.Changed, len(g.t.Transitions)-1)
}

func (g *random) timer() {
	names := [...]string{"RTO", "2MSL", "FIN_WAIT_2", "SYN RTO", "keepalive", "SYN retries used up"}
	g.t.Timers = append(g.t.Timers, trace.Timer{Host: g.side(), Conn: g.IntN(len(g.t.Conns)+1) - 1, Name: names[g.IntN(len(names))]})
	g.add(g.now, trace.Fired, len(g.t.Timers)-1)
}

func (g *random) note() {
	notes := [...]trace.Note{
		{Kind: trace.NoteCrash, Text: "server lost power"},
		{Kind: trace.NoteBoot, Text: "client boots"},
		{Kind: trace.NoteAddRule, Text: "the link starts to drop client:DATA:17 — at once"},
		{Kind: trace.NoteSignal, Text: "process a-name-without-any-space-that-is-longer-than-the-column killed by SIGPIPE"},
	}
	n := notes[g.IntN(len(notes))]
	n.Host = g.side()
	g.t.Notes = append(g.t.Notes, n)
	g.add(g.now, trace.Noted, len(g.t.Notes)-1)
}

func (g *random) call() {
	c := trace.Call{
		Host: g.side(), Op: [...]trace.Op{trace.OpRecv, trace.OpSend, trace.OpConnect, trace.OpClose, trace.OpShutdown}[g.IntN(5)],
		Args:  &trace.Args{FD: 3, How: stack.ShutWrite},
		Begin: g.now, End: g.now, Returned: true, Conn: g.IntN(len(g.t.Conns)),
		Result: trace.Result{Errno: [...]stack.Errno{stack.OK, stack.ECONNRESET, stack.EPIPE, stack.EAGAIN}[g.IntN(4)]},
	}
	g.t.Calls = append(g.t.Calls, c)
	g.add(g.now, trace.CallBegin, len(g.t.Calls)-1)
	g.add(g.now, trace.CallEnd, len(g.t.Calls)-1)
}

func (g *random) finish() *trace.Trace {
	sort.SliceStable(g.events, func(i, j int) bool { return g.events[i].At < g.events[j].At })
	g.t.Events = g.events
	g.t.End = g.now
	if g.one(3) {
		g.t.Stopped = "until " + g.now.String()
	}
	return g.t
}
