package link

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Rule does something to the segments that it matches. A field that is zero
// leaves open what it could ask for. The zero value of Act drops.
type Rule struct {
	Name string // shown in the trace; empty shows what the rule matches

	From trace.Side
	Any  bool   // from either side; From means nothing then
	What string // one of Kinds
	Nth  int    // only the nth segment that matches everything else, from 1; 0 is every one

	SeqMin, SeqMax uint32        // relative sequence number of the first byte, both inclusive; SeqMax 0 is no upper bound
	LenMin, LenMax int           // bytes of payload, both inclusive; LenMax 0 is no upper bound
	After, Before  time.Duration // sent in this window of virtual time; Before 0 is no end

	// If, when it is set, must agree too: a rule may be a function in Go.
	If Condition

	Act   Act
	Delay time.Duration // of the acts Delay and Duplicate: how much later
	Field Field         // of the act Corrupt
	Label string        // of the act Hold
	Forge Forge         // of the act Forge
}

// Condition is what a rule asks of a segment besides its fields.
type Condition interface{ Holds(o *Offered) bool }

// ConditionFunc makes a function a Condition.
type ConditionFunc func(o *Offered) bool

// Holds implements Condition.
func (f ConditionFunc) Holds(o *Offered) bool { return f(o) }

// Act is what a rule does.
type Act uint8

// The acts.
const (
	Drop    Act = iota // lose it
	Later              // delay it by Delay
	Double             // deliver it, and a copy of it Delay later
	Spoil              // change one bit of Field
	Hold               // keep it until Label is reached
	Answer             // let it pass, and forge segments
	Swallow            // lose it, and forge segments
)

var acts = []string{"drop", "delay", "duplicate", "corrupt", "hold", "forge", "drop-and-forge"}

// String is the act's name in a scenario file.
func (a Act) String() string { return acts[a] }

// Acts lists the names.
func Acts() []string { return acts }

// ParseAct finds an act by its name.
func ParseAct(name string) (Act, error) {
	for i, n := range acts {
		if n == name {
			return Act(i), nil
		}
	}
	return 0, fmt.Errorf("act must be %s, not %q", either(acts), name)
}

// Forge says which segments the acts Answer and Swallow forge. They bear the
// numbers that a middlebox takes from the segment it sees, which are those
// that the receiver expects.
type Forge struct {
	ToSender   bool
	ToReceiver bool
	Flags      wire.Flags // zero is RST
}

// Offered is a segment as a rule sees it.
type Offered struct {
	From    trace.Side
	Seg     *wire.Segment
	Seq     uint32 // relative
	At      time.Duration
	Size    int // bytes of the datagram
	Retrans bool
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

// ParseRule reads FROM:WHAT[:NTH], such as server:FIN:1 or any:RST: a rule
// that drops. The error says which part is wrong, and what it may be.
func ParseRule(s string) (Rule, error) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return Rule{}, fmt.Errorf("%q has %d of the 2 or 3 parts FROM:WHAT:NTH", s, len(parts))
	}
	var r Rule
	if err := r.SetFrom(parts[0]); err != nil {
		return Rule{}, err
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

// SetFrom sets whose segments the rule matches, by name.
func (r *Rule) SetFrom(name string) error {
	switch name {
	case "client":
		r.From, r.Any = trace.Client, false
	case "server":
		r.From, r.Any = trace.Server, false
	case "any":
		r.Any = true
	default:
		return fmt.Errorf("FROM must be %s, not %q", either(Senders()), name)
	}
	return nil
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

// label is how the trace names what the rule did.
func (r *Rule) label() string {
	name := r.Name
	if name == "" {
		name = r.String()
	}
	return r.Act.String() + " " + name
}

func (r Rule) matcher() func(*wire.Segment) bool {
	for _, k := range kinds {
		if k.name == r.What {
			return k.match
		}
	}
	return nil
}

// matches reports whether the rule is about a segment, the count aside.
func (r *Rule) matches(o *Offered) bool {
	n := len(o.Seg.Payload)
	switch {
	case !r.Any && r.From != o.From,
		o.Seq < r.SeqMin, r.SeqMax > 0 && o.Seq > r.SeqMax,
		n < r.LenMin, r.LenMax > 0 && n > r.LenMax,
		o.At < r.After, r.Before > 0 && o.At >= r.Before:
		return false
	}
	if m := r.matcher(); m == nil || !m(o.Seg) {
		return false
	}
	return r.If == nil || r.If.Holds(o)
}
