package link

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// offerAt offers a datagram of size bytes.
func offerAt(l *Link, at time.Duration, size int) Verdict {
	return l.Offer(&Offered{From: trace.Client, Seg: &data, At: at, Size: size})
}

func rated(d Direction) *Link { return newLink(Config{From: [2]Direction{trace.Client: d}}) }

// TestSerialisationTakesBytesTimesEightOverRate, and the latency comes on top.
func TestSerialisationTakesBytesTimesEightOverRate(t *testing.T) {
	for _, test := range []struct {
		size int
		rate int64
		want time.Duration
	}{
		{1500, 10_000_000, 1200 * time.Microsecond},
		{40, 10_000_000, 32 * time.Microsecond},
		{125, 1000, time.Second},
		{65535, 1, 524280 * time.Second},
		{1500, 1_000_000_000_000, 12 * time.Nanosecond},
		{1, 3, 2666666666 * time.Nanosecond}, // 8/3 s, cut to whole nanoseconds
	} {
		l := rated(Direction{Latency: 5 * time.Millisecond, Rate: test.rate})
		if v := offerAt(l, 0, test.size); v.Delay != test.want+5*time.Millisecond {
			t.Errorf("%d bytes at %d bit/s: %v, want %v and the latency", test.size, test.rate, v.Delay, test.want)
		}
	}
}

// TestQueueingDelayIsLindleys: the nth datagram waits W(n+1) = max(0, W(n) +
// S(n) - A(n)), where S is the time to send one and A that between two.
func TestQueueingDelayIsLindleys(t *testing.T) {
	const rate = 1_000_000
	random := rand.New(rand.NewPCG(1, 2))
	l := rated(Direction{Rate: rate})
	var at, wait, service time.Duration
	for i := range 20_000 {
		apart := time.Duration(random.ExpFloat64() * 8e6)
		size := 40 + random.IntN(1460)
		if i > 0 {
			at += apart
			wait = max(0, wait+service-apart)
		}
		service = time.Duration(size) * 8 * time.Second / rate
		if v := offerAt(l, at, size); v.Lost || v.Delay != wait+service {
			t.Fatalf("datagram %d: %+v, want to wait %v and take %v", i, v, wait, service)
		}
	}
}

// TestMeanQueueingDelayIsThatOfTheFormula: datagrams of one size that arrive at
// random wait S ρ / 2(1-ρ) on average (Pollaczek and Khinchine, M/D/1).
func TestMeanQueueingDelayIsThatOfTheFormula(t *testing.T) {
	const n, service = 400_000, 1e6 // 125 bytes at 1 Mbit/s: a millisecond
	for _, load := range []float64{0.2, 0.5, 0.8} {
		random := rand.New(rand.NewPCG(3, 4))
		l := rated(Direction{Rate: 1_000_000})
		var at time.Duration
		sum := 0.0
		for range n {
			at += time.Duration(random.ExpFloat64() * service / load)
			sum += float64(offerAt(l, at, 125).Delay) - service
		}
		// The waits are correlated, the more the higher the load: at 0.8 over
		// some 2(1+ρ)/(1-ρ)² = 90 datagrams, so that 400,000 of them are worth
		// some 4,400, and 5 % are three standard deviations.
		want := service * load / (2 * (1 - load))
		if got := sum / n; got < 0.95*want || got > 1.05*want {
			t.Errorf("load %v: %v ns, want %v", load, got, want)
		}
	}
}

