package stack

import "strconv"

// Signal is a signal that ends a process, with Linux's number (signal(7)).
// Zero is none.
type Signal int

// The signals that can end a process here: what people send, and what a send
// on a broken connection brings.
const (
	SIGINT  Signal = 2
	SIGABRT Signal = 6
	SIGKILL Signal = 9
	SIGPIPE Signal = 13
	SIGTERM Signal = 15
)

var signals = []struct {
	number Signal
	name   string
}{{SIGINT, "SIGINT"}, {SIGABRT, "SIGABRT"}, {SIGKILL, "SIGKILL"}, {SIGPIPE, "SIGPIPE"}, {SIGTERM, "SIGTERM"}}

// String is the name; "signal 7" for one that has no name here.
func (s Signal) String() string {
	for _, known := range signals {
		if known.number == s {
			return known.name
		}
	}
	return "signal " + strconv.Itoa(int(s))
}

// Known reports whether the signal is one of those above.
func (s Signal) Known() bool {
	for _, known := range signals {
		if known.number == s {
			return true
		}
	}
	return false
}

// Status is how a shell reports the end of a process that the signal has
// killed: 128 and the number.
func (s Signal) Status() int { return 128 + int(s) }

// ParseSignal finds a signal by its name.
func ParseSignal(name string) (Signal, bool) {
	for _, known := range signals {
		if known.name == name {
			return known.number, true
		}
	}
	return 0, false
}
