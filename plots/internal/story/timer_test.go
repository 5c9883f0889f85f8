package story

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// timed is a trace in which the client sends a segment at one second, gets
// what comes then, and a timer of its connection fires.
func timed(timer string, at time.Duration, calls []trace.Call, between ...trace.Segment) *trace.Trace {
	t := &trace.Trace{Conns: make([]trace.Conn, 1), Calls: calls, End: at}
	for i, s := range append([]trace.Segment{{SentAt: time.Second, Flags: wire.ACK, Len: 5}}, between...) {
		s.Number = i + 1
		t.Segments = append(t.Segments, s)
		t.Events = append(t.Events, trace.Event{At: s.SentAt, Kind: trace.Sent, Index: i})
	}
	t.Timers = []trace.Timer{{Name: timer}}
	t.Transitions = []trace.Transition{{From: stack.Established, To: stack.Closed, Trigger: trace.Trigger{Kind: trace.ByTimer}}}
	t.Events = append(t.Events, trace.Event{At: at, Kind: trace.Fired}, trace.Event{At: at, Kind: trace.Changed})
	return t
}

func TestATimerIsNamedByWhatHasRunOut(t *testing.T) {
	limit := func(ms int) []trace.Call {
		return []trace.Call{{Op: trace.OpSetsockopt, Args: &trace.Args{Option: "TCP_USER_TIMEOUT", OptVal: stack.Value{Int: ms}}, Conn: -1}}
	}
	fin := trace.Segment{From: trace.Server, SentAt: 20 * time.Second, Flags: wire.FIN | wire.ACK}
	answer := trace.Segment{SentAt: 20 * time.Second, Flags: wire.ACK, Trigger: trace.Trigger{Kind: trace.BySegment, Index: 1}}
	probe := trace.Segment{SentAt: 20 * time.Second, Flags: wire.ACK, Len: 1, Probe: true}
	for _, c := range []struct {
		what, want string
		trace      *trace.Trace
	}{
		{"no limit", "RTO: 4 s", timed("RTO", 5*time.Second, nil)},
		{"the limit", "user timeout: 4 s", timed("RTO", 5*time.Second, limit(4000))},
		{"another limit", "RTO: 4 s", timed("RTO", 5*time.Second, limit(3000))},
		{"no timeout", "RTO: 4 s", timed("RTO", 5*time.Second, limit(0))},
		{"probes", "persist: 30 s", timed("RTO", 50*time.Second, nil, probe)},
		{"a FIN that comes again", "2MSL: 60 s", timed("2MSL", 80*time.Second, nil, fin, answer)},
	} {
		s := Of(c.trace, Window{})
		if got := s.Timers[0].Label(); got != c.want || s.States[0].Cause[0] != c.want {
			t.Errorf("%s: the timer is %q and the cause of the end %q, want %q", c.what, got, s.States[0].Cause, c.want)
		}
	}
}
