package fuzz

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Limits of a run: what a generated scenario of a dozen steps can need at most.
var limits = sim.Limits{Events: 400_000, Segments: 60_000, Instant: 30_000}

// Try runs a scenario's base case and checks it with the oracles that c
// selects. The trace is nil when the run could not begin.
func Try(f *model.File, c Config) (*trace.Trace, []Violation) {
	run := c.run
	if run == nil {
		run = runFile
	}
	var o outcome
	var err error
	tries := patient
	if c.hasty {
		tries = hasty
	}
	left := goroutines(func() { o, err = run(f) }, tries)
	tr := o.Trace
	var found []Violation
	if v, bad := engineError(tr, err); bad && c.selects(engineOracle.Name) {
		if v.Rule == "limit" && hasRACK(&f.Base) {
			v.Rule = "limit-with-rack"
		}
		found = append(found, v)
	}
	if tr == nil {
		return nil, found
	}
	c.RTO = rtoOf(&f.Base)
	if complete(err) {
		found = append(found, check(o, c)...)
	}
	if left > 0 && c.selects("end") {
		found = append(found, Violation{
			Oracle: "end", Rule: "goroutine-left", At: tr.End, Event: len(tr.Events),
			Text: fmt.Sprintf("%d goroutines of the run go on after its end", left),
		})
	}
	if c.selects(replayOracle.Name) {
		if again, _ := run(f); !reflect.DeepEqual(o, again) {
			found = append(found, differs(tr, again.Trace))
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

func runFile(f *model.File) (o outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{fmt.Sprint(r)}
		}
	}()
	res, err := scenarios.Run(&f.Base, scenarios.Options{NoCheck: true, Limits: limits})
	if res != nil {
		o = outcome{res.Trace, res.Leftovers}
	}
	return o, err
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

// hasRACK reports whether a host detects losses with RACK, which tcpsim turns
// off where nobody asks for it.
func hasRACK(c *model.Case) bool {
	for _, h := range c.Hosts() {
		for _, s := range h.Settings {
			if strings.HasSuffix(s.Name, "tcp_recovery") && s.Value != "0" {
				return true
			}
		}
	}
	return false
}

// rtoOf reads the bounds of the retransmission timeout from a case's settings.
func rtoOf(c *model.Case) (rto [2]RTO) {
	for side, h := range [2]*model.Host{trace.Client: &c.Client, trace.Server: &c.Server} {
		for _, s := range h.Settings {
			d, err := time.ParseDuration(s.Value)
			switch {
			case err != nil: // of another setting, or one that the host refuses
			case strings.HasSuffix(s.Name, "tcp_rto_min"):
				rto[side].Min = d
			case strings.HasSuffix(s.Name, "tcp_rto_max"):
				rto[side].Max = d
			}
		}
	}
	return rto
}
