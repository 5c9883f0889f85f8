package capture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/gopacket/gopacket/layers"
)

// links is what a packet begins with, by the number of the link type in files
// (tcpdump.org's LINKTYPE_ values). 12 and 14 are what raw IP was on some
// systems before it became 101, and 149 what PKTAP is on macOS.
var links = map[layers.LinkType]header{
	0: hFamily, 1: hEthernet, 6: hTokenRing, 8: hSLIP, 9: hPPP, 10: hFDDI, 12: hRaw, 14: hRaw,
	50: hPPPHDLC, 51: hPPPoE, 100: hATM, 101: hRaw, 104: hHDLC, 105: hWLAN, 107: hFrameRelay, 108: hFamily, 109: hEnc,
	113: hSLL, 117: hPflog, 119: hPrism, 122: hFibreChannel, 123: hSunATM, 127: hRadiotap, 138: hFireWire, 149: hPktap,
	163: hAVS, 166: hPPPDirection, 192: hPPI, 204: hPPPDirection, 205: hHDLCDirection, 206: hFrameRelayDirection,
	226: hIPNet, 228: hRaw, 229: hRaw, 239: hNflog, 240: hNetAnalyzer, 242: hIPoIB, 258: hPktap, 276: hSLL2,
	281: hDSA, 282: hBroadcomPrepended, 284: hDSA, 285: hEDSA,
}

// linkNames are link types that hold no TCP, or that are not read.
var linkNames = map[layers.LinkType]string{
	7: "ARCNET", 114: "LocalTalk", 129: "ARCNET", 143: "DOCSIS", 144: "IrDA", 161: "X.25", 165: "BACnet", 177: "LAPD",
	187: "Bluetooth", 189: "USB", 195: "802.15.4", 197: "ERF", 201: "Bluetooth", 209: "I2C", 215: "802.15.4",
	220: "USB", 224: "fibre channel", 225: "fibre channel", 227: "CAN", 230: "802.15.4", 247: "InfiniBand",
	249: "USB", 251: "Bluetooth LE", 252: "Wireshark's exported PDUs", 253: "netlink", 255: "Bluetooth", 256: "Bluetooth LE",
	272: "nRF", 283: "802.15.4",
}

func linkHeader(c *cursor, link layers.LinkType) header {
	if link == 1 {
		return hEthernet
	}
	if h, ok := links[link]; ok {
		return h
	}
	if name := linkNames[link]; name != "" {
		return c.unread("link type %d (%s)", link, name)
	}
	return c.unread("link type %d", link)
}

func (c *cursor) ethernet() header {
	b := c.b
	if len(b) < 14 {
		return c.short()
	}
	kind := binary.BigEndian.Uint16(b[12:])
	c.b, c.length = b[14:], c.length-14
	if kind == 0x0800 {
		return hIPv4
	}
	return c.etherType(kind)
}

func (c *cursor) sll() header {
	if len(c.b) < 16 {
		return c.short()
	}
	c.toward = cooked(c.b[1])
	return c.cookedType(16, binary.BigEndian.Uint16(c.b[2:]), binary.BigEndian.Uint16(c.b[14:]))
}

func (c *cursor) sll2() header {
	if len(c.b) < 20 {
		return c.short()
	}
	c.via.index = binary.BigEndian.Uint32(c.b[4:])
	c.toward = cooked(c.b[10])
	return c.cookedType(20, binary.BigEndian.Uint16(c.b[8:]), binary.BigEndian.Uint16(c.b))
}

// cookedType is what a cooked header announces. Its small protocol numbers are
// Linux's own.
func (c *cursor) cookedType(n int, device, kind uint16) header {
	c.b, c.length = c.b[n:], c.length-n
	switch {
	case device == 824: // netlink
		return c.end(notIP)
	case kind == 1: // raw 802.3, Novell's
		return c.end(notIP)
	case kind == 4: // 802.2
		return hLLC
	case kind < 0x0600:
		return c.end(notIP)
	}
	return c.etherType(kind)
}

// cooked is the direction of a type of packet in a cooked capture.
func cooked(packetType byte) direction {
	if packetType == 4 {
		return outward
	}
	return inward
}

