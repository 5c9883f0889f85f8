package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// matrix is what has become of each ending at each place, to be seen at a
// glance: a failing test has many logs.
type matrix struct {
	word    string // what has become of the run that is going on, where it is more than a failure
	endings []Ending
	places  []place
	cells   map[Ending]map[place]string
}

// enter notes the verdict on a run.
func (m *matrix) enter(t *testing.T, e Ending, p place) {
	word := m.word
	m.word = ""
	switch {
	case t.Failed() && word == "":
		word = "FAIL"
	case t.Skipped():
		word = "skipped"
	case !t.Failed():
		word = "ok"
	}
	if m.cells == nil {
		m.cells = make(map[Ending]map[place]string)
	}
	if m.cells[e] == nil {
		m.cells[e] = make(map[place]string)
		m.endings = append(m.endings, e)
	}
	m.cells[e][p] = word
	if !slices.Contains(m.places, p) {
		m.places = append(m.places, p)
	}
}

// String is a table, with a line for each ending and a column for each place.
func (m *matrix) String() string {
	if len(m.endings) == 0 {
		return "no place was tried"
	}
	slices.SortFunc(m.places, place.compare)
	var b strings.Builder
	b.WriteString("what became of each ending at each place:\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, p := range m.places {
		fmt.Fprintf(w, "\t%s", p)
	}
	fmt.Fprintln(w)
	for _, e := range m.endings {
		fmt.Fprint(w, e)
		for _, p := range m.places {
			fmt.Fprintf(w, "\t%s", m.cells[e][p])
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	return b.String()
}
