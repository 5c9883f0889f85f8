// Package words puts numbers and names into sentences, and finds what somebody
// most likely meant who has misspelt a name.
//
//	fmt.Printf("%s\n", words.Plural(2, "segment")) // 2 segments
//	return fmt.Errorf("no act %q%s", name, words.Meant(name, acts, "; want "+words.Either(acts)))
package words

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Plural counts things: 1 call, 2 calls, 0 statuses.
func Plural(n int, what string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(what, "s"):
		what += "es"
	default:
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// Constant is the name of a constant of an enumeration. A number that has none is
// printed for what it is, Kind(99): whoever prints a value that cannot be wants
// to see it, and not a panic.
func Constant[T ~uint8](names []string, kind string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return kind + "(" + strconv.Itoa(int(v)) + ")"
}

// Either lists alternatives: a, b or c. Of none it makes "nothing".
func Either(names []string) string {
	last := len(names) - 1
	switch last {
	case -1:
		return "nothing"
	case 0:
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// Quote quotes a value for a message, and shortens it to forty characters: a
// message is one line.
func Quote(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) > most {
		return strconv.Quote(string([]rune(s)[:most])) + "..."
	}
	return strconv.Quote(s)
}
