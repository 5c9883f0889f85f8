package simassert

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/match"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// errorf reports what was there instead of what why claims.
func (r *Record) errorf(why, format string, args ...any) {
	r.t.Helper()
	r.failed = true
	r.t.Errorf("%s: %s", why, fmt.Sprintf(format, args...))
}

// Results asserts what the calls of one kind of a process gave, in order: the
// name of an errno; "EOF" for a recv that gave no bytes; the number of bytes of
// other calls of send and recv; "ok" for everything else that succeeded; "never"
// for a call that has not returned.
func (r *Record) Results(why, process string, call trace.Op, want ...string) {
	r.t.Helper()
	var got []string
	known := false
	for i := range r.Calls {
		c := &r.Calls[i]
		if r.Processes[c.Process].Name != process {
			continue
		}
		known = true
		if c.Op == call {
			got = append(got, result(c))
		}
	}
	if !known {
		r.errorf(why, "no process %s has made a call; there are %s", process, list(r.processes()))
		return
	}
	if !slices.Equal(got, want) {
		r.errorf(why, "%s of %s gave %s, want %s", call, process, list(got), list(want))
	}
}

func result(c *trace.Call) string {
	bytes := c.Op == trace.OpRecv || c.Op == trace.OpSend
	switch {
	case !c.Returned:
		return "never"
	case c.Errno != stack.OK:
		return c.Errno.String()
	case c.Op == trace.OpRecv && c.Value == 0:
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
func (r *Record) Reset(why string, from trace.Side, cause string) *trace.Segment {
	r.t.Helper()
	for _, s := range r.resets() {
		if s.From == from && s.Injected == "" && s.Cause != nil && s.Cause.ID == cause {
			return s
		}
	}
	r.errorf(why, "no RST of the %s has the cause %s; there are %s", from, cause, list(r.describe()))
	return nil
}

// NoReset asserts that nobody has sent a RST.
func (r *Record) NoReset(why string) {
	r.t.Helper()
	if len(r.resets()) > 0 {
		r.errorf(why, "there are RSTs: %s", list(r.describe()))
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

// Wire asserts that the segments which were sent, by whomever, are those of the
// patterns, one for each, in order. A list without patterns asserts that there
// are none.
func (r *Record) Wire(why string, want ...match.Segment) {
	r.t.Helper()
	r.compare(why, "on the wire", r.Segments, want)
}

// Sent asserts the same of the segments that the stack of one host has sent;
// forged ones and the link's copies are none of its.
func (r *Record) Sent(why string, from trace.Side, want ...match.Segment) {
	r.t.Helper()
	var own []trace.Segment
	for i := range r.Segments {
		if s := &r.Segments[i]; s.From == from && s.Injected == "" && s.CopyOf == 0 {
			own = append(own, *s)
		}
	}
	r.compare(why, "of the "+from.String(), own, want)
}

func (r *Record) compare(why, where string, got []trace.Segment, want []match.Segment) {
	r.t.Helper()
	if diff, _, same := match.Compare(want, got); !same {
		r.errorf(why, "%d segments %s, want these %d (- expected and not seen, + seen and not expected):%s", len(got), where, len(want), diff)
	}
}

// Contains asserts that there are segments of the patterns, in their order;
// others may stand between. It gives them, nil where one is missing: of that the
// failure names the segment that comes nearest.
func (r *Record) Contains(why string, want ...match.Segment) []*trace.Segment {
	r.t.Helper()
	at, missing := match.InOrder(want, r.Segments)
	if missing >= 0 {
		after := ""
		if missing > 0 {
			after = " after " + want[missing-1].String()
		}
		r.errorf(why, "want %s%s, got %s", want[missing], after, match.Miss(want, r.Segments))
		return nil
	}
	found := make([]*trace.Segment, len(at))
	for i, n := range at {
		found[i] = &r.Segments[n]
	}
	return found
}

// Absent asserts that no segment fits any of the patterns.
func (r *Record) Absent(why string, none ...match.Segment) {
	r.t.Helper()
	for i := range none {
		if n := match.First(&none[i], r.Segments); n >= 0 {
			s := &r.Segments[n]
			r.errorf(why, "want none like %s, got #%d %s", none[i], s.Number, match.Describe(s))
		}
	}
}

// Idle asserts that nobody sends a segment after one instant, up to and with
// another: r.Idle("TIME_WAIT is silent", fin.SentAt, r.End).
func (r *Record) Idle(why string, after, until time.Duration) {
	r.t.Helper()
	for i := range r.Segments {
		if s := &r.Segments[i]; s.SentAt > after && s.SentAt <= until {
			r.errorf(why, "want no segment after %s, up to %s, got #%d at %s: %s",
				trace.Clock(after), trace.Clock(until), s.Number, trace.Clock(s.SentAt), match.Describe(s))
			return
		}
	}
}

// States asserts the states that the first connection of a host went through.
func (r *Record) States(why string, of trace.Side, want ...stack.State) {
	r.t.Helper()
	var got []stack.State
	for _, t := range r.Transitions {
		if t.Host == of && t.Conn == 0 {
			got = append(got, t.To)
		}
	}
	if !slices.Equal(got, want) {
		r.errorf(why, "the %s went through %s, want %s", of, list(got), list(want))
	}
}

// NothingLeft asserts that neither host holds an endpoint, a port or a timer
// any more. A trace alone does not tell: it takes a record of [Run].
func (r *Record) NothingLeft(why string) {
	r.t.Helper()
	if !r.ran {
		r.errorf(why, "a trace does not tell what the hosts still hold; only a run does")
	}
	if len(r.Leftovers) > 0 {
		r.errorf(why, "the hosts still hold %s", list(r.Leftovers))
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