// family reads the header of a loopback: the address family in the order of
// the machine that captured. IPv6 has another number on each.
func (c *cursor) family() header {
	if len(c.b) < 4 {
		return c.short()
	}
	number := binary.LittleEndian.Uint32(c.b) | binary.BigEndian.Uint32(c.b)
	return c.after(4, c.addressFamily(byte(number)))
}

func (c *cursor) addressFamily(number byte) header {
	switch number {
	case 2:
		return hIPv4
	case 10, 24, 26, 28, 30:
		return hIPv6
	}
	return c.end(notIP)
}

func (c *cursor) raw() header {
	if len(c.b) == 0 {
		return c.short()
	}
	// It is no header of its own, and has no place in the path.
	c.depth--
	return ipVersion(c.b)
}

// enc is what OpenBSD's enc(4) puts before what IPsec has decrypted.
func (c *cursor) enc() header {
	if len(c.b) < 12 {
		return c.short()
	}
	number := binary.LittleEndian.Uint32(c.b) | binary.BigEndian.Uint32(c.b)
	return c.after(12, c.addressFamily(byte(number)))
}

// pflog is what pf puts before what it logs. Its length does not count the
// padding.
func (c *cursor) pflog() header {
	if len(c.b) < 2 {
		return c.short()
	}
	return c.after((int(c.b[0])+3)&^3, c.addressFamily(c.b[1]))
}

// nflog reads the attributes of Linux's nfnetlink_log: the packet is one of
// them. They are in the order of the machine that captured.
func (c *cursor) nflog() header {
	const payload = 9
	if len(c.b) < 4 {
		return c.short()
	}
	c.after(4, done)
	for len(c.b) >= 4 {
		size, kind := int(binary.LittleEndian.Uint16(c.b)), binary.LittleEndian.Uint16(c.b[2:])
		if kind&0xff == 0 && kind > 0 {
			size, kind = int(binary.BigEndian.Uint16(c.b)), binary.BigEndian.Uint16(c.b[2:])
		}
		if size < 4 {
			return c.end(malformed)
		}
		if kind&0x7fff == payload {
			c.trim(size)
			c.after(4, done)
			return hRaw
		}
		if c.after((size+3)&^3, hNflog) == done {
			return done
		}
	}
	return c.short()
}

// pktap is what macOS puts before the packets of several interfaces.
func (c *cursor) pktap() header {
	if len(c.b) < 48 {
		return c.short()
	}
	size := binary.LittleEndian.Uint32(c.b)
	if size < 48 || size > 4096 {
		return c.end(malformed)
	}
	if binary.LittleEndian.Uint32(c.b[4:]) != 1 { // not a packet
		return c.end(notIP)
	}
	link := layers.LinkType(binary.LittleEndian.Uint32(c.b[8:]))
	name, _, _ := bytes.Cut(c.b[12:36], []byte{0})
	c.via.index = crc32.ChecksumIEEE(name)
	switch binary.LittleEndian.Uint32(c.b[36:]) & 3 {
	case 1:
		c.toward = inward
	case 2:
		c.toward = outward
	}
	if h := c.after(int(size), hPktap); h == done {
		return h
	}
	return linkHeader(c, link)
}

// ipnet is what Solaris puts before packets.
func (c *cursor) ipnet() header {
	if len(c.b) < 24 {
		return c.short()
	}
	return c.after(24, c.addressFamily(c.b[1]))
}

// slip has a header of libpcap's: the direction, and how the packet was
// compressed.
func (c *cursor) slip() header {
	if len(c.b) < 16 {
		return c.short()
	}
	if kind := c.b[1]; kind&0x80 != 0 || kind>>4 == 7 {
		return c.unread("TCP compressed as Van Jacobson does")
	}
	return c.after(16, hRaw)
}

// directed takes off the byte that says the direction: 0 is inward.
func (c *cursor) directed(next header) header {
	if len(c.b) < 1 {
		return c.short()
	}
	c.toward = inward
	if c.b[0] != 0 {
		c.toward = outward
	}
	return c.after(1, next)
}

func (c *cursor) pppDirection() header {
	if h := c.directed(hPPP); h == done {
		return h
	}
	if len(c.b) > 0 && c.b[0] == 3 { // pppd puts the direction in place of the address
		c.after(1, done)
	}
	return hPPP
}

