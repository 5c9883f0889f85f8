package fire

import (
	"errors"
	"fmt"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/parallel"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

// Runs is how many runs the counts of the catalogue are of.
const Runs = 1000

// Options say how to count. The zero value is a thousand runs, as many at a
// time as there are processors.
type Options struct {
	Runs int
	Jobs int

	// Each is called with every run, from several goroutines at a time.
	Each func(seed uint64, r *scenarios.Result)
}

// Tally is what was counted.
type Tally struct {
	Case   *model.Case
	Runs   int
	Counts []int    // by the index into Case.Outcomes
	First  []uint64 // the smallest seed that had the outcome, 0 for none
	None   []Unnamed
}

// Unnamed is a run that had none of the outcomes that its case names.
type Unnamed struct {
	Case    *model.Case
	Seed    uint64
	Problem scenarios.Problem // says what the processes saw
	Replay  string            // the command that runs it again, of a case of the catalogue
}

// Count runs a case with the seeds from 1 up to the number of runs. An error
// means that some run came to no end, and names its seed; the runs that did are
// counted all the same.
func Count(c *model.Case, o Options) (*Tally, error) {
	if !c.UnderFire() {
		return nil, fmt.Errorf("%s names no outcomes to count", c.FullName())
	}
	if o.Runs == 0 {
		o.Runs = Runs
	}
	results, errs := run(c, &o)
	t := &Tally{Case: c, Runs: o.Runs, Counts: make([]int, len(c.Outcomes)), First: make([]uint64, len(c.Outcomes))}
	for i, r := range results {
		seed := uint64(i + 1)
		switch {
		case errs[i] != nil:
		case r.outcome < 0:
			t.None = append(t.None, Unnamed{c, seed, r.problem, replay(c, seed)})
		default:
			if t.Counts[r.outcome]++; t.First[r.outcome] == 0 {
				t.First[r.outcome] = seed
			}
		}
	}
	return t, errors.Join(errs...)
}

// result is what is kept of one run.
type result struct {
	outcome int // -1 for none
	problem scenarios.Problem
}

func run(c *model.Case, o *Options) ([]result, []error) {
	results, errs := make([]result, o.Runs), make([]error, o.Runs)
	parallel.Each(o.Runs, o.Jobs, nil, func(i int) { results[i], errs[i] = one(c, uint64(i+1), o.Each) })
	return results, errs
}

func one(c *model.Case, seed uint64, each func(uint64, *scenarios.Result)) (result, error) {
	res, err := scenarios.Run(c, scenarios.Options{Seed: &seed})
	if err != nil {
		return result{outcome: -1}, fmt.Errorf("seed %d: %w; replay: %s", seed, err, replay(c, seed))
	}
	if each != nil {
		each(seed, res)
	}
	r := result{outcome: -1}
	for i := range c.Outcomes {
		if res.Outcome == &c.Outcomes[i] {
			r.outcome = i
		}
	}
	if r.outcome < 0 {
		r.problem = res.Problems[0]
	}
	return r, nil
}

func replay(c *model.Case, seed uint64) string {
	return fmt.Sprintf("tcpsim run %s --seed %d", c.FullName(), seed)
}
