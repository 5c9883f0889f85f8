package xplot

import (
	"encoding/binary"
	"slices"
)

// pieces are the ranges of numbers that a side has sent, in order.
type pieces []piece

type piece struct{ first, last int64 }

// add notes a range. again says whether any of it was sent before, early
// whether it fills a gap before what was sent already.
func (p *pieces) add(first, last int64) (again, early bool) {
	i, _ := slices.BinarySearchFunc(*p, first, func(q piece, n int64) int {
		if q.last < n {
			return -1
		}
		return 1
	})
	for ; i < len(*p); i++ {
		q := (*p)[i]
		if first < q.first {
			early = early || last < q.last
			*p = slices.Insert(*p, i, piece{first, min(last, q.first-1)})
			i++
			if last < q.first {
				return again, early
			}
		}
		again = true
		if last <= q.last {
			return again, early
		}
		first = q.last + 1
	}
	*p = append(*p, piece{first, last})
	return again, early
}

// options are those of TCP that the graph shows.
type options struct {
	scales bool
	scale  uint8
	blocks [][2]uint32
}

func readOptions(b []byte) (o options) {
	for len(b) > 1 && b[0] != 0 {
		if b[0] == 1 {
			b = b[1:]
			continue
		}
		size := int(b[1])
		if size < 2 || size > len(b) {
			return o
		}
		switch body := b[2:size]; {
		case b[0] == 3 && len(body) > 0: // whatever its length says, as tcptrace
			o.scales, o.scale = true, body[0]
		case b[0] == 5:
			for ; len(body) >= 8; body = body[8:] {
				o.blocks = append(o.blocks, [2]uint32{binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])})
			}
		}
		b = b[size:]
	}
	return o
}
