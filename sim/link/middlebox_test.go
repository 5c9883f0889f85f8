package link

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// TestAMiddleboxForgetsAfterIdle: a connection that was idle for exactly as long
// as allowed is known still, and any segment begins the time anew.
func TestAMiddleboxForgetsAfterIdle(t *testing.T) {
	for _, last := range []trace.Side{trace.Client, trace.Server} {
		for idle, forgotten := range map[time.Duration]bool{time.Minute: false, time.Minute + 1: true} {
			l := newLink(Config{Middlebox: Middlebox{Name: "nat", Stateful: true, Idle: time.Minute}})
			at := time.Duration(0)
			offer := func(from trace.Side, seg int) Verdict {
				s := syn
				if seg > 0 {
					s = data
				}
				s.Src, s.Dst = tuple.Src, tuple.Dst
				if from == trace.Server {
					s.Src, s.Dst = tuple.Dst, tuple.Src
				}
				return l.Offer(&Offered{From: from, Seg: &s, At: at})
			}
			offer(trace.Client, 0)
			at += time.Minute
			if v := offer(last, 1); v.Lost {
				t.Errorf("after one minute: %+v", v)
			}
			at += idle
			if v := offer(trace.Client, 1); v.Lost != forgotten {
				t.Errorf("%v after a segment from %s: %+v, want forgotten %t", idle, last, v, forgotten)
			}
		}
	}
}
