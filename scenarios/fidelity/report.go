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
	texts := Reasons()
	n := map[Verdict]int{}
	reasons, uses := map[string]int{}, map[string]int{}
	for i := range outcomes {
		o := &outcomes[i]
		n[o.Verdict]++
		fmt.Fprintf(b, "%-11s %s%s\n", o.Verdict, o.Name, o.allowances())
		for name, times := range o.Allowances {
			uses[name] += times
		}
		if o.Verdict == Same {
			continue
		}
		reasons[o.Reason]++
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
	cases := "cases"
	if len(outcomes) == 1 {
		cases = "case"
	}
	fmt.Fprintf(b, "\n%d %s: %d same, %d differ, %d unsupported\n", len(outcomes), cases, n[Same], n[Differs], n[Unsupported])
	if len(reasons) > 0 {
		b.WriteString("\nReasons:\n")
		for _, id := range byUse(reasons) {
			fmt.Fprintf(b, "  %4d  %s\n", reasons[id], texts[id])
		}
	}
	b.WriteString("\nAllowances, and how often each was used:\n")
	for _, a := range Allowances() {
		fmt.Fprintf(b, "  %4d  %s: %s\n", uses[a.Name], a.Name, a.Why)
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
