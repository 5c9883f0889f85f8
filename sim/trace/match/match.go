package match

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// First is the index of the first segment that fits a pattern, -1 for none.
func First(p *Segment, segs []trace.Segment) int {
	for i := range segs {
		if p.Fits(&segs[i]) {
			return i
		}
	}
	return -1
}

// InOrder finds segments that fit patterns one after another; others may stand
// between. at are the indices of those found, missing that of the first pattern
// that finds none, -1 when all do.
func InOrder(patterns []Segment, segs []trace.Segment) (at []int, missing int) {
	k := 0
	for i := range patterns {
		n := First(&patterns[i], segs[k:])
		if n < 0 {
			return at, i
		}
		at = append(at, k+n)
		k += n + 1
	}
	return at, -1
}

// Nearest is the index of the segment that differs from a pattern in the fewest
// fields, the first of several; -1 where there is no segment at all, or none
// that has any field as the pattern names it.
func Nearest(p *Segment, segs []trace.Segment) int {
	best, fewest := -1, p.named()
	for i := range segs {
		if n := bits.OnesCount(p.misses(&segs[i])); n < fewest {
			best, fewest = i, n
		}
	}
	return best
}

// Miss says what is there in place of the pattern that [InOrder] has not found:
// one that comes too early, or the segment that comes nearest, of those that
// follow what the pattern before it has found, or of all where an earlier one
// comes nearer.
func Miss(patterns []Segment, segs []trace.Segment) string {
	taken, missing := InOrder(patterns, segs)
	if missing < 0 {
		return "all of them"
	}
	p, from := &patterns[missing], 0
	if len(taken) > 0 {
		from = taken[len(taken)-1] + 1
	}
	if early := First(p, segs[:from]); early >= 0 {
		s := &segs[early]
		return fmt.Sprintf("one only before that, #%d at %s: %s", s.Number, trace.Clock(s.SentAt), Describe(s))
	}
	near := Nearest(p, segs[from:])
	if near >= 0 {
		near += from
	}
	if before := Nearest(p, segs[:from]); before >= 0 && (near < 0 || bits.OnesCount(p.misses(&segs[before])) < bits.OnesCount(p.misses(&segs[near]))) {
		near = before
	}
	switch {
	case len(segs) == 0:
		return "no segment at all"
	case near < 0:
		return "no such segment"
	}
	s := &segs[near]
	return fmt.Sprintf("no such segment; the nearest, #%d at %s, has %s: %s",
		s.Number, trace.Clock(s.SentAt), strings.Join(p.Differs(s), ", "), Describe(s))
}

// Compare compares a whole list of patterns with all segments. Where they part
// it gives the lines of a diff, - for what is expected and not seen, + for what
// is seen and not expected, and the index of the first pattern without a
// segment, -1 when each has one.
func Compare(patterns []Segment, segs []trace.Segment) (diff string, first int, same bool) {
	pairs := Align(len(patterns), len(segs), func(i, k int) bool { return patterns[i].Fits(&segs[k]) })
	first, same = -1, true
	var b strings.Builder
	for _, p := range pairs {
		switch {
		case p.Both():
			fmt.Fprintf(&b, "\n    %s", Describe(&segs[p.B]))
			continue
		case p.A >= 0:
			if first < 0 {
				first = p.A
			}
			fmt.Fprintf(&b, "\n  - %s", patterns[p.A])
		default:
			fmt.Fprintf(&b, "\n  + %s", Describe(&segs[p.B]))
		}
		same = false
	}
	if same {
		return "", -1, true
	}
	return b.String(), first, false
}
