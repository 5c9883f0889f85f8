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
// that of the segments not yet taken by an earlier pattern which comes nearest,
// or an earlier one that would have fitted.
func Miss(patterns []Segment, segs []trace.Segment) string {
	taken, missing := InOrder(patterns, segs)
	if missing < 0 {
		return "all of them"
	}
	p := &patterns[missing]
	rest := segs
	if len(taken) > 0 {
		rest = segs[taken[len(taken)-1]+1:]
	}
	if early := First(p, segs[:len(segs)-len(rest)]); early >= 0 {
		s := &segs[early]
		return fmt.Sprintf("no such segment; #%d, which fits, comes before: %s", s.Number, Describe(s))
	}
	near := Nearest(p, rest)
	if near < 0 {
		return "no such segment"
	}
	s := &rest[near]
	return fmt.Sprintf("no such segment; #%d comes nearest, but with %s: %s", s.Number, strings.Join(p.Differs(s), ", "), Describe(s))
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
