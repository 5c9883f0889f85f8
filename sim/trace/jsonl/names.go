package jsonl

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// The types here are numbers of the model that the file writes as names.

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

type op trace.Op

func (o op) MarshalText() ([]byte, error) {
	if _, ok := trace.ParseOp(trace.Op(o).String()); !ok {
		return nil, fmt.Errorf("no call has the number %d", o)
	}
	return []byte(trace.Op(o).String()), nil
}

func (o *op) UnmarshalText(b []byte) error {
	v, ok := trace.ParseOp(string(b))
	if !ok {
		return fmt.Errorf("op %q: want a call, such as recv", b)
	}
	*o = op(v)
	return nil
}

type kind trace.NoteKind

func (k kind) MarshalText() ([]byte, error) {
	if _, ok := trace.ParseNoteKind(trace.NoteKind(k).String()); !ok {
		return nil, fmt.Errorf("no kind of notes has the number %d", k)
	}
	return []byte(trace.NoteKind(k).String()), nil
}

func (k *kind) UnmarshalText(b []byte) error {
	v, ok := trace.ParseNoteKind(string(b))
	if !ok {
		return fmt.Errorf("kind %q: want one of a note, such as crash", b)
	}
	*k = kind(v)
	return nil
}

// family is whether a socket is of IPv6.
type family bool

func (f family) MarshalText() ([]byte, error) {
	if f {
		return []byte("AF_INET6"), nil
	}
	return []byte("AF_INET"), nil
}

func (f *family) UnmarshalText(b []byte) error {
	if *f = string(b) == "AF_INET6"; !*f && string(b) != "AF_INET" {
		return fmt.Errorf("family %q: want AF_INET or AF_INET6", b)
	}
	return nil
}

// address is an argument: *:80 is one without an IP address.
type address netip.AddrPort

const anyAddr = "*:"

func (a address) MarshalText() ([]byte, error) {
	v := netip.AddrPort(a)
	if !v.Addr().IsValid() {
		return strconv.AppendUint([]byte(anyAddr), uint64(v.Port()), 10), nil
	}
	return v.MarshalText()
}

func (a *address) UnmarshalText(b []byte) error {
	if digits, ok := bytes.CutPrefix(b, []byte(anyAddr)); ok {
		port, err := strconv.ParseUint(string(digits), 10, 16)
		if err != nil {
			return fmt.Errorf("address %q: want a port after the colon", b)
		}
		*a = address(netip.AddrPortFrom(netip.Addr{}, uint16(port)))
		return nil
	}
	v, err := netip.ParseAddrPort(string(b))
	*a = address(v)
	return err
}

type how stack.How

func (h how) MarshalText() ([]byte, error) {
	if stack.How(h) > stack.ShutBoth {
		return nil, fmt.Errorf("no way of shutdown has the number %d", h)
	}
	return []byte(stack.How(h).String()), nil
}

func (h *how) UnmarshalText(b []byte) error {
	for v := stack.ShutRead; v <= stack.ShutBoth; v++ {
		if v.String() == string(b) {
			*h = how(v)
			return nil
		}
	}
	return fmt.Errorf("how %q: want SHUT_RD, SHUT_WR or SHUT_RDWR", b)
}

type msgFlags stack.MsgFlags

func (f msgFlags) MarshalText() ([]byte, error) { return marshalBits(stack.MsgFlags(f), parseMsgFlags) }

func (f *msgFlags) UnmarshalText(b []byte) error {
	v, err := unmarshalBits(b, parseMsgFlags)
	*f = msgFlags(v)
	return err
}

func parseMsgFlags(text string) (all stack.MsgFlags, ok bool) {
	if text == stack.MsgFlags(0).String() {
		return 0, true
	}
	for _, name := range strings.Split(text, "|") {
		f, ok := stack.ParseMsgFlag(name)
		if !ok {
			return 0, false
		}
		all |= f
	}
	return all, true
}

type events stack.PollEvents

func (e events) MarshalText() ([]byte, error) {
	return marshalBits(stack.PollEvents(e), stack.ParsePollEvents)
}

func (e *events) UnmarshalText(b []byte) error {
	v, err := unmarshalBits(b, stack.ParsePollEvents)
	*e = events(v)
	return err
}

// marshalBits prints bits by their names, and refuses some that have none: they
// would be lost.
func marshalBits[T interface {
	comparable
	String() string
}](v T, parse func(string) (T, bool)) ([]byte, error) {
	text := v.String()
	if again, ok := parse(text); !ok || again != v {
		return nil, fmt.Errorf("bits without a name in %v", text)
	}
	return []byte(text), nil
}

func unmarshalBits[T fmt.Stringer](b []byte, parse func(string) (T, bool)) (T, error) {
	v, ok := parse(string(b))
	switch {
	case !ok:
		return v, fmt.Errorf("unknown name in %q", b)
	case v.String() != string(b):
		return v, fmt.Errorf("%q: want them in this order: %q", b, v)
	}
	return v, nil
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
