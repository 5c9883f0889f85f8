package link

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
	"github.com/tcpsim/tcpsim/stack/words"
)

// Rule does something to the segments that it matches. A field that is zero
// leaves open what it could ask for, and the zero value of Act drops: the zero
// Rule loses every segment.
type Rule struct {
	Name string // shown in the trace; empty shows what the rule matches

	From Sender // whose segments
	What string // one of Kinds; empty is ANY
	Nth  int    // only the nth segment that matches everything else, from 1; 0 is every one

	SeqMin, SeqMax uint32        // relative sequence number of the first byte, both inclusive; SeqMax 0 is no upper bound
	LenMin, LenMax int           // bytes of payload, both inclusive; LenMax 0 is no upper bound
	After, Before  time.Duration // sent in this window of virtual time; Before 0 is no end

	// If, when it is set, must agree too: a rule may be a function in Go.
	If Condition

	Act   Act
	Delay time.Duration // of ActDelay and ActDuplicate: how much later
	Field Field         // of ActCorrupt
	Label string        // of ActHold
	Forge Forge         // of ActForge and ActDropAndForge
}

// Sender is whose segments a rule is about.
type Sender uint8

// The senders. The zero value is everybody.
const (
	FromAny Sender = iota
	FromClient
	FromServer
)

var senders = [...]string{"any", "client", "server"}

// String is the sender's name in a scenario file.
func (s Sender) String() string {
	if int(s) >= len(senders) {
		return "sender " + strconv.Itoa(int(s)) // of a rule that Validate is going to refuse
	}
	return senders[s]
}

// ParseSender finds a sender by its name.
func ParseSender(name string) (Sender, error) {
	for i, n := range senders {
		if n == name {
			return Sender(i), nil
		}
	}
	return 0, fmt.Errorf("FROM must be %s, not %q", words.Either(Senders()), name)
}

// has reports whether a host is one of them.
func (s Sender) has(side trace.Side) bool { return s == FromAny || s == FromClient+Sender(side) }

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
	ActDrop         Act = iota // lose it
	ActDelay                   // delay it by Delay
	ActDuplicate               // deliver it, and a copy of it Delay later
	ActCorrupt                 // change one bit of Field
	ActHold                    // keep it until Label is reached
	ActForge                   // let it pass, and forge segments
	ActDropAndForge            // lose it, and forge segments
)

var acts = []string{"drop", "delay", "duplicate", "corrupt", "hold", "forge", "drop-and-forge"}

// String is the act's name in a scenario file.
func (a Act) String() string { return words.Constant(acts, "Act", a) }

// Acts lists the names.
func Acts() []string { return acts }

// ParseAct finds an act by its name.
func ParseAct(name string) (Act, error) {
	for i, n := range acts {
		if n == name {
			return Act(i), nil
		}
	}
	return 0, fmt.Errorf("act must be %s, not %q", words.Either(acts), name)
}

// Forge says which segments ActForge and ActDropAndForge make up. They bear the
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
	var err error
	if r.From, err = ParseSender(parts[0]); err != nil {
		return Rule{}, err
	}
	r.What = strings.ToUpper(parts[1])
	if parts[1] == "" || r.matcher() == nil {
		return Rule{}, fmt.Errorf("WHAT must be %s, not %q", words.Either(Kinds()), parts[1])
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

// String is the form that ParseRule reads.
func (r Rule) String() string {
	s := r.From.String() + ":" + r.what()
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

// Doing says what the rule does, in a few words for messages and the trace, as
// the end of "it starts" and "it stops": delaying any:DATA by 1s.
func (r Rule) Doing() string {
	s := [...]string{
		"dropping", "delaying", "duplicating", "corrupting", "holding", "forging at", "dropping and forging at",
	}[r.Act] + " " + r.String()
	switch r.Act {
	case ActDelay:
		s += " by " + r.Delay.String()
	case ActHold:
		s += " until " + r.Label
	}
	if r.Name != "" {
		s += " (" + r.Name + ")"
	}
	return s
}

// what is What, by its name where it is left open.
func (r *Rule) what() string {
	if r.What == "" {
		return "ANY"
	}
	return r.What
}

func (r *Rule) matcher() func(*wire.Segment) bool {
	for _, k := range kinds {
		if k.name == r.what() {
			return k.match
		}
	}
	return nil
}

// matches reports whether the rule is about a segment, the count aside.
func (r *Rule) matches(o *Offered) bool {
	n := len(o.Seg.Payload)
	switch {
	case !r.From.has(o.From),
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
