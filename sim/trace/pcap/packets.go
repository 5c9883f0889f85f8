package pcap

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/words"
)

// Vantage is where a capture is made.
type Vantage uint8

// The vantage points.
const (
	Client    Vantage = iota // on the client's interface
	Server                   // on the server's interface
	Wire                     // in between: everything that is sent
	Middlebox                // on the device on the link, when there is one
)

var vantageNames = [...]string{"client", "server", "wire", "middlebox"}

// String is the name of the interface in the capture.
func (v Vantage) String() string { return words.Constant(vantageNames[:], "Vantage", v) }

// ParseVantage reads what String gives.
func ParseVantage(s string) (Vantage, error) {
	for i, name := range vantageNames {
		if s == name {
			return Vantage(i), nil
		}
	}
	return 0, fmt.Errorf("vantage point %q: want client, server, wire or middlebox", s)
}

// Check returns an error when the trace was made without a device to capture
// on.
func (v Vantage) Check(t *trace.Trace) error {
	if v == Middlebox && t.Middlebox() == "" {
		return errors.New("no middlebox is on the link: want client, server or wire")
	}
	return nil
}

// Packet is one packet of a capture.
type Packet struct {
	Time     time.Time
	Segment  *trace.Segment
	Received bool // it arrives at the vantage point; else it is sent there
}

// Datagram is the packet's content: what arrives is what the link has made of
// it.
func (p *Packet) Datagram() []byte {
	if p.Received {
		return p.Segment.Arrival()
	}
	return p.Segment.Frame
}

// Start is the instant at which virtual time begins in captures of t: that of
// the capture which t was read from, and the beginning of the year 2000 for
// every run.
func Start(t *trace.Trace) time.Time {
	if !t.Start.IsZero() {
		return t.Start.UTC()
	}
	return time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
}

// Packets gives what a capture holds, in order of time. A segment that somebody
// forged was not sent by the host whose address it bears, and neither was the
// copy that the link has made of one. On a middlebox there is what gets there,
// let through or not, and what was forged there.
func Packets(t *trace.Trace, v Vantage) iter.Seq[Packet] {
	if v == Middlebox {
		return passages(t)
	}
	start := Start(t)
	return func(yield func(Packet) bool) {
		for _, e := range t.Events {
			if e.Kind != trace.Sent && e.Kind != trace.Received {
				continue
			}
			s := &t.Segments[e.Index]
			received := e.Kind == trace.Received
			if !sees(v, s, received) {
				continue
			}
			if !yield(Packet{start.Add(e.At), s, received}) {
				return
			}
		}
	}
}

func passages(t *trace.Trace) iter.Seq[Packet] {
	start := Start(t)
	return func(yield func(Packet) bool) {
		inTime := slices.SortedStableFunc(slices.Values(t.Passages), func(a, b trace.Passage) int { return cmp.Compare(a.At, b.At) })
		for _, p := range inTime {
			s := &t.Segments[p.Segment-1]
			if !yield(Packet{start.Add(p.At), s, s.Injected == ""}) {
				return
			}
		}
	}
}

func sees(v Vantage, s *trace.Segment, received bool) bool {
	switch {
	case v == Wire:
		return !received
	case received:
		return s.From.Peer() == trace.Side(v)
	}
	return s.From == trace.Side(v) && s.Injected == "" && s.CopyOf == 0
}
