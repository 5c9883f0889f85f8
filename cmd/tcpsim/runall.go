package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/parallel"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// outcome is what is kept of one of many runs: a trace is too much.
type outcome struct {
	target
	verdict  string
	name     string // of the outcome, of a case that may have several
	problems []scenarios.Problem
	err      error
	segments int
	rsts     []reset
	end      time.Duration
}

// The verdicts of an outcome.
const (
	verdictOK        = "ok"
	verdictFailed    = "failed"
	verdictError     = "error" // it came to no end
	verdictUnchecked = "unchecked"
	verdictNotHere   = "not on this stack"
)

// reset is one RST of a run.
type reset struct {
	Segment int    `json:"segment"`
	Cause   string `json:"cause,omitempty"`
	Forged  bool   `json:"forged,omitempty"`
}

// runAll runs many cases and prints a line for each. Runs do not know of each
// other, so that as many as there are processors go on at once; what is
// printed keeps the order of the cases.
func (r *runner) runAll(all []target) error {
	outcomes := make([]outcome, len(all))
	bar := r.progress("running")
	parallel.Each(len(all), r.jobs, bar.set, func(i int) { outcomes[i] = r.one(all[i]) })
	bar.finish()
	return r.summary(outcomes)
}

func (r *runner) one(t target) outcome {
	o := outcome{target: t, verdict: verdictOK}
	res, err := scenarios.Run(t.c, r.options)
	if res != nil {
		o.problems = res.Problems
		if res.Outcome != nil {
			o.name = res.Outcome.Name
		}
		o.segments, o.end, o.rsts = len(res.Trace.Segments), res.Trace.End, resets(res.Trace)
	}
	var notHere *program.NotOnStack
	switch {
	case errors.As(err, &notHere):
		o.verdict = verdictNotHere
	case err != nil:
		o.err, o.verdict = r.withReplay(t, err), verdictError
	case !res.Checked:
		o.verdict = verdictUnchecked
	case !res.OK():
		o.verdict = verdictFailed
	}
	return o
}

func resets(tr *trace.Trace) (out []reset) {
	for i := range tr.Segments {
		if s := &tr.Segments[i]; s.Flags.Has(wire.RST) {
			rst := reset{Segment: s.Number, Forged: s.Injected != ""}
			if s.Cause != nil {
				rst.Cause = s.Cause.ID
			}
			out = append(out, rst)
		}
	}
	return out
}

// summary prints what came of all runs, and turns it into an error.
func (r *runner) summary(outcomes []outcome) error {
	var errs []error
	failed := false
	for i := range outcomes {
		failed = failed || outcomes[i].verdict == verdictFailed
		if outcomes[i].err != nil {
			errs = append(errs, outcomes[i].err)
		}
	}
	if r.format == formatJSON {
		if err := r.writeLines(outcomes); err != nil {
			return err
		}
	} else {
		r.writeTable(outcomes)
	}
	if r.format == formatJSON || r.output != "" {
		fmt.Fprintln(r.stderr, totals(r.painterFor(r.stderr), outcomes))
	}
	switch {
	case len(errs) > 0:
		return errors.Join(errs...)
	case failed:
		return errUnexpected
	}
	return nil
}
