package link

import (
	"math"
	"slices"
	"testing"
	"time"
)

// delays are those of n segments.
func delays(d Direction, n int) (all []float64) {
	send(d, n, func(_ int, v Verdict) { all = append(all, float64(v.Delay)) })
	return all
}

func meanAndVariance(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(len(x)-1)
}

// TestUniformJitterIsEven: on [L-J, L+J] the mean is L, the variance J²/3 and
// the fourth moment J⁴/5, so that the sample variance varies by J⁴(1/5-1/9)/n.
func TestUniformJitterIsEven(t *testing.T) {
	const n, l, j = 100_000, 50e6, 20e6
	x := delays(Direction{Latency: l, Jitter: j}, n)
	mean, variance := meanAndVariance(x)
	near(t, "mean", mean, l, j*j/3, n)
	near(t, "variance", variance, j*j/3, j*j*j*j*(1.0/5-1.0/9), n)
	// The chance that no sample comes within a thousandth of an end is e^-50.
	if low, high := slices.Min(x), slices.Max(x); low < l-j || low > l-0.999*j || high > l+j || high < l+0.999*j {
		t.Errorf("from %v to %v", low, high)
	}
	const bins = 16
	var count [bins]int
	for _, v := range x {
		count[min(bins-1, int((v-(l-j))/(2*j)*bins))]++
	}
	for _, c := range count {
		likely(t, "a sixteenth", c, n, 1.0/bins)
	}
}

// TestNormalJitterIsNormal: the sample variance of a normal distribution varies
// by 2σ⁴/n; 68.27 % lie within one standard deviation and 95.45 % within two.
func TestNormalJitterIsNormal(t *testing.T) {
	const n, l, sd = 100_000, 200e6, 20e6
	x := delays(Direction{Latency: l, Jitter: sd, Distribution: Normal}, n)
	mean, variance := meanAndVariance(x)
	near(t, "mean", mean, l, sd*sd, n)
	near(t, "variance", variance, sd*sd, 2*sd*sd*sd*sd, n)
	for _, k := range []float64{0.5, 1, 2, 3} {
		within := 0
		for _, v := range x {
			if math.Abs(v-l) <= k*sd {
				within++
			}
		}
		likely(t, "within standard deviations", within, n, math.Erf(k/math.Sqrt2))
	}
}

// TestNoDelayIsNegative: what the distribution has below zero arrives at once.
func TestNoDelayIsNegative(t *testing.T) {
	const n, l, j = 20_000, 10e6, 20e6
	for _, test := range []struct {
		of    Distribution
		share float64 // that would be negative
	}{
		{Uniform, 0.25},
		{Normal, 0.5 * math.Erfc(0.5/math.Sqrt2)},
	} {
		x := delays(Direction{Latency: l, Jitter: j, Distribution: test.of}, n)
		zero := 0
		for _, v := range x {
			if v == 0 {
				zero++
			}
		}
		if slices.Min(x) < 0 {
			t.Errorf("%s: a delay of %v", test.of, slices.Min(x))
		}
		likely(t, test.of.String()+": at once", zero, n, test.share)
	}
}

func TestRecordedDelaysComeInTurn(t *testing.T) {
	recorded := []time.Duration{3, 0, 7 * time.Second, 1, 1}
	d := Direction{Latency: time.Hour, Distribution: Recorded, Delays: recorded}
	send(d, 4*len(recorded)+2, func(i int, v Verdict) {
		if want := recorded[i%len(recorded)]; v.Delay != want {
			t.Errorf("segment %d: %v, want %v", i, v.Delay, want)
		}
	})
	// The nth delay is that of the nth segment, whatever becomes of the others.
	l := newLink(Config{From: [2]Direction{d}, Drop: []Rule{parse(t, "client:FIN")}})
	offered(l, 0, &fin)
	if v := offered(l, 0, &data); v.Delay != recorded[1] {
		t.Errorf("after a segment that was dropped: %v, want %v", v.Delay, recorded[1])
	}
}

func TestWithoutJitterEveryDelayIsTheLatency(t *testing.T) {
	for _, d := range []Distribution{Uniform, Normal} {
		send(Direction{Latency: 7, Distribution: d}, 100, func(i int, v Verdict) {
			if v.Delay != 7 {
				t.Errorf("%s: segment %d takes %v", d, i, v.Delay)
			}
		})
	}
}
