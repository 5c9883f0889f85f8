package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack/words"
)

// verdict says whether a case behaves as expected, and where it does not. Its
// last line is the verdict itself, or how to run a failed case again.
func (r *runner) verdict(w io.Writer, p painter, t target, res *scenarios.Result) {
	name := t.c.FullName()
	switch {
	case !res.Checked:
		fmt.Fprintf(w, "done: %s was not checked\n", name)
	case res.Outcome != nil:
		fmt.Fprintf(w, "%s %s had the outcome %s: %s\n", p.good("ok:"), name, p.bold(res.Outcome.Name), oneLine(res.Outcome.Says))
		if n, ok := res.Outcome.Count(t.c.Level); ok && !r.differs() {
			fmt.Fprintf(w, "    measured at %s: %d of %s\n", t.c.Level, n, words.Plural(t.c.Measured(t.c.Level), "run"))
		}
	case res.OK():
		fmt.Fprintf(w, "%s %s behaves as expected (%s)\n", p.good("ok:"), name, checked(t.c))
	default:
		writeProblems(w, p, t, res.Problems)
		fmt.Fprintf(w, "%s %s does not behave as expected: %s%s\n",
			p.bad("FAILED:"), name, words.Plural(len(res.Problems), "problem"), r.suspects())
		fmt.Fprintf(w, "replay: %s\n", r.replay(t))
	}
}

// differs reports whether anything but the seed is not as the scenario's author
// wrote it, so that what was measured says nothing.
func (r *runner) differs() bool {
	return slices.ContainsFunc(r.names, func(name string) bool { return name != "--seed" })
}

// oneLine is text of a file as part of a line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// suspects reminds that the scenario is not as its author wrote it.
func (r *runner) suspects() string {
	if len(r.names) == 0 {
		return ""
	}
	return ", which may be because of " + strings.Join(r.names, ", ")
}

func writeProblems(w io.Writer, p painter, t target, problems []scenarios.Problem) {
	for _, pr := range problems {
		fmt.Fprintf(w, "%s %s\n", p.bold(fmt.Sprintf("%s:%s:", t.file, pr.Pos)), pr.What)
		fmt.Fprintf(w, "  want: %s\n", pr.Want)
		for i, line := range strings.Split(pr.Got, "\n") {
			if i == 0 {
				fmt.Fprintf(w, "  got:  %s\n", line)
				continue
			}
			fmt.Fprintf(w, "  %s\n", diffLine(p, line))
		}
	}
}

// diffLine marks a line of a list as what was missing or too much.
func diffLine(p painter, line string) string {
	switch trimmed := strings.TrimSpace(line); {
	case strings.HasPrefix(trimmed, "- "):
		return p.bad(line)
	case strings.HasPrefix(trimmed, "+ "):
		return p.good(line)
	}
	return line
}

// checked counts what a case expects.
func checked(c *model.Case) string {
	calls, exits := 0, 0
	for _, h := range c.Hosts() {
		for i := range h.Processes {
			if h.Processes[i].Exits != nil {
				exits++
			}
			for _, s := range h.Processes[i].Steps {
				if len(s.Expect) > 0 || s.Total != nil {
					calls++
				}
			}
		}
	}
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{
		{calls, "call"},
		{exits, "exit status"},
		{len(c.Expect.Segments), "segment"},
		{len(c.Expect.Contains) + len(c.Expect.Absent), "segment pattern"},
	} {
		if part.n > 0 {
			parts = append(parts, words.Plural(part.n, part.what))
		}
	}
	if len(parts) == 0 {
		return "it expects nothing"
	}
	return strings.Join(parts, ", ") + " checked"
}
