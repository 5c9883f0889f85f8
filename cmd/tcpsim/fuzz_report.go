package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/fuzz"
	"github.com/tcpsim/tcpsim/stack/words"
)

// isNews says that nobody knows of a finding yet.
func isNews(f fuzz.Finding) bool { return f.Known == "" }

// writeCampaign prints a campaign for people: what is new with its scenario
// and its trace, what is known in a line each kind, and what has been seen. one says that it was a single run.
func writeCampaign(w io.Writer, s *fuzz.Summary, one bool) {
	for i := range s.Findings {
		if isNews(s.Findings[i]) {
			writeFinding(w, s, &s.Findings[i])
		}
	}
	writeKnown(w, s)
	t := table{head: []string{"seen", "different", "most often", "least often"}}
	t.right(1)
	for _, seen := range []struct {
		what string
		runs map[string]int
	}{
		{"states", s.Coverage.States},
		{"changes of state", s.Coverage.Transitions},
		{"causes of a RST", s.Coverage.Causes},
	} {
		most, least := extremes(seen.runs)
		t.add(seen.what, strconv.Itoa(len(seen.runs)), most, least)
	}
	t.write(w)
	fmt.Fprintf(w, "\n%s\n", campaignTotals(s, one))
}

func writeFinding(w io.Writer, s *fuzz.Summary, f *fuzz.Finding) {
	fmt.Fprintf(w, "NEW: %s/%s: %s\n", f.Oracle, f.Rule, f.Claim)
	fmt.Fprintf(w, "source: %s\n%s\n", f.Source, f.Text)
	size := words.Plural(f.Steps, "step")
	if !f.Minimal {
		size += ", not made smaller"
	}
	fmt.Fprintf(w, "run %d of seed %d, %s\n\n%s\n%s\n", f.Run, s.Seed, size, f.Scenario, f.Ladder)
	fmt.Fprintf(w, "replay: %s --oracle %s\n\n", s.Command(f.Run), f.Oracle)
}

// writeKnown lists the kinds of findings that are known, in the order in which
// they were found.
func writeKnown(w io.Writer, s *fuzz.Summary) {
	var listed []string
	for i := range s.Findings {
		f := &s.Findings[i]
		key := f.Oracle + "/" + f.Rule
		if isNews(*f) || slices.Contains(listed, key) {
			continue
		}
		listed = append(listed, key)
		fmt.Fprintf(w, "known: %s in %s, first in run %d: %s\n", key, words.Plural(s.Violations[key], "run"), f.Run, f.Known)
	}
	if len(listed) > 0 {
		fmt.Fprintln(w)
	}
}

// extremes are what most runs and what fewest have shown, with the numbers.
func extremes(runs map[string]int) (most, least string) {
	keys := slices.SortedFunc(maps.Keys(runs), func(a, b string) int {
		if runs[a] != runs[b] {
			return runs[b] - runs[a]
		}
		return strings.Compare(a, b)
	})
	if len(keys) == 0 {
		return "", ""
	}
	show := func(k string) string { return fmt.Sprintf("%s (%d)", k, runs[k]) }
	return show(keys[0]), show(keys[len(keys)-1])
}

func campaignTotals(s *fuzz.Summary, one bool) string {
	news, known := 0, 0
	for _, f := range s.Findings {
		if isNews(f) {
			news++
		} else {
			known++
		}
	}
	verdict := "ok"
	if news > 0 {
		verdict = "FAILED"
	}
	runs := fmt.Sprintf("%s of seed %d", words.Plural(s.Runs, "run"), s.Seed)
	switch {
	case one:
		runs = fmt.Sprintf("only run %d of seed %d", s.Shard, s.Seed)
	case s.Shards > 1:
		runs += fmt.Sprintf(", part %d of %d", s.Shard+1, s.Shards)
	}
	if s.Interrupted {
		runs += ", interrupted"
	}
	return fmt.Sprintf("%s: %s, %d new and %d known findings (%.0f s, %.0f runs a second)",
		verdict, runs, news, known, s.Seconds, s.PerSecond)
}
