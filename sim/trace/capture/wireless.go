package capture

import (
	"encoding/binary"

	"github.com/gopacket/gopacket/layers"
)

// radiotap reads what a card says of the radio. Of its fields only the flags
// matter, which stand behind the time stamp.
func (c *cursor) radiotap() header {
	const (
		more     = 1 << 31
		hasTime  = 1 << 0
		hasFlags = 1 << 1
		padded   = 0x20
	)
	b := c.b
	if len(b) < 8 {
		return c.short()
	}
	size := int(binary.LittleEndian.Uint16(b[2:]))
	if size < 8 {
		return c.end(malformed)
	}
	first := binary.LittleEndian.Uint32(b[4:])
	at := 8
	for word := first; word&more != 0 && at+4 <= min(size, len(b)); at += 4 {
		word = binary.LittleEndian.Uint32(b[at:])
	}
	if first&hasTime != 0 {
		at = (at+7)&^7 + 8
	}
	if first&hasFlags != 0 && at < min(size, len(b)) {
		c.dataAt = b[at]&padded != 0
	}
	return c.after(size, hWLAN)
}

// prism reads the header of the first cards that had one, which is in the order
// of the machine, or AVS in its place.
func (c *cursor) prism() header {
	if len(c.b) < 8 {
		return c.short()
	}
	if binary.BigEndian.Uint32(c.b)&0xfffff000 == 0x80211000 {
		return hAVS
	}
	size := binary.LittleEndian.Uint32(c.b[4:])
	if size > 1<<16 {
		size = binary.BigEndian.Uint32(c.b[4:])
	}
	if size < 8 || size > 1<<16 {
		return c.end(malformed)
	}
	return c.after(int(size), hWLAN)
}

func (c *cursor) avs() header {
	if len(c.b) < 8 {
		return c.short()
	}
	size := binary.BigEndian.Uint32(c.b[4:])
	if size < 8 || size > 1<<16 {
		return c.end(malformed)
	}
	return c.after(int(size), hWLAN)
}

// ppi reads the per-packet information header, behind which any link may
// follow.
func (c *cursor) ppi() header {
	if len(c.b) < 8 {
		return c.short()
	}
	size, link := int(binary.LittleEndian.Uint16(c.b[2:])), binary.LittleEndian.Uint32(c.b[4:])
	if size < 8 {
		return c.end(malformed)
	}
	if c.after(size, hPPI) == done {
		return done
	}
	return linkHeader(c, layers.LinkType(link))
}

// wlan reads a frame of 802.11. Only those of data hold IP.
func (c *cursor) wlan() header {
	const (
		toDS, fromDS, moreFragments, protected, order = 1, 2, 4, 0x40, 0x80
		nothing, quality                              = 4, 8 // bits of the subtype
		aggregated                                    = 0x80
	)
	b := c.b
	if len(b) < 2 {
		return c.short()
	}
	kind, subtype, flags := b[0]>>2&3, b[0]>>4, b[1]
	if kind != 2 || subtype&nothing != 0 {
		return c.end(notIP)
	}
	n := 24
	if flags&toDS != 0 && flags&fromDS != 0 {
		n += 6
	}
	if len(b) < n {
		return c.short()
	}
	fragment := b[22]&15 != 0 || flags&moreFragments != 0
	several := false
	if subtype&quality != 0 {
		if len(b) < n+2 {
			return c.short()
		}
		several = b[n]&aggregated != 0
		n += 2
		if flags&order != 0 {
			n += 4
		}
	}
	if c.dataAt {
		n = (n + 3) &^ 3
	}
	switch {
	case flags&protected != 0:
		return c.unread("802.11, encrypted")
	case fragment:
		return c.unread("802.11 in fragments")
	case several:
		return c.after(n, hAMSDU)
	}
	return c.after(n, hLLC)
}

// amsdu takes one of the frames that 802.11 has put together. What follows is
// left for later.
func (c *cursor) amsdu() header {
	if len(c.b) < 14 {
		return c.short()
	}
	size := 14 + int(binary.BigEndian.Uint16(c.b[12:]))
	next := (size + 3) &^ 3
	if next < len(c.b) {
		c.rest, c.restLength = c.b[next:], c.length-next
	}
	c.trim(size)
	return c.after(14, hLLC)
}
