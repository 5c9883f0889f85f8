package match

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Segment is a pattern of a segment. What is nil, or a Cause that is empty, is
// open; the zero value fits every segment.
type Segment struct {
	From           *trace.Side
	Flags          *wire.Flags // PSH counts only where it is asked for: it says nothing about a connection
	Seq            *uint32     // relative to the initial sequence number
	Ack            *uint32     // relative to the initial sequence number of the other side
	Len            *uint32     // bytes of payload
	Win            *uint32     // as in the header, not scaled
	Data           *string     // the payload
	Cause          string      // why the stack sent it, by the identifiers of package cause
	Lost           *bool       // whether the link lost it
	Injected       *bool       // whether a third party forged it
	Retransmission *bool
	At             *time.Duration // virtual time when it was sent, in microseconds as traces print it
}

// fields is how many a pattern has.
const fields = 12

// misses are the fields that the pattern names and a segment has otherwise, each
// as a bit by its place in Segment: a list for each pair of a pattern
// and a segment would cost more than all else.
func (p *Segment) misses(s *trace.Segment) (out uint) {
	for i, miss := range [fields]bool{
		p.From != nil && *p.From != s.From,
		p.Flags != nil && !sameFlags(*p.Flags, s.Flags),
		p.Seq != nil && *p.Seq != s.Seq,
		p.Ack != nil && *p.Ack != s.Ack,
		p.Len != nil && int(*p.Len) != s.Len,
		p.Win != nil && *p.Win != uint32(s.Window),
		p.Data != nil && *p.Data != string(s.Payload()),
		p.Cause != "" && (s.Cause == nil || s.Cause.ID != p.Cause),
		p.Lost != nil && *p.Lost != (s.Lost != ""),
		p.Injected != nil && *p.Injected != (s.Injected != ""),
		p.Retransmission != nil && *p.Retransmission != s.Retransmission,
		p.At != nil && *p.At != s.SentAt.Truncate(time.Microsecond),
	} {
		if miss {
			out |= 1 << i
		}
	}
	return out
}

// named is how many fields the pattern names.
func (p *Segment) named() (n int) {
	for _, is := range [fields]bool{
		p.From != nil, p.Flags != nil, p.Seq != nil, p.Ack != nil, p.Len != nil, p.Win != nil, p.Data != nil,
		p.Cause != "", p.Lost != nil, p.Injected != nil, p.Retransmission != nil, p.At != nil,
	} {
		if is {
			n++
		}
	}
	return n
}

func sameFlags(want, got wire.Flags) bool {
	if !want.Has(wire.PSH) {
		got &^= wire.PSH
	}
	return want == got
}

// Fits reports whether a segment has every field as the pattern names it.
func (p *Segment) Fits(s *trace.Segment) bool { return p.misses(s) == 0 }

// Differs is what a segment has otherwise than the pattern, such as "seq 1" or
// "lost false"; nothing where it fits.
func (p *Segment) Differs(s *trace.Segment) (has []string) {
	misses := p.misses(s)
	if misses == 0 {
		return nil
	}
	cause := "no cause"
	if s.Cause != nil {
		cause = "cause " + s.Cause.ID
	}
	for i, what := range [fields]string{
		"from " + s.From.String(),
		"flags " + s.Flags.String(),
		fmt.Sprintf("seq %d", s.Seq),
		fmt.Sprintf("ack %d", s.Ack),
		fmt.Sprintf("len %d", s.Len),
		fmt.Sprintf("win %d", s.Window),
		"data " + shortened(string(s.Payload())),
		cause,
		fmt.Sprintf("lost %t", s.Lost != ""),
		fmt.Sprintf("injected %t", s.Injected != ""),
		fmt.Sprintf("retransmission %t", s.Retransmission),
		"at " + s.SentAt.Truncate(time.Microsecond).String(),
	} {
		if misses&(1<<i) != 0 {
			has = append(has, what)
		}
	}
	return has
}

// String prints the pattern on one line, fields left open omitted.
func (p Segment) String() string {
	var parts []string
	if p.From != nil {
		parts = append(parts, p.From.String())
	}
	if p.Flags != nil {
		parts = append(parts, p.Flags.String())
	}
	number := func(name string, v *uint32) {
		if v != nil {
			parts = append(parts, fmt.Sprintf("%s %d", name, *v))
		}
	}
	number("seq", p.Seq)
	number("ack", p.Ack)
	number("len", p.Len)
	number("win", p.Win)
	if p.Data != nil {
		parts = append(parts, "data "+shortened(*p.Data))
	}
	if p.Cause != "" {
		parts = append(parts, "cause "+p.Cause)
	}
	truth := func(name string, v *bool) {
		switch {
		case v == nil:
		case *v:
			parts = append(parts, name)
		default:
			parts = append(parts, "not "+name)
		}
	}
	truth("lost", p.Lost)
	truth("injected", p.Injected)
	truth("retransmission", p.Retransmission)
	if p.At != nil {
		parts = append(parts, "at "+p.At.String())
	}
	if len(parts) == 0 {
		return "any segment"
	}
	return strings.Join(parts, " ")
}

// shortened quotes data for a line.
func shortened(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return strconv.Quote(string(r[:most])) + "..."
	}
	return strconv.Quote(s)
}

// Describe prints a segment as a pattern of a scenario file that it fits.
func Describe(s *trace.Segment) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{from: %s, flags: %s, seq: %d", s.From, s.Flags, s.Seq)
	if s.Flags.Has(wire.ACK) {
		fmt.Fprintf(&b, ", ack: %d", s.Ack)
	}
	if s.Len > 0 {
		fmt.Fprintf(&b, ", len: %d", s.Len)
	}
	if s.Cause != nil {
		fmt.Fprintf(&b, ", cause: %s", s.Cause.ID)
	}
	for _, f := range []struct {
		name string
		on   bool
	}{{"lost", s.Lost != ""}, {"injected", s.Injected != ""}, {"retransmission", s.Retransmission}} {
		if f.on {
			fmt.Fprintf(&b, ", %s: true", f.name)
		}
	}
	return b.String() + "}"
}
