package simassert

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Results asserts what the calls of one name of a process gave, in order: the
// name of an errno; "EOF" for a recv that gave no bytes; the number of bytes of
// other calls of send and recv; "ok" for everything else that succeeded; "never"
// for a call that has not returned.
func (r *Record) Results(process, call string, want ...string) {
	r.t.Helper()
	var got []string
	known := false
	for i := range r.Calls {
		c := &r.Calls[i]
		if r.Processes[c.Process].Name != process {
			continue
		}
		known = true
		if c.Name == call {
			got = append(got, result(c))
		}
	}
	if !known {
		r.t.Errorf("no process %s has made a call; there are %s", process, list(r.processes()))
		return
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("%s of %s gave %s, want %s", call, process, list(got), list(want))
	}
}

func result(c *trace.Call) string {
	bytes := c.Name == "recv" || c.Name == "send"
	switch {
	case !c.Returned:
		return "never"
	case c.Errno != stack.OK:
		return c.Errno.String()
	case c.Name == "recv" && c.Value == 0:
		return "EOF"
	case bytes:
		return strconv.Itoa(c.Value)
	}
	return "ok"
}

func (r *Record) processes() (names []string) {
	for _, p := range r.Processes {
		names = append(names, p.Name)
	}
	return names
}

// Reset asserts that a host has sent a RST for a reason, and gives the first
// one. The causes are those of package cause; nil when there is none.
func (r *Record) Reset(from trace.Side, cause string) *trace.Segment {
	r.t.Helper()
	for _, s := range r.resets() {
		if s.From == from && s.Injected == "" && s.Cause != nil && s.Cause.ID == cause {
			return s
		}
	}
	r.t.Errorf("no RST of the %s has the cause %s; there are %s", from, cause, list(r.describe()))
	return nil
}

// NoReset asserts that nobody has sent a RST.
func (r *Record) NoReset() {
	r.t.Helper()
	if len(r.resets()) > 0 {
		r.t.Errorf("there are RSTs: %s", list(r.describe()))
	}
}

func (r *Record) resets() (all []*trace.Segment) {
	for i := range r.Segments {
		if s := &r.Segments[i]; s.Flags.Has(wire.RST) {
			all = append(all, s)
		}
	}
	return all
}

func (r *Record) describe() (all []string) {
	for _, s := range r.resets() {
		why := "no cause"
		if s.Cause != nil {
			why = s.Cause.ID
		}
		all = append(all, fmt.Sprintf("#%d of the %s (%s)", s.Number, s.From, why))
	}
	return all
}

// Sent asserts the flags of every segment that a host has sent, in order, in
// tcpdump's letters: "S", "S.", ".", "P.", "F.", "R".
func (r *Record) Sent(from trace.Side, want ...string) {
	r.t.Helper()
	var got []string
	for i := range r.Segments {
		if s := &r.Segments[i]; s.From == from && s.Injected == "" && s.CopyOf == 0 {
			got = append(got, s.Flags.String())
		}
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("the %s has sent %s, want %s", from, list(got), list(want))
	}
}

// States asserts the states that the first connection of a host went through.
func (r *Record) States(of trace.Side, want ...stack.State) {
	r.t.Helper()
	var got []stack.State
	for _, t := range r.Transitions {
		if t.Host == of && t.Conn == 0 {
			got = append(got, t.To)
		}
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("the %s went through %s, want %s", of, list(got), list(want))
	}
}

// NothingLeft asserts that neither host holds an endpoint, a port or a timer
// any more.
func (r *Record) NothingLeft() {
	r.t.Helper()
	if len(r.Leftovers) > 0 {
		r.t.Errorf("the hosts still hold %s", list(r.Leftovers))
	}
}

func list[T any](all []T) string {
	if len(all) == 0 {
		return "none"
	}
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = fmt.Sprint(one)
	}
	return strings.Join(texts, ", ")
}
