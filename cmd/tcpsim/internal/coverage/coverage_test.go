package coverage

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/fuzz"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
)

// The figures that the catalogue has reached. They may only grow: write them
// again with -update when they have, and again after reached.json has changed,
// which is read when the test is built.
func TestFiguresDoNotDrop(t *testing.T) {
	r := report(catalogue(t))
	now := map[string]int{
		"cases":                   r.Cases,
		"figure_5":                r.Totals.Figure5.Shown,
		"figure_5_of":             r.Totals.Figure5.Of,
		"beyond":                  r.Totals.Beyond.Shown,
		"beyond_of":               r.Totals.Beyond.Of,
		"reset_sites":             r.Totals.Sites.Shown,
		"reset_sites_of":          r.Totals.Sites.Of,
		"causes":                  r.Totals.Causes.Shown,
		"causes_of":               r.Totals.Causes.Of,
		"requirements_met":        r.Totals.Requirements.Shown,
		"requirements_met_partly": r.Totals.Partly,
		"requirements_of":         r.Totals.Requirements.Of,
	}
	if len(r.Unlisted) > 0 {
		t.Errorf("not in the tables:\n%s", strings.Join(r.Unlisted, "\n"))
	}
	if golden.Update(t, "testdata") {
		writeJSON(t, "testdata/least.json", now)
		return
	}
	b, err := os.ReadFile("testdata/least.json")
	if err != nil {
		t.Fatal(err)
	}
	var least map[string]int
	if err := json.Unmarshal(b, &least); err != nil {
		t.Fatal(err)
	}
	if len(least) != len(now) {
		t.Errorf("%d figures in least.json, %d here", len(least), len(now))
	}
	for name, n := range least {
		if now[name] < n {
			t.Errorf("%s has dropped from %d to %d", name, n, now[name])
		}
	}
}

// A requirement names scenarios that are there.
func TestRequirementsHaveTheirScenarios(t *testing.T) {
	for _, q := range requirements {
		if len(q.Scenarios) == 0 || q.Source == "" || q.Text == "" {
			t.Errorf("incomplete: %+v", q)
		}
		if (q.Verdict == Met) != (q.Why == "") {
			t.Errorf("%s: %q is %s, why: %q", q.Source, q.Text, q.Verdict, q.Why)
		}
		for _, name := range q.Missing() {
			t.Errorf("%s: the catalogue has no scenario %s", q.Source, name)
		}
	}
}

// What random runs do is in the tables as well.
func TestRandomRunsTakeNoOtherEdges(t *testing.T) {
	runs := 1500
	if testing.Short() {
		runs = 200
	}
	for run := range runs {
		f := fuzz.Generate(fuzz.Input(1, run))
		tr, _ := fuzz.Try(f, fuzz.Config{Oracles: []string{"engine"}})
		if out := unlisted([]shown{look("a random run", tr)}); len(out) > 0 {
			t.Errorf("run %d of seed 1: %s", run, strings.Join(out, ", "))
		}
	}
}

// An edge that cannot be taken is not taken.
func TestEdgesThatCannotBeTakenAreNot(t *testing.T) {
	for _, r := range report(catalogue(t)).Transitions {
		if r.Never != "" && len(r.Cases) > 0 {
			t.Errorf("%s takes %s after all: %s", r.Cases[0], r.Edge, r.Never)
		}
	}
}

// Measure is what the tests measure, however many run at once.
func TestMeasureRunsEveryCase(t *testing.T) {
	files := scenarios.Catalogue()[:3]
	want := 0
	for _, f := range files {
		want += len(f.Cases())
	}
	last := 0
	r, err := Measure(files, Options{Jobs: 3, Progress: func(done, all int) {
		if done != last+1 || all != want {
			t.Errorf("%d of %d after %d", done, all, last)
		}
		last = done
	}})
	if err != nil || r.Cases != want || last != want {
		t.Errorf("%d cases, %d told, want %d: %v", r.Cases, last, want, err)
	}
}
