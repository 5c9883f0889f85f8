package fuzz

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Input is the byte string of one run of a campaign. It stands for a scenario
// that is made up, never for a changed one of the catalogue: what a campaign
// runs must not move when the catalogue grows.
func Input(seed uint64, run int) []byte {
	b := input(seed, run)
	b[0] %= fromCatalogue
	return b
}

// changedInput is the byte string of one run of a campaign that changes cases
// of the catalogue. Which case that is depends on how many there are.
func changedInput(seed uint64, run int) []byte {
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
		return changedInput(c.Seed, run)
	}
	return Input(c.Seed, run)
}

// Campaign makes many runs and shrinks what fails. Which runs those are follows
// from the seed alone, so that any shard of any campaign can be repeated by
// itself, and what it finds is the same however many jobs share the runs. It
// ends when all runs are made, when the time is over, or when ctx is done; in
// the last case what was found so far is given unshrunk.
//
// Jobs in this process get in each other's way: every host that is constructed
// holds all of them up for a moment (see stack.Together), and a panic of gVisor
// ends the process. With Config.Worker each job is a process of its own.
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
	makers := w.makers()
	runs, cancel := context.WithCancel(ctx)
	if w.Time > 0 {
		runs, cancel = context.WithTimeout(ctx, w.Time)
	}
	done := make(chan struct{})
	var reports sync.WaitGroup
	reports.Go(func() { w.report(done) })
	share(makers, func(m maker) { w.work(ctx, runs, m) })
	cancel()
	close(done)
	reports.Wait()
	w.collect(ctx, makers)
	for _, m := range makers {
		w.fail(m.close())
	}
	w.corpus.close()
	w.sum.Errors = w.corpus.errors
	w.sum.Interrupted = ctx.Err() != nil
	w.sum.Seconds = time.Since(w.begin).Seconds()
	return w.sum
}

type campaign struct {
	Config
	begin  time.Time
	block  int // how many runs are handed out at once
	next   atomic.Int64
	mu     sync.Mutex
	sum    Summary
	failed []failure
	corpus corpus
}

// ofWorker is how many runs a worker process makes for one line that it reads:
// few enough that the last of them to end keeps the others waiting for some
// hundredths of a second only, and many enough for what it costs a process with
// one processor to wait for a line.
const ofWorker = 32

// makers are who makes the runs: one for each job.
func (w *campaign) makers() (all []maker) {
	if w.Worker != nil {
		w.block = ofWorker
		w.corpus.open(w.Corpus, 0) // a process that crashes leaves this one alive
		for range w.Jobs {
			all = append(all, &remote{conf: &w.Config})
		}
		return all
	}
	w.block = 1
	w.corpus.open(w.Corpus, w.Jobs)
	for job := range w.Jobs {
		// gVisor's own panics end the process: what it was fed survives.
		all = append(all, &local{&w.Config, func(run int, data []byte) { w.corpus.running(job, run, data) }})
	}
	return all
}

// share has each maker do its part, and waits for all of them.
func share(makers []maker, part func(maker)) {
	var wg sync.WaitGroup
	for _, m := range makers {
		wg.Go(func() { part(m) })
	}
	wg.Wait()
}

// work makes blocks of runs until there are no more or runs is done. A block
// that has begun ends early only with ctx.
func (w *campaign) work(ctx, runs context.Context, m maker) {
	for runs.Err() == nil {
		numbers := w.take()
		if len(numbers) == 0 {
			return
		}
		r, err := m.runs(ctx, numbers)
		w.enter(r)
		if err != nil {
			w.fail(err)
			return
		}
	}
}

// take gives the numbers of the next runs.
func (w *campaign) take() (numbers []int) {
	end := int(w.next.Add(int64(w.block)))
	for k := end - w.block; k < end; k++ {
		i := w.Shard + k*w.sum.Shards
		if w.Runs > 0 && i >= w.Runs {
			break
		}
		numbers = append(numbers, i)
	}
	return numbers
}

func (w *campaign) enter(r report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sum.Runs += r.Runs
	w.sum.Coverage.merge(r.Coverage)
	for _, f := range r.Failed {
		w.sum.Violations[f.Key]++
	}
	w.failed = append(w.failed, r.Failed...)
}

// fail notes what has gone wrong with a worker.
func (w *campaign) fail(err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sum.Mishaps = append(w.sum.Mishaps, err.Error())
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
