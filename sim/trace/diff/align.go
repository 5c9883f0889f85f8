package diff

import "github.com/tcpsim/tcpsim/sim/trace/match"

const (
	window  = 200 // how far to look for where two runs agree again
	longest = 8   // how many events of a difference are shown
)

// around shows what two runs have in common before event n, the events in
// which they differ, and what follows.
func around(x, y []event, n int, o Options) []Line {
	var lines []Line
	for i := max(0, n-o.Context); i < n; i++ {
		lines = append(lines, both(&x[i], &y[i]))
	}
	script := align(x[n:min(len(x), n+window)], y[n:min(len(y), n+window)], o.Times)
	end := 0
	for end < len(script) && script[end].In[0] != script[end].In[1] {
		end++
	}
	lines = append(lines, shorten(script[:end])...)
	return append(lines, script[end:min(len(script), end+o.Context)]...)
}

// align finds the longest sequence of events that both have, and gives the
// others of x before those of y.
func align(x, y []event, times bool) []Line {
	var lines []Line
	for _, p := range match.Align(len(x), len(y), func(i, j int) bool { return x[i].same(&y[j], times) }) {
		switch {
		case p.Both():
			lines = append(lines, both(&x[p.A], &y[p.B]))
		case p.A >= 0:
			lines = append(lines, x[p.A].line(0))
		default:
			lines = append(lines, y[p.B].line(1))
		}
	}
	return lines
}

// shorten gives of the events that one run has and the other has not the first
// few, those of each run together.
func shorten(script []Line) []Line {
	var out []Line
	for side := range 2 {
		var only []Line
		for _, l := range script {
			if l.In[side] {
				only = append(only, l)
			}
		}
		if more := len(only) - longest; more > 1 {
			left := Line{More: more}
			left.In[side] = true
			only = append(only[:longest], left)
		}
		out = append(out, only...)
	}
	return out
}

func both(x, y *event) Line {
	l, m := x.line(0), y.line(1)
	l.In[1], l.At[1], l.Segment[1] = true, m.At[1], m.Segment[1]
	return l
}
