package capture

import (
	"encoding/binary"

	"github.com/tcpsim/tcpsim/stack/wire"
)

// decoder turns frames into datagrams that wire.Parse accepts. What it returns
// is valid until the next call.
type decoder struct {
	scratch [65536 + 40]byte
}

// datagram is a TCP segment in a datagram of exactly its own length.
type datagram struct {
	bytes   []byte
	seg     wire.Segment
	cut     bool // the end of the payload is not in the file
	changed bool // the IP header is not what it was
	whole   bool // it came in fragments
}

const (
	headerIPv4 = 20
	headerIPv6 = 40
	headerTCP  = 20
	protoTCP   = 6
)

func (d *decoder) decode(f *frame) (datagram, fate) {
	var g datagram
	var what fate
	if f.ip[0]>>4 == 4 {
		g, what = d.ipv4(f)
	} else {
		g, what = d.ipv6(f)
	}
	if what != isTCP {
		return g, what
	}
	var err error
	if g.seg, err = wire.Parse(g.bytes); err != nil {
		return g, malformed
	}
	return g, isTCP
}

func (d *decoder) ipv4(f *frame) (g datagram, what fate) {
	b := f.ip
	if len(b) < headerIPv4 {
		return g, malformed
	}
	head := int(b[0]&15) * 4
	total := int(binary.BigEndian.Uint16(b[2:]))
	if total == 0 {
		// The card cuts a large segment up after the capture, and writes the
		// lengths then.
		total, g.changed = f.length, true
	}
	if head < headerIPv4 || total > 65535 || total < head {
		return g, malformed
	}
	start := head
	if b[9] != protoTCP { // authentication, which decap has seen
		size, _, _ := authentication(b[min(head, len(b)):])
		start, g.changed = head+size, true
	}
	if what = f.holdsTCP(start, total); what != isTCP {
		return g, what
	}
	g.bytes, g.cut = d.whole(b, total, g.changed)
	if start > head {
		total -= start - head
		copy(g.bytes[head:], g.bytes[start:])
		g.bytes = g.bytes[:total]
		g.bytes[9] = protoTCP
	}
	if g.changed {
		binary.BigEndian.PutUint16(g.bytes[2:], uint16(total))
		g.bytes[10], g.bytes[11] = 0, 0
		binary.BigEndian.PutUint16(g.bytes[10:], ^sum(g.bytes[:head]))
	}
	return g, isTCP
}

// holdsTCP tells whether all of the TCP header is there, in a datagram of total
// bytes where it begins at head.
func (f *frame) holdsTCP(head, total int) fate {
	n := min(len(f.ip), total)
	if n >= head+headerTCP {
		size := int(f.ip[head+12]>>4) * 4
		switch {
		case size < headerTCP || total < head+size:
			return malformed
		case n >= head+size:
			return isTCP
		}
	}
	if total >= head+headerTCP && len(f.ip) < min(f.length, total) {
		return unread
	}
	return malformed
}

// whole makes a datagram of total bytes: zeros for what was cut off, without
// what the link has added.
func (d *decoder) whole(b []byte, total int, private bool) (bytes []byte, cut bool) {
	if len(b) >= total && !private {
		return b[:total], false
	}
	n := copy(d.scratch[:total], b)
	clear(d.scratch[n:total])
	return d.scratch[:total], n < total
}

func sum(b []byte) uint16 {
	var s uint32
	for i := 0; i+1 < len(b); i += 2 {
		s += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for s > 0xffff {
		s = s&0xffff + s>>16
	}
	return uint16(s)
}

func (d *decoder) ipv6(f *frame) (g datagram, what fate) {
	b := f.ip
	if len(b) < headerIPv6 {
		return g, malformed
	}
	total := headerIPv6 + int(binary.BigEndian.Uint16(b[4:]))
	if total == headerIPv6 {
		total, g.changed = f.length, true
	}
	head, _, what := extensions(b, min(total, len(b)))
	if what != isTCP {
		return g, what
	}
	if what = f.holdsTCP(head, total); what != isTCP {
		return g, what
	}
	size := headerIPv6 + total - head
	if size > headerIPv6+65535 {
		return g, malformed
	}
	if head == headerIPv6 {
		g.bytes, g.cut = d.whole(b, total, g.changed)
	} else {
		g.changed = true
		copy(d.scratch[:], b[:headerIPv6])
		n := headerIPv6 + copy(d.scratch[headerIPv6:size], b[head:])
		clear(d.scratch[n:size])
		g.bytes, g.cut = d.scratch[:size], n < size
	}
	if g.changed {
		g.bytes[6] = protoTCP
		binary.BigEndian.PutUint16(g.bytes[4:], uint16(size-headerIPv6))
	}
	return g, isTCP
}
