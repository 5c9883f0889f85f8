package parallel_test

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/parallel"
)

func TestEveryNumberIsDoneOnce(t *testing.T) {
	for _, jobs := range []int{-1, 0, 1, 3, 100} {
		for _, n := range []int{0, 1, 2, 50} {
			calls := make([]atomic.Int32, n)
			parallel.Each(n, jobs, nil, func(i int) { calls[i].Add(1) })
			for i := range calls {
				if got := calls[i].Load(); got != 1 {
					t.Errorf("%d of %d with %d jobs: done %d times", i, n, jobs, got)
				}
			}
		}
	}
}

// TestAsManyGoOnAsThereAreJobs, neither more nor fewer: each call takes a
// second of the bubble's time.
func TestAsManyGoOnAsThereAreJobs(t *testing.T) {
	for _, tt := range []struct{ jobs, want int }{{1, 1}, {3, 3}, {100, 12}, {0, min(12, runtime.GOMAXPROCS(0))}} {
		synctest.Test(t, func(t *testing.T) {
			var now, most atomic.Int32
			begin := time.Now()
			parallel.Each(12, tt.jobs, nil, func(int) {
				n := now.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				time.Sleep(time.Second)
				now.Add(-1)
			})
			rounds := (12 + tt.want - 1) / tt.want
			if got := int(most.Load()); got != tt.want || time.Since(begin) != time.Duration(rounds)*time.Second {
				t.Errorf("%d jobs: %d at a time and %s, want %d at a time and %d s", tt.jobs, got, time.Since(begin), tt.want, rounds)
			}
		})
	}
}

func TestProgressRisesByOne(t *testing.T) {
	var got []int // without a lock: progress is told by one at a time
	parallel.Each(100, 8, func(done, all int) {
		if all != 100 {
			t.Errorf("%d of %d, want of 100", done, all)
		}
		got = append(got, done)
	}, func(int) {})
	want := make([]int, 100)
	for i := range want {
		want[i] = i + 1
	}
	if !slices.Equal(got, want) {
		t.Errorf("progress went %v", got)
	}
}
