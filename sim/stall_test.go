package sim

import (
	"testing"
	"time"
)

func TestWhatIsDueDuringAStallIsDueAtItsEnd(t *testing.T) {
	stalls := []Stall{{time.Second, 2 * time.Second}, {2 * time.Second, 3 * time.Second}}
	for at, want := range map[time.Duration]time.Duration{
		time.Second:             time.Second,
		1500 * time.Millisecond: 2 * time.Second,
		2 * time.Second:         2 * time.Second, // not put off again
		2500 * time.Millisecond: 3 * time.Second,
		3500 * time.Millisecond: 3500 * time.Millisecond,
	} {
		if got := standing(stalls, at); got != want {
			t.Errorf("%v: %v, want %v", at, got, want)
		}
	}
}

func TestAStallEndsAfterItBegins(t *testing.T) {
	for _, stall := range []Stall{{time.Second, time.Second}, {2, 1}, {-1, 1}} {
		if s, err := New(Config{Stalls: []Stall{stall}}); err == nil {
			s.Close()
			t.Errorf("%+v is taken", stall)
		}
	}
}
