package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/coverage"
	"github.com/tcpsim/tcpsim/stack/words"
)

// someCases is how many cases stand in a row that does not list all.
const someCases = 2

// writeCoverage prints the four tables and their totals for people.
func writeCoverage(w io.Writer, r *coverage.Report, every bool) {
	p := coveragePrinter{w, every}
	p.transitions(r)
	p.sites(r)
	p.causes(r)
	p.requirements(r)
	fmt.Fprintf(w, "%s: %s edges of figure 5, %s edges besides, %s places that send a RST,\n%s causes, %s requirements met and %d partly\n",
		words.Plural(r.Cases, "case"), r.Totals.Figure5, r.Totals.Beyond, r.Totals.Sites, r.Totals.Causes, r.Totals.Requirements, r.Totals.Partly)
	for _, what := range r.Unlisted {
		fmt.Fprintln(w, "in no table:", what)
	}
}

type coveragePrinter struct {
	w     io.Writer
	every bool
}

func (p coveragePrinter) title(what string, shown fmt.Stringer) {
	fmt.Fprintf(p.w, "%s: %s\n\n", what, shown)
}

// cases are the names in a row, or else why there are none.
func (p coveragePrinter) cases(names []string, otherwise string) string {
	if len(names) == 0 {
		return "- " + otherwise
	}
	if p.every || len(names) <= someCases {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, ... %d more", strings.Join(names[:someCases], ", "), len(names)-someCases)
}

func (p coveragePrinter) transitions(r *coverage.Report) {
	for _, part := range []struct {
		title   string
		shown   coverage.Figure
		figure5 bool
	}{
		{"Edges of the state diagram (RFC 9293, figure 5, with notes 1 and 2)", r.Totals.Figure5, true},
		{"Edges that gVisor takes besides (note 3 is that of figure 5)", r.Totals.Beyond, false},
	} {
		p.title(part.title, part.shown)
		t := table{head: []string{"from", "to", "by", "cases", "shown by"}}
		t.right(3)
		var remarks []string
		for _, row := range r.Transitions {
			if row.Figure5 == part.figure5 {
				t.add(row.From.String(), row.To.String(), string(row.By), strconv.Itoa(len(row.Cases)), p.cases(row.Cases, row.Never))
				remarks = append(remarks, row.Why)
			}
		}
		p.remarked(&t, remarks)
	}
}

func (p coveragePrinter) sites(r *coverage.Report) {
	p.title("Places in gVisor's TCP that send a RST", r.Totals.Sites)
	t := table{head: []string{"at", "calls", "cases", "reached by"}}
	t.right(2)
	var remarks []string
	for _, row := range r.Sites {
		t.add(row.At, row.Calls, strconv.Itoa(len(row.Cases)), p.cases(row.Cases, row.Unreached))
		remarks = append(remarks, row.Function+": "+row.When)
	}
	p.remarked(&t, remarks)
}

func (p coveragePrinter) causes(r *coverage.Report) {
	p.title("Causes of a RST", r.Totals.Causes)
	t := table{head: []string{"cause", "cases", "shown by"}}
	t.right(1)
	for _, row := range r.Causes {
		t.add(row.ID, strconv.Itoa(len(row.Cases)), p.cases(row.Cases, ""))
	}
	t.write(p.w)
	fmt.Fprintln(p.w)
}

func (p coveragePrinter) requirements(r *coverage.Report) {
	p.title("Requirements that gVisor meets", r.Totals.Requirements)
	for i := range r.Requirements {
		q := &r.Requirements[i]
		fmt.Fprintf(p.w, "%-8s %s\n", q.Verdict, q.Text)
		if q.Why != "" {
			fmt.Fprintf(p.w, "         %s\n", q.Why)
		}
		fmt.Fprintf(p.w, "         %s; %s\n", q.Source, p.cases(q.Scenarios, ""))
		if missing := q.Missing(); len(missing) > 0 {
			fmt.Fprintf(p.w, "         not in the catalogue: %s\n", strings.Join(missing, ", "))
		}
	}
	fmt.Fprintln(p.w)
}

// remarked prints a table with a remark below each of its rows.
func (p coveragePrinter) remarked(t *table, remarks []string) {
	var b strings.Builder
	t.write(&b)
	for i, line := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
		fmt.Fprintln(p.w, line)
		if i > 0 {
			fmt.Fprintln(p.w, "    "+remarks[i-1])
		}
	}
	fmt.Fprintln(p.w)
}
