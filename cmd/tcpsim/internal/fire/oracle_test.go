package fire_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/fire"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/fuzz"
)

// broken lists the invariants that this stack is known to break, by the
// scenarios in which it does. It takes a window from an ACK that is older than
// the last one, and sends beyond the newer one.
var broken = map[string][]string{
	"rst-missing-under-fire":      {"window/beyond-the-window"},
	"zero-window-kill-under-fire": {"window/beyond-the-window"},
}

// TestInvariantsHoldUnderFire holds a sample of the runs against the oracles of
// package fuzz.
func TestInvariantsHoldUnderFire(t *testing.T) {
	runs := 20
	if testing.Short() || race {
		runs = 3
	}
	for _, f := range underFire(t) {
		for i := range f.Variants {
			c := &f.Variants[i]
			var mu sync.Mutex
			_, err := fire.Count(c, fire.Options{Runs: runs, Each: func(seed uint64, r *scenarios.Result) {
				for _, v := range fuzz.Check(r.Trace, fuzz.Config{}) {
					if slices.Contains(broken[f.Name], v.Key()) {
						continue
					}
					mu.Lock()
					t.Errorf("tcpsim run %s --seed %d: %s", c.FullName(), seed, v)
					mu.Unlock()
				}
			}})
			if err != nil {
				t.Error(err)
			}
		}
	}
}
