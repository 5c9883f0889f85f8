package link

import (
	"fmt"
	"math"
	"testing"
)

// burstModels are parameters of the Gilbert-Elliott model.
var burstModels = []GilbertElliott{
	{ToBad: 0.01, ToGood: 0.25, InBad: 1},                // Gilbert's, simple: the bad state loses everything
	{ToBad: 0.1, ToGood: 0.5, InBad: 1},                  //
	{ToBad: 0.05, ToGood: 0.2, InBad: 0.5},               // Gilbert's: some pass in the bad state
	{ToBad: 0.05, ToGood: 0.2, InBad: 0.8, InGood: 0.02}, // Gilbert and Elliott's
	{ToBad: 1, ToGood: 1, InBad: 1},                      // to and fro: every other is lost
	{ToBad: 0.3, ToGood: 0.7, InBad: 1},                  // p + r = 1: no memory
}

// TestBurstsLoseTheirStationaryShare: in the long run the model is in the bad
// state for p/(p+r) of the time. Its losses are correlated: those k segments
// apart covary with (inBad-inGood)² g b (1-p-r)^k, where g and b are the shares
// of the two states, which makes the variance of the share larger by twice the
// sum over k.
func TestBurstsLoseTheirStationaryShare(t *testing.T) {
	const n = 200_000
	for _, g := range burstModels {
		lost := 0
		send(Direction{Burst: g}, n, func(_ int, v Verdict) {
			if v.Lost {
				lost++
			}
		})
		bad := g.ToBad / (g.ToBad + g.ToGood)
		share := bad*g.InBad + (1-bad)*g.InGood
		if math.Abs(g.Rate()-share) > 1e-12 {
			t.Errorf("%+v: Rate gives %v, not %v", g, g.Rate(), share)
		}
		memory := 1 - g.ToBad - g.ToGood
		variance := share*(1-share) + 2*math.Pow(g.InBad-g.InGood, 2)*bad*(1-bad)*memory/(1-memory)
		// The model starts in the good state, which shifts the mean by less
		// than one over n(p+r).
		variance = max(variance, 1.0/n)
		near(t, fmt.Sprintf("%+v: share lost", g), float64(lost)/n, share, variance, n)
	}
}

// TestBurstsLastAsLongAsTheBadState: where the bad state loses everything and
// the good one nothing, the lengths of the bursts are geometric with r, and
// those of the gaps between them with p.
func TestBurstsLastAsLongAsTheBadState(t *testing.T) {
	const n = 200_000
	for _, g := range burstModels {
		if g.InBad != 1 || g.InGood != 0 {
			continue
		}
		var bursts, gaps []int // their lengths
		length, lost := 0, false
		send(Direction{Burst: g}, n, func(_ int, v Verdict) {
			if v.Lost == lost {
				length++
				return
			}
			if lost {
				bursts = append(bursts, length)
			} else {
				gaps = append(gaps, length)
			}
			lost, length = v.Lost, 1
		})
		geometric(t, fmt.Sprintf("%+v: bursts", g), bursts, g.ToGood)
		geometric(t, fmt.Sprintf("%+v: gaps", g), gaps[1:], g.ToBad) // the first is where the run begins
	}
}

// geometric checks that lengths are distributed as the number of trials up to
// the first success, each with the probability p.
func geometric(t *testing.T, what string, lengths []int, p float64) {
	t.Helper()
	sum, ones := 0, 0
	for _, l := range lengths {
		sum += l
		if l == 1 {
			ones++
		}
	}
	n := len(lengths)
	if n < 500 {
		t.Fatalf("%s: only %d", what, n)
	}
	near(t, what+": mean length", float64(sum)/float64(n), 1/p, (1-p)/(p*p), n)
	likely(t, what+" of length one", ones, n, p)
}
