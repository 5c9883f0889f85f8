package pcap

import (
	"encoding/binary"
	"fmt"

	"github.com/tcpsim/tcpsim/sim/trace"
)

const (
	headerLen = 14
	typeIPv4  = 0x0800
	typeIPv6  = 0x86dd
)

// mac is the made-up hardware address of a host: of those that are assigned
// locally, so that no vendor's name appears.
func mac(side trace.Side) []byte { return []byte{2, 0, 0, 0, 0, byte(side) + 1} }

// ethernet puts an Ethernet header before the datagram of a packet. The result
// lives in buf, which it grows as needed.
func ethernet(buf []byte, p Packet) ([]byte, error) {
	s, datagram := p.Segment, p.Datagram()
	if len(datagram) == 0 {
		return nil, fmt.Errorf("segment #%d: the trace does not hold its datagram", s.Number)
	}
	var kind uint16
	switch v := datagram[0] >> 4; v {
	case 4:
		kind = typeIPv4
	case 6:
		kind = typeIPv6
	default:
		return nil, fmt.Errorf("segment #%d: its datagram has IP version %d: want 4 or 6", s.Number, v)
	}
	buf = append(buf[:0], mac(s.From.Peer())...)
	buf = append(buf, mac(s.From)...)
	buf = binary.BigEndian.AppendUint16(buf, kind)
	return append(buf, datagram...), nil
}
