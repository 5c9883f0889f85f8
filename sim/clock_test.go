package sim

import (
	"slices"
	"testing"
	"time"
)

// clockRun arms timers on a host's clock and runs until nothing is pending.
func clockRun(t *testing.T, arm func(after func(time.Duration, func()) *timer, s *Sim)) {
	t.Helper()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := &hostClock{s.hosts[0], s.hosts[0].boots}
	arm(func(d time.Duration, f func()) *timer { return c.AfterFunc(d, f).(*timer) }, s)
	for last := s.now; s.step(); last = s.now {
		if s.now < last {
			t.Fatalf("time went back from %v to %v", last, s.now)
		}
	}
	if len(s.heap.events) > 0 {
		t.Errorf("%d entries are left", len(s.heap.events))
	}
}

func TestTimerFiresAtItsLastDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		then func(tm *timer, at func(time.Duration, func()))
		want []time.Duration
	}{
		"as armed": {func(*timer, func(time.Duration, func())) {}, []time.Duration{10}},
		"pushed back": {func(tm *timer, at func(time.Duration, func())) {
			for d := range time.Duration(5) {
				at(d, func() { tm.Reset(10 * time.Second) })
			}
		}, []time.Duration{14}},
		"drawn forward": {func(tm *timer, at func(time.Duration, func())) {
			at(3, func() { tm.Reset(time.Second) })
			at(5, func() {})
		}, []time.Duration{4}},
		"drawn forward, then pushed back": {func(tm *timer, at func(time.Duration, func())) {
			at(1, func() { tm.Reset(time.Second); tm.Reset(20 * time.Second) })
		}, []time.Duration{21}},
		"stopped": {func(tm *timer, at func(time.Duration, func())) {
			at(3, func() {
				if !tm.Stop() || tm.Stop() {
					panic("Stop does not tell whether the timer was armed")
				}
			})
		}, nil},
		"stopped and armed again": {func(tm *timer, at func(time.Duration, func())) {
			at(3, func() { tm.Stop(); tm.Reset(20 * time.Second) })
		}, []time.Duration{23}},
		"armed again after it fired": {func(tm *timer, at func(time.Duration, func())) {
			at(12, func() { tm.Reset(time.Second) })
		}, []time.Duration{10, 13}},
		"for the same instant twice": {func(tm *timer, at func(time.Duration, func())) {
			at(5, func() { tm.Reset(5 * time.Second) })
		}, []time.Duration{10}},
	} {
		t.Run(name, func(t *testing.T) {
			var fired []time.Duration
			clockRun(t, func(after func(time.Duration, func()) *timer, s *Sim) {
				tm := after(10*time.Second, func() { fired = append(fired, s.now.Round(time.Second)/time.Second) })
				test.then(tm, func(d time.Duration, f func()) { after(d*time.Second, f) })
			})
			if !slices.Equal(fired, test.want) {
				t.Errorf("fired at %v, want %v", fired, test.want)
			}
		})
	}
}

func TestTimersOfOneInstantFireInTheOrderOfArming(t *testing.T) {
	var order []int
	clockRun(t, func(after func(time.Duration, func()) *timer, s *Sim) {
		var timers [4]*timer
		for i := range timers {
			timers[i] = after(time.Duration(i+1)*time.Second, func() { order = append(order, i) })
		}
		// All at 10 s now: the last to be armed is the last to fire, whenever
		// its first deadline was.
		for _, i := range []int{2, 0, 3, 1} {
			timers[i].Reset(10 * time.Second)
		}
	})
	if !slices.Equal(order, []int{2, 0, 3, 1}) {
		t.Errorf("fired in the order %v", order)
	}
}

func TestAfterFuncOfZeroDoesNotRunAtOnce(t *testing.T) {
	ran := false
	clockRun(t, func(after func(time.Duration, func()) *timer, s *Sim) {
		after(0, func() { ran = true })
		if ran {
			t.Error("AfterFunc(0) ran its function: its caller may hold the lock that the function takes")
		}
	})
	if !ran {
		t.Error("the timer never fired")
	}
}

func TestPushedBackTimerFillsNoHeap(t *testing.T) {
	clockRun(t, func(after func(time.Duration, func()) *timer, s *Sim) {
		tm := after(time.Second, func() {})
		for range 1000 {
			tm.Reset(time.Second)
		}
		if n := len(s.heap.events); n != 1 {
			t.Errorf("%d entries for one timer", n)
		}
	})
}

func TestTimersOfACrashedHostAreStale(t *testing.T) {
	clockRun(t, func(after func(time.Duration, func()) *timer, s *Sim) {
		after(time.Second, func() { t.Error("a timer of a host that lost power fired") })
		s.hosts[0].crash()
		s.hosts[0].boot()
	})
}
