package fuzz

// sound reports whether the TCP checksum of a datagram is right. One bit that
// is changed under way always makes it wrong; two can cancel each other out, as
// they can on any network, and the host takes what it gets.
func sound(frame []byte) bool {
	if len(frame) < 20 {
		return false
	}
	var header, segment []byte // the addresses of the pseudo-header, and what follows the IP header
	switch n := int(frame[0]&0xf) * 4; frame[0] >> 4 {
	case 4:
		if n > len(frame) {
			return false
		}
		header, segment = frame[12:20], frame[n:]
	case 6:
		if len(frame) < 40 {
			return false
		}
		header, segment = frame[8:40], frame[40:]
	default:
		return false
	}
	const tcp = 6
	sum := uint32(tcp) + uint32(len(segment))
	for _, part := range [][]byte{header, segment} {
		for i := 0; i+1 < len(part); i += 2 {
			sum += uint32(part[i])<<8 | uint32(part[i+1])
		}
		if len(part)%2 == 1 {
			sum += uint32(part[len(part)-1]) << 8
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return sum == 0xffff
}
