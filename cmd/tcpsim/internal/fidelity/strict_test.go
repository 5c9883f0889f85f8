package fidelity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/fidelity"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// strict are cases that are the same, of one kind each.
var strict = []string{
	"01-port-not-listening--blocking", "02-linger-zero-close--server-blocked-in-recv",
	"03-unread-data-close--partly-read", "15-listener-close-with-pending--two-pending",
	"20-middlebox-forged-rst--in-window", "24-simultaneous-open",
	"30-errno-after-rst--ESTABLISHED--PRRRWWR", "32-graceful-close--client-active",
}

func strictCases(t *testing.T) []fidelity.Case {
	t.Helper()
	var out []fidelity.Case
	for _, c := range load(t, fidelity.Recordings()) {
		for _, name := range strict {
			if c.Name == name {
				out = append(out, c)
			}
		}
	}
	if len(out) != len(strict) {
		t.Fatalf("%d of %d cases", len(out), len(strict))
	}
	return out
}

// noticed fails when a case with a change in it still comes out the same.
func noticed(t *testing.T, c fidelity.Case, what string) {
	t.Helper()
	o, err := fidelity.Run(c)
	if err == nil && o.Verdict == fidelity.Same {
		t.Errorf("%s: %s, and it is still the same", c.Name, what)
	}
}

// TestEveryChangedResultIsNoticed: whatever a call had returned otherwise, the
// case would not be the same.
func TestEveryChangedResultIsNoticed(t *testing.T) {
	for _, c := range strictCases(t) {
		calls := c.Calls
		for i := range calls {
			k := calls[i]
			if k.By == fidelity.Experimenter || k.Name == "note" || k.Name == "ss" {
				continue
			}
			changed := c
			changed.Calls = append([]fidelity.Call(nil), calls...)
			switch {
			case k.Errno != "":
				k.Errno = "ENOTSOCK"
			case k.Result.Kind == fidelity.TextResult:
				k.Result.Text += "|POLLPRI"
			case k.Result.Kind == fidelity.DataResult && k.Result.Number > 0:
				k.Result.Data = strings.ToUpper(k.Result.Data) + "!"
			default:
				k.Result.Number++
			}
			changed.Calls[i] = k
			noticed(t, changed, fmt.Sprintf("another result of call %d, %s", i+1, &k))
		}
	}
}

// TestEveryChangedSegmentIsNoticed: likewise for every field of every segment,
// for one more, and for one less that is not a plain ACK.
func TestEveryChangedSegmentIsNoticed(t *testing.T) {
	for _, c := range strictCases(t) {
		for i, s := range c.Segments {
			if s.Injected {
				continue
			}
			with := func(what string, f func(*fidelity.Segment)) {
				changed := c
				changed.Segments = append([]fidelity.Segment(nil), c.Segments...)
				f(&changed.Segments[i])
				noticed(t, changed, fmt.Sprintf("segment %d with %s", i+1, what))
			}
			with("URG", func(s *fidelity.Segment) { s.Flags |= wire.URG })
			if !s.Flags.Has(wire.SYN) {
				with("another seq", func(s *fidelity.Segment) { s.Seq++ })
			}
			if s.Flags.Has(wire.ACK) {
				with("another ack", func(s *fidelity.Segment) { s.Ack++ })
			}
			with("another length", func(s *fidelity.Segment) { s.Len++ })

			twice := c
			twice.Segments = append([]fidelity.Segment(nil), c.Segments[:i+1]...)
			twice.Segments = append(twice.Segments, c.Segments[i:]...)
			noticed(t, twice, fmt.Sprintf("segment %d twice", i+1))

			if s.Flags == wire.ACK && s.Len == 0 {
				continue
			}
			less := c
			less.Segments = append([]fidelity.Segment(nil), c.Segments[:i]...)
			less.Segments = append(less.Segments, c.Segments[i+1:]...)
			noticed(t, less, fmt.Sprintf("no segment %d", i+1))
		}
	}
}
