package simtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// How much of a log is shown. What the code under test has called is the story,
// and is kept; what goes by in between, such as the segments of a long transfer
// or hours of keep-alive probes, is folded.
const (
	foldFirst, foldLast = 12, 6 // lines of a stretch without a call
	callLines           = 400   // with a call, from the end and from the beginning
	footLines           = 8     // of the list of what each side saw
)

var callLine = regexp.MustCompile(`^ *[0-9.]+ +[CS]: `)

// story is the text of a trace, folded.
func story(tr *trace.Trace) string {
	body, foot, _ := strings.Cut(tr.String(), "\n\nclient saw: ")
	var kept, stretch []string
	flush := func() {
		kept = append(kept, fold(stretch, foldFirst, foldLast)...)
		stretch = stretch[:0]
	}
	for line := range strings.Lines(body + "\n") {
		if callLine.MatchString(line) {
			flush()
			kept = append(kept, line)
			continue
		}
		stretch = append(stretch, line)
	}
	flush()
	kept = fold(kept, callLines/2, callLines/2)
	if foot != "" {
		lines := slices.Collect(strings.Lines("\nclient saw: " + foot))
		kept = append(kept, fold(lines, footLines, footLines)...)
	}
	return strings.Join(kept, "")
}

// fold leaves out the middle of what is too long.
func fold(lines []string, first, last int) []string {
	cut := len(lines) - first - last
	if cut <= 1 {
		return slices.Clone(lines)
	}
	return slices.Concat(lines[:first], []string{fmt.Sprintf("             ... %d lines ...\n", cut)}, lines[len(lines)-last:])
}

// clip shortens what a process has printed: the beginning says what went wrong,
// the end what came of it.
func clip(output string) string {
	return strings.Join(fold(slices.Collect(strings.Lines(output)), 150, 60), "")
}