func (c *cursor) pppHDLC() header {
	if len(c.b) > 1 && (c.b[0] == 0x0f || c.b[0] == 0x8f) && c.b[1] == 0 {
		return hHDLC
	}
	return hPPP
}

// ppp reads a PPP frame (RFC 1661), with HDLC's address or without. Fields may
// be compressed.
func (c *cursor) ppp() header {
	b := c.b
	if len(b) > 1 && b[0] == 0xff && b[1] == 3 {
		b = b[2:]
	}
	if len(b) < 2 {
		return c.short()
	}
	number, n := uint16(b[0]), 1
	if number&1 == 0 {
		number, n = binary.BigEndian.Uint16(b), 2
	}
	c.after(len(c.b)-len(b)+n, done)
	switch number {
	case 0x21:
		return hIPv4
	case 0x57:
		return hIPv6
	case 0x281, 0x283:
		return hMPLS
	case 0x31: // bridged (RFC 3518): flags, the kind of MAC
		return c.after(2, hEthernet)
	case 0x3d: // multilink (RFC 1990): whole where both bits are set
		if len(c.b) > 0 && c.b[0]>>6 == 3 {
			return c.after(4, hPPP)
		}
		return c.unread("fragments of PPP multilink")
	case 0x2d, 0x2f:
		return c.unread("TCP compressed as Van Jacobson does")
	case 0xfb, 0xfd:
		return c.unread("compressed PPP")
	case 0x53, 0x55:
		return c.unread("encrypted PPP")
	}
	return c.end(notIP)
}

func (c *cursor) pppoe() header {
	if len(c.b) < 6 {
		return c.short()
	}
	code, size := c.b[1], int(binary.BigEndian.Uint16(c.b[4:]))
	c.after(6, done)
	if code != 0 {
		return c.end(notIP)
	}
	c.trim(size)
	return hPPP
}

func (c *cursor) hdlc() header {
	if len(c.b) > 1 && c.b[0] == 0xff && c.b[1] == 3 {
		return hPPP
	}
	return c.typed(4, 2)
}

// frameRelay reads RFC 2427's encapsulation, and Cisco's, which has an
// EtherType behind the address.
func (c *cursor) frameRelay() header {
	n := 0
	for n < len(c.b) && n < 4 && c.b[n]&1 == 0 {
		n++
	}
	if c.after(n+1, hFrameRelay) == done {
		return done
	}
	if len(c.b) < 2 {
		return c.short()
	}
	if c.b[0] != 3 {
		return c.typed(2, 0)
	}
	c.after(1, done)
	if c.b[0] == 0 { // a padding byte
		c.after(1, done)
	}
	return c.nlpid()
}

// nlpid reads what ISO/IEC 9577 numbers.
func (c *cursor) nlpid() header {
	if len(c.b) < 1 {
		return c.short()
	}
	number := c.b[0]
	c.after(1, done)
	switch number {
	case 0xcc:
		return hIPv4
	case 0x8e:
		return hIPv6
	case 0x80:
		return c.snap(0)
	case 0xcf:
		return hPPP
	}
	return c.end(notIP)
}

// llc reads 802.2's header.
func (c *cursor) llc() header { return c.llcOf(0) }

func (c *cursor) llcOf(padding int) header {
	if len(c.b) < 3 {
		return c.short()
	}
	dsap, ssap, control := c.b[0], c.b[1], c.b[2]
	if control != 3 { // no unnumbered information
		return c.end(notIP)
	}
	c.after(3, done)
	switch {
	case dsap == 0xaa && ssap == 0xaa:
		return c.snap(padding)
	case dsap == 6 && ssap == 6:
		return hIPv4
	case dsap == 0xfe && ssap == 0xfe:
		return c.nlpid()
	}
	return c.end(notIP)
}

// snap reads the five bytes of SNAP. Bridged frames have padding before them in
// ATM (RFC 2684).
func (c *cursor) snap(padding int) header {
	if len(c.b) < 5 {
		return c.short()
	}
	organisation := uint32(c.b[0])<<16 | uint32(c.b[1])<<8 | uint32(c.b[2])
	kind := binary.BigEndian.Uint16(c.b[3:])
	c.after(5, done)
	switch organisation {
	case 0, 0x0000f8:
		return c.etherType(max(kind, 0x600)) // it is never a length
	case 0x0080c2:
		if kind == 1 || kind == 7 {
			return c.after(padding, hEthernet)
		}
	}
	return c.end(notIP)
}

