package fuzz

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// Input is the byte string of one run of a campaign. It stands for a scenario
// that is made up, never for a changed one of the catalogue: what a campaign
// runs must not move when the catalogue grows.
func Input(seed uint64, run int) []byte {
	b := input(seed, run)
	b[0] %= fromCatalogue
	return b
}

// ChangedInput is the byte string of one run of a campaign that changes cases
// of the catalogue. Which case that is depends on how many there are.
func ChangedInput(seed uint64, run int) []byte {
	return append([]byte{fromCatalogue}, input(seed, run)...)
}

func input(seed uint64, run int) []byte {
	r := rand.New(rand.NewPCG(seed, uint64(run)))
	b := make([]byte, 32+r.IntN(224))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// input is the byte string of a run of this campaign.
func (c *Config) input(run int) []byte {
	if c.Catalogue {
		return ChangedInput(c.Seed, run)
	}
	return Input(c.Seed, run)
}

// Campaign makes many runs and shrinks what fails. Which runs those are follows
// from the seed alone, so that any shard of any campaign can be repeated by
// itself. It ends when all runs are made, when the time is over, or when ctx is
// done; in the last case what was found so far is given unshrunk.
func Campaign(ctx context.Context, c Config) Summary {
	w := &campaign{Config: c, begin: time.Now(), sum: Summary{
		Seed: c.Seed, Catalogue: c.Catalogue, Shard: c.Shard, Shards: max(c.Shards, 1), Coverage: newCoverage(), Violations: map[string]int{},
	}}
	if w.Runs == 0 && w.Time == 0 {
		w.Runs = 1
	}
	if w.Jobs <= 0 {
		w.Jobs = runtime.GOMAXPROCS(0)
	}
	w.corpus.open(c.Corpus, w.Jobs)
	runs, cancel := context.WithCancel(ctx)
	if w.Time > 0 {
		runs, cancel = context.WithTimeout(ctx, w.Time)
	}
	var wg sync.WaitGroup
	for job := range w.Jobs {
		wg.Go(func() { w.work(runs, job) })
	}
	done := make(chan struct{})
	var reports sync.WaitGroup
	reports.Go(func() { w.report(done) })
	wg.Wait()
	cancel()
	close(done)
	reports.Wait()
	w.collect(ctx)
	w.corpus.close()
	w.sum.Errors = w.corpus.errors
	w.sum.Interrupted = ctx.Err() != nil
	w.sum.Seconds = time.Since(w.begin).Seconds()
	return w.sum
}

type campaign struct {
	Config
	begin  time.Time
	next   atomic.Int64
	mu     sync.Mutex
	sum    Summary
	failed []failure
	corpus corpus
}

// failure is one kind of violation in one run.
type failure struct {
	run int
	key string
}

func (w *campaign) work(ctx context.Context, job int) {
	for ctx.Err() == nil {
		i := w.Shard + int(w.next.Add(1)-1)*w.sum.Shards
		if w.Runs > 0 && i >= w.Runs {
			return
		}
		data := w.input(i)
		// gVisor's own panics end the process: what it was fed survives.
		w.corpus.running(job, i, data)
		tr, found := Try(Generate(data), w.Config)
		w.enter(i, tr, found)
	}
}

func (w *campaign) enter(run int, tr *trace.Trace, found []Violation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sum.Runs++
	w.sum.Coverage.add(tr)
	var keys []string
	for _, v := range found {
		if k := v.Key(); !slices.Contains(keys, k) {
			keys = append(keys, k)
			w.sum.Violations[k]++
			w.failed = append(w.failed, failure{run, k})
		}
	}
}

// report calls back about once a second, and once when all runs are made.
func (w *campaign) report(done chan struct{}) {
	if w.Progress == nil {
		return
	}
	tell := func() {
		w.mu.Lock()
		p := w.sum.progress(w.begin)
		w.mu.Unlock()
		w.Progress(p)
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			tell()
			return
		case <-tick.C:
			tell()
		}
	}
}

// eachKey is how many runs that fail in the same way are shrunk: most lead to
// the same scenario.
const eachKey = 5

// collect shrinks the failures in the order of the runs, which is not the order
// in which the jobs came upon them.
func (w *campaign) collect(ctx context.Context) {
	w.sum.PerSecond = float64(w.sum.Runs) / time.Since(w.begin).Seconds()
	slices.SortFunc(w.failed, func(a, b failure) int { return a.run - b.run })
	taken := map[string]int{}
	for _, f := range w.failed {
		if taken[f.key] == eachKey || ctx.Err() != nil && taken[f.key] > 0 {
			continue
		}
		taken[f.key]++
		found := w.finding(ctx, f)
		same := func(o Finding) bool {
			return o.Oracle == found.Oracle && o.Rule == found.Rule && o.Scenario == found.Scenario
		}
		if !slices.ContainsFunc(w.sum.Findings, same) {
			w.corpus.keep(&found)
			w.sum.Findings = append(w.sum.Findings, found)
		}
	}
}

func (w *campaign) finding(ctx context.Context, f failure) Finding {
	scenario := Generate(w.input(f.run))
	fails := Fails(f.key, w.Config)
	small := Shrink(scenario, func(s *modelFile) bool { return ctx.Err() == nil && fails(s) })
	found := describe(small, f.key, w.Config)
	found.Run, found.Minimal = f.run, ctx.Err() == nil
	if found.Replay == "" {
		found.Replay = w.sum.Command(f.run)
	}
	return found
}
