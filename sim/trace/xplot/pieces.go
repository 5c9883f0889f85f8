package xplot

import (
	"slices"

	"github.com/tcpsim/tcpsim/stack/wire"
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

func readOptions(b []byte) options {
	o := options{blocks: wire.SACKsOf(b)}
	for kind, value := range wire.OptionsOf(b) {
		if kind == wire.OptionWindowScale && len(value) > 0 { // whatever its length says, as tcptrace
			o.scales, o.scale = true, value[0]
		}
	}
	return o
}
