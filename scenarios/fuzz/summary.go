package fuzz

import (
	"fmt"
	"maps"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// Summary is what a campaign found. Everything but the times is the same
// whenever the same runs are made.
type Summary struct {
	Seed        uint64         `json:"seed"`
	Catalogue   bool           `json:"catalogue,omitempty"` // the runs were changed cases of the catalogue
	Shard       int            `json:"shard"`
	Shards      int            `json:"shards"`
	Runs        int            `json:"runs"`
	Seconds     float64        `json:"seconds"`
	PerSecond   float64        `json:"runs_per_second"`
	Interrupted bool           `json:"interrupted"`
	Coverage    Coverage       `json:"coverage"`
	Violations  map[string]int `json:"violations"` // runs by oracle/rule
	Findings    []Finding      `json:"findings"`
	Errors      []string       `json:"errors,omitempty"`  // what could not be written
	Mishaps     []string       `json:"mishaps,omitempty"` // what has gone wrong with worker processes
}

// Coverage counts the runs that have shown something.
type Coverage struct {
	States      map[string]int `json:"states"`
	Transitions map[string]int `json:"transitions"`
	Causes      map[string]int `json:"causes"`
}

// Finding is one minimal scenario that breaks an invariant.
type Finding struct {
	Oracle   string `json:"oracle"`
	Rule     string `json:"rule"`
	Claim    string `json:"claim"`
	Source   string `json:"source"`
	Text     string `json:"text"` // of the violation in the minimal scenario
	Run      int    `json:"run"`  // the first run that led here
	Steps    int    `json:"steps"`
	Minimal  bool   `json:"minimal"` // false when shrinking was interrupted
	Known    string `json:"known,omitempty"`
	Scenario string `json:"scenario"` // YAML
	Ladder   string `json:"ladder"`   // the trace as text
	Replay   string `json:"replay"`   // the command
}

// Command makes one run of the campaign again.
func (s *Summary) Command(run int) string {
	which := ""
	if s.Catalogue {
		which = " --catalogue"
	}
	return fmt.Sprintf("tcpsim fuzz%s --seed %d --run %d", which, s.Seed, run)
}

// Progress is what a campaign has done so far.
type Progress struct {
	Runs        int
	Elapsed     time.Duration
	PerSecond   float64
	States      int // how many different ones have been seen
	Transitions int
	Causes      int
	Violations  map[string]int
}

func newCoverage() Coverage {
	return Coverage{States: map[string]int{}, Transitions: map[string]int{}, Causes: map[string]int{}}
}

// add counts what a run has shown, each thing once.
func (c *Coverage) add(tr *trace.Trace) {
	if tr == nil {
		return
	}
	states, edges, causes := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range tr.Transitions {
		t := &tr.Transitions[i]
		states[t.To.String()] = true
		edges[t.From.String()+" > "+t.To.String()] = true
	}
	for i := range tr.Segments {
		if why := tr.Segments[i].Cause; why != nil {
			causes[why.ID] = true
		}
	}
	count(c.States, states)
	count(c.Transitions, edges)
	count(c.Causes, causes)
}

func count(into map[string]int, seen map[string]bool) {
	for k := range seen {
		into[k]++
	}
}

// merge adds another worker's counts.
func (c *Coverage) merge(o Coverage) {
	for _, m := range [][2]map[string]int{{c.States, o.States}, {c.Transitions, o.Transitions}, {c.Causes, o.Causes}} {
		for k, n := range m[1] {
			m[0][k] += n
		}
	}
}

func (s *Summary) progress(begin time.Time) Progress {
	d := time.Since(begin)
	return Progress{
		Runs: s.Runs, Elapsed: d, PerSecond: float64(s.Runs) / d.Seconds(),
		States: len(s.Coverage.States), Transitions: len(s.Coverage.Transitions), Causes: len(s.Coverage.Causes),
		Violations: maps.Clone(s.Violations),
	}
}
