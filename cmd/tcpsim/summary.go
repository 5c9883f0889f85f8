package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/words"
)

// writeTable prints a line for each run, below what is wrong with those that
// failed.
func (r *runner) writeTable(outcomes []outcome) {
	p := r.painter()
	for _, o := range outcomes {
		if o.verdict == verdictFailed {
			writeProblems(r.w, p, o.target, o.problems)
			fmt.Fprintf(r.w, "replay: %s\n\n", r.replay(o.target))
		}
	}
	t := table{head: []string{"scenario", "verdict", "segments", "RSTs and their causes", "virtual time"}}
	for _, o := range outcomes {
		t.add(o.c.FullName(), o.verdict, fmt.Sprint(o.segments), causes(o.rsts), trace.Clock(o.end))
	}
	t.right(2, 4)
	t.paint = func(column int, text string) string {
		switch {
		case column != 1:
			return text
		case text == verdictOK:
			return p.good(text)
		case text == verdictFailed, text == verdictError:
			return p.bad(text)
		}
		return text
	}
	t.write(r.w)
	fmt.Fprintf(r.w, "\n%s\n", totals(p, outcomes))
}

// causes lists why the RSTs of a run were sent, each reason once.
func causes(rsts []reset) string {
	if len(rsts) == 0 {
		return "-"
	}
	var ids []string
	count := map[string]int{}
	for _, rst := range rsts {
		id := rst.Cause
		switch {
		case rst.Forged:
			id = "forged"
		case id == "":
			id = "unexplained"
		}
		if count[id] == 0 {
			ids = append(ids, id)
		}
		count[id]++
	}
	for i, id := range ids {
		ids[i] = fmt.Sprintf("%d %s", count[id], id)
	}
	return strings.Join(ids, ", ")
}

// totals is the verdict on all runs.
func totals(p painter, outcomes []outcome) string {
	count := map[string]int{}
	segments, rsts := 0, 0
	var virtual time.Duration
	for _, o := range outcomes {
		count[o.verdict]++
		segments += o.segments
		rsts += len(o.rsts)
		virtual += o.end
	}
	bad := count[verdictFailed] + count[verdictError]
	lead := p.good("ok:")
	if bad > 0 {
		lead = p.bad("FAILED:")
	}
	s := fmt.Sprintf("%s %d of %s", lead, len(outcomes)-bad-count[verdictNotHere], words.Plural(len(outcomes), "case"))
	switch {
	case count[verdictUnchecked] > 0:
		s += " ran unchecked"
	default:
		s += " as expected"
	}
	for _, v := range []string{verdictFailed, verdictError, verdictNotHere} {
		if count[v] > 0 {
			s += fmt.Sprintf(", %d %s", count[v], v)
		}
	}
	return fmt.Sprintf("%s (%s, %s, %s of virtual time)", s,
		words.Plural(segments, "segment"), words.Plural(rsts, "RST"), virtual.Round(time.Second))
}

// line is an outcome as a program reads it.
type line struct {
	Scenario string   `json:"scenario"`
	Verdict  string   `json:"verdict"`
	Outcome  string   `json:"outcome,omitempty"` // of a scenario that may have several
	Problems []string `json:"problems,omitempty"`
	Error    string   `json:"error,omitempty"`
	Segments int      `json:"segments"`
	RSTs     []reset  `json:"rsts"`
	End      int64    `json:"end"` // nanoseconds, as in a trace
	Replay   string   `json:"replay"`
}

func (r *runner) writeLines(outcomes []outcome) error {
	e := json.NewEncoder(r.w)
	e.SetEscapeHTML(false)
	for _, o := range outcomes {
		l := line{
			Scenario: o.c.FullName(), Verdict: o.verdict, Outcome: o.name, Segments: o.segments,
			RSTs: append([]reset{}, o.rsts...), End: int64(o.end), Replay: r.replay(o.target),
		}
		for _, p := range o.problems {
			l.Problems = append(l.Problems, fmt.Sprintf("%s:%s: %s: want %s, got %s", o.file, p.Pos, p.What, p.Want, p.Got))
		}
		if o.err != nil {
			l.Error = o.err.Error()
		}
		if err := e.Encode(&l); err != nil {
			return cannotWrite("the output", err)
		}
	}
	return nil
}
