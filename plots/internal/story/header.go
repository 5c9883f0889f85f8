package story

import (
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Options of a TCP header (RFC 9293 section 3.2, RFC 7323, RFC 2018).
const (
	optionEnd   = 0
	optionNone  = 1
	optionScale = 3
	optionSack  = 5
)

// eachOption walks over the options of a segment that was recorded whole.
func eachOption(s *trace.Segment, f func(kind byte, value []byte)) {
	seg, err := wire.Parse(s.Frame)
	if err != nil {
		return
	}
	for o := seg.Options; len(o) > 0; {
		switch {
		case o[0] == optionEnd:
			return
		case o[0] == optionNone:
			o = o[1:]
			continue
		case len(o) < 2 || int(o[1]) < 2 || int(o[1]) > len(o):
			return
		}
		f(o[0], o[2:o[1]])
		o = o[o[1]:]
	}
}

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
		eachOption(seg, func(kind byte, value []byte) {
			if kind == optionScale && len(value) == 1 {
				offered[seg.Conn][seg.From] = true
				shifts[seg.Conn][seg.From] = min(value[0], 14)
			}
		})
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
	eachOption(seg, func(kind byte, v []byte) {
		if kind != optionSack {
			return
		}
		for ; len(v) >= 8; v = v[8:] {
			left := uint32(v[0])<<24 | uint32(v[1])<<16 | uint32(v[2])<<8 | uint32(v[3])
			right := uint32(v[4])<<24 | uint32(v[5])<<16 | uint32(v[6])<<8 | uint32(v[7])
			peer := seg.From.Peer()
			blocks = append(blocks, [2]uint32{conn.Relative(peer, left), conn.Relative(peer, right)})
		}
	})
	return blocks
}
