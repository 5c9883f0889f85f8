package story

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Kind is what a segment is for, as colours and line styles tell it.
type Kind uint8

// The kinds, the strongest last: a FIN with data is a FIN, a SYN with RST a RST.
const (
	Ack Kind = iota
	Data
	Syn
	Fin
	Rst
)

// KindOf tells a segment's kind.
func KindOf(s *trace.Segment) Kind {
	switch {
	case s.Flags.Has(wire.RST):
		return Rst
	case s.Flags.Has(wire.SYN):
		return Syn
	case s.Flags.Has(wire.FIN):
		return Fin
	case s.Len > 0:
		return Data
	}
	return Ack
}

// Arrow is one segment, or three and more of one kind from one instant.
type Arrow struct {
	Segments       []int // into Trace.Segments, in the order of sending
	From           trace.Side
	Kind           Kind
	Retransmission bool
	Injected       string // who forged it
	Refused        bool   // by the receiver
	Lost           int    // how many of Segments the link lost
	Label          string
	Words          []string // further lines of the label: why a RST was sent; \n is where one may be broken
	Loss           string   // the rule that lost a single segment
}

// Band reports whether the arrow stands for several segments.
func (a *Arrow) Band() bool { return len(a.Segments) > 1 }

// arrow makes the arrow of some segments that have one key.
func (r *reader) arrow(segments []int) Arrow {
	first := &r.Trace.Segments[segments[0]]
	a := Arrow{
		Segments: segments, From: first.From, Kind: KindOf(first),
		Retransmission: first.Retransmission, Injected: ASCII(first.Injected), Refused: r.facts[segments[0]].refused,
	}
	for _, i := range segments {
		if r.Trace.Segments[i].Lost != "" {
			a.Lost++
		}
	}
	if a.Band() {
		a.Label = r.bandLabel(&a)
	} else {
		a.Label = Label(first)
		a.Loss = ASCII(first.Lost)
	}
	a.Label += r.suffix(first, &a)
	a.Words = Words(first)
	return a
}

// Label names one segment: #4 PSH 1:14 (13).
func Label(s *trace.Segment) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#%d", s.Number)
	var names []string
	for _, f := range [...]struct {
		bit  wire.Flags
		name string
	}{{wire.SYN, "SYN"}, {wire.FIN, "FIN"}, {wire.RST, "RST"}, {wire.PSH, "PSH"}, {wire.URG, "URG"}} {
		if s.Flags.Has(f.bit) && !(f.bit == wire.PSH && s.Len == 0) {
			names = append(names, f.name)
		}
	}
	kind := KindOf(s)
	ack := s.Flags.Has(wire.ACK)
	switch {
	case kind == Ack && ack:
		fmt.Fprintf(&b, " ACK %d", s.Ack)
		if s.Window == 0 {
			b.WriteString(" win 0")
		}
		return b.String()
	case kind == Ack:
		fmt.Fprintf(&b, " no flags %d", s.Seq)
		return b.String()
	case ack && (kind == Syn || kind == Rst):
		names = append(names, "ACK")
	}
	if len(names) > 0 {
		b.WriteByte(' ')
		b.WriteString(strings.Join(names, ","))
	}
	fmt.Fprintf(&b, " %d", s.Seq)
	if s.Len > 0 {
		fmt.Fprintf(&b, ":%d (%d)", s.Seq+uint32(s.Len), s.Len)
	}
	if ack && kind != Data {
		fmt.Fprintf(&b, " ack %d", s.Ack)
	}
	return b.String()
}

// suffix is what is said of a segment or a band beyond its name.
func (r *reader) suffix(s *trace.Segment, a *Arrow) string {
	t := ""
	if port := r.port(s.Conn); port != "" && !a.Band() {
		t += " :" + port
	}
	if s.Probe {
		t += "  probe"
	}
	if s.Retransmission {
		t += "  retransmit"
	}
	switch {
	case s.CopyOf > 0 && a.Band():
		t += "  copies"
	case s.CopyOf > 0:
		t += fmt.Sprintf("  copy of #%d", s.CopyOf)
	}
	switch {
	case s.Damaged != nil:
		t += "  damaged"
	case a.Refused && a.Kind == Rst:
		t += "  ignored"
	case a.Refused:
		t += "  refused"
	}
	if !a.Band() && !s.Arrived && s.Lost == "" {
		t += "  under way"
	}
	return t
}

// Words says in words who forged a segment, and why a RST was sent; a newline
// is where a line may be broken.
func Words(s *trace.Segment) (w []string) {
	if s.Injected != "" {
		w = append(w, "forged by "+ASCII(s.Injected))
	}
	if s.Cause == nil {
		return w
	}
	src := source(s.Cause.Source)
	if s.Cause.ID == "forged" && s.Injected != "" {
		return w // no standard says why a middlebox forges
	}
	why := ASCII(strings.ReplaceAll(s.Cause.Label(), "-", " "))
	if why == "" {
		why = ASCII(s.Cause.Text)
	}
	if src != "" {
		why += "\n(" + src + ")"
	}
	return append(w, why)
}
