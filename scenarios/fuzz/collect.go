package fuzz

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// eachKey is how many runs that fail in the same way are shrunk: most lead to
// the same scenario.
const eachKey = 5

// collect shrinks the failures and puts what comes of them in the order of the
// runs, which is not the order in which the jobs came upon them.
func (w *campaign) collect(ctx context.Context, makers []maker) {
	w.sum.PerSecond = float64(w.sum.Runs) / time.Since(w.begin).Seconds()
	chosen := w.chosen()
	found := make([]*Finding, len(chosen))
	var next atomic.Int64
	share(makers, func(m maker) {
		for i := next.Add(1) - 1; i < int64(len(chosen)); i = next.Add(1) - 1 {
			if c := chosen[i]; c.first || ctx.Err() == nil {
				found[i] = w.finding(ctx, m, c.failure)
			}
		}
	})
	for _, f := range found {
		if f == nil {
			continue
		}
		same := func(o Finding) bool {
			return o.Oracle == f.Oracle && o.Rule == f.Rule && o.Scenario == f.Scenario
		}
		if !slices.ContainsFunc(w.sum.Findings, same) {
			w.corpus.keep(f)
			w.sum.Findings = append(w.sum.Findings, *f)
		}
	}
}

// chosen is a failure that is shrunk.
type chosen struct {
	failure
	first bool // of its kind, which is told even when there is no time for others
}

func (w *campaign) chosen() (all []chosen) {
	slices.SortStableFunc(w.failed, func(a, b failure) int { return a.Run - b.Run })
	taken := map[string]int{}
	for _, f := range w.failed {
		if taken[f.Key] < eachKey {
			all = append(all, chosen{f, taken[f.Key] == 0})
			taken[f.Key]++
		}
	}
	return all
}

func (w *campaign) finding(ctx context.Context, m maker, f failure) *Finding {
	found, err := m.finding(ctx, f)
	if err != nil {
		w.fail(err)
		// As it is, then: that much this process has seen to end well.
		hurry, cancel := context.WithCancel(ctx)
		cancel()
		found, _ = (&local{conf: &w.Config}).finding(hurry, f) // gives no error
	}
	return &found
}
