package sim

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// TestHeapPopsInOrder: whatever is pushed and popped in between, an entry
// comes before every later one, and entries of one instant come in the order
// in which they were made.
func TestHeapPopsInOrder(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		var h heap
		hosts := [...]*Host{nil, {side: trace.Client}, {side: trace.Server}}
		var want []event // a sorted list that does the same
		check := func() {
			var got event
			ok := h.pop(&got)
			if ok != (len(want) > 0) {
				t.Fatalf("seed %d: pop reports %t with %d entries", seed, ok, len(want))
			}
			if !ok {
				return
			}
			if got.at != want[0].at || got.seq != want[0].seq || got.segment != want[0].segment {
				t.Fatalf("seed %d: popped %v #%d, want %v #%d", seed, got.at, got.seq, want[0].at, want[0].seq)
			}
			want = want[1:]
		}
		for i := range 300 {
			if r.IntN(3) == 0 {
				check()
				continue
			}
			e := event{at: time.Duration(r.IntN(20)), segment: i}
			if host := hosts[r.IntN(3)]; host != nil {
				h.arrive(e.at, e.segment, e.frame, host)
			} else {
				h.push(e)
			}
			e.seq = h.seq
			at, _ := slices.BinarySearchFunc(want, e, func(a, b event) int {
				if a.before(&b) {
					return -1
				}
				return 1
			})
			want = slices.Insert(want, at, e)
		}
		for range len(want) + 1 {
			check()
		}
	}
}

func TestStreamsOfOneSeedAreIndependent(t *testing.T) {
	first := func(seed uint64, name string) uint64 { return entropy(seed).Stream(name).Uint64() }
	seen := map[uint64]bool{}
	for seed := range uint64(10) {
		for _, name := range []string{"a", "b", "ab", ""} {
			v := first(seed, name)
			if v != first(seed, name) {
				t.Errorf("stream %q of seed %d is not the same twice", name, seed)
			}
			if seen[v] {
				t.Errorf("stream %q of seed %d is another's", name, seed)
			}
			seen[v] = true
		}
	}
}
