package xplot

import (
	"math/rand/v2"
	"testing"
)

// Against a set of bytes: what was sent before, whatever the order.
func TestPiecesKnowWhatWasSent(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var p pieces
		sent := map[int64]bool{}
		for range 40 {
			first := int64(r.IntN(100))
			last := first + int64(r.IntN(20))
			want := false
			for n := first; n <= last; n++ {
				want = want || sent[n]
				sent[n] = true
			}
			if again, _ := p.add(first, last); again != want {
				t.Fatalf("%d to %d: %t, not %t", first, last, again, want)
			}
			for i := range p {
				if p[i].last < p[i].first || i > 0 && p[i].first <= p[i-1].last {
					t.Fatalf("out of order: %v", p)
				}
			}
		}
	}
}

func TestWhatFillsAGapIsEarly(t *testing.T) {
	var p pieces
	for i, c := range []struct {
		first, last  int64
		again, early bool
	}{
		{0, 9, false, false},
		{20, 29, false, false},
		{10, 19, false, true},
		{5, 7, true, false},
		{30, 39, false, false},
		{0, 39, true, false},
	} {
		if again, early := p.add(c.first, c.last); again != c.again || early != c.early {
			t.Errorf("%d: %d to %d: %t, %t", i, c.first, c.last, again, early)
		}
	}
}
