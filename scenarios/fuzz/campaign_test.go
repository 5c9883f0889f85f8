package fuzz

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios"
)

// The numbers of runs are small: a campaign worth the name is run by hand.
const fewRuns = 100

// The same command gives the same findings, with however many jobs.
func TestCampaignsRepeat(t *testing.T) {
	c := Config{Seed: 3, Runs: fewRuns, Jobs: 1}
	a := Campaign(t.Context(), c)
	c.Jobs = 3
	b := Campaign(t.Context(), c)
	for _, s := range []*Summary{&a, &b} {
		s.Seconds, s.PerSecond = 0, 0
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("(-one job +three)\n%s", diff)
	}
	if a.Runs != fewRuns || len(a.Coverage.States) < 8 || len(a.Coverage.Causes) < 5 {
		t.Errorf("%d runs, %d states, %d causes", a.Runs, len(a.Coverage.States), len(a.Coverage.Causes))
	}
}

// Shards share the runs out, and each can be repeated alone.
func TestShardsAreTheWhole(t *testing.T) {
	whole := Campaign(t.Context(), Config{Seed: 5, Runs: fewRuns, Jobs: 1, Oracles: []string{"engine"}})
	sum := newCoverage()
	runs := 0
	for shard := range 3 {
		s := Campaign(t.Context(), Config{Seed: 5, Runs: fewRuns, Jobs: 1, Shard: shard, Shards: 3, Oracles: []string{"engine"}})
		sum.merge(s.Coverage)
		runs += s.Runs
	}
	if diff := cmp.Diff(whole.Coverage, sum); diff != "" || runs != whole.Runs {
		t.Errorf("%d runs of %d, coverage (-whole +shards)\n%s", runs, whole.Runs, diff)
	}
}

func TestACampaignEndsWhenItsContextDoes(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	s := Campaign(ctx, Config{Seed: 1, Runs: 1 << 30, Jobs: 2, Corpus: t.TempDir()})
	if !s.Interrupted || s.Runs == 0 || time.Since(begin) > 5*time.Second {
		t.Errorf("after %s: %d runs, interrupted %t", time.Since(begin), s.Runs, s.Interrupted)
	}
	if len(s.Errors) > 0 {
		t.Error(s.Errors)
	}
}

// A campaign leaves no goroutine behind, and in its corpus only findings, each
// a scenario that replays.
func TestACampaignCleansUp(t *testing.T) {
	before := runtime.NumGoroutine()
	dir := t.TempDir()
	// Run 6 of this seed is known to break pace.
	s := Campaign(t.Context(), Config{Seed: 3, Runs: 30, Jobs: 2, Corpus: dir})
	for range 50 {
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != len(s.Findings) {
		t.Errorf("%v in the corpus of %d findings: %v", files, len(s.Findings), err)
	}
	for _, found := range s.Findings {
		f, err := scenarios.Load(filepath.Join(dir, found.File()))
		if err != nil {
			t.Error(err)
			continue
		}
		key := found.Oracle + "/" + found.Rule
		if _, again := Try(f, Config{}); !slices.ContainsFunc(again, func(v Violation) bool { return v.Key() == key }) {
			t.Errorf("%s does not show itself again: %v", found.File(), again)
		}
	}
}

// TestByHand is a campaign for a person: FUZZ=20s or FUZZ=10000, SEED, CORPUS.
func TestByHand(t *testing.T) {
	if os.Getenv("FUZZ") == "" {
		t.Skip("FUZZ is not set")
	}
	d, _ := time.ParseDuration(os.Getenv("FUZZ"))
	runs, _ := strconv.Atoi(os.Getenv("FUZZ"))
	seed, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	s := Campaign(t.Context(), Config{
		Seed: seed, Time: d, Runs: runs, Jobs: 1, Corpus: os.Getenv("CORPUS"),
		Progress: func(p Progress) { t.Logf("%d runs, %.0f a second, %v", p.Runs, p.PerSecond, p.Violations) },
	})
	for _, f := range s.Findings {
		t.Logf("run %d, %d steps, %s\nknown: %s\n%s", f.Run, f.Steps, f.Text, f.Known, f.Scenario)
	}
	s.Findings = nil
	out, err := json.MarshalIndent(s, "", "  ")
	t.Logf("%s %v", out, err)
}
