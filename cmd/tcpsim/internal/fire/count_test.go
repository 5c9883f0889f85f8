package fire_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/fire"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

func find(t *testing.T, name string) *model.Case {
	t.Helper()
	c, err := scenarios.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// decode reads a scenario that repeats unread-data.
func decode(t *testing.T, outcomes string) *model.File {
	t.Helper()
	f, err := scenarios.Decode("mine.yaml", []byte("name: mine\ntitle: mine\nof: unread-data\noutcomes:\n"+outcomes))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const (
	seen = "  - {name: seen, says: \"a|b\\nc\", sees: {client: {recv: ECONNRESET}}, counts: {loss-1: 7, loss-30: 2}}\n"
	lost = "  - {name: lost, says: x, sees: {client: {recv: never}}, counts: {loss-1: 3}}\n"
)

func TestACountIsTheSameHoweverManyRunAtATime(t *testing.T) {
	c := find(t, "unread-data-under-fire/loss-30")
	one, err := fire.Count(c, fire.Options{Runs: 60, Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	many, err := fire.Count(c, fire.Options{Runs: 60, Jobs: 8})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one.Counts, many.Counts); diff != "" || !slices.Equal(one.First, many.First) {
		t.Errorf("one at a time and eight:\n%s%v %v", diff, one.First, many.First)
	}
	sum := 0
	for i, n := range one.Counts {
		sum += n
		if (n == 0) != (one.First[i] == 0) {
			t.Errorf("%d runs had %s, the first with seed %d", n, c.Outcomes[i].Name, one.First[i])
		}
	}
	if sum != 60 {
		t.Errorf("%d of 60 runs were counted", sum)
	}
	if one.Counts[0] == 60 {
		t.Error("at 30 % loss no reset was lost in 60 runs")
	}
}

func TestARunWithoutAnOutcomeIsReportedWithItsSeed(t *testing.T) {
	f := decode(t, seen)
	tally, err := fire.Count(&f.Base, fire.Options{Runs: 20})
	if err != nil {
		t.Fatal(err)
	}
	if len(tally.None) == 0 || tally.Counts[0]+len(tally.None) != 20 {
		t.Fatalf("%d runs had the outcome, %d none", tally.Counts[0], len(tally.None))
	}
	n := tally.None[0]
	if n.Replay != "tcpsim run mine --seed 2" || !strings.Contains(n.Problem.Got, "recv = it never returned") {
		t.Errorf("seed %d: %s\nreplay: %s", n.Seed, n.Problem, n.Replay)
	}
}

func TestWhatNamesNoOutcomesCannotBeCounted(t *testing.T) {
	if _, err := fire.Count(find(t, "unread-data"), fire.Options{}); err == nil {
		t.Error("counted")
	}
	f, err := scenarios.FindFile("unread-data")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := fire.TableOf(f); ok {
		t.Error("it has a table")
	}
}

func TestATableShowsWhatTheFileSays(t *testing.T) {
	table, ok := fire.TableOf(decode(t, seen+lost))
	if !ok {
		t.Fatal("there is none")
	}
	const want = "| outcome | what happened | loss-1 | loss-10 | loss-30 |\n" +
		"| --- | --- | ---: | ---: | ---: |\n" +
		"| `seen` | a\\|b c | 7 | 0 | 2 |\n" +
		"| `lost` | x | 3 | 0 | 0 |\n" +
		"| | runs, with the seeds from 1 | 10 | 0 | 2 |\n"
	if diff := cmp.Diff(want, table.Markdown()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
