package capture

import "encoding/binary"

// ipProtocol is what an IP datagram announces.
func (c *cursor) ipProtocol(number byte) header {
	switch number {
	case 4:
		return hIPv4
	case 17:
		return hUDP
	case 41:
		return hIPv6
	case 47:
		return hGRE
	case 97:
		return hEtherIP
	case 115:
		return hL2TPv3
	case 137:
		return hMPLS
	case 50:
		return c.unread("ESP, encrypted")
	case 108:
		return c.unread("compressed IP")
	}
	return c.end(notTCP)
}

// leads reports whether TCP may follow in a datagram of a protocol.
func leads(number byte) bool {
	switch number {
	case protoTCP, 4, 17, 41, 47, 97, 115, 137:
		return true
	}
	return false
}

// ipv4 ends at TCP and at fragments; else it goes on in a tunnel.
func (c *cursor) ipv4() header {
	b := c.b
	if len(b) == 0 {
		return c.short()
	}
	if b[0]>>4 != 4 {
		return c.end(malformed)
	}
	if len(b) < headerIPv4 {
		return c.short()
	}
	place := binary.BigEndian.Uint16(b[6:]) & 0x3fff
	if b[9] == protoTCP {
		c.ip = b
		if place != 0 {
			return c.end(isFragment)
		}
		return c.end(isTCP)
	}
	head, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	number := b[9]
	if total == 0 {
		total = c.length // the card fills it in
	}
	if head < headerIPv4 || total < head {
		return c.end(malformed)
	}
	if place != 0 {
		switch {
		case !leads(number):
			return c.end(notTCP)
		case number == protoUDP && place&0x1fff == 0 && !isTunnel(b[min(head, len(b)):]):
			return c.end(notTCP)
		}
		c.ip = b
		return c.end(isFragment)
	}
	c.trim(total)
	if c.after(head, hIPv4) == done {
		return done
	}
	if number == 51 { // authentication
		size, next, ok := authentication(c.b)
		switch {
		case !ok:
			return c.short()
		case next == protoTCP:
			c.ip, c.b, c.length = b[:min(total, len(b))], b, total
			return c.end(isTCP)
		}
		number = next
		c.after(min(size, len(c.b)), done)
	}
	return c.ipProtocol(number)
}

// authentication reads RFC 4302's header.
func authentication(b []byte) (size int, next byte, ok bool) {
	if len(b) < 12 {
		return 0, 0, false
	}
	return (int(b[1]) + 2) * 4, b[0], true
}

func (c *cursor) ipv6() header {
	b := c.b
	if len(b) == 0 {
		return c.short()
	}
	if b[0]>>4 != 6 {
		return c.end(malformed)
	}
	if len(b) < headerIPv6 {
		return c.short()
	}
	if b[6] == protoTCP {
		c.ip = b
		return c.end(isTCP)
	}
	total := headerIPv6 + int(binary.BigEndian.Uint16(b[4:]))
	if total == headerIPv6 {
		total = c.length
	}
	head, number, what := extensions(b, min(total, len(b)))
	switch {
	case what == malformed && min(total, c.length) > len(b):
		return c.short()
	case what == isFragment && number == protoUDP && head+8 <= len(b) && binary.BigEndian.Uint16(b[head+2:])>>3 == 0 && !isTunnel(b[head+8:]):
		return c.end(notTCP)
	case what == isTCP, what == isFragment:
		c.ip = b
		return c.end(what)
	case what == malformed:
		return c.end(what)
	}
	c.trim(total)
	if c.after(head, hIPv6) == done {
		return done
	}
	return c.ipProtocol(number)
}

// extensions finds what IPv6's extension headers lead to, in the first n bytes:
// TCP, a fragment of what may hold TCP (then head is that of the fragment
// header), or another protocol.
func extensions(b []byte, n int) (head int, number byte, what fate) {
	number, head = b[6], headerIPv6
	for {
		switch number {
		case protoTCP:
			return head, number, isTCP
		case 0, 43, 44, 51, 60, 135, 139, 140:
		default:
			return head, number, notTCP
		}
		if n < head+8 {
			return head, number, malformed
		}
		size := (int(b[head+1]) + 1) * 8
		switch number {
		case 44: // fragment; one that is the whole datagram counts as none
			if binary.BigEndian.Uint16(b[head+2:])&0xfff9 != 0 {
				if number = b[head]; !leads(number) {
					return head, 59, notTCP // no next header
				}
				return head, number, isFragment
			}
			size = 8
		case 51: // authentication
			size = (int(b[head+1]) + 2) * 4
		}
		number = b[head]
		head += size
	}
}

const protoUDP = 17

