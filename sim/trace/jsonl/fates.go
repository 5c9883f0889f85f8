package jsonl

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// fates collects from the events what the trace repeats in its segments and
// calls. The file holds it once, in the lines of the events, so the two have
// to agree before it is written.
type fates struct {
	seen
	transitions int
	passages    int
	arrived     map[int]time.Duration
	lost        map[int]bool
	returned    map[int]time.Duration
}

func (f *fates) next(what string, index, want int) error {
	if index != want {
		return fmt.Errorf("%s %d comes where %d should: %w", what, index, want, errIncomplete)
	}
	return nil
}

func (f *fates) noteArrival(i int, at time.Duration) {
	if f.arrived == nil {
		f.arrived = make(map[int]time.Duration)
	}
	f.arrived[i] = at
}

func (f *fates) noteLoss(i int) {
	if f.lost == nil {
		f.lost = make(map[int]bool)
	}
	f.lost[i] = true
}

func (f *fates) noteReturn(i int, at time.Duration) error {
	if f.returned == nil {
		f.returned = make(map[int]time.Duration)
	}
	if _, twice := f.returned[i]; twice {
		return fmt.Errorf("call %d returns twice", i)
	}
	f.returned[i] = at
	return nil
}

func (f *fates) check(t *trace.Trace) error {
	for i := range t.Segments {
		s := &t.Segments[i]
		at, arrived := f.arrived[i]
		switch {
		case arrived != s.Arrived || at != s.ReceivedAt:
			return fmt.Errorf("segment #%d: its arrival is not that of its last received event", s.Number)
		case f.lost[i] != (s.Lost != ""):
			return fmt.Errorf("segment #%d: lost by %q, but the events say otherwise", s.Number, s.Lost)
		}
	}
	for i := range t.Calls {
		c := &t.Calls[i]
		at, returned := f.returned[i]
		switch {
		case returned != c.Returned || at != c.End:
			return fmt.Errorf("call %d: its end is not that of its return event", i)
		case !returned && (c.Value != 0 || c.Errno != 0 || c.Addr.IsValid() || c.OptVal != nil || c.Revents != nil || len(c.Data) > 0):
			return fmt.Errorf("call %d: a result without a return", i)
		}
	}
	return nil
}