// TestFullQueueDropsTheTail: one datagram is being sent, as many wait as the
// bound allows, and the rest is lost.
func TestFullQueueDropsTheTail(t *testing.T) {
	for name, test := range map[string]struct {
		queue Queue
		sizes string // of those that come in one instant, in hundreds of bytes
		pass  string
	}{
		"no bound":              {Queue{}, "999999999", "yyyyyyyyy"},
		"three packets":         {Queue{Packets: 3}, "9191919", "yyyynnn"},
		"1000 bytes":            {Queue{Bytes: 1000}, "9991123", "yynynnn"},
		"exactly fits":          {Queue{Bytes: 500}, "95111", "yynnn"},
		"too large to wait":     {Queue{Bytes: 100}, "9212", "ynyn"},
		"packets before bytes":  {Queue{Packets: 1, Bytes: 1000}, "9111", "yynn"},
		"bytes before packets":  {Queue{Packets: 9, Bytes: 200}, "9111", "yyyn"},
		"an empty link is free": {Queue{Packets: 1, Bytes: 1}, "91", "yn"},
	} {
		l := rated(Direction{Rate: 8000, Queue: test.queue}) // a byte takes a millisecond
		got := ""
		for _, c := range test.sizes {
			v := offerAt(l, 0, int(c-'0')*100)
			got += map[bool]string{false: "y", true: "n"}[v.Lost]
			if v.Lost && v.Rule != "queue full" {
				t.Errorf("%s: lost by %q", name, v.Rule)
			}
		}
		if got != test.pass {
			t.Errorf("%s: %s of %s pass, want %s", name, got, test.sizes, test.pass)
		}
	}
}

// TestQueueHasRoomAgainWhenTheNextIsSent, to the nanosecond.
func TestQueueHasRoomAgainWhenTheNextIsSent(t *testing.T) {
	const second = time.Second // 1000 bytes at 8000 bit/s
	l := rated(Direction{Rate: 8000, Queue: Queue{Packets: 1}})
	for i, test := range []struct {
		at    time.Duration
		lost  bool
		delay time.Duration
	}{
		{0, false, second},          // is sent at once
		{0, false, 2 * second},      // waits
		{second - 1, true, 0},       // the first is still being sent
		{second, false, 2 * second}, // the second is being sent: its place is free
		{second, true, 0},
		{10 * second, false, second}, // idle since
	} {
		v := offerAt(l, test.at, 1000)
		if v.Lost != test.lost || !v.Lost && v.Delay != test.delay {
			t.Errorf("offer %d at %v: %+v, want lost %t, delay %v", i, test.at, v, test.lost, test.delay)
		}
	}
}

// TestDirectionsHaveQueuesOfTheirOwn: what one host sends takes no room from the
// other.
func TestDirectionsHaveQueuesOfTheirOwn(t *testing.T) {
	d := Direction{Rate: 8000, Queue: Queue{Packets: 1}}
	l := newLink(Config{From: [2]Direction{d, d}})
	for range 5 {
		offerAt(l, 0, 1000)
	}
	v := l.Offer(&Offered{From: trace.Server, Seg: &data, Size: 1000})
	if v.Lost || v.Delay != time.Second {
		t.Errorf("from server: %+v", v)
	}
}

// TestWhatIsLostBeforeTheQueueTakesNoRoom, by chance or by a rule.
func TestWhatIsLostBeforeTheQueueTakesNoRoom(t *testing.T) {
	for name, c := range map[string]Config{
		"loss": {From: [2]Direction{{Rate: 8000, Loss: 1}}},
		"rule": {From: [2]Direction{{Rate: 8000}}, Drop: []Rule{parse(t, "client:DATA")}},
		"mtu":  {From: [2]Direction{{Rate: 8000, MTU: 500}}},
	} {
		l := newLink(c)
		for range 3 {
			if v := offerAt(l, 0, 1000); !v.Lost {
				t.Fatalf("%s: not lost", name)
			}
		}
		if busy := l.ways[trace.Client].busy; busy != 0 {
			t.Errorf("%s: busy until %v", name, busy)
		}
	}
}

// TestMTUIsTheLargestThatPasses, and a router reports what does not.
func TestMTUIsTheLargestThatPasses(t *testing.T) {
	l := rated(Direction{MTU: 576})
	if v := offerAt(l, 0, 576); v.Lost || v.TooBig != 0 {
		t.Errorf("576 bytes: %+v", v)
	}
	if v := offerAt(l, 0, 577); !v.Lost || v.TooBig != 576 || !strings.Contains(v.Rule, "MTU") {
		t.Errorf("577 bytes: %+v", v)
	}
}
