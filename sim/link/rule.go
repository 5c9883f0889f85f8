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

// ParseRule reads FROM:WHAT[:NTH], such as server:FIN:1 or any:RST.
func ParseRule(s string) (Rule, error) {
	parts := strings.Split(s, ":")
	bad := func(format string, args ...any) (Rule, error) {
		return Rule{}, fmt.Errorf("rule %q: %s; want FROM:WHAT[:NTH], such as server:FIN:1", s, fmt.Sprintf(format, args...))
	}
	if len(parts) < 2 || len(parts) > 3 {
		return bad("%d parts", len(parts))
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
		return bad("FROM is %q, not client, server or any", parts[0])
	}
	r.What = strings.ToUpper(parts[1])
	if r.matcher() == nil {
		return bad("WHAT is %q, not one of %s", parts[1], strings.Join(Kinds(), ", "))
	}
	if len(parts) == 3 {
		n, err := strconv.Atoi(parts[2])
		if err != nil || n < 1 {
			return bad("NTH is %q, not a number from 1", parts[2])
		}
		r.Nth = n
	}
	return r, nil
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
