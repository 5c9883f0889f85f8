package capture

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// sight is a segment as it was seen at one point. The same segment may be seen
// at several.
type sight struct {
	packet  int           // its number in the file, from 1: Wireshark's "No."
	at      time.Duration // since the first packet of the file
	via     via
	toward  direction
	outer   string // the headers before the IP header, outermost first: "Ethernet, VLAN"
	held    int    // bytes of the packet that the file holds, all headers included
	length  int    // of those on the wire
	conn    *conn
	try     int
	from    trace.Side
	seg     wire.Segment // its slices point into frame
	frame   []byte
	cut     bool
	changed bool
	whole   bool
}

func (s *sight) v4() bool { return s.frame[0]>>4 == 4 }

// ttl is the datagram's time to live, IPv6's hop limit.
func (s *sight) ttl() byte {
	if s.v4() {
		return s.frame[8]
	}
	return s.frame[7]
}

// ipID is the identification of an IPv4 datagram; IPv6 has none.
func (s *sight) ipID() (id uint16, ok bool) {
	if !s.v4() {
		return 0, false
	}
	return binary.BigEndian.Uint16(s.frame[4:]), true
}

// behind lists the outer headers, the most frequent first.
func behind(sights []sight) []string {
	count := map[string]int{}
	for i := range sights {
		count[sights[i].outer]++
	}
	return slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
}

// keeper keeps the sights of the connection that is read; of all of them as
// long as it is not decided which that is.
type keeper struct {
	max      int
	maxBytes int64
	snap     int

	sights []sight
	bytes  int64
	slab   []byte
	over   int // beyond the limits
	others int
	chosen *conn
	none   bool // nothing may be kept until it is chosen
}

// full reports whether another n bytes are too much.
func (k *keeper) full(n int) bool { return len(k.sights) >= k.max || k.bytes+int64(n) > k.maxBytes }

// choose drops what was kept of other connections.
func (k *keeper) choose(c *conn) {
	k.chosen, k.none = c, false
	kept := k.sights[:0]
	k.bytes = 0
	for _, s := range k.sights {
		if s.conn != c {
			k.others++
			continue
		}
		kept = append(kept, s)
		k.bytes += int64(len(s.frame))
	}
	clear(k.sights[len(kept):])
	k.sights = kept
}

func (k *keeper) add(s sight, g *datagram) {
	if k.chosen != nil && s.conn != k.chosen || k.none {
		k.others++
		return
	}
	if k.full(len(g.bytes)) {
		k.over++
		return
	}
	s.frame = k.copy(g.bytes)
	s.seg = g.seg
	s.seg.Payload = s.frame[len(s.frame)-len(g.seg.Payload):]
	options := len(s.frame) - len(g.seg.Payload) - len(g.seg.Options)
	s.seg.Options = s.frame[options : options+len(g.seg.Options)]
	s.cut, s.changed, s.whole = g.cut, g.changed, g.whole
	switch {
	case k.snap < 0:
		clear(s.seg.Payload)
	case k.snap > 0:
		clear(s.seg.Payload[min(k.snap, len(s.seg.Payload)):])
	}
	k.sights = append(k.sights, s)
	k.bytes += int64(len(s.frame))
}

// copy puts datagrams beside each other, so that a small one costs no
// allocation. A slab lives as long as one of its datagrams does.
func (k *keeper) copy(b []byte) []byte {
	const slab = 64 << 10
	if len(b) > cap(k.slab)-len(k.slab) {
		k.slab = make([]byte, 0, max(slab, len(b)))
	}
	start := len(k.slab)
	k.slab = append(k.slab, b...)
	return k.slab[start:len(k.slab):len(k.slab)]
}
