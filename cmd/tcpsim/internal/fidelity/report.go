package fidelity

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Report writes outcomes for people: a line for each case, below it what
// differs and why, and at the end how many there are of each verdict and how
// often each allowance was used. With all, it lists every difference and not
// only the first.
func Report(w io.Writer, outcomes []Outcome, all bool) error {
	b := bufio.NewWriter(w)
	sum := Summarize(outcomes)
	texts := Reasons()
	for i := range outcomes {
		o := &outcomes[i]
		fmt.Fprintf(b, "%-11s %s%s\n", o.Verdict, o.Name, o.allowances())
		if o.Verdict == Same {
			continue
		}
		shown := o.Differences
		if !all {
			shown = shown[:1]
		}
		for _, d := range shown {
			fmt.Fprintf(b, "            %s\n", d)
		}
		fmt.Fprintf(b, "            because: %s\n", texts[o.Reason])
		if len(o.Missing) > 0 {
			fmt.Fprintf(b, "            settings that tcpsim does not have: %s\n", strings.Join(o.Missing, ", "))
		}
	}
	t := &sum.Totals
	cases := "cases"
	if t.Cases == 1 {
		cases = "case"
	}
	fmt.Fprintf(b, "\n%d %s: %d same, %d differ, %d unsupported\n", t.Cases, cases, t.Same, t.Differs, t.Unsupported)
	if len(sum.Reasons) > 0 {
		b.WriteString("\nReasons:\n")
	}
	for _, r := range sum.Reasons {
		fmt.Fprintf(b, "  %4d  %s\n", r.Cases, r.Text)
	}
	b.WriteString("\nAllowances, and how often each was used:\n")
	for _, u := range sum.Allowances {
		fmt.Fprintf(b, "  %4d  %s: %s\n", u.Used, u.Name, u.Why)
	}
	return b.Flush()
}

// allowances lists what an outcome needed.
func (o *Outcome) allowances() string {
	var parts []string
	for _, a := range Allowances() {
		if n := o.Allowances[a.Name]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", a.Name, n))
		}
	}
	if o.Verdict != Same || len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
