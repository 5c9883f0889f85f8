package words

import "strings"

// longest is the longest name that is looked for: the work grows with its
// square, and a name that long is no slip.
const longest = 64

// Meant ends a message about an unknown name: with the candidate that is nearest
// to it, or with otherwise where none is. Names of flags stand out by their
// dashes; others are quoted.
func Meant(name string, candidates []string, otherwise string) string {
	near := Nearest(name, candidates)
	switch {
	case near == "":
		return otherwise
	case strings.HasPrefix(near, "-"):
		return "; did you mean " + near + "?"
	}
	return `; did you mean "` + near + `"?`
}

// Nearest returns the candidate that is nearest to a name, or "" when none is
// near: of several the first, unless that begins with another of them. Half of
// the letters may be wrong: recieve finds recv. The beginning of a candidate is
// near it: wait finds wait-for. Neither capitals nor dashes in front count.
func Nearest(name string, candidates []string) string {
	name = plain(name)
	if name == "" || len(name) > longest {
		return ""
	}
	best, distance := "", len(name)/2+1
	for _, c := range candidates {
		bare := plain(c)
		if bare == name {
			return c
		}
		if d := between(name, bare); d < distance || d == distance && strings.HasPrefix(best, c) {
			best, distance = c, d
		}
	}
	return best
}

func plain(name string) string { return strings.ToLower(strings.TrimLeft(name, "-")) }

// sure is how many letters tell a name by its beginning alone.
const sure = 4

// between is how far a name is from a candidate: in Levenshtein's measure, but
// for a beginning.
func between(name, candidate string) int {
	if strings.HasPrefix(candidate, name) {
		if len(name) >= sure {
			return 0
		}
		return 1
	}
	// row[k] is how many letters have to be put in, left out or changed to make
	// candidate[:k] of the part of the name that was read.
	row := make([]int, len(candidate)+1)
	for k := range row {
		row[k] = k
	}
	for i := range len(name) {
		slant := row[0]
		row[0] = i + 1
		for k := range len(candidate) {
			changed := slant
			if name[i] != candidate[k] {
				changed++
			}
			slant = row[k+1]
			row[k+1] = min(changed, row[k]+1, slant+1)
		}
	}
	return row[len(candidate)]
}
