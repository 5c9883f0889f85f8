package fuzz

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// RunOracles are the invariants of a whole run, which a trace alone does not
// show.
func RunOracles() []Oracle { return []Oracle{engineOracle, replayOracle} }

var engineOracle = Oracle{
	Name:   "engine",
	Claim:  "A run ends by itself, within its limits, and without an error inside tcpsim.",
	Source: "sim.Limits; stack.ErrQueueFull",
}

var replayOracle = Oracle{
	Name:   "replay",
	Claim:  "The same scenario and seed give the same trace.",
	Source: "tcpsim's own promise",
}

// Limits of a run: what a generated scenario of a dozen steps can need at most.
var limits = sim.Limits{Events: 400_000, Segments: 60_000, Instant: 30_000}

// Try runs a scenario's base case and checks it with the oracles that c
// selects. The trace is nil when the run could not begin.
func Try(f *model.File, c Config) (*trace.Trace, []Violation) {
	run := c.run
	if run == nil {
		run = runFile
	}
	tr, err := run(f)
	var found []Violation
	if v, bad := engineError(tr, err); bad && c.selects(engineOracle.Name) {
		found = append(found, v)
	}
	if tr == nil {
		return nil, found
	}
	c.FastRTO = c.FastRTO || hasFastRTO(&f.Base)
	if complete(err) {
		found = append(found, Check(tr, c)...)
	}
	if c.selects(replayOracle.Name) {
		if again, _ := run(f); !reflect.DeepEqual(tr, again) {
			found = append(found, differs(tr, again))
		}
	}
	return tr, found
}

// complete reports whether a trace can be judged: not when a limit has cut it
// short in the middle of something.
func complete(err error) bool {
	var limit *sim.LimitError
	return !errors.As(err, &limit)
}

func runFile(f *model.File) (tr *trace.Trace, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{fmt.Sprint(r)}
		}
	}()
	res, err := scenarios.Run(&f.Base, scenarios.Options{NoCheck: true, Limits: limits})
	if res != nil {
		tr = res.Trace
	}
	return tr, err
}

type panicError struct{ text string }

func (p *panicError) Error() string { return "panic: " + p.text }

// engineError tells an error of ours from an experimenter's step that makes no
// sense at its moment, such as to kill a process that has ended.
func engineError(tr *trace.Trace, err error) (Violation, bool) {
	v := Violation{Oracle: engineOracle.Name}
	if tr != nil {
		v.At, v.Event = tr.End, len(tr.Events)
	}
	var limit *sim.LimitError
	var panicked *panicError
	switch {
	case err == nil:
		return v, false
	case errors.As(err, &limit):
		v.Rule, v.Text = "limit", "the run reached its limit of "+limit.Limit
	case errors.As(err, &panicked):
		v.Rule, v.Text = "panic", panicked.text
	case errors.Is(err, stack.ErrQueueFull):
		v.Rule, v.Text = "queue-full", err.Error()
	case tr == nil:
		v.Rule, v.Text = "refused", err.Error()
	case strings.Contains(err.Error(), ": network step "):
		return v, false
	default:
		v.Rule, v.Text = "error", err.Error()
	}
	return v, true
}

// differs finds the first event at which two traces part.
func differs(a, b *trace.Trace) Violation {
	v := Violation{Oracle: replayOracle.Name, Rule: "differs", At: a.End, Event: len(a.Events), Text: "the second run ends otherwise"}
	if b == nil {
		return v
	}
	for i := range min(len(a.Events), len(b.Events)) {
		if a.Events[i] != b.Events[i] {
			v.At, v.Event = a.Events[i].At, i
			v.Text = fmt.Sprintf("event %d is %s at %s and then %s at %s", i, a.Events[i].Kind, a.Events[i].At, b.Events[i].Kind, b.Events[i].At)
			return v
		}
	}
	return v
}

func hasFastRTO(c *model.Case) bool {
	for _, h := range c.Hosts() {
		if hasSetting(&h, "tcp_rto_min") || hasSetting(&h, "tcp_rto_max") {
			return true
		}
	}
	return false
}
