package fuzz

import (
	"context"
	"slices"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// maker makes the runs of a campaign, one after another.
type maker interface {
	// runs makes the runs of these numbers, fewer when ctx is done.
	runs(ctx context.Context, numbers []int) (report, error)
	// finding makes the scenario of a failed run small, less so when ctx is done.
	finding(ctx context.Context, f failure) (Finding, error)
	close() error
}

// report is what some runs have shown.
type report struct {
	Runs     int       `json:"runs"`
	Coverage Coverage  `json:"coverage"`
	Failed   []failure `json:"failed,omitempty"`
}

// failure is one kind of violation in one run.
type failure struct {
	Run   int    `json:"run"`
	Key   string `json:"key"`
	Crash string `json:"crash,omitempty"` // last words of a process that did not survive the run
}

// add enters a run, with each kind of violation once.
func (r *report) add(run int, tr *trace.Trace, found []Violation) {
	r.Runs++
	r.Coverage.add(tr)
	for _, v := range found {
		f := failure{Run: run, Key: v.Key()}
		if !slices.Contains(r.Failed, f) {
			r.Failed = append(r.Failed, f)
		}
	}
}

func (r *report) merge(o report) {
	r.Runs += o.Runs
	r.Coverage.merge(o.Coverage)
	r.Failed = append(r.Failed, o.Failed...)
}

// local makes runs in this process.
type local struct {
	conf *Config
	note func(run int, data []byte) // called before each run; nil for none
}

func (l *local) runs(ctx context.Context, numbers []int) (report, error) {
	r := report{Coverage: newCoverage()}
	for _, i := range numbers {
		if ctx.Err() != nil {
			break
		}
		data := l.conf.input(i)
		if l.note != nil {
			l.note(i, data)
		}
		tr, found := Try(Generate(data), *l.conf)
		r.add(i, tr, found)
	}
	return r, nil
}

func (l *local) finding(ctx context.Context, f failure) (Finding, error) {
	scenario := Generate(l.conf.input(f.Run))
	fails := stillFails(f.Key, *l.conf)
	small := shrink(scenario, func(s *modelFile) bool { return ctx.Err() == nil && fails(s) })
	found := describe(small, f.Key, *l.conf)
	found.Minimal = ctx.Err() == nil
	l.conf.place(&found, f.Run)
	return found, nil
}

func (*local) close() error { return nil }

// place says which run a finding is from.
func (c *Config) place(found *Finding, run int) {
	found.Run = run
	if found.Replay == "" {
		found.Replay = (&Summary{Seed: c.Seed, Catalogue: c.Catalogue}).Command(run)
	}
}
