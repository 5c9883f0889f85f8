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
	if b[9] != protoTCP {
		return g, notTCP
	}
	if binary.BigEndian.Uint16(b[6:])&0x3fff != 0 {
		return g, isFragment
	}
	if total == 0 {
		// The card cuts a large segment up after the capture, and writes the
		// lengths then.
		total, g.changed = f.length, true
	}
	if head < headerIPv4 || total > 65535 || total < head || !holdsTCP(b, head, total) {
		return g, malformed
	}
	g.bytes, g.cut = d.whole(b, total, g.changed)
	if g.changed {
		binary.BigEndian.PutUint16(g.bytes[2:], uint16(total))
		g.bytes[10], g.bytes[11] = 0, 0
		binary.BigEndian.PutUint16(g.bytes[10:], ^sum(g.bytes[:head]))
	}
	return g, isTCP
}

// holdsTCP reports whether all of the TCP header is there, of a datagram of
// total bytes whose IP header has head.
func holdsTCP(b []byte, head, total int) bool {
	n := min(len(b), total)
	if n < head+headerTCP {
		return false
	}
	size := int(b[head+12]>>4) * 4
	return size >= headerTCP && n >= head+size
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
	head, what := extensions(b, min(total, len(b)))
	if what != isTCP {
		return g, what
	}
	if total < head || !holdsTCP(b, head, total) {
		return g, malformed
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

// extensions finds where TCP begins behind IPv6's extension headers, in the
// first n bytes.
func extensions(b []byte, n int) (head int, what fate) {
	next, head := b[6], headerIPv6
	for {
		switch next {
		case protoTCP:
			return head, isTCP
		case 0, 43, 44, 51, 60, 135, 139, 140:
		default:
			return head, notTCP
		}
		if n < head+8 {
			return head, malformed
		}
		size := (int(b[head+1]) + 1) * 8
		switch next {
		case 44: // fragment; one that is the whole datagram counts as none
			if binary.BigEndian.Uint16(b[head+2:])&0xfff9 != 0 {
				if b[head] != protoTCP {
					return head, notTCP
				}
				return head, isFragment
			}
			size = 8
		case 51: // authentication
			size = (int(b[head+1]) + 2) * 4
		}
		next = b[head]
		head += size
	}
}