// tunnels are what UDP carries, by the port. The one that a datagram is for
// counts first.
func tunnel(port uint16) header {
	switch port {
	case 4789, 8472: // the second is Linux's from before there was a number
		return hVXLAN
	case 4790:
		return hVXLANGPE
	case 6081:
		return hGENEVE
	case 2152:
		return hGTPU
	case 3544:
		return hTeredo
	case 1701:
		return hL2TP
	case 4754:
		return hGRE
	case 6635:
		return hMPLS
	case 6080:
		return hGUE
	case 4341:
		return hLISP
	case 4500:
		return hESPinUDP
	case 5247:
		return hCAPWAP
	case 37008:
		return hTZSP
	}
	return done
}

// isTunnel reports whether an UDP datagram is for a tunnel.
func isTunnel(b []byte) bool {
	return len(b) >= 4 && (tunnel(binary.BigEndian.Uint16(b[2:])) != done || tunnel(binary.BigEndian.Uint16(b)) != done)
}

func (c *cursor) udp() header {
	b := c.b
	if len(b) < 8 {
		return c.short()
	}
	h := tunnel(binary.BigEndian.Uint16(b[2:]))
	if h == done {
		h = tunnel(binary.BigEndian.Uint16(b))
	}
	if h == done {
		return c.end(notTCP)
	}
	if size := int(binary.BigEndian.Uint16(b[4:])); size >= 8 {
		c.trim(size)
	}
	return c.after(8, h)
}

// gre reads RFC 2784's header with RFC 2890's fields, and the version of PPTP
// (RFC 2637).
func (c *cursor) gre() header {
	const checksum, routing, key, sequence, acknowledgement = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
	if len(c.b) < 4 {
		return c.short()
	}
	flags, kind := binary.BigEndian.Uint16(c.b), binary.BigEndian.Uint16(c.b[2:])
	n := 4
	for _, f := range []uint16{checksum | routing, key, sequence} {
		if flags&f != 0 {
			n += 4
		}
	}
	switch version := flags & 7; {
	case version == 1:
		if flags&acknowledgement != 0 {
			n += 4
		}
		if flags&sequence == 0 { // an acknowledgement alone
			return c.end(notIP)
		}
	case version > 1:
		return c.unread("GRE version %d", version)
	}
	if c.after(n, hGRE) == done {
		return done
	}
	if flags&routing != 0 {
		if h := c.sourceRoutes(); h == done {
			return h
		}
	}
	switch kind {
	case 0: // Cisco's keepalive
		return c.end(notIP)
	case 0x88be: // type I has no sequence number, and no header
		if flags&sequence == 0 {
			return hEthernet
		}
		return hERSPAN2
	case 0x22eb:
		return hERSPAN3
	case 0x883e: // WCCP: the second version has four bytes more
		if len(c.b) > 0 && c.b[0]>>4 == 4 {
			return hIPv4
		}
		return c.after(4, hIPv4)
	case 0x00fe:
		return c.nlpid()
	}
	if kind < 0x0600 {
		return c.unread("GRE protocol %#04x", kind)
	}
	return c.etherType(kind)
}

// sourceRoutes takes off the list that RFC 1701 has.
func (c *cursor) sourceRoutes() header {
	for {
		if len(c.b) < 4 {
			return c.short()
		}
		family, size := binary.BigEndian.Uint16(c.b), int(c.b[3])
		if c.after(4+size, hGRE) == done {
			return done
		}
		if family == 0 && size == 0 {
			return hGRE
		}
	}
}

func (c *cursor) erspan2() header {
	if len(c.b) < 8 {
		return c.short()
	}
	if c.b[0]>>4 == 2 {
		return hERSPAN3
	}
	return c.after(8, hEthernet)
}

// erspan3 may hold more than Ethernet, and have a header of the platform.
func (c *cursor) erspan3() header {
	if len(c.b) < 12 {
		return c.short()
	}
	n, kind := 12, binary.BigEndian.Uint16(c.b[10:])>>11&31
	if c.b[11]&1 != 0 {
		n += 8
	}
	if kind == 2 && c.b[10]&0x80 != 0 {
		return c.after(n, hRaw)
	}
	return c.after(n, hEthernet)
}

func (c *cursor) vxlanGPE() header {
	if len(c.b) < 8 {
		return c.short()
	}
	next := byte(3)
	if c.b[0]&4 != 0 {
		next = c.b[3]
	}
	return c.after(8, c.service(next))
}

// geneve reads RFC 8926's header.
func (c *cursor) geneve() header {
	if len(c.b) < 8 {
		return c.short()
	}
	options, kind := int(c.b[0]&63)*4, binary.BigEndian.Uint16(c.b[2:])
	if c.after(8+options, hGENEVE) == done {
		return done
	}
	return c.etherType(max(kind, 0x600))
}

