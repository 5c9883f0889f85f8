package diff

import (
	"bufio"
	"fmt"
	"io"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// Write prints the difference: where it is, then a line for each event around
// it with its times in both runs. What only the first run has is marked with -,
// what only the second has with +.
func (d *Difference) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	for i := range d.Lines {
		fmt.Fprintln(out, d.Lines[i].String())
	}
	return out.Flush()
}

// Mark tells what only the first run has (-) and only the second (+).
func (l *Line) Mark() byte {
	switch {
	case l.In[0] && l.In[1]:
		return ' '
	case l.In[0]:
		return '-'
	}
	return '+'
}

// String is the line as Write prints it.
func (l *Line) String() string {
	if l.More > 0 {
		return fmt.Sprintf("%c %*s  ... and %d more", l.Mark(), 2*timeWidth+1, "", l.More)
	}
	var at [2]string
	for side, in := range l.In {
		if in {
			at[side] = trace.Clock(l.At[side])
		}
	}
	return fmt.Sprintf("%c %*s %*s  %s%s", l.Mark(), timeWidth, at[0], timeWidth, at[1], l.Text, l.numbers())
}

const timeWidth = 12

// numbers are those of the segment, by which it is found in the traces.
func (l *Line) numbers() string {
	switch a, b := l.Segment[0], l.Segment[1]; {
	case a == 0 && b == 0:
		return ""
	case a == b || b == 0:
		return fmt.Sprintf(" #%d", a)
	case a == 0:
		return fmt.Sprintf(" #%d", b)
	default:
		return fmt.Sprintf(" #%d/#%d", a, b)
	}
}
