package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// When to use colors.
const (
	colorAuto   = "auto"
	colorAlways = "always"
	colorNever  = "never"
)

var colors = []string{colorAuto, colorAlways, colorNever}

// painter marks text, or leaves it as it is.
type painter struct{ on bool }

func (p painter) paint(sgr, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

func (p painter) good(text string) string { return p.paint("32", text) }
func (p painter) bad(text string) string  { return p.paint("1;31", text) }
func (p painter) bold(text string) string { return p.paint("1", text) }

// painter is the one for what goes to standard output, or to the file that
// stands in for it.
func (r *runner) painter() painter {
	if r.output != "" {
		return painter{r.color == colorAlways}
	}
	return r.painterFor(r.stdout)
}

func (r *runner) painterFor(w io.Writer) painter { return r.painterOf(r.color, w) }

// painterOf decides about colors as https://no-color.org wants it: what the
// command line says counts most, then the environment, then whether somebody
// is looking.
func (a *app) painterOf(when string, w io.Writer) painter {
	if when != colorAuto {
		return painter{when == colorAlways}
	}
	return painter{os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && a.terminal(w)}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
