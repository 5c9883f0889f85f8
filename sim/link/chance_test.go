package link

import (
	"math"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// The seeds are fixed, so that these tests never fail by chance. What chance
// would allow is bounded all the same, and tightly: a count by the exact
// quantiles of its binomial distribution, a mean by the central limit theorem,
// both at a probability of one in a million (4.9 standard deviations).
const (
	unlikely = 1e-6
	sigmas   = 4.9
)

// binomial gives the range that a count of n trials with the probability p does
// not leave, but for one run in a million: no more than unlikely/2 lies below
// low, and no more above high.
func binomial(n int, p float64) (low, high int) {
	if p <= 0 || p >= 1 {
		return int(float64(n) * p), int(float64(n) * p)
	}
	log := func(k int) float64 {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(k + 1))
		c, _ := math.Lgamma(float64(n - k + 1))
		return a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p)
	}
	for sum := 0.0; low < n; low++ {
		if sum += math.Exp(log(low)); sum > unlikely/2 {
			break
		}
	}
	high = n
	for sum := 0.0; high > 0; high-- {
		if sum += math.Exp(log(high)); sum > unlikely/2 {
			break
		}
	}
	return low, high
}

func TestBinomialBoundsAreExact(t *testing.T) {
	// Of 20 trials at one half, 0 succeed with 2^-20 = 9.5e-7, and 0 or 1 with
	// 2e-5: only the two ends lie outside at 1e-6, and not even these at 5e-7.
	if low, high := binomial(20, 0.5); low != 0 || high != 20 {
		t.Errorf("20 trials: %d to %d", low, high)
	}
	// 2^-22 = 2.4e-7 is less than 5e-7; 23 times that is more.
	if low, high := binomial(22, 0.5); low != 1 || high != 21 {
		t.Errorf("22 trials: %d to %d", low, high)
	}
	// Of many, the normal distribution gives the same within one or two.
	low, high := binomial(100_000, 0.1)
	sd := math.Sqrt(100_000 * 0.1 * 0.9)
	if math.Abs(float64(low)-(10_000-4.89*sd)) > 0.02*sd+2 || math.Abs(float64(high)-(10_000+4.89*sd)) > 0.02*sd+2 {
		t.Errorf("100,000 trials: %d to %d", low, high)
	}
}

// likely fails when a count is not what n trials with the probability p give.
func likely(t *testing.T, what string, got, n int, p float64) {
	t.Helper()
	if low, high := binomial(n, p); got < low || got > high {
		t.Errorf("%s: %d of %d; want %v of them, from %d to %d", what, got, n, p, low, high)
	}
}

// near fails when a mean of n samples is not what it should be.
func near(t *testing.T, what string, got, want, variance float64, n int) {
	t.Helper()
	if bound := sigmas * math.Sqrt(variance/float64(n)); math.Abs(got-want) > bound {
		t.Errorf("%s: %v; want %v within %v", what, got, want, bound)
	}
}

// send offers n segments from the client, one each millisecond.
func send(d Direction, n int, each func(i int, v Verdict)) {
	l := newLink(Config{From: [2]Direction{trace.Client: d}})
	for i := range n {
		each(i, l.Offer(&Offered{From: trace.Client, Seg: &data, At: time.Duration(i) * time.Millisecond, Size: 100}))
	}
}

func TestLossIsBinomial(t *testing.T) {
	const n = 50_000
	for _, p := range []float64{0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.99, 1} {
		lost, after, pairs := 0, 0, 0
		before := false
		send(Direction{Loss: p}, n, func(_ int, v Verdict) {
			if before {
				after++
			}
			if v.Lost {
				lost++
			}
			if before && v.Lost {
				pairs++
			}
			before = v.Lost
		})
		likely(t, "lost at "+percent(p), lost, n, p)
		// Each by itself: after a loss, the next is lost as often as any.
		likely(t, "lost after a loss at "+percent(p), pairs, after, p)
	}
}

