// Package suggest finds what somebody most likely meant who has misspelt a
// name.
//
//	if near := suggest.Nearest("recieve", verbs); near != "" {
//		return fmt.Errorf("no %q; did you mean %q?", "recieve", near)
//	}
package suggest

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// longest is the longest name that is looked for: the work grows with its
// square, and a name that long is no slip.
const longest = 64

// Nearest returns the candidate that is nearest to a name, the first of several,
// or "" when none is near. Half of the letters may be wrong: recieve finds recv.
// The beginning of a candidate is near it: wait finds wait-for, and
// of several that begin so the shortest is meant. Capitals do not
// count.
func Nearest(name string, candidates []string) string {
	if name == "" || len(name) > longest {
		return ""
	}
	lower := strings.ToLower(name)
	best, distance := "", len(name)/2+1
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c
		}
		if d := between(lower, strings.ToLower(c)); d < distance || d == 0 && len(c) < len(best) {
			best, distance = c, d
		}
	}
	return best
}

// sure is how many letters tell a name by its beginning alone.
const sure = 4

// between is how far a name is from a candidate.
func between(name, candidate string) int {
	if strings.HasPrefix(candidate, name) {
		if len(name) >= sure {
			return 0
		}
		return 1
	}
	return levenshtein.ComputeDistance(name, candidate)
}
