package wire

import (
	"errors"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// TooBig builds what a router answers to a datagram that does not fit through
// the next link: "fragmentation needed" for IPv4 (RFC 1191), "packet too big"
// for IPv6 (RFC 4443). It bears the address of the datagram's destination,
// because a link here has no router with an address of its own. It returns an
// error for an IPv4 datagram that may be fragmented.
func TooBig(frame []byte, mtu int) ([]byte, error) {
	if len(frame) == 0 {
		return nil, errors.New("empty frame")
	}
	if frame[0]>>4 == 4 {
		return tooBig4(frame, mtu)
	}
	return tooBig6(frame, mtu)
}

func tooBig4(frame []byte, mtu int) ([]byte, error) {
	in := header.IPv4(frame)
	if !in.IsValid(len(frame)) {
		return nil, errors.New("malformed IPv4 header")
	}
	if in.Flags()&header.IPv4FlagDontFragment == 0 {
		return nil, errors.New("the datagram may be fragmented")
	}
	return unreachable4(in, header.ICMPv4FragmentationNeeded, mtu), nil
}

// HostUnreachable builds what a host tells itself of an IPv4 datagram whose
// destination nobody has, once nobody has answered its ARP requests (Linux:
// ipv4_link_failure). It returns an error for any other datagram.
func HostUnreachable(frame []byte) ([]byte, error) {
	in := header.IPv4(frame)
	if !in.IsValid(len(frame)) {
		return nil, errors.New("malformed IPv4 header")
	}
	return unreachable4(in, header.ICMPv4HostUnreachable, 0), nil
}

// unreachable4 builds the ICMP message "destination unreachable".
func unreachable4(in header.IPv4, code header.ICMPv4Code, mtu int) []byte {
	// The header and the first eight bytes after it (RFC 792), which hold the
	// ports and the sequence number.
	quoted := in[:min(len(in), int(in.HeaderLength())+8)]
	out := make([]byte, header.IPv4MinimumSize+header.ICMPv4MinimumSize+len(quoted))
	ip := header.IPv4(out)
	ip.Encode(&header.IPv4Fields{
		TotalLength: uint16(len(out)), TTL: 64, Protocol: uint8(header.ICMPv4ProtocolNumber),
		SrcAddr: in.DestinationAddress(), DstAddr: in.SourceAddress(),
	})
	ip.SetChecksum(^ip.CalculateChecksum())
	icmp := header.ICMPv4(out[header.IPv4MinimumSize:])
	icmp.SetType(header.ICMPv4DstUnreachable)
	icmp.SetCode(code)
	icmp.SetMTU(uint16(mtu))
	copy(icmp[header.ICMPv4MinimumSize:], quoted)
	icmp.SetChecksum(header.ICMPv4Checksum(icmp[:header.ICMPv4MinimumSize], checksum.Checksum(quoted, 0)))
	return out
}

func tooBig6(frame []byte, mtu int) ([]byte, error) {
	in := header.IPv6(frame)
	if !in.IsValid(len(frame)) {
		return nil, errors.New("malformed IPv6 header")
	}
	// As much as fits into the minimum MTU (RFC 4443 section 3.2).
	room := header.IPv6MinimumMTU - header.IPv6MinimumSize - header.ICMPv6PacketTooBigMinimumSize
	quoted := frame[:min(len(frame), room)]
	out := make([]byte, header.IPv6MinimumSize+header.ICMPv6PacketTooBigMinimumSize+len(quoted))
	size := len(out) - header.IPv6MinimumSize
	header.IPv6(out).Encode(&header.IPv6Fields{
		PayloadLength: uint16(size), TransportProtocol: header.ICMPv6ProtocolNumber, HopLimit: 64,
		SrcAddr: in.DestinationAddress(), DstAddr: in.SourceAddress(),
	})
	icmp := header.ICMPv6(out[header.IPv6MinimumSize:])
	icmp.SetType(header.ICMPv6PacketTooBig)
	icmp.SetMTU(uint32(mtu))
	copy(icmp[header.ICMPv6PacketTooBigMinimumSize:], quoted)
	sum := header.PseudoHeaderChecksum(header.ICMPv6ProtocolNumber, in.DestinationAddress(), in.SourceAddress(), uint16(size))
	icmp.SetChecksum(^checksum.Checksum(icmp, sum))
	return out, nil
}
