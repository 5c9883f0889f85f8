package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/fire"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack/words"
)

// outcomeTable is tcpsim outcomes as a program reads it.
type outcomeTable struct {
	Scenario string       `json:"scenario"`
	Of       string       `json:"of,omitempty"`
	Levels   []levelEntry `json:"levels"`
	Outcomes []outcomeRow `json:"outcomes"`
}

type levelEntry struct {
	Name      string  `json:"name"`
	Loss      float64 `json:"loss"`
	Duplicate float64 `json:"duplicate"`
	Reorder   float64 `json:"reorder"`
	Jitter    int64   `json:"jitter"` // nanoseconds
	Runs      int     `json:"runs"`
}

type outcomeRow struct {
	Name   string `json:"name"`
	Says   string `json:"says"`
	Counts []int  `json:"counts"` // by level
}

func (a *app) outcomesCommand() *cobra.Command {
	asJSON, runs, jobs := false, 0, 0
	c := &cobra.Command{
		Use:     "outcomes {NAME | FILE | -}",
		GroupID: groupScenarios,
		Short:   "Show how likely each outcome of a scenario is on a bad link",
		Long: `Show how often a scenario of the group under-fire, or a file of your own that
names outcomes, had each of them: as its file says that it was measured, or with
--runs as it is counted now. Run i has the seed i, so that the same version of
tcpsim counts the same.

The exit status is 1 when a run had none of the outcomes, and 2 when one came to
no end.`,
		Example: `  tcpsim outcomes unread-data-under-fire
  tcpsim outcomes unread-data-under-fire --runs 5000
  tcpsim outcomes mine.yaml --runs 1000 --json`,
		Args: oneArg("the name of a scenario or a file"),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := a.file(args[0])
			if err != nil {
				return err
			}
			t, ok := fire.TableOf(f)
			if !ok {
				return fmt.Errorf("%s names no outcomes: it always ends in the same way", f.Name)
			}
			var none []fire.Unnamed
			switch {
			case runs > 0:
				t, none, err = fire.Measure(f, fire.Options{Runs: runs, Jobs: jobs})
			case jobs > 0:
				err = errors.New("--jobs has a meaning only with --runs")
			}
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(a.out, tableEntry(f, &t))
			} else {
				writeOutcomes(a.out, f, &t)
			}
			return errors.Join(err, a.unnamed(none, args[0]))
		},
		ValidArgsFunction: completeOneTarget,
	}
	count(c.Flags(), &runs, "runs", "count this many runs at each level, and not what the file says")
	count(c.Flags(), &jobs, "jobs", "how many to run at a time with --runs (default: one per processor)")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	completeFlags(c)
	complete(c, "runs", cobra.NoFileCompletions)
	return c
}

// file reads the scenario that an argument names.
func (a *app) file(arg string) (*model.File, error) {
	if arg != "-" && !isPath(arg) {
		f, err := scenarios.FindFile(arg)
		if err != nil {
			return nil, fmt.Errorf("%w%s", err, fileHint(arg))
		}
		return f, nil
	}
	if arg != "-" {
		return scenarios.Load(arg)
	}
	// One byte more than the decoder takes, so that it notices.
	src, err := io.ReadAll(io.LimitReader(a.stdin, 1<<20+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", stdinName, err)
	}
	return scenarios.Decode(stdinName, src)
}

// unnamed reports runs that had no outcome, the first few of them in full.
func (a *app) unnamed(none []fire.Unnamed, arg string) error {
	const most = 3
	for i, n := range none {
		if i == most {
			fmt.Fprintf(a.stderr, "and %s more\n", words.Plural(len(none)-most, "run"))
			break
		}
		again := n.Replay
		if arg == "-" || isPath(arg) {
			again = fmt.Sprintf("tcpsim run %s --case %s --seed %d", arg, n.Case.Name, n.Seed)
		}
		fmt.Fprintf(a.stderr, "seed %d: want %s, got %s\nreplay: %s\n", n.Seed, n.Problem.Want, n.Problem.Got, again)
	}
	if len(none) > 0 {
		return errUnexpected
	}
	return nil
}

func tableEntry(f *model.File, t *fire.Table) outcomeTable {
	e := outcomeTable{Scenario: f.Name, Of: f.Of}
	for i, l := range t.Levels {
		e.Levels = append(e.Levels, levelEntry{l.Name, l.Loss, l.Duplicate, l.Reorder, int64(l.Jitter), t.Runs[i]})
	}
	for _, r := range t.Rows {
		e.Outcomes = append(e.Outcomes, outcomeRow{r.Name, r.Says, r.Counts})
	}
	return e
}

func writeOutcomes(w io.Writer, f *model.File, t *fire.Table) {
	fmt.Fprintf(w, "%s: %s\n\n", f.Name, f.Base.Title)
	out := table{head: []string{"outcome"}}
	for _, l := range t.Levels {
		out.head = append(out.head, l.Name)
	}
	numbers := func(name string, counts []int) {
		cells := []string{name}
		for _, n := range counts {
			cells = append(cells, strconv.Itoa(n))
		}
		out.add(cells...)
	}
	for _, r := range t.Rows {
		numbers(r.Name, r.Counts)
	}
	numbers("runs", t.Runs)
	columns := make([]int, len(t.Levels))
	for i := range columns {
		columns[i] = i + 1
	}
	out.right(columns...)
	out.write(w)
	fmt.Fprintln(w)
	for _, l := range t.Levels {
		fmt.Fprintf(w, "%s: %s\n", l.Name, l)
	}
	for _, r := range t.Rows {
		fmt.Fprintf(w, "%s: %s\n", r.Name, oneLine(r.Says))
	}
}
