package story

import (
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Shifts are the window scales of a trace's connections, by side.
type Shifts [][2]uint8

// Shifts reads the window scales from the SYNs. They hold only where both
// sides offered one.
func (s *Story) Shifts() Shifts {
	shifts := make(Shifts, len(s.Trace.Conns))
	offered := make([][2]bool, len(s.Trace.Conns))
	for i := range s.Trace.Segments {
		seg := &s.Trace.Segments[i]
		if !seg.Flags.Has(wire.SYN) || seg.Injected != "" {
			continue
		}
		if shift, ok := wire.WindowScaleOf(optionsOf(seg)); ok {
			offered[seg.Conn][seg.From] = true
			shifts[seg.Conn][seg.From] = shift
		}
	}
	for c := range shifts {
		if !offered[c][0] || !offered[c][1] {
			shifts[c] = [2]uint8{}
		}
	}
	return shifts
}

// Window is the receive window that a segment announces, in bytes.
func (h Shifts) Window(s *trace.Segment) int64 {
	if s.Flags.Has(wire.SYN) {
		return int64(s.Window) // never scaled
	}
	return int64(s.Window) << h[s.Conn][s.From]
}

// Sacks are the blocks that a segment acknowledges selectively, in relative
// numbers of the other side's data.
func (s *Story) Sacks(seg *trace.Segment) (blocks [][2]uint32) {
	conn := &s.Trace.Conns[seg.Conn]
	peer := seg.From.Peer()
	for _, b := range wire.SACKsOf(optionsOf(seg)) {
		blocks = append(blocks, [2]uint32{conn.Relative(peer, b[0]), conn.Relative(peer, b[1])})
	}
	return blocks
}

// optionsOf are the options of a segment that was recorded whole; none of
// another.
func optionsOf(s *trace.Segment) []byte {
	seg, err := wire.Parse(s.Frame)
	if err != nil {
		return nil
	}
	return seg.Options
}
