package labelled

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
)

// Result is how tcpsim explains the items of a set.
type Result struct {
	Right, Undecided, Wrong int // Undecided are among the right ones: the label is one of two that are named
	Lost                    int // undecided, and the label is none of the two
	CertainlyWrong          []string
	Mistakes                []string
	Hidden                  []string
	Falsely                 []string // somebody on the way is accused, and it was the host
	Confusion               map[[2]string]int
}

// Judged is how many items count.
func (r *Result) Judged() int { return r.Right + r.Wrong }

// Measure explains each item and compares.
func Measure(items []Item) (*Result, error) {
	r := &Result{Confusion: map[[2]string]int{}}
	for i := range items {
		c, err := Explain(&items[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", items[i].Name, err)
		}
		r.judge(&items[i], c)
	}
	return r, nil
}

// Explain is the cause that tcpsim gives for the RST of an item.
func Explain(m *Item) (*trace.Cause, error) {
	list, err := capture.Connections(bytes.NewReader(m.File), m.Name)
	if err != nil {
		return nil, err
	}
	for _, k := range list {
		t, report, err := capture.Read(bytes.NewReader(m.File), m.Name, capture.Options{Conn: fmt.Sprint(k.Number)})
		if err != nil {
			return nil, err
		}
		if i := slices.Index(report.Packets, m.Packet); i >= 0 {
			if t.Segments[i].Cause == nil {
				return nil, fmt.Errorf("#%d has no cause", i+1)
			}
			return t.Segments[i].Cause, nil
		}
	}
	return nil, fmt.Errorf("packet %d is in no connection", m.Packet)
}

func (r *Result) judge(m *Item, c *trace.Cause) {
	said := append([]string{c.ID}, c.Or...)
	right := slices.ContainsFunc(m.Labels, func(l string) bool { return slices.Contains(said, l) })
	accused := said[0] == "forged" && c.Confidence != trace.Possible && !slices.Contains(m.Labels, "forged")
	line := fmt.Sprintf("%s: %s, not %s (%s)", m.Name, c.Label(), strings.Join(m.Labels, " or "), c.Text)
	switch {
	case m.Hidden != "":
		r.Hidden = append(r.Hidden, fmt.Sprintf("%s: %s (%s): it says %s", m.Name, strings.Join(m.Labels, " or "), m.Hidden, c.Label()))
		if c.Confidence == trace.Certain && !right {
			r.CertainlyWrong = append(r.CertainlyWrong, line)
		}
		if accused {
			r.Falsely = append(r.Falsely, line)
		}
		return
	case right:
		r.Right++
		if c.Confidence == trace.Possible {
			r.Undecided++
		}
	default:
		r.Wrong++
		if c.Confidence == trace.Possible {
			r.Undecided++
			r.Lost++
		}
		r.Mistakes = append(r.Mistakes, line)
		if c.Confidence == trace.Certain {
			r.CertainlyWrong = append(r.CertainlyWrong, line)
		}
	}
	if accused {
		r.Falsely = append(r.Falsely, line)
	}
	label := m.Labels[0]
	if right {
		label = said[slices.IndexFunc(said, func(s string) bool { return slices.Contains(m.Labels, s) })]
	}
	r.Confusion[[2]string{label, c.Label()}]++
}

// Write prints the figures, the confusion matrix as a list, and each mistake.
func (r *Result) Write(w io.Writer) {
	n := max(r.Judged(), 1)
	fmt.Fprintf(w, "%d of %d right (%.1f %%), %d undecided (%.1f %%), %d wrong, %d certain and wrong, %d false accusations, %d that nothing shows\n",
		r.Right, r.Judged(), 100*float64(r.Right)/float64(n), r.Undecided, 100*float64(r.Undecided)/float64(n), r.Wrong,
		len(r.CertainlyWrong), len(r.Falsely), len(r.Hidden))
	keys := slices.SortedFunc(maps.Keys(r.Confusion), func(a, b [2]string) int {
		return strings.Compare(a[0]+" "+a[1], b[0]+" "+b[1])
	})
	for _, k := range keys {
		fmt.Fprintf(w, "  %4d  %-22s %s\n", r.Confusion[k], k[0], k[1])
	}
	for title, list := range map[string][]string{"wrong": r.Mistakes, "hidden": r.Hidden} {
		for _, l := range list {
			fmt.Fprintf(w, "  %s: %s\n", title, l)
		}
	}
}
