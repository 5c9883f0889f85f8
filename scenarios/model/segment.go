package model

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack/wire"
)

// Wire is what a case expects to see on the wire.
type Wire struct {
	// Segments is the complete list of segments sent, in order. Nil means not
	// checked; empty but not nil means that none may be sent.
	Segments []SegmentPattern
	// Contains must match in this order; other segments may stand between.
	Contains []SegmentPattern
	// Absent must match no segment.
	Absent []SegmentPattern
}

// SegmentPattern matches segments by the fields that matter. A nil pointer or
// an empty string leaves the field open.
type SegmentPattern struct {
	From           string      // client or server
	Flags          *wire.Flags // PSH counts only where it is asked for
	Seq            *uint32     // relative to the initial sequence number
	Ack            *uint32     // relative to the initial sequence number
	Len            *uint32     // bytes of payload
	Win            *uint32     // as in the header, not scaled
	Data           *string
	Cause          string // identifier of the reason for which the stack sent it
	Lost           *bool
	Injected       *bool
	Retransmission *bool
	At             *time.Duration // virtual time when sent
	Pos            Pos
}

// String prints the pattern on one line, fields left open omitted.
func (p SegmentPattern) String() string {
	var parts []string
	if p.From != "" {
		parts = append(parts, p.From)
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
		parts = append(parts, "data "+quote(*p.Data))
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
