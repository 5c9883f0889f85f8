package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress is a line on a terminal that says how far something is. It is drawn
// only when it is told something, by whoever tells it: with a goroutine of its
// own it would race with them. What cannot be drawn is no reason to stop, so
// nothing here returns an error.
type progress struct {
	w     io.Writer // nil where nobody looks
	doing string
	drawn int // columns that the line takes now
	last  time.Time
}

const (
	barEvery   = 100 * time.Millisecond // between two drawings: nobody reads faster
	barLongest = 30                     // columns of the bar
	barLeast   = 5                      // below, a bar says nothing
)

func (a *app) progress(doing string) *progress {
	p := &progress{doing: doing}
	if a.terminal(a.stderr) {
		p.w = a.stderr
	}
	return p
}

// set says that so many of all are done; all is negative where nobody knows.
func (p *progress) set(done, all int) { p.tell(done, all, "") }

// tell is set with more to say.
func (p *progress) tell(done, all int, more string) {
	if p.w == nil || time.Since(p.last) < barEvery {
		return
	}
	p.last = time.Now()
	p.draw(p.line(done, all, more, columns(p.w)))
}

// finish takes the line away.
func (p *progress) finish() {
	if p.w == nil || p.drawn == 0 {
		return
	}
	p.draw("")
	fmt.Fprint(p.w, "\r")
}

// draw puts a line in place of the last one. Spaces take away what is left of
// that, because not every terminal knows the sequence that does.
func (p *progress) draw(line string) {
	fmt.Fprintf(p.w, "\r%-*s", p.drawn, line)
	p.drawn = len(line)
}

// line is what is shown in a terminal of some width. It leaves the last column
// free, after which some terminals begin a new line.
func (p *progress) line(done, all int, more string, width int) string {
	line := fmt.Sprintf("%s %d", p.doing, done)
	if all >= 0 {
		line += fmt.Sprintf("/%d", all)
	}
	if more != "" {
		more = " " + more
	}
	room := max(0, width-1)
	bar := min(barLongest, room-len(line)-len(" []")-len(more))
	if all > 0 && bar >= barLeast {
		full := bar * min(done, all) / all
		line += " [" + strings.Repeat("#", full) + strings.Repeat("-", bar-full) + "]"
	}
	line += more
	return line[:min(len(line), room)]
}

// columns is the width of a terminal, and a common one where it cannot be had.
func columns(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}
