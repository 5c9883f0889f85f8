package fire_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/fire"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func underFire(t *testing.T) (files []*model.File) {
	t.Helper()
	for _, f := range scenarios.Catalogue() {
		if f.Base.UnderFire() {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		t.Fatal("no scenario is under fire")
	}
	return files
}

func TestEachScenarioOfTheDocumentsIsUnderFire(t *testing.T) {
	of := map[string]string{}
	for _, f := range underFire(t) {
		if f.Group != "under-fire" || f.Name != f.Of+"-under-fire" {
			t.Errorf("%s repeats %s and is in group %q", f.Name, f.Of, f.Group)
		}
		of[f.Of] = f.Name
		if got, want := fmt.Sprint(f.Levels), fmt.Sprint(model.Levels()); got != want {
			t.Errorf("%s has the levels %s, want %s", f.Name, got, want)
		}
	}
	for _, f := range scenarios.Catalogue() {
		if f.Group == "first" && of[f.Name] == "" {
			t.Errorf("nothing repeats %s", f.Name)
		}
	}
}

// TestCountsAreAsMeasured runs every scenario under fire a thousand times at
// each level: what is counted is what its file says, no run has an outcome
// without a name, and every RST has its cause. With -short, and with the race
// detector, it is a few runs, of which only the latter can be said.
func TestCountsAreAsMeasured(t *testing.T) {
	runs := fire.Runs
	if testing.Short() || race {
		runs = 5
	}
	for _, f := range underFire(t) {
		for i := range f.Variants {
			c := &f.Variants[i]
			tally := count(t, c, runs)
			switch {
			case t.Failed() || runs < fire.Runs:
			case golden.Update(t, "testdata"):
				write(t, c, tally)
			default:
				compare(t, c, tally)
			}
		}
	}
}

func count(t *testing.T, c *model.Case, runs int) *fire.Tally {
	t.Helper()
	var mu sync.Mutex
	tally, err := fire.Count(c, fire.Options{Runs: runs, Each: func(seed uint64, r *scenarios.Result) {
		for i := range r.Trace.Segments {
			if s := &r.Trace.Segments[i]; s.Flags.Has(wire.RST) && (s.Cause == nil || s.Cause.ID == "unexplained") {
				mu.Lock()
				t.Errorf("%s: with seed %d the RST #%d has no cause", c.FullName(), seed, s.Number)
				mu.Unlock()
			}
		}
	}})
	if err != nil {
		t.Error(err)
	}
	for i, n := range tally.None {
		if i == 5 {
			t.Errorf("and %d more", len(tally.None)-i)
			break
		}
		t.Errorf("%s: %s\nreplay: %s", c.FullName(), n.Problem, n.Replay)
	}
	return tally
}

func compare(t *testing.T, c *model.Case, tally *fire.Tally) {
	t.Helper()
	for i := range c.Outcomes {
		o := &c.Outcomes[i]
		if want, ok := o.Count(c.Level); !ok || want != tally.Counts[i] {
			t.Errorf("%s: %d of %d runs had the outcome %s; the file says %d (go test -update writes it)",
				c.FullName(), tally.Counts[i], tally.Runs, o.Name, want)
		}
	}
}

// write puts the counts of a level into the file, and leaves the rest of it as
// it is. Only a number that is there already can be replaced.
func write(t *testing.T, c *model.Case, tally *fire.Tally) {
	t.Helper()
	name := "../../../../scenarios/catalogue/" + c.Path
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := scenarios.Decode(c.Path, src) // where numbers stand now
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(src), "\n")
	for i := range f.Base.Outcomes {
		o := &f.Base.Outcomes[i]
		k := slices.IndexFunc(o.Counts, func(n model.Count) bool { return n.Level == c.Level })
		if k < 0 {
			t.Fatalf("%s:%s: the outcome %s needs a count of %s, of any number", c.Path, o.Pos, o.Name, c.Level)
		}
		at := o.Counts[k]
		line := &lines[at.Pos.Line-1]
		before, after := (*line)[:at.Pos.Column-1], (*line)[at.Pos.Column-1:]
		*line = before + strconv.Itoa(tally.Counts[i]) + strings.TrimPrefix(after, strconv.Itoa(at.Runs))
		// A number of another length moves those behind it.
		for m := range f.Base.Outcomes {
			for n := range f.Base.Outcomes[m].Counts {
				if p := &f.Base.Outcomes[m].Counts[n].Pos; p.Line == at.Pos.Line && p.Column > at.Pos.Column {
					p.Column += len(strconv.Itoa(tally.Counts[i])) - len(strconv.Itoa(at.Runs))
				}
			}
		}
	}
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEveryLevelIsOfAThousandRuns guards the text "of 1000 runs" in pages.
func TestEveryLevelIsOfAThousandRuns(t *testing.T) {
	for _, f := range underFire(t) {
		table, ok := fire.TableOf(f)
		if !ok {
			t.Fatalf("%s has no table", f.Name)
		}
		for i, n := range table.Runs {
			if n != fire.Runs {
				t.Errorf("%s: the counts of %s add up to %d, want %d", f.Name, table.Levels[i].Name, n, fire.Runs)
			}
		}
	}
}
