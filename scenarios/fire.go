package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// outcomeOf is the first outcome of a case that a trace fits, nil for none.
func outcomeOf(c *model.Case, tr *trace.Trace) *model.Outcome {
	for i := range c.Outcomes {
		o := &c.Outcomes[i]
		if !slices.ContainsFunc(o.Sees, func(v model.View) bool { return !saw(tr, &v) }) {
			return o
		}
	}
	return nil
}

// saw reports whether a process made the calls of a view, in their order.
func saw(tr *trace.Trace, v *model.View) bool {
	p := processNamed(tr, v.Process)
	if p < 0 {
		return false
	}
	next := 0
	for i := range v.Sights {
		s := &v.Sights[i]
		if s.Verb == model.VerbExit {
			if e := &tr.Processes[p]; !e.Exited() || e.Status != s.Results[0].Value {
				return false
			}
			continue
		}
		for next < len(tr.Calls) && !sees(tr, p, s, next) {
			next++
		}
		if next == len(tr.Calls) {
			return false
		}
		next++
	}
	return true
}

func processNamed(tr *trace.Trace, name string) int {
	return slices.IndexFunc(tr.Processes, func(p trace.Process) bool { return p.Name == name })
}

func sees(tr *trace.Trace, process int, s *model.Sight, call int) bool {
	c := &tr.Calls[call]
	return c.Process == process && c.Op.String() == string(s.Verb) && (s.Option == "" || c.Args.Option == s.Option) && matchesAny(s.Results, c)
}

// noOutcome says what the processes saw instead of any outcome.
func noOutcome(c *model.Case, tr *trace.Trace) Problem {
	p := Problem{Pos: c.Outcomes[0].Pos, What: "outcome"}
	for i, o := range c.Outcomes {
		if i > 0 {
			p.Want += ", "
		}
		p.Want += o.Name
	}
	p.Want = "one of " + p.Want
	p.Got = "none of them; what the processes saw:"
	for i := range tr.Processes {
		p.Got += "\n    " + tr.Processes[i].Name + ": " + story(tr, i)
	}
	return p
}

// dull are calls that say little about how a run ended.
var dull = []trace.Op{trace.OpSocket, trace.OpBind, trace.OpListen, trace.OpSetsockopt, trace.OpFcntl, trace.OpExit}

// story is what a process saw, in one line.
func story(tr *trace.Trace, process int) string {
	var told []string
	for i := range tr.Calls {
		c := &tr.Calls[i]
		if c.Process == process && (!slices.Contains(dull, c.Op) || c.Errno != stack.OK) {
			told = append(told, c.Op.String()+" = "+seen(c))
		}
	}
	switch p := &tr.Processes[process]; {
	case p.Exited():
		told = append(told, fmt.Sprintf("exit %d", p.Status))
	case p.Ended:
		told = append(told, "lost with its host")
	}
	return strings.Join(told, ", ")
}

// giveUp ends a process whose call has failed though the scenario expects only
// success: a program that cannot connect, or that finds the end of file where
// it wants data, does not go on as if nothing had happened. It closes what it
// has and exits with status 1. Only a case with outcomes does so; elsewhere a
// result that nobody expects is a problem, and the rest of the steps shows
// what follows from it.
func giveUp(p *program.Program, s *model.Step, o program.Outcome) {
	if !essential[s.Verb] {
		return
	}
	failed := o.Errno != stack.OK || s.Verb == model.VerbRecv && o.Value == 0 && wantsData(s)
	if c := o.Call(); failed && !copes(s) && !matchesAny(s.Expect, &c) {
		p.Exit(1)
	}
}

// essential are the calls without whose success there is no point in the rest.
var essential = map[model.Verb]bool{
	model.VerbSocket: true, model.VerbBind: true, model.VerbListen: true, model.VerbConnect: true,
	model.VerbAccept: true, model.VerbSend: true, model.VerbRecv: true,
}

// copes reports whether a step expects a failure, so that its process has a
// plan for one.
func copes(s *model.Step) bool {
	return slices.ContainsFunc(s.Expect, func(r model.Result) bool { return r.Kind == model.ResultErrno })
}

// wantsData reports whether the end of file would be a surprise.
func wantsData(s *model.Step) bool {
	return slices.ContainsFunc(s.Expect, func(r model.Result) bool {
		return r.Kind == model.ResultData || r.Kind == model.ResultBytes && r.Bytes > 0 || r.Kind == model.ResultValue && r.Value > 0
	})
}
