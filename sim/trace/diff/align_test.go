package diff

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestAlignKeepsEveryEventOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	events := func() (all []event) {
		for i := range random.IntN(12) {
			all = append(all, event{text: string(rune('a' + random.IntN(3))), at: time.Duration(i)})
		}
		return all
	}
	for range 2000 {
		x, y := events(), events()
		var got [2][]time.Duration
		for _, l := range align(x, y, false) {
			for side, in := range l.In {
				if in {
					got[side] = append(got[side], l.At[side])
				}
			}
			if l.In[0] && l.In[1] && x[l.At[0]].text != y[l.At[1]].text {
				t.Fatalf("%v and %v: %s is no event of both", x, y, l.Text)
			}
		}
		for side, all := range [2][]event{x, y} {
			if len(got[side]) != len(all) || !slices.IsSorted(got[side]) {
				t.Fatalf("%v and %v: side %d has the events %v", x, y, side, got[side])
			}
		}
	}
}
