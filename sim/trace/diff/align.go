package diff

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
	// length[i][j] is how much x[i:] and y[j:] have in common.
	length := make([][]int, len(x)+1)
	for i := range length {
		length[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i].same(&y[j], times) {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var lines []Line
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i].same(&y[j], times):
			lines = append(lines, both(&x[i], &y[j]))
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && length[i+1][j] >= length[i][j+1]:
			lines = append(lines, x[i].line(0))
			i++
		default:
			lines = append(lines, y[j].line(1))
			j++
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
