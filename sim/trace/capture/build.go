package capture

import (
	"container/heap"
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/why"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// finish makes a trace of what was kept. It returns nil when that is nothing.
func (s *scanner) finish(name string, o Options, want wanted) (*trace.Trace, *Report) {
	r := &Report{}
	if s.source == nil {
		return nil, r
	}
	if s.keep.chosen == nil && want.any() && len(s.conns.list) > 0 {
		s.why = whyFirst
		s.keep.choose(s.conns.list[0])
	}
	k := s.keep.chosen
	r.Conns = len(s.conns.list)
	r.Format, r.Compressed, r.Counts, r.Why = s.source.format, s.source.compressed, s.counts, s.why
	r.Counts.OtherConns, r.Counts.OverLimit = s.keep.others, s.keep.over+s.conns.missed
	if k == nil {
		return nil, r
	}
	r.Conn = k.summary()
	if asked := s.source.vantage(); o.Vantage == Auto {
		o.Vantage = asked
	}
	b := builder{r: r, t: &trace.Trace{Title: name}, conn: k, neighbours: s.conns.neighbours(k), start: s.start}
	r.Behind = behind(s.keep.sights)
	list, l := b.passages(s.keep.sights, o)
	b.infer(list, l)
	b.number(list, s.start)
	if r.Vantage == AtBoth {
		resentOfEach(list)
		for _, p := range list {
			if p.guessed {
				b.inferred.instants++
			}
		}
	} else {
		fates(list, l)
	}
	for _, p := range list {
		if p.answered {
			p.arrived, p.lost = true, ""
		}
	}
	b.caption(name)
	b.segments(list)
	b.run(list)
	b.inferred.report(r)
	return b.t, r
}

// builder makes the trace from passages.
type builder struct {
	t        *trace.Trace
	r        *Report
	conn     *conn
	ends     [][2]end     // by incarnation
	later    [][2]int     // the last segment of each side that is no RST, by incarnation
	resets   [][]*passage // the RSTs, by incarnation
	inferred tally

	neighbours []why.Neighbour
	start      time.Time // of the file
}

// century bounds the instants: a file may claim any, and sums must not
// overflow.
const century = 100 * 365 * 24 * time.Hour

// passages puts together what was seen, at one point or at two.
func (b *builder) passages(sights []sight, o Options) (list []*passage, l legs) {
	for i := range sights {
		sights[i].at = min(max(sights[i].at, -century), century)
	}
	if o.Vantage == Auto || o.Vantage == AtBoth {
		if two, ok := findBoth(sights, o.Vantage == AtBoth); ok {
			list, b.r.Counts.Again = two.passages(sights)
			b.r.Vantage, b.r.Skew, b.inferred.both = AtBoth, -two.skew, true
			return list, legs{}
		}
		o.Vantage = Auto
	}
	list, b.r.Counts.Again = merge(sights)
	l, b.r.Vantage = vantage(measure(sights, func(via) bool { return true }), o.Vantage, nearer(sights))
	if b.r.Vantage == Wire {
		placeWire(list, l)
	} else {
		place(list, l)
		for _, p := range list {
			p.there = b.r.Vantage == AtClient && p.from == trace.Server || b.r.Vantage == AtServer && p.from == trace.Client
		}
	}
	b.r.RTT = l
	return list, l
}

// number orders the segments by the instant at which they were sent, counts
// them, and begins time with the first.
func (b *builder) number(list []*passage, start time.Time) {
	slices.SortStableFunc(list, func(x, y *passage) int { return int(min(max(x.sentAt-y.sentAt, -1), 1)) })
	if len(list) == 0 {
		return
	}
	zero := list[0].sentAt
	b.r.Start = start.Add(zero).UTC()
	if y := b.r.Start.Year(); y > 0 && y < 10000 { // what RFC 3339 can say
		b.t.Start = b.r.Start
	}
	for i, p := range list {
		p.number = i + 1
		p.sentAt -= zero
		p.receivedAt -= zero
		b.r.Packets = append(b.r.Packets, p.packet)
		b.r.Seen = append(b.r.Seen, p.at-zero)
		b.r.Counts.Kept++
		if p.cut {
			b.r.Counts.Cut++
		}
		if p.changed {
			b.r.Counts.Changed++
		}
		if p.whole {
			b.r.Counts.Whole++
		}
	}
}

func (b *builder) caption(name string) {
	t, k := b.t, b.conn
	for side, a := range k.Addr {
		t.Hosts = append(t.Hosts, trace.Host{Name: trace.Side(side).String(), Addr: a.Addr()})
	}
	where := map[Vantage]string{
		Auto: "at an unknown point", AtClient: "at the client", AtServer: "at the server",
		Between: "between the hosts", AtBoth: "at both hosts", Wire: "of all that is sent",
	}[b.r.Vantage]
	text := "capture " + where
	if rtt := b.r.RTT[0] + b.r.RTT[1]; rtt > 0 {
		text += fmt.Sprintf(", round trip %s", rtt.Round(time.Microsecond))
	}
	t.Links = []trace.Link{{A: trace.Client, B: trace.Server, Text: text}}
	for i := range k.tries {
		try := &k.tries[i]
		c := trace.Between(k.Addr[trace.Client], k.Addr[trace.Server])
		for side := range try.seen {
			e := c.At(trace.Side(side))
			e.ISN, e.Known = try.isn[side], try.seen[side]
		}
		t.Conns = append(t.Conns, c)
		for side := range try.seen {
			if try.seen[side] && !try.known[side] {
				b.inferred.isn++
			}
		}
	}
}

// segments fills in what does not depend on what happened before.
func (b *builder) segments(list []*passage) {
	b.t.Segments = make([]trace.Segment, len(list))
	b.later, b.resets = make([][2]int, len(b.t.Conns)), make([][]*passage, len(b.t.Conns))
	for i, p := range list {
		c := &b.t.Conns[p.try]
		s := trace.Segment{
			Number: p.number, From: p.from, To: p.from.Peer(), Conn: p.try, Flags: p.seg.Flags,
			Seq: c.Relative(p.from, p.seg.Seq), RawSeq: p.seg.Seq, RawAck: p.seg.Ack,
			Len: len(p.seg.Payload), Window: p.seg.Window, Frame: p.frame,
			SentAt: p.sentAt, Lost: p.lost,
		}
		if p.seg.Flags.Has(wire.ACK) {
			s.Ack = c.Relative(p.from.Peer(), p.seg.Ack)
		}
		if p.arrived {
			s.Arrived, s.ReceivedAt = true, p.receivedAt
		}
		if p.copyOf != nil {
			s.CopyOf = p.copyOf.number
			b.inferred.copies++
		}
		if !p.seg.Flags.Has(wire.RST) {
			b.later[p.try][p.from] = i
		} else if p.copyOf == nil {
			b.resets[p.try] = append(b.resets[p.try], p)
		}
		b.t.Segments[i] = s
	}
}

// run goes through what happened in order, and follows both ends.
func (b *builder) run(list []*passage) {
	b.follow(list)
	var way arrivals
	for i, p := range list {
		b.arriveBefore(&way, p)
		b.sent(i, p)
		switch {
		case p.lost != "":
			b.event(p.sentAt, trace.Lost, i)
			b.inferred.losses++
		case p.arrived:
			heap.Push(&way, p)
		}
	}
	for len(way) > 0 {
		b.arrive(heap.Pop(&way).(*passage))
	}
	if n := len(b.t.Events); n > 0 {
		b.t.End = b.t.Events[n-1].At
	}
}

// arriveBefore lets arrive what does so before p is sent. Of what arrives at
// the same instant, p may answer the first and not the second: as much comes
// first as p acknowledges, and one segment at least. A RST is the last word.
func (b *builder) arriveBefore(way *arrivals, p *passage) {
	replied := false
	for len(*way) > 0 && (*way)[0].receivedAt <= p.sentAt {
		q := (*way)[0]
		if q.receivedAt == p.sentAt && q.from != p.from {
			e := &b.ends[p.try][p.from]
			if replied && !before(e.rcv, p.seg.Ack) && !p.seg.Flags.Has(wire.RST) {
				return
			}
			replied = true
		}
		b.arrive(heap.Pop(way).(*passage))
	}
}

func (b *builder) event(at time.Duration, kind trace.Kind, index int) {
	b.t.Events = append(b.t.Events, trace.Event{At: at, Kind: kind, Index: index})
}

// arrivals are the segments on their way, the next to arrive first.
type arrivals []*passage

func (a arrivals) Len() int { return len(a) }
func (a arrivals) Less(i, j int) bool {
	if a[i].receivedAt != a[j].receivedAt {
		return a[i].receivedAt < a[j].receivedAt
	}
	return a[i].number < a[j].number
}
func (a arrivals) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(x any)   { *a = append(*a, x.(*passage)) }
func (a *arrivals) Pop() any {
	last := len(*a) - 1
	p := (*a)[last]
	*a = (*a)[:last]
	return p
}