// teredo reads RFC 4380's indications, behind which IPv6 follows.
func (c *cursor) teredo() header {
	for len(c.b) >= 4 && c.b[0] == 0 {
		n := 8 // origin
		if c.b[1] == 1 {
			n = 4 + int(c.b[2]) + int(c.b[3]) + 9
		}
		if c.after(n, hTeredo) == done {
			return done
		}
	}
	if len(c.b) > 0 && c.b[0]>>4 != 6 {
		return c.end(notTCP)
	}
	return hIPv6
}

// l2tp reads RFC 2661's header, and RFC 3931's over UDP.
func (c *cursor) l2tp() header {
	if len(c.b) < 6 {
		return c.short()
	}
	flags := binary.BigEndian.Uint16(c.b)
	if flags&0x8000 != 0 {
		return c.end(notTCP) // control
	}
	switch flags & 15 {
	case 2:
	case 3:
		return c.after(4, hL2TPv3)
	default:
		return c.end(notTCP)
	}
	n := 6
	if flags&0x4000 != 0 {
		n += 2
	}
	if flags&0x0800 != 0 {
		n += 4
	}
	if flags&0x0200 != 0 {
		if len(c.b) < n+2 {
			return c.short()
		}
		n += 2 + int(binary.BigEndian.Uint16(c.b[n:]))
	}
	return c.after(n, hPPP)
}

// l2tpv3 has a cookie and a sublayer of sizes that both ends have agreed on
// before, so it looks where an Ethernet header makes sense.
func (c *cursor) l2tpv3() header {
	if len(c.b) < 4 {
		return c.short()
	}
	if binary.BigEndian.Uint32(c.b) == 0 {
		return c.end(notTCP) // control
	}
	for _, n := range []int{4, 8, 12, 16} {
		if len(c.b) < n+15 {
			break
		}
		switch kind, first := binary.BigEndian.Uint16(c.b[n+12:]), c.b[n+14]; {
		case kind == 0x0800 && first>>4 == 4 && first&15 >= 5, kind == 0x86dd && first>>4 == 6, kind == 0x8100, kind == 0x88a8, kind == 0x0806:
			return c.after(n, hEthernet)
		}
	}
	return c.unread("L2TPv3 that is not Ethernet")
}

// gtpu reads the header of user data in mobile networks (3GPP TS 29.281).
func (c *cursor) gtpu() header {
	if len(c.b) < 8 {
		return c.short()
	}
	flags, message := c.b[0], c.b[1]
	if flags>>5 != 1 || message != 0xff {
		return c.end(notTCP)
	}
	c.trim(8 + int(binary.BigEndian.Uint16(c.b[2:])))
	n := 8
	if flags&7 != 0 {
		if n = 12; len(c.b) < n {
			return c.short()
		}
		for next := c.b[11]; flags&4 != 0 && next != 0; {
			if len(c.b) <= n || c.b[n] == 0 {
				return c.short()
			}
			n += int(c.b[n]) * 4
			if len(c.b) < n {
				return c.short()
			}
			next = c.b[n-1]
		}
	}
	if c.after(n, hGTPU) == done {
		return done
	}
	switch {
	case len(c.b) == 0:
		return c.short()
	case c.b[0]>>4 == 4 || c.b[0]>>4 == 6:
		return ipVersion(c.b)
	}
	return c.unread("GTP-U without IP")
}

// tzsp reads what wireless access points and MikroTik's routers mirror with.
func (c *cursor) tzsp() header {
	const padding, last, ethernet, wireless = 0, 1, 1, 18
	if len(c.b) < 4 {
		return c.short()
	}
	message, carried := c.b[1], binary.BigEndian.Uint16(c.b[2:])
	if message > 1 {
		return c.end(notTCP)
	}
	n := 4
	for {
		if n+1 >= len(c.b) {
			return c.short()
		}
		tag := c.b[n]
		n++
		if tag == last {
			break
		}
		if tag != padding {
			n += 1 + int(c.b[n])
		}
	}
	switch carried {
	case ethernet:
		return c.after(n, hEthernet)
	case wireless:
		return c.after(n, hWLAN)
	}
	return c.unread("TZSP protocol %d", carried)
}

// gue reads generic UDP encapsulation, whose second variant is IP without any
// header.
func (c *cursor) gue() header {
	if len(c.b) < 4 {
		return c.short()
	}
	first := c.b[0]
	switch {
	case first>>6 == 1:
		return hRaw
	case first>>6 > 1 || first&0x20 != 0:
		return c.end(notTCP)
	}
	number := c.b[1]
	if number == protoTCP {
		return c.unread("TCP in GUE without IP")
	}
	return c.after(4+int(first&31)*4, c.ipProtocol(number))
}

// espInUDP tells RFC 3948's packets from those that only keep a NAT open, and
// from the key exchange.
func (c *cursor) espInUDP() header {
	if len(c.b) < 8 || binary.BigEndian.Uint32(c.b) == 0 {
		return c.end(notTCP)
	}
	return c.unread("ESP, encrypted")
}
