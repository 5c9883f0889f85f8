package capture

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/why"
)

// verdict is why a RST was sent, and the passages that the explanation speaks
// of.
type verdict struct {
	why.Reset
	list []*passage // by the indices of Reset
}

// infer works out why each RST was sent, before anything else is: a RST proves
// that what it answers has arrived, and when. list is in the order in which the
// segments passed the capture point, or in which they were sent where that is
// what was seen.
func (b *builder) infer(list []*passage, l legs) {
	if b.r.Vantage == AtBoth || b.r.Vantage == Wire {
		list = slices.Clone(list)
		slices.SortStableFunc(list, func(x, y *passage) int { return cmp.Compare(x.sentAt, y.sentAt) })
	} else {
		list = passedOrder(list)
	}
	c := &why.Conn{Addr: b.conn.Addr, Begun: b.conn.Begun, RTT: l, Neighbours: b.neighbours}
	for side, at := range b.conn.anew {
		c.Anew[side] = -1
		if !at.IsZero() {
			c.Anew[side] = at.Sub(b.start)
		}
	}
	c.Segments = make([]why.Segment, len(list))
	for i, p := range list {
		c.Segments[i] = p.evidence()
		if b.r.Vantage == AtBoth || b.r.Vantage == Wire {
			c.Segments[i].At = p.sentAt
		}
	}
	for _, r := range why.Explain(c) {
		p := list[r.Index]
		p.verdict = &verdict{r, list}
		if r.Answers < 0 || r.Forged {
			continue
		}
		q := list[r.Answers]
		q.answered = true
		// Half of the shortest round trip is too much for this one, which was
		// faster: no effect comes before its cause.
		if q.receivedAt > p.sentAt && !q.seen {
			middle := q.sentAt + (p.receivedAt-q.sentAt)/2
			if b.r.Vantage != Wire && b.r.Vantage != AtBoth {
				middle = q.at + (p.at-q.at)/2
			}
			q.receivedAt, p.sentAt = middle, middle
		}
	}
}

// evidence is what a passage shows of its segment.
func (p *passage) evidence() why.Segment {
	s := why.Segment{
		Segment: &p.seg, From: p.from, At: p.at, Try: p.try, TTL: p.ttl(), Copy: p.copyOf != nil, Packet: p.packet,
	}
	if p.v4() {
		s.ID, s.HasID = binary.BigEndian.Uint16(p.frame[4:]), true
	}
	return s
}

// explain fills in why a RST was sent, and says that it is a conclusion and
// from what.
func (b *builder) explain(i int, p *passage) {
	s := &b.t.Segments[i]
	b.inferred.causes++
	v := p.verdict
	half := b.r.Conn.missing()
	if v.Forged && half == "" {
		s.Injected = "somebody on the way (inferred)"
		if v.Sure == trace.Possible {
			s.Injected = "" // nobody is accused of what may be the host's own
		} else {
			b.inferred.forged++
		}
	} else if v.Answers >= 0 && half == "" {
		s.Trigger = trace.Trigger{Kind: trace.BySegment, Index: v.list[v.Answers].number - 1}
	}
	c := &trace.Cause{ID: v.Cause, Text: "inferred: " + v.Text, Source: cause.Source(v.Cause), Confidence: v.Sure}
	var facts []string
	for _, f := range v.Because {
		if len(facts) < 3 {
			facts = append(facts, v.words(f))
		}
	}
	undecided := v.Undecided
	if half != "" {
		// What speaks for a cause may be no more than that it was not read.
		c.Confidence, undecided = trace.Possible, len(v.Rivals)
		facts = []string{"a guess from one half: nothing that the " + half + " sent was read"}
	}
	if len(facts) > 0 {
		c.Text += " (" + strings.Join(facts, "; ") + ")"
	}
	for n, r := range v.Rivals {
		if n < undecided {
			c.Or = append(c.Or, r.Cause)
		}
	}
	s.Cause = c
}

// words is a fact with the numbers of its segments.
func (v *verdict) words(f why.Fact) string {
	var names []any
	for _, k := range f.Refs {
		names = append(names, fmt.Sprintf("#%d", v.list[k].number))
	}
	return why.Words(f, names...)
}

// passedOrder sorts passages by the instant at which the capture saw them.
func passedOrder(list []*passage) []*passage {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(x, y *passage) int {
		switch {
		case x.at < y.at:
			return -1
		case x.at > y.at:
			return 1
		}
		return x.packet - y.packet
	})
	return list
}
