package fire

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
)

// Table is how often a scenario has each of its outcomes.
type Table struct {
	Levels []model.Level
	Runs   []int // by level: how many were counted, 0 for none
	Rows   []Row
}

// Row is one outcome.
type Row struct {
	Name   string
	Says   string // Markdown
	Counts []int  // by level
}

// TableOf gives the outcomes of a scenario as its file has them. ok is false
// for a scenario that names none.
func TableOf(f *model.File) (t Table, ok bool) {
	if !f.Base.UnderFire() {
		return t, false
	}
	t.Levels = f.Levels
	for _, l := range f.Levels {
		t.Runs = append(t.Runs, f.Base.Measured(l.Name))
	}
	for i := range f.Base.Outcomes {
		o := &f.Base.Outcomes[i]
		row := Row{Name: o.Name, Says: o.Says}
		for _, l := range f.Levels {
			n, _ := o.Count(l.Name)
			row.Counts = append(row.Counts, n)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, true
}

// Measure counts what TableOf gives, at each level of a scenario. It gives the
// runs that had no outcome too; for an error see Count.
func Measure(f *model.File, o Options) (t Table, none []Unnamed, err error) {
	t, ok := TableOf(f)
	if !ok {
		return t, nil, fmt.Errorf("%s names no outcomes to count", f.Name)
	}
	var errs []error
	for i := range t.Levels {
		tally, err := Count(&f.Variants[i], o)
		errs = append(errs, err)
		t.Runs[i] = tally.Runs
		for k := range t.Rows {
			t.Rows[k].Counts[i] = tally.Counts[k]
		}
		none = append(none, tally.None...)
	}
	return t, none, errors.Join(errs...)
}

// Markdown is the table in GitHub's notation: a row for each outcome, a column
// for each level.
func (t *Table) Markdown() string {
	var b strings.Builder
	b.WriteString("| outcome | what happened |")
	for _, l := range t.Levels {
		fmt.Fprintf(&b, " %s |", l.Name)
	}
	b.WriteString("\n| --- | --- |" + strings.Repeat(" ---: |", len(t.Levels)) + "\n")
	for _, r := range t.Rows {
		fmt.Fprintf(&b, "| `%s` | %s |", r.Name, cell(r.Says))
		for _, n := range r.Counts {
			fmt.Fprintf(&b, " %d |", n)
		}
		b.WriteString("\n")
	}
	b.WriteString("| | runs, with the seeds from 1 |")
	for _, n := range t.Runs {
		fmt.Fprintf(&b, " %d |", n)
	}
	return b.String() + "\n"
}

// cell is Markdown on one line, with nothing that would end a cell.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
