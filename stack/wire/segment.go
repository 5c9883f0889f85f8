package wire

import (
	"errors"
	"fmt"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// Segment is one TCP segment with the addresses of the datagram around it.
type Segment struct {
	Src, Dst netip.AddrPort
	Flags    Flags
	Seq, Ack uint32 // absolute; Ack means nothing unless Flags has ACK
	Window   uint16 // as it stands in the header, not scaled
	Options  []byte // raw, with padding
	Payload  []byte
}

// Tuple names the connection a segment belongs to, seen from its sender.
type Tuple struct{ Src, Dst netip.AddrPort }

// Reverse is the same connection seen from the receiver.
func (t Tuple) Reverse() Tuple { return Tuple{t.Dst, t.Src} }

// Tuple is the 4-tuple of the segment, from its sender to its receiver.
func (s *Segment) Tuple() Tuple { return Tuple{s.Src, s.Dst} }

// Len is the space that the segment takes in sequence numbers: its payload,
// and one each for SYN and FIN (SEG.LEN of RFC 9293 section 3.4).
func (s *Segment) Len() uint32 {
	n := uint32(len(s.Payload))
	if s.Flags.Has(SYN) {
		n++
	}
	if s.Flags.Has(FIN) {
		n++
	}
	return n
}

// End is the sequence number that follows the segment.
func (s *Segment) End() uint32 { return s.Seq + s.Len() }

// Before reports whether a comes before b among sequence numbers, which begin
// again at 0 after the last (RFC 9293 section 3.4). It has a meaning for numbers
// that are less than 2^31 apart.
func Before(a, b uint32) bool { return int32(a-b) < 0 }

// ErrNotTCP is returned by Parse for a datagram that carries something else.
var ErrNotTCP = errors.New("not a TCP segment")

// Parse reads an IPv4 or IPv6 datagram. Options and Payload point into frame.
// It returns ErrNotTCP for other protocols and fragments, and an error that
// says what is wrong with a datagram that is cut or malformed. It does not
// verify checksums: that is the receiver's job, as in life.
func Parse(frame []byte) (s Segment, err error) {
	err = s.Parse(frame)
	return s, err
}

// Parse is [Parse] into a segment that is there already. With an error it is
// left as it was.
func (s *Segment) Parse(frame []byte) error {
	if len(frame) == 0 {
		return errors.New("empty frame")
	}
	switch v := frame[0] >> 4; v {
	case 4:
		return s.parse4(frame)
	case 6:
		return s.parse6(frame)
	default:
		return fmt.Errorf("IP version %d: want 4 or 6", v)
	}
}

func (s *Segment) parse4(frame []byte) error {
	ip := header.IPv4(frame)
	if !ip.IsValid(len(frame)) {
		return errors.New("malformed IPv4 header")
	}
	if ip.TransportProtocol() != header.TCPProtocolNumber || ip.FragmentOffset() != 0 || ip.More() {
		return ErrNotTCP
	}
	src := netip.AddrFrom4([4]byte(frame[12:16]))
	dst := netip.AddrFrom4([4]byte(frame[16:20]))
	return s.parseTCP(src, dst, frame[ip.HeaderLength():ip.TotalLength()])
}

func (s *Segment) parse6(frame []byte) error {
	ip := header.IPv6(frame)
	if !ip.IsValid(len(frame)) {
		return errors.New("malformed IPv6 header")
	}
	if ip.NextHeader() != uint8(header.TCPProtocolNumber) {
		return ErrNotTCP // an extension header is none of gVisor's making
	}
	src := netip.AddrFrom16(ip.SourceAddress().As16())
	dst := netip.AddrFrom16(ip.DestinationAddress().As16())
	return s.parseTCP(src, dst, frame[header.IPv6MinimumSize:header.IPv6MinimumSize+int(ip.PayloadLength())])
}

func (s *Segment) parseTCP(src, dst netip.Addr, b []byte) error {
	if len(b) < header.TCPMinimumSize {
		return fmt.Errorf("TCP header cut short: %d bytes of at least %d", len(b), header.TCPMinimumSize)
	}
	t := header.TCP(b)
	off := int(t.DataOffset())
	if off < header.TCPMinimumSize || off > len(b) {
		return fmt.Errorf("TCP data offset %d: want %d to %d", off, header.TCPMinimumSize, len(b))
	}
	s.Src = netip.AddrPortFrom(src, t.SourcePort())
	s.Dst = netip.AddrPortFrom(dst, t.DestinationPort())
	s.Flags = Flags(t.Flags())
	s.Seq, s.Ack, s.Window = t.SequenceNumber(), t.AckNumber(), t.WindowSize()
	s.Options, s.Payload = b[header.TCPMinimumSize:off], b[off:]
	return nil
}

// Frame builds the datagram: an IP header with TTL 64 and id zero, and the TCP
// header with a correct checksum. Options are padded to four bytes. It returns
// an error when the two addresses are not of one family or the parts do not
// fit into a datagram.
func (s *Segment) Frame() ([]byte, error) {
	v4 := s.Src.Addr().Is4()
	if v4 != s.Dst.Addr().Is4() || !s.Src.IsValid() || !s.Dst.IsValid() {
		return nil, fmt.Errorf("segment from %s to %s: want two addresses of one family", s.Src, s.Dst)
	}
	opt := (len(s.Options) + 3) &^ 3
	if opt > header.TCPOptionsMaximumSize {
		return nil, fmt.Errorf("%d bytes of options: at most %d fit", len(s.Options), header.TCPOptionsMaximumSize)
	}
	ipLen := header.IPv4MinimumSize
	if !v4 {
		ipLen = header.IPv6MinimumSize
	}
	tcpLen := header.TCPMinimumSize + opt + len(s.Payload)
	if ipLen+tcpLen > 65535 {
		return nil, fmt.Errorf("a payload of %d bytes does not fit into a datagram", len(s.Payload))
	}
	frame := make([]byte, ipLen+tcpLen)
	src, dst := tcpip.AddrFromSlice(s.Src.Addr().AsSlice()), tcpip.AddrFromSlice(s.Dst.Addr().AsSlice())
	if v4 {
		ip := header.IPv4(frame)
		ip.Encode(&header.IPv4Fields{
			TotalLength: uint16(len(frame)), TTL: 64, Protocol: uint8(header.TCPProtocolNumber),
			SrcAddr: src, DstAddr: dst,
		})
		ip.SetChecksum(^ip.CalculateChecksum())
	} else {
		header.IPv6(frame).Encode(&header.IPv6Fields{
			PayloadLength: uint16(tcpLen), TransportProtocol: header.TCPProtocolNumber, HopLimit: 64,
			SrcAddr: src, DstAddr: dst,
		})
	}
	t := header.TCP(frame[ipLen:])
	t.Encode(&header.TCPFields{
		SrcPort: s.Src.Port(), DstPort: s.Dst.Port(), SeqNum: s.Seq, AckNum: s.Ack,
		DataOffset: uint8(header.TCPMinimumSize + opt), Flags: header.TCPFlags(s.Flags), WindowSize: s.Window,
	})
	copy(t[header.TCPMinimumSize:], s.Options)
	copy(t[header.TCPMinimumSize+opt:], s.Payload)
	sum := header.PseudoHeaderChecksum(header.TCPProtocolNumber, src, dst, uint16(tcpLen))
	t.SetChecksum(^t.CalculateChecksum(checksum.Combine(sum, checksum.Checksum(s.Payload, 0))))
	return frame, nil
}
