package scenarios_test

import (
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// digest is the SHA-256 over everything in a trace, the frames' bytes
// included.
func digest(t testing.TB, tr *trace.Trace) string {
	t.Helper()
	h := sha256.New()
	if err := gob.NewEncoder(h).Encode(tr); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func runDigest(t testing.TB, c *model.Case, o scenarios.Options) string {
	t.Helper()
	o.NoCheck = true
	res, err := scenarios.Run(c, o)
	if err != nil {
		t.Error(err)
		return ""
	}
	return digest(t, res.Trace)
}

// eachCase calls f with every case of the catalogue.
func eachCase(f func(c *model.Case)) {
	for _, file := range scenarios.Catalogue() {
		cases := file.Cases()
		for i := range cases {
			f(&cases[i])
		}
	}
}

// repeats is how often each case runs at each of three settings of GOMAXPROCS,
// in rounds of nine: more than a hundred times in all. -short is one round.
func repeats() int {
	if testing.Short() {
		return 9
	}
	return 36
}

// TestTraceIsTheSameInEveryRun is the contract: the same bytes at any
// GOMAXPROCS, alone or beside other runs.
func TestTraceIsTheSameInEveryRun(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(before)
		runtime.SetDefaultGOMAXPROCS()
	})
	want := make(map[string]string)
	eachCase(func(c *model.Case) { want[c.FullName()] = runDigest(t, c, scenarios.Options{}) })
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", procs), func(t *testing.T) {
			eachCase(func(c *model.Case) { repeatCase(t, c, want[c.FullName()]) })
		})
	}
}

// repeatCase runs a case in rounds of nine: once alone, then eight at a time.
func repeatCase(t *testing.T, c *model.Case, want string) {
	t.Helper()
	for done := 0; done < repeats(); done += 9 {
		if got := runDigest(t, c, scenarios.Options{}); got != want {
			t.Fatalf("%s: run %d alone gave another trace: %s, want %s", c.FullName(), done, got, want)
		}
		var wg sync.WaitGroup
		var got [8]string
		for i := range got {
			wg.Go(func() { got[i] = runDigest(t, c, scenarios.Options{}) })
		}
		wg.Wait()
		for i, g := range got {
			if g != want {
				t.Fatalf("%s: run %d of eight at once gave another trace: %s, want %s", c.FullName(), i, g, want)
			}
		}
	}
}

// TestSeedChangesOnlyWhatIsRandom compares two seeds: other initial sequence
// numbers and ephemeral ports, and the same story in relative numbers.
func TestSeedChangesOnlyWhatIsRandom(t *testing.T) {
	eachCase(func(c *model.Case) {
		if c.Link.ClientToServer.Loss > 0 || c.Link.ServerToClient.Loss > 0 {
			return // the seed decides what is lost
		}
		other := c.Seed + 1
		a, err := scenarios.Run(c, scenarios.Options{NoCheck: true})
		if err != nil {
			t.Error(err)
			return
		}
		b, err := scenarios.Run(c, scenarios.Options{NoCheck: true, Seed: &other})
		if err != nil {
			t.Error(err)
			return
		}
		if x, y := story(a.Trace), story(b.Trace); x != y {
			t.Errorf("%s: the relative trace depends on the seed:\n%s\n--- other seed\n%s", c.FullName(), x, y)
		}
		if digest(t, a.Trace) == digest(t, b.Trace) {
			t.Errorf("%s: another seed gave the same bytes", c.FullName())
		}
	})
}

// story is a trace without its absolute numbers.
func story(tr *trace.Trace) (s string) {
	for i := range tr.Events {
		e := tr.Events[i]
		switch e.Kind {
		case trace.Sent:
			g := tr.Segments[e.Index]
			if g.RawSeq == 0 && g.RawAck == 0 {
				g.Ack = 0 // gVisor's abort in SYN_RECEIVED has no numbers to be relative
			}
			s += fmt.Sprintf("%s %s %s\n", trace.Clock(e.At), g.From, g.Summary())
		case trace.CallEnd:
			c := &tr.Calls[e.Index]
			s += fmt.Sprintf("%s %s %s %d %s\n", trace.Clock(e.At), c.Host, c.Op, c.Value, c.Errno)
		case trace.Changed:
			c := &tr.Transitions[e.Index]
			s += fmt.Sprintf("%s %s %s %s\n", trace.Clock(e.At), c.Host, c.From, c.To)
		}
	}
	return s
}
