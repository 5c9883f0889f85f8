package plots_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/plots/internal/layout"
	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// longTrace is a transfer of n segments: data at even intervals, an ACK for
// each, one segment in fifty lost and sent again.
func longTrace(n int) *trace.Trace {
	tr := &trace.Trace{Title: fmt.Sprintf("a transfer of %d segments", n), Links: []trace.Link{{B: trace.Server, Text: "synthetic"}}, Conns: make([]trace.Conn, 1)}
	at := time.Duration(0)
	add := func(s trace.Segment) {
		s.Number = len(tr.Segments) + 1
		s.SentAt = at
		i := len(tr.Segments)
		tr.Events = append(tr.Events, trace.Event{At: at, Kind: trace.Sent, Index: i})
		at += 10 * time.Microsecond
		if s.Lost == "" {
			s.Arrived, s.ReceivedAt = true, at
			tr.Events = append(tr.Events, trace.Event{At: at, Kind: trace.Received, Index: i})
		}
		tr.Segments = append(tr.Segments, s)
	}
	change := func(host trace.Side, from, to stack.State) {
		tr.Transitions = append(tr.Transitions, trace.Transition{Host: host, Endpoint: 1, From: from, To: to})
		tr.Events = append(tr.Events, trace.Event{At: at, Kind: trace.Changed, Index: len(tr.Transitions) - 1})
	}
	change(trace.Client, stack.Closed, stack.SynSent)
	add(trace.Segment{Flags: wire.SYN})
	change(trace.Client, stack.SynSent, stack.Established)
	seq := uint32(1)
	for len(tr.Segments) < n-1 {
		s := trace.Segment{Flags: wire.ACK | wire.PSH, Seq: seq, Ack: 1, Len: 1000}
		if seq/1000%50 == 7 {
			s.Lost = "loss 2%"
			add(s)
			s.Lost, s.Retransmission = "", true
		}
		add(s)
		seq += 1000
		add(trace.Segment{From: trace.Server, Flags: wire.ACK, Seq: 1, Ack: seq, Window: 1000})
	}
	change(trace.Client, stack.Established, stack.Closed)
	add(trace.Segment{Flags: wire.RST, Seq: seq, Cause: &trace.Cause{ID: "linger-zero", Text: "close()", Source: "RFC 9293 section 3.10.5"}})
	tr.End = at
	return tr
}

// resets is a trace in which nothing is quiet: connections that are refused
// one after the other.
func resets(n int) *trace.Trace {
	tr := &trace.Trace{Title: "one refused connection after the other", Conns: make([]trace.Conn, 1)}
	for i := range n {
		at := time.Duration(i) * time.Millisecond
		s := trace.Segment{Number: i + 1, Flags: wire.SYN, SentAt: at, Arrived: true, ReceivedAt: at}
		if i%2 == 1 {
			s.From, s.Flags = trace.Server, wire.RST
			s.Cause = &trace.Cause{ID: "port-not-listening", Source: "RFC 9293 section 3.10.7.1"}
			s.Trigger = trace.Trigger{Kind: trace.BySegment, Index: i - 1}
		}
		tr.Segments = append(tr.Segments, s)
		tr.Events = append(tr.Events, trace.Event{At: at, Kind: trace.Sent, Index: i}, trace.Event{At: at, Kind: trace.Received, Index: i})
	}
	tr.End = time.Duration(n) * time.Millisecond
	return tr
}

func TestALongTraceGivesASmallPicture(t *testing.T) {
	for _, tr := range []*trace.Trace{longTrace(100_000), resets(100_000)} {
		for _, l := range layouts {
			p := l.lay(story.Of(tr, story.Window{}), layout.Options{})
			sound(t, l.name+" of "+tr.Title, p, tr, story.Window{})
			if len(p.Marks) > 60_000 {
				t.Errorf("%s of %s: %d marks", l.name, tr.Title, len(p.Marks))
			}
		}
		for _, o := range []plots.Options{{}, {Kind: plots.Sequence}, {Format: plots.ASCII}, {Format: plots.Mermaid}} {
			if b := draw(t, tr, o); len(b) > 12<<20 {
				t.Errorf("%s of %s as %s: %d bytes", o.Kind, tr.Title, o.Format, len(b))
			}
		}
	}
}

func TestAWindowShowsEachSegmentOfALongTrace(t *testing.T) {
	tr := longTrace(100_000)
	mid := tr.End / 2
	w := story.Window{From: mid, To: mid + 500*time.Microsecond}
	for _, l := range layouts {
		sound(t, l.name, l.lay(story.Of(tr, w), layout.Options{}), tr, w)
	}
	b := draw(t, tr, plots.Options{From: w.From, To: w.To})
	if n := bytes.Count(b, []byte(`id="segment-`)); n < 40 {
		t.Errorf("%d segments are drawn one by one, want at least 40", n)
	}
}

func BenchmarkDraw100kSegments(b *testing.B) {
	tr := longTrace(100_000)
	for _, kind := range []plots.Kind{plots.Ladder, plots.Sequence} {
		b.Run(kind.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := plots.Draw(io.Discard, tr, plots.Options{Kind: kind}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
