package fidelity

import (
	"slices"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// tuple is the two ports of a connection, by side.
type tuple [2]uint16

// number is a sequence number as two runs can compare it: relative to one of
// the initial sequence numbers that its owner has used on these ports. A
// recording counts everything from the first one, and two runs draw different
// ones.
type number struct {
	Life int // which of them, from 0
	Off  int64
}

// bases are the initial sequence numbers of each side, by ports.
type bases map[tuple]*[2][]int64

func (b bases) add(t tuple, side trace.Side, isn int64) {
	if b[t] == nil {
		b[t] = new([2][]int64)
	}
	if list := &b[t][side]; !slices.Contains(*list, isn) {
		*list = append(*list, isn)
	}
}

// near is how far a number may be from an initial sequence number to be told
// as relative to it: more than any window, and little enough for two random
// ones not to meet.
const near = 1 << 24

// of tells value relative to the initial sequence number that it is closest
// above; with none near, to the first.
func (b bases) of(t tuple, side trace.Side, value int64) number {
	list := b.list(t, side)
	best := number{0, signed(value - list[0])}
	for i, isn := range list {
		off := signed(value - isn)
		if off >= 0 && off < near && (best.Off < 0 || off < best.Off) {
			best = number{i, off}
		}
	}
	return best
}

// raw is the inverse of of.
func (b bases) raw(t tuple, side trace.Side, n number) int64 {
	list := b.list(t, side)
	return list[min(n.Life, len(list)-1)] + n.Off
}

// list is never empty: where no SYN tells, numbers stand as they are.
func (b bases) list(t tuple, side trace.Side) []int64 {
	if p := b[t]; p != nil && len(p[side]) > 0 {
		return p[side]
	}
	return []int64{0}
}

// signed is a difference of sequence numbers, modulo 2^32, around zero.
func signed(d int64) int64 { return int64(int32(uint32(d))) }
