package link

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Rule drops segments of one kind: every one, or only the nth that matches,
// counted from 1.
type Rule struct {
	From trace.Side
	Any  bool // from either side; From means nothing then
	What string
	Nth  int // 0 is every one
}

// What a rule can match, and how.
var kinds = []struct {
	name  string
	match func(*wire.Segment) bool
}{
	{"SYN", func(s *wire.Segment) bool { return s.Flags.Has(wire.SYN) && !s.Flags.Has(wire.ACK) }},
	{"SYNACK", func(s *wire.Segment) bool { return s.Flags.Has(wire.SYN | wire.ACK) }},
	{"FIN", func(s *wire.Segment) bool { return s.Flags.Has(wire.FIN) }},
	{"RST", func(s *wire.Segment) bool { return s.Flags.Has(wire.RST) }},
	{"ACK", func(s *wire.Segment) bool { return s.Flags == wire.ACK && len(s.Payload) == 0 }},
	{"DATA", func(s *wire.Segment) bool { return len(s.Payload) > 0 }},
	{"ANY", func(*wire.Segment) bool { return true }},
}

// Kinds lists what a rule can match.
func Kinds() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return names
}

// Senders lists whose segments a rule can match.
func Senders() []string { return []string{"client", "server", "any"} }

// ParseRule reads FROM:WHAT[:NTH], such as server:FIN:1 or any:RST. The error
// says which part is wrong, and what it may be.
func ParseRule(s string) (Rule, error) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return Rule{}, fmt.Errorf("%q has %d of the 2 or 3 parts FROM:WHAT:NTH", s, len(parts))
	}
	var r Rule
	switch parts[0] {
	case "client":
		r.From = trace.Client
	case "server":
		r.From = trace.Server
	case "any":
		r.Any = true
	default:
		return Rule{}, fmt.Errorf("FROM must be %s, not %q", either(Senders()), parts[0])
	}
	r.What = strings.ToUpper(parts[1])
	if r.matcher() == nil {
		return Rule{}, fmt.Errorf("WHAT must be %s, not %q", either(Kinds()), parts[1])
	}
	if len(parts) == 3 {
		n, err := strconv.ParseUint(parts[2], 10, 31)
		if err != nil || n == 0 {
			return Rule{}, fmt.Errorf("NTH must be a number from 1, not %q", parts[2])
		}
		r.Nth = int(n)
	}
	return r, nil
}

// either lists names as a sentence does: a, b or c.
func either(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// String is the form that ParseRule reads.
func (r Rule) String() string {
	s := r.From.String()
	if r.Any {
		s = "any"
	}
	s += ":" + r.What
	if r.Nth > 0 {
		s += ":" + strconv.Itoa(r.Nth)
	}
	return s
}

func (r Rule) matcher() func(*wire.Segment) bool {
	for _, k := range kinds {
		if k.name == r.What {
			return k.match
		}
	}
	return nil
}

func (r Rule) matches(from trace.Side, seg *wire.Segment) bool {
	if !r.Any && r.From != from {
		return false
	}
	m := r.matcher()
	return m != nil && m(seg)
}
