package fuzz

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

func TestOnlyADeliveryAfterMSLOutlivesIt(t *testing.T) {
	for _, c := range []struct {
		s    trace.Segment
		want bool
	}{
		{trace.Segment{Arrived: true, ReceivedAt: lifetime}, false},
		{trace.Segment{Arrived: true, ReceivedAt: lifetime + 1}, true},
		{trace.Segment{Arrived: true, SentAt: time.Hour, ReceivedAt: time.Hour + lifetime}, false},
		{trace.Segment{ReceivedAt: time.Hour}, false},
		{trace.Segment{Arrived: true, Injected: "somebody", ReceivedAt: time.Hour}, false},
	} {
		if got := outlived(&trace.Trace{Segments: []trace.Segment{c.s}}); got != c.want {
			t.Errorf("%+v: %t", c.s, got)
		}
	}
}