func TestDuplicationIsBinomial(t *testing.T) {
	const n = 50_000
	for _, p := range []float64{0, 0.01, 0.3, 1} {
		copies := 0
		send(Direction{Duplicate: p}, n, func(_ int, v Verdict) { copies += len(v.Copies) })
		likely(t, "duplicated at "+percent(p), copies, n, p)
	}
}

func TestReorderingIsBinomialAndOvertakes(t *testing.T) {
	const n, latency = 50_000, 10 * time.Millisecond
	for _, p := range []float64{0, 0.01, 0.3, 1} {
		reordered, overtaken := 0, 0
		arrivals := make([]time.Duration, n)
		send(Direction{Latency: latency, Reorder: p}, n, func(i int, v Verdict) {
			sent := time.Duration(i) * time.Millisecond
			arrivals[i] = sent + v.Delay
			switch v.Delay {
			case 0:
				reordered++
				// It gets there before the ten that were sent within the
				// latency before it, those aside that overtook as well.
				for k := max(0, i-9); k < i; k++ {
					if arrivals[k] > arrivals[i] {
						overtaken++
					} else if arrivals[k] == time.Duration(k)*time.Millisecond+latency {
						t.Fatalf("at %s #%d does not overtake #%d", percent(p), i, k)
					}
				}
			case latency:
			default:
				t.Fatalf("at %s a delay of %v", percent(p), v.Delay)
			}
		})
		likely(t, "reordered at "+percent(p), reordered, n, p)
		if (overtaken > 0) != (p > 0 && p < 1) {
			t.Errorf("at %s %d were overtaken", percent(p), overtaken)
		}
	}
}

func TestCorruptionIsBinomialAndHitsEachBitOfItsField(t *testing.T) {
	const n, p = 40_000, 0.25
	frame, err := (&wire.Segment{
		Src: tuple.Src, Dst: tuple.Dst, Flags: wire.ACK | wire.PSH, Seq: 1, Ack: 2, Window: 3, Payload: make([]byte, 4),
	}).Frame()
	if err != nil {
		t.Fatal(err)
	}
	const ip, tcp = 20, 20
	for _, test := range []struct {
		field       Field
		first, bits int // of the datagram
	}{
		{AnyBit, 8 * ip, 8 * (tcp + 4)},
		{Payload, 8 * (ip + tcp), 8 * 4},
		{SeqNum, 8 * (ip + 4), 32},
		{AckNum, 8 * (ip + 8), 32},
		{Flags, 8 * (ip + 13), 8},
		{Window, 8 * (ip + 14), 16},
		{Checksum, 8 * (ip + 16), 16},
	} {
		hits := make([]int, 8*len(frame))
		corrupted := 0
		send(Direction{Corrupt: p, Field: test.field}, n, func(_ int, v Verdict) {
			if len(v.Flaws) == 0 {
				return
			}
			corrupted++
			damaged := append([]byte(nil), frame...)
			v.Flaws[0].Damage(damaged, 4)
			hits[onlyDifference(t, frame, damaged)]++
		})
		likely(t, "corrupted "+test.field.String(), corrupted, n, p)
		for bit, n := range hits {
			if bit < test.first || bit >= test.first+test.bits {
				if n > 0 {
					t.Errorf("%s: bit %d is outside and was hit %d times", test.field, bit, n)
				}
				continue
			}
			likely(t, "bit of "+test.field.String(), n, corrupted, 1/float64(test.bits))
		}
	}
}

// onlyDifference is the number of the one bit in which two datagrams differ.
func onlyDifference(t *testing.T, a, b []byte) int {
	t.Helper()
	found := -1
	for i := range a {
		for k := range 8 {
			if (a[i]^b[i])>>k&1 == 0 {
				continue
			}
			if found >= 0 {
				t.Fatalf("bits %d and %d differ", found, 8*i+k)
			}
			found = 8*i + k
		}
	}
	if found < 0 {
		t.Fatal("no bit was changed")
	}
	return found
}
