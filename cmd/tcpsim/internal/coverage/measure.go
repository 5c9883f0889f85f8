package coverage

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/parallel"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/diagram"
)

// Options say how to measure. The zero value is sensible.
type Options struct {
	Jobs     int                 // runs at once; 0 is GOMAXPROCS
	Progress func(done, all int) // called after each run, by one at a time; nil for none
	run      func(*model.Case) (*trace.Trace, error)
}

// Report is what some scenarios show. Lists of cases are in the order in which
// the files have them.
type Report struct {
	Cases        int             `json:"cases"`
	Totals       Totals          `json:"totals"`
	Transitions  []TransitionRow `json:"transitions"`
	Sites        []SiteRow       `json:"reset_sites"`
	Causes       []CauseRow      `json:"causes"`
	Requirements []Requirement   `json:"requirements"`

	// Unlisted are changes of state and causes that no table has, with a case
	// that shows them: the tables are wrong then.
	Unlisted []string `json:"unlisted,omitempty"`
}

// TransitionRow is an edge that may be taken, and the cases that take it.
type TransitionRow struct {
	diagram.Transition
	Cases []string // empty, not nil
}

// MarshalJSON writes the states by their names.
func (r TransitionRow) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		From    string        `json:"from"`
		To      string        `json:"to"`
		By      diagram.Event `json:"by"`
		Figure5 bool          `json:"figure_5"`
		Why     string        `json:"why"`
		Never   string        `json:"never,omitempty"`
		Cases   []string      `json:"cases"`
	}{r.From.String(), r.To.String(), r.By, r.Figure5, r.Why, r.Never, r.Cases})
}

// CauseRow is a cause of a RST and the cases that show it.
type CauseRow struct {
	ID    string   `json:"id"`
	Cases []string `json:"cases"`
}

// Figure is how many things there are, and how many of them are shown.
type Figure struct {
	Shown int `json:"shown"`
	Of    int `json:"of"`
}

func (f Figure) String() string { return fmt.Sprintf("%d of %d", f.Shown, f.Of) }

func (f *Figure) add(shown bool) {
	f.Of++
	if shown {
		f.Shown++
	}
}

// Totals are the figures of a report.
type Totals struct {
	Figure5      Figure `json:"figure_5"`    // edges of the diagram and its notes
	Beyond       Figure `json:"beyond"`      // edges besides
	Sites        Figure `json:"reset_sites"` // reached
	Causes       Figure `json:"causes"`
	Requirements Figure `json:"requirements"` // met
	Partly       int    `json:"requirements_met_partly"`
}

// Measure runs every case of the files once. The error joins those of the runs
// that came to no end; the report has the others.
func Measure(files []*model.File, o Options) (*Report, error) {
	var cases []model.Case
	for _, f := range files {
		cases = append(cases, f.Cases()...)
	}
	seen, err := runAll(cases, o)
	return report(seen), err
}

// shown is what one case shows.
type shown struct {
	name   string
	edges  map[diagram.Edge]bool
	causes map[string]bool
}

func runAll(cases []model.Case, o Options) ([]shown, error) {
	run := o.run
	if run == nil {
		run = once
	}
	seen := make([]shown, len(cases))
	failed := make([]error, len(cases))
	parallel.Each(len(cases), o.Jobs, o.Progress, func(i int) {
		tr, err := run(&cases[i])
		if err != nil {
			failed[i] = fmt.Errorf("%s: %w", cases[i].FullName(), err)
		}
		seen[i] = look(cases[i].FullName(), tr)
	})
	return seen, errors.Join(failed...)
}

// once runs a case. What it expects is not the question here.
func once(c *model.Case) (*trace.Trace, error) {
	res, err := scenarios.Run(c, scenarios.Options{NoCheck: true})
	if res == nil {
		return nil, err
	}
	return res.Trace, err
}

// look reads what a trace shows.
func look(name string, tr *trace.Trace) shown {
	s := shown{name: name, edges: map[diagram.Edge]bool{}, causes: map[string]bool{}}
	if tr == nil {
		return s
	}
	for _, e := range diagram.Seen(tr) {
		s.edges[e] = true
	}
	for i := range tr.Segments {
		if why := tr.Segments[i].Cause; why != nil {
			s.causes[why.ID] = true
		}
	}
	return s
}

// report enters what the cases show into the tables.
func report(seen []shown) *Report {
	r := &Report{Cases: len(seen)}
	for _, t := range diagram.Transitions() {
		row := TransitionRow{Transition: t}
		row.Cases = casesWith(seen, func(s *shown) bool { return s.edges[row.Edge] })
		r.Transitions = append(r.Transitions, row)
		if row.Figure5 {
			r.Totals.Figure5.add(len(row.Cases) > 0)
		} else {
			r.Totals.Beyond.add(len(row.Cases) > 0)
		}
	}
	for _, id := range cause.All() {
		row := CauseRow{id, casesWith(seen, func(s *shown) bool { return s.causes[id] })}
		r.Causes = append(r.Causes, row)
		r.Totals.Causes.add(len(row.Cases) > 0)
	}
	reached := measured()
	for _, site := range sites {
		row := SiteRow{Site: site, Cases: casesWith(seen, func(s *shown) bool { return slices.Contains(reached[site.At], s.name) })}
		r.Sites = append(r.Sites, row)
		r.Totals.Sites.add(len(row.Cases) > 0)
	}
	r.Requirements = slices.Clone(requirements)
	for _, q := range r.Requirements {
		r.Totals.Requirements.add(q.Verdict == Met)
		if q.Verdict == Partly {
			r.Totals.Partly++
		}
	}
	r.Unlisted = unlisted(seen)
	return r
}

func casesWith(seen []shown, has func(*shown) bool) []string {
	names := []string{}
	for i := range seen {
		if has(&seen[i]) {
			names = append(names, seen[i].name)
		}
	}
	return names
}

func unlisted(seen []shown) []string {
	var out []string
	known := map[string]bool{}
	note := func(what, name string) {
		if !known[what] {
			known[what] = true
			out = append(out, what+" in "+name)
		}
	}
	for _, s := range seen {
		for _, e := range slices.SortedFunc(maps.Keys(s.edges), diagram.Edge.Compare) {
			if !diagram.May(e) {
				note(e.String(), s.name)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(s.causes)) {
			if !slices.Contains(cause.All(), id) {
				note("cause "+id, s.name)
			}
		}
	}
	return out
}
