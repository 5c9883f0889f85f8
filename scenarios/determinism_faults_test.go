package scenarios_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// everyFault is a direction of the link with every fault turned on, each often
// enough to strike in a short run, and none so often that nothing gets through.
func everyFault(latency time.Duration, d link.Distribution) link.Direction {
	var delays []time.Duration
	if d == link.Recorded {
		delays = []time.Duration{latency, latency / 2, 2 * latency}
	}
	return link.Direction{
		Latency: latency, Jitter: latency / 3, Distribution: d,
		Delays:    delays,
		Loss:      0.04,
		Burst:     link.GilbertElliott{ToBad: 0.02, ToGood: 0.5, InBad: 0.8, InGood: 0.01},
		Duplicate: 0.1,
		Reorder:   0.1,
		Corrupt:   0.05,
		Rate:      1_000_000,
		Queue:     link.Queue{Packets: 3, Bytes: 4000},
		MTU:       1300,
	}
}

// allFaults puts every fault on a case's link, in both directions: those of the
// directions, and rules of every kind that do not end the connection.
func allFaults(c *model.Case) *model.Case {
	bad := *c
	back := link.Normal
	if len(c.Name)%2 == 1 { // for half of the cases
		back = link.Recorded
	}
	bad.Link.ClientToServer = everyFault(c.Link.ClientToServer.Latency, link.Uniform)
	bad.Link.ServerToClient = everyFault(c.Link.ServerToClient.Latency, back)
	bad.Link.Rules = append([]link.Rule{
		{Name: "late", What: "ACK", Nth: 3, Act: link.ActDelay, Delay: 30 * time.Millisecond},
		{Name: "twice", What: "DATA", Nth: 2, Act: link.ActDuplicate, Delay: time.Millisecond},
		{Name: "noise", What: "DATA", Nth: 4, Act: link.ActCorrupt},
		{Name: "forger", What: "DATA", Nth: 5, Act: link.ActForge, Forge: link.Forge{ToSender: true, ToReceiver: true}},
	}, c.Link.Rules...)
	if bad.Link.Middlebox.Name == "" {
		bad.Link.Middlebox = link.Middlebox{Name: "box", At: 0.3, Idle: 10 * time.Minute}
	}
	if bad.Until == 0 {
		bad.Until = 30 * time.Minute // of virtual time: what waits for ever need not be waited for
	}
	return &bad
}

// faulty gives every nth case of the catalogue with all faults, and each with a
// seed of its own, so that not all of them lose the same segments.
func faulty(nth int) (cases []*model.Case) {
	i := 0
	eachCase(func(c *model.Case) {
		if i++; i%nth == 0 {
			c = allFaults(c)
			c.Seed += uint64(i)
			cases = append(cases, c)
		}
	})
	return cases
}

// attempt runs a case. That the faults keep an experimenter from doing what the
// case asks for is as good a result as any: it must be the same too.
func attempt(t testing.TB, c *model.Case, o scenarios.Options) (*trace.Trace, string) {
	t.Helper()
	o.NoCheck = true
	res, err := scenarios.Run(c, o)
	if res == nil {
		t.Fatalf("%s: %v", c.FullName(), err)
	}
	return res.Trace, fmt.Sprintf("%s %v", digest(t, res.Trace), err)
}

// TestTraceIsTheSameWithEveryFault: the contract holds on a link that does all
// it can to every segment.
func TestTraceIsTheSameWithEveryFault(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(before)
		runtime.SetDefaultGOMAXPROCS()
	})
	nth := 1
	if testing.Short() {
		nth = 7
	}
	cases := faulty(nth)
	want := make([]string, len(cases))
	struck := map[string]int{}
	for i, c := range cases {
		var tr *trace.Trace
		tr, want[i] = attempt(t, c, scenarios.Options{})
		count(struck, tr)
	}
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", procs), func(t *testing.T) {
			for i, c := range cases {
				var wg sync.WaitGroup
				for range 2 {
					wg.Go(func() {
						if _, got := attempt(t, c, scenarios.Options{}); got != want[i] {
							t.Errorf("%s: one of two runs at once gave another trace: %s, want %s", c.FullName(), got, want[i])
						}
					})
				}
				wg.Wait()
			}
		})
	}
	// It proves something only where the faults do something.
	if testing.Short() {
		return
	}
	for _, what := range []string{
		"loss 4%", "loss in a burst", "queue full", "exceeds the MTU", "icmp", "duplicate 10%", "copy", "reorder 10%",
		"corrupt 5%", "damaged", "delay late by 30ms", "duplicate twice", "corrupt noise", "forge forger", "forged by forger",
		"overtaken", "passage",
	} {
		if struck[what] < 5 {
			t.Errorf("%s: %d times in the whole catalogue", what, struck[what])
		}
	}
}

// count counts what the link has done, by the names in the trace.
func count(struck map[string]int, tr *trace.Trace) {
	for i := range tr.Segments {
		s := &tr.Segments[i]
		struck[s.Lost]++
		for _, what := range s.Acts {
			struck[what]++
		}
		if s.Injected != "" {
			struck["forged by "+s.Injected]++
		}
		if s.CopyOf > 0 {
			struck["copy"]++
		}
		if s.Damaged != nil {
			struck["damaged"]++
		}
		for _, later := range tr.Segments[i+1 : min(i+4, len(tr.Segments))] {
			if later.From == s.From && later.Arrived && s.Arrived && later.ReceivedAt < s.ReceivedAt {
				struck["overtaken"]++
			}
		}
	}
	for _, n := range tr.Notes {
		struck[n.Kind.String()]++
	}
	struck["passage"] += len(tr.Passages)
}

// TestOtherSeedOtherFaults: what strikes is drawn from the seed.
func TestOtherSeedOtherFaults(t *testing.T) {
	cases, same := faulty(7), 0
	for _, c := range cases {
		other := c.Seed + 1
		a, _ := attempt(t, c, scenarios.Options{})
		b, _ := attempt(t, c, scenarios.Options{Seed: &other})
		if fates(a) == fates(b) {
			same++
		}
	}
	// Some cases are over after one or two segments.
	if same > len(cases)/10 {
		t.Errorf("%d of %d cases are the same with another seed", same, len(cases))
	}
}

// fates is what became of the segments.
func fates(tr *trace.Trace) (s string) {
	for i := range tr.Segments {
		g := &tr.Segments[i]
		s += fmt.Sprintln(g.From, g.Flags, g.Lost, g.Link, g.CopyOf, g.ReceivedAt-g.SentAt)
	}
	return s
}
