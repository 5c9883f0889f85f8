package jsonl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// The types here are numbers of the model that the file writes as names.

type side trace.Side

func (s side) MarshalText() ([]byte, error) {
	if s > side(trace.Server) {
		return nil, fmt.Errorf("host %d is neither client nor server", s)
	}
	return []byte(trace.Side(s).String()), nil
}

func (s *side) UnmarshalText(b []byte) error {
	switch string(b) {
	case "client":
		*s = side(trace.Client)
	case "server":
		*s = side(trace.Server)
	default:
		return fmt.Errorf("host %q: want client or server", b)
	}
	return nil
}

type flags wire.Flags

func (f flags) MarshalText() ([]byte, error) { return []byte(wire.Flags(f).String()), nil }

func (f *flags) UnmarshalText(b []byte) error {
	v, err := wire.ParseFlags(string(b))
	if err == nil && v.String() != string(b) {
		err = fmt.Errorf("flags %q: want them in this order: %q", b, v)
	}
	*f = flags(v)
	return err
}

type state stack.State

func (s state) MarshalText() ([]byte, error) {
	name := stack.State(s).String()
	if _, ok := stack.ParseState(name); !ok {
		return nil, fmt.Errorf("state %d has no name", s)
	}
	return []byte(name), nil
}

func (s *state) UnmarshalText(b []byte) error {
	v, ok := stack.ParseState(string(b))
	if !ok || v.String() != string(b) {
		return fmt.Errorf("state %q: want one of RFC 9293, such as FIN_WAIT_1", b)
	}
	*s = state(v)
	return nil
}

type errno stack.Errno

// nameless is how an errno that package stack has no name for begins.
const nameless = "errno "

func (e errno) MarshalText() ([]byte, error) { return []byte(stack.Errno(e).String()), nil }

func (e *errno) UnmarshalText(b []byte) error {
	name := string(b)
	if v, ok := stack.ParseErrno(name); ok {
		*e = errno(v)
		return nil
	}
	if digits, ok := strings.CutPrefix(name, nameless); ok {
		if n, err := strconv.Atoi(digits); err == nil && stack.Errno(n).String() == name {
			*e = errno(n)
			return nil
		}
	}
	return fmt.Errorf("errno %q: want a name, such as ECONNRESET", b)
}

// optional is the pointer for a number that none stands in for "there is none".
func optional(n int) *int {
	if n == none {
		return nil
	}
	return &n
}

func orNone(p *int) int {
	if p == nil {
		return none
	}
	return *p
}

const none = -1
