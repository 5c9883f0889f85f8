package scenarios

import (
	"fmt"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// Problem is one difference between what a case expects and what was seen.
type Problem struct {
	Pos  model.Pos // of the expectation, in the scenario file
	What string    // of which step, process or segment
	Want string
	Got  string // may have several lines
}

// String prints the problem on one line, or on several where it shows a list.
func (p Problem) String() string {
	return fmt.Sprintf("line %s: %s: want %s, got %s", p.Pos, p.What, p.Want, p.Got)
}

// verify compares a trace with what its case expects: an outcome of several, or
// every single thing.
func verify(c *model.Case, tr *trace.Trace) (*model.Outcome, []Problem) {
	if !c.UnderFire() {
		return nil, check(c, tr)
	}
	o := outcomeOf(c, tr)
	if o == nil {
		return nil, []Problem{noOutcome(c, tr)}
	}
	return o, nil
}

// check compares a trace with everything that its case expects.
func check(c *model.Case, tr *trace.Trace) []Problem {
	var out []Problem
	for _, h := range c.Hosts() {
		for i := range h.Processes {
			out = append(out, checkProcess(tr, &h.Processes[i])...)
		}
	}
	return append(out, checkWire(&c.Expect, tr)...)
}

func checkProcess(tr *trace.Trace, m *model.Process) (out []Problem) {
	var all []int // a process that starts at each boot is there more than once
	for i := range tr.Processes {
		if tr.Processes[i].Name == m.Name {
			all = append(all, i)
		}
	}
	for n, i := range all {
		p := &tr.Processes[i]
		out = append(out, checkSteps(tr, i, m)...)
		if lost := p.Ended && !p.Exited(); lost && n < len(all)-1 {
			continue // it had no time to exit, and came again
		}
		out = append(out, checkExit(p, m)...)
	}
	if len(all) == 0 {
		out = append(out, Problem{m.Pos, "process " + m.Name, "it to run", "it never started"})
	}
	return out
}

func checkExit(p *trace.Process, m *model.Process) []Problem {
	if m.Exits == nil || p.Exited() && p.Status == *m.Exits {
		return nil
	}
	got := "it is still running"
	switch {
	case p.Exited():
		got = fmt.Sprintf("status %d", p.Status)
	case p.Ended:
		got = "it was lost with its host"
	}
	return []Problem{{m.Pos, "exit of process " + m.Name, fmt.Sprintf("status %d", *m.Exits), got}}
}

func checkSteps(tr *trace.Trace, process int, m *model.Process) (out []Problem) {
	for i := range m.Steps {
		s := &m.Steps[i]
		if len(s.Expect) == 0 && s.Total == nil {
			continue
		}
		last, total := callsOf(tr, process, i, string(s.Verb))
		what := fmt.Sprintf("%s: %s", m.Name, s)
		switch {
		case last == nil:
			out = append(out, Problem{s.Pos, what, anyOf(s.Expect), "the step was never reached"})
			continue
		case len(s.Expect) > 0 && !matchesAny(s.Expect, last):
			out = append(out, Problem{s.Pos, what, anyOf(s.Expect), seen(last)})
		}
		if s.Total != nil && total != *s.Total {
			out = append(out, Problem{s.Pos, what, fmt.Sprintf("%d bytes in total", *s.Total), fmt.Sprintf("%d", total)})
		}
	}
	return out
}

// callsOf finds the last call of a step and the bytes that all of them moved.
// A step may make several calls, and fcntl calls around them.
func callsOf(tr *trace.Trace, process, step int, name string) (last *trace.Call, total int) {
	for i := range tr.Calls {
		c := &tr.Calls[i]
		if c.Process == process && c.Step == step && c.Op.String() == name {
			last = c
			total += max(c.Value, 0)
		}
	}
	return last, total
}

func anyOf(results []model.Result) string {
	s := ""
	for i, r := range results {
		if i > 0 {
			s += " or "
		}
		s += r.String()
	}
	if s == "" {
		return "any result"
	}
	return s
}
