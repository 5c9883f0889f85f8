package model

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/words"
)

// reportedEvents are the events that poll may report; requestedEvents those
// that it may be asked for.
const (
	requestedEvents = stack.PollIn | stack.PollPri | stack.PollOut | stack.PollRdHup
	reportedEvents  = requestedEvents | stack.PollErr | stack.PollHup | stack.PollNval
)

// eventNames are the names of some events, in the order of their bits.
func eventNames(e stack.PollEvents) []string { return strings.Split(e.String(), "|") }

// stateNames are those of RFC 9293, with underscores in place of hyphens.
func stateNames() (all []string) {
	for s := stack.Closed; s <= stack.TimeWait; s++ {
		all = append(all, s.String())
	}
	return all
}

// meant ends a message about an unknown name: with the nearest valid one or,
// when none is near, with all of them.
func meant(name string, candidates []string) string {
	if len(candidates) == 0 {
		return ""
	}
	return words.Meant(name, candidates, "; expected "+words.Either(candidates))
}

// quote quotes a value for a message, and shortens it: a message is one line.
func quote(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) > most {
		return strconv.Quote(string([]rune(s)[:most])) + "..."
	}
	return strconv.Quote(s)
}
