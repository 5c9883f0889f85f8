package fidelity

import (
	"fmt"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// TestStallsAreWhereSomethingWasOverdue: and nothing happened at all. A late
// retransmission is no evidence: that would be the run's own measure.
func TestStallsAreWhereSomethingWasOverdue(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	data := func(from trace.Side, sent, received int) Segment {
		return Segment{From: from, Sent: ms(sent), Received: ms(received), Arrived: true, Flags: wire.ACK | wire.PSH, Len: 5}
	}
	ack := func(from trace.Side, sent, received int) Segment {
		return Segment{From: from, Sent: ms(sent), Received: ms(received), Arrived: true, Flags: wire.ACK}
	}
	lost := Segment{From: trace.Client, Sent: ms(100), Flags: wire.ACK | wire.PSH, Len: 5}
	for _, test := range []struct {
		what     string
		segments []Segment
		calls    []Call
		want     []cut
	}{
		{"everything in time", []Segment{data(trace.Client, 0, 5), ack(trace.Server, 45, 50)}, nil, nil},
		{"a segment under way for long", []Segment{ack(trace.Client, 0, 500)}, nil, []cut{{ms(5), ms(500)}}},
		{
			"and something happened meanwhile",
			[]Segment{ack(trace.Client, 0, 500)},
			[]Call{{Begin: ms(300), End: ms(300)}},
			[]cut{{ms(5), ms(300)}, {ms(300), ms(500)}},
		},
		{"an ACK that was owed for long", []Segment{data(trace.Client, 0, 5), ack(trace.Server, 400, 405)}, nil, []cut{{ms(5), ms(400)}}},
		{"an ACK that may be that late", []Segment{data(trace.Client, 0, 5), ack(trace.Server, 204, 209)}, nil, nil},
		{"nothing was under way", []Segment{ack(trace.Client, 0, 5), ack(trace.Client, 900, 905)}, nil, nil},
		{"a retransmission that came late", []Segment{lost, data(trace.Client, 900, 905), ack(trace.Server, 905, 910)}, nil, nil},
		{"too short to tell", []Segment{ack(trace.Client, 0, 30)}, nil, nil},
	} {
		c := Case{Latency: ms(5), Segments: test.segments, Calls: test.calls}
		if got := c.stalls(); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %v, want %v", test.what, got, test.want)
		}
	}
}