// atm is RFC 2684's: LLC, or IP alone.
func (c *cursor) atm() header {
	if len(c.b) > 0 && (c.b[0] == 0x45 || c.b[0]>>4 == 6) {
		return hRaw
	}
	return c.llcOf(2)
}

func (c *cursor) sunATM() header {
	if len(c.b) < 4 {
		return c.short()
	}
	kind := c.b[0] & 15
	if c.toward = inward; c.b[0]&0x80 != 0 {
		c.toward = outward
	}
	c.after(4, done)
	switch kind {
	case 2:
		return hATM
	case 1:
		return c.after(2, hEthernet) // LAN emulation
	}
	return c.end(notIP)
}

func (c *cursor) fddi() header {
	if len(c.b) > 0 && c.b[0]&0xf0 != 0x50 { // no LLC
		return c.end(notIP)
	}
	return c.after(13, hLLC)
}

func (c *cursor) tokenRing() header {
	if len(c.b) < 14 {
		return c.short()
	}
	if c.b[1]&0xc0 != 0x40 {
		return c.end(notIP)
	}
	routing := 0
	if c.b[8]&0x80 != 0 { // source routing
		if len(c.b) < 15 {
			return c.short()
		}
		routing = int(c.b[14] & 31)
	}
	return c.after(14+routing, hLLC)
}

// macsec reads 802.1AE's tag where it protects without encrypting.
func (c *cursor) macsec() header {
	if len(c.b) < 6 {
		return c.short()
	}
	if c.b[0]&0x0c != 0 {
		return c.unread("MACsec, encrypted")
	}
	n := 6
	if c.b[0]&0x20 != 0 {
		n = 14
	}
	return c.typed(n+2, n)
}

func (c *cursor) trill() header {
	if len(c.b) < 6 {
		return c.short()
	}
	options := int(binary.BigEndian.Uint16(c.b)>>6&31) * 4
	return c.after(6+options, hEthernet)
}

// nsh reads RFC 8300's header.
func (c *cursor) nsh() header {
	if len(c.b) < 8 {
		return c.short()
	}
	size, next := int(c.b[1]&63)*4, c.b[3]
	if size < 8 {
		return c.end(malformed)
	}
	return c.after(size, c.service(next))
}

// service is what VXLAN-GPE and NSH number.
func (c *cursor) service(number byte) header {
	switch number {
	case 1:
		return hIPv4
	case 2:
		return hIPv6
	case 3:
		return hEthernet
	case 4:
		return hNSH
	case 5:
		return hMPLS
	}
	return c.unread("service protocol %d", number)
}

// mpls reads a stack of labels (RFC 3032). What follows is not said: the first
// four bits tell, as routers do it (RFC 4928).
func (c *cursor) mpls() header {
	for {
		if len(c.b) < 4 {
			return c.short()
		}
		bottom := c.b[2]&1 != 0
		c.after(4, done)
		if bottom {
			break
		}
	}
	if len(c.b) == 0 {
		return c.short()
	}
	switch b := c.b; {
	case b[0]>>4 == 4 && b[0]&15 >= 5 || b[0]>>4 == 6:
		return ipVersion(b)
	case b[0]>>4 == 1: // an associated channel (RFC 4385)
		return c.end(notIP)
	}
	return hPseudowire
}

// pseudowire is Ethernet in MPLS (RFC 4448), with the control word or without:
// its first four bits are zero, and so are those of many an address. What
// leads to a known EtherType is right.
func (c *cursor) pseudowire() header {
	for _, n := range []int{4, 0} {
		if len(c.b) < n+14 || n > 0 && c.b[0]>>4 != 0 {
			continue
		}
		switch binary.BigEndian.Uint16(c.b[n+12:]) {
		case 0x0800, 0x86dd, 0x8100, 0x88a8, 0x8847, 0x8864:
			return c.after(n, hEthernet)
		}
	}
	return c.unread("MPLS without IP or Ethernet")
}
