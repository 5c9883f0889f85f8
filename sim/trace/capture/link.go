package capture

import (
	"encoding/binary"

	"github.com/gopacket/gopacket/layers"
)

// Link types, by their numbers in files. 12 and 14 are what raw IP was on some
// systems before it became 101.
const (
	linkNull     layers.LinkType = 0
	linkEthernet layers.LinkType = 1
	linkRawBSD   layers.LinkType = 12
	linkRawOBSD  layers.LinkType = 14
	linkRaw      layers.LinkType = 101
	linkLoop     layers.LinkType = 108
	linkSLL      layers.LinkType = 113
	linkIPv4     layers.LinkType = 228
	linkIPv6     layers.LinkType = 229
	linkSLL2     layers.LinkType = 276
)

const (
	typeIPv4 = 0x0800
	typeIPv6 = 0x86dd
)

// fate is what became of a packet on its way to a segment.
type fate uint8

const (
	isTCP fate = iota
	notIP
	notTCP
	isFragment
	malformed
)

// frame is a packet without its link header.
type frame struct {
	ip     []byte
	length int // on the wire
	cut    bool
	via    via
	toward direction
	outer  string // the headers that were taken off
}

// via tells apart where a packet was seen: which interface of a pcapng file,
// and in a cooked capture of several, which of those.
type via struct {
	iface int
	index uint32
}

// direction is what cooked captures say.
type direction uint8

const (
	unknown direction = iota
	inward            // to the host
	outward           // from it
)

// unwrap takes off the link header.
func unwrap(p *packet) (frame, fate) {
	f := frame{via: via{iface: p.iface}, outer: p.link.String()}
	b, head, kind := p.data, 0, 0
	switch p.link {
	case linkEthernet:
		if len(b) < 14 {
			return f, malformed
		}
		kind, head = int(binary.BigEndian.Uint16(b[12:])), 14
	case linkSLL:
		if len(b) < 16 {
			return f, malformed
		}
		kind, head = int(binary.BigEndian.Uint16(b[14:])), 16
		f.toward = cooked(byte(binary.BigEndian.Uint16(b)))
	case linkSLL2:
		if len(b) < 20 {
			return f, malformed
		}
		kind, head = int(binary.BigEndian.Uint16(b)), 20
		f.via.index = binary.BigEndian.Uint32(b[4:])
		f.toward = cooked(b[10])
	case linkNull, linkLoop:
		if len(b) < 4 {
			return f, malformed
		}
		// The family in the order of the machine that captured, and IPv6 has
		// another number on each.
		family := binary.LittleEndian.Uint32(b) | binary.BigEndian.Uint32(b)
		switch family & 0xff {
		case 2:
			kind = typeIPv4
		case 10, 24, 28, 30:
			kind = typeIPv6
		}
		head = 4
	case linkRaw, linkRawBSD, linkRawOBSD, linkIPv4, linkIPv6:
		if len(b) > 0 && b[0]>>4 == 6 {
			kind = typeIPv6
		} else {
			kind = typeIPv4
		}
	default:
		return f, notIP
	}
	for isTag(kind) {
		if len(b) < head+4 {
			return f, malformed
		}
		kind = int(binary.BigEndian.Uint16(b[head+2:]))
		head += 4
	}
	if kind != typeIPv4 && kind != typeIPv6 {
		return f, notIP
	}
	f.ip, f.length = b[head:], p.length-head
	if len(f.ip) == 0 || (f.ip[0]>>4 == 4) != (kind == typeIPv4) || (f.ip[0]>>4 == 6) != (kind == typeIPv6) {
		return f, malformed
	}
	return f, isTCP
}

// isTag reports whether a VLAN tag follows: 802.1Q, 802.1ad, and what was used
// before that.
func isTag(kind int) bool { return kind == 0x8100 || kind == 0x88a8 || kind == 0x9100 }

// cooked is the direction of a type of packet in a cooked capture.
func cooked(packetType byte) direction {
	if packetType == 4 {
		return outward
	}
	return inward
}
