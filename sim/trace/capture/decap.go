package capture

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/gopacket/gopacket/layers"
)

// header is a kind of header on the way from the first byte of a packet to TCP.
type header uint8

// The kinds. With done the way ends, and cursor.what says where.
const (
	done header = iota
	hEthernet
	hSLL
	hSLL2
	hFamily
	hRaw
	hEnc
	hPflog
	hNflog
	hPktap
	hIPNet
	hSLIP
	hPPP
	hPPPDirection
	hPPPHDLC
	hPPPoE
	hHDLC
	hHDLCDirection
	hFrameRelay
	hFrameRelayDirection
	hATM
	hSunATM
	hFDDI
	hTokenRing
	hFibreChannel
	hFireWire
	hIPoIB
	hNetAnalyzer
	hDSA
	hEDSA
	hBroadcomPrepended
	hLLC
	hVLAN
	hVNTag
	hCiscoMeta
	hRedundancy
	hBackbone
	hMACsec
	hTRILL
	hNSH
	hMPLS
	hPseudowire
	hRadiotap
	hPrism
	hAVS
	hPPI
	hWLAN
	hAMSDU
	hIPv4
	hIPv6
	hUDP
	hEtherIP
	hGRE
	hERSPAN2
	hERSPAN3
	hVXLAN
	hVXLANGPE
	hGENEVE
	hTeredo
	hL2TP
	hL2TPv3
	hGTPU
	hTZSP
	hLISP
	hGUE
	hESPinUDP
	hCAPWAP
)

// headers says how a kind is called, and how one is taken off. What reads it
// returns what follows.
var headers = [...]struct {
	name string
	read func(*cursor) header
}{
	hEthernet:            {"Ethernet", (*cursor).ethernet},
	hSLL:                 {"Linux cooked", (*cursor).sll},
	hSLL2:                {"Linux cooked v2", (*cursor).sll2},
	hFamily:              {"loopback", (*cursor).family},
	hRaw:                 {"raw IP", (*cursor).raw},
	hEnc:                 {"enc", (*cursor).enc},
	hPflog:               {"pflog", (*cursor).pflog},
	hNflog:               {"NFLOG", (*cursor).nflog},
	hPktap:               {"PKTAP", (*cursor).pktap},
	hIPNet:               {"IPNET", (*cursor).ipnet},
	hSLIP:                {"SLIP", (*cursor).slip},
	hPPP:                 {"PPP", (*cursor).ppp},
	hPPPDirection:        {"PPP with direction", (*cursor).pppDirection},
	hPPPHDLC:             {"PPP in HDLC", (*cursor).pppHDLC},
	hPPPoE:               {"PPPoE", (*cursor).pppoe},
	hHDLC:                {"Cisco HDLC", (*cursor).hdlc},
	hHDLCDirection:       {"Cisco HDLC with direction", func(c *cursor) header { return c.directed(hHDLC) }},
	hFrameRelay:          {"frame relay", (*cursor).frameRelay},
	hFrameRelayDirection: {"frame relay with direction", func(c *cursor) header { return c.directed(hFrameRelay) }},
	hATM:                 {"ATM", (*cursor).atm},
	hSunATM:              {"SunATM", (*cursor).sunATM},
	hFDDI:                {"FDDI", (*cursor).fddi},
	hTokenRing:           {"token ring", (*cursor).tokenRing},
	hFibreChannel:        {"fibre channel", func(c *cursor) header { return c.after(16, hLLC) }},
	hFireWire:            {"FireWire", func(c *cursor) header { return c.typed(18, 16) }},
	hIPoIB:               {"IP over InfiniBand", func(c *cursor) header { return c.typed(44, 40) }},
	hNetAnalyzer:         {"netANALYZER", func(c *cursor) header { return c.after(4, hEthernet) }},
	hDSA:                 {"Ethernet with switch tag", func(c *cursor) header { return c.typed(18, 16) }},
	hEDSA:                {"Ethernet with switch tag", func(c *cursor) header { return c.typed(22, 20) }},
	hBroadcomPrepended:   {"switch tag", func(c *cursor) header { return c.after(4, hEthernet) }},
	hLLC:                 {"LLC", (*cursor).llc},
	hVLAN:                {"VLAN", func(c *cursor) header { return c.typed(4, 2) }},
	hVNTag:               {"VN-Tag", func(c *cursor) header { return c.typed(6, 4) }},
	hCiscoMeta:           {"Cisco MetaData", func(c *cursor) header { return c.typed(8, 6) }},
	hRedundancy:          {"802.1CB", func(c *cursor) header { return c.typed(6, 4) }},
	hBackbone:            {"802.1ah", func(c *cursor) header { return c.after(4, hEthernet) }},
	hMACsec:              {"MACsec", (*cursor).macsec},
	hTRILL:               {"TRILL", (*cursor).trill},
	hNSH:                 {"NSH", (*cursor).nsh},
	hMPLS:                {"MPLS", (*cursor).mpls},
	hPseudowire:          {"pseudowire", (*cursor).pseudowire},
	hRadiotap:            {"radiotap", (*cursor).radiotap},
	hPrism:               {"Prism", (*cursor).prism},
	hAVS:                 {"AVS", (*cursor).avs},
	hPPI:                 {"PPI", (*cursor).ppi},
	hWLAN:                {"802.11", (*cursor).wlan},
	hAMSDU:               {"A-MSDU", (*cursor).amsdu},
	hIPv4:                {"IPv4", (*cursor).ipv4},
	hIPv6:                {"IPv6", (*cursor).ipv6},
	hUDP:                 {"UDP", (*cursor).udp},
	hEtherIP:             {"EtherIP", func(c *cursor) header { return c.after(2, hEthernet) }},
	hGRE:                 {"GRE", (*cursor).gre},
	hERSPAN2:             {"ERSPAN II", (*cursor).erspan2},
	hERSPAN3:             {"ERSPAN III", (*cursor).erspan3},
	hVXLAN:               {"VXLAN", func(c *cursor) header { return c.after(8, hEthernet) }},
	hVXLANGPE:            {"VXLAN-GPE", (*cursor).vxlanGPE},
	hGENEVE:              {"GENEVE", (*cursor).geneve},
	hTeredo:              {"Teredo", (*cursor).teredo},
	hL2TP:                {"L2TP", (*cursor).l2tp},
	hL2TPv3:              {"L2TPv3", (*cursor).l2tpv3},
	hGTPU:                {"GTP-U", (*cursor).gtpu},
	hTZSP:                {"TZSP", (*cursor).tzsp},
	hLISP:                {"LISP", func(c *cursor) header { return c.after(8, hRaw) }},
	hGUE:                 {"GUE", (*cursor).gue},
	hESPinUDP:            {"ESP in UDP", (*cursor).espInUDP},
	hCAPWAP:              {"CAPWAP", func(c *cursor) header { return c.unread("CAPWAP") }},
}

// fate is what became of a packet on its way to a segment.
type fate uint8

const (
	isTCP      fate = iota
	notIP           // it cannot hold TCP: ARP and the like
	notTCP          // nor can this: ICMP, UDP that is no tunnel
	isFragment      // of a datagram that may hold TCP
	unread          // it may hold TCP, behind a header that is not known or encrypted
	malformed
)

// maxDepth bounds how many headers are taken off one packet. Wireshark gives up
// at a similar depth; a tunnel in a tunnel with all tags needs about 15.
const maxDepth = 24

// path is the headers of one packet, the outermost first.
type path [maxDepth]header

// frame is an IP datagram without what stood before it.
type frame struct {
	ip     []byte
	length int // on the wire
	cut    bool
	via    via
	toward direction
	outer  string // what stood before
}

// via tells apart where a packet was seen: which interface of a pcapng file,
// in a cooked capture of several which of those, and behind which headers: a
// host that ends a tunnel sees a segment once inside and once outside.
type via struct {
	iface int
	index uint32
	outer uint16 // number of the path
}

// direction is what some captures say.
type direction uint8

const (
	unknown direction = iota
	inward            // to the host
	outward           // from it
)

// cursor takes the headers off one packet after the other.
type cursor struct {
	b      []byte // what is left
	length int    // of that on the wire
	ip     []byte // the datagram that ended the way
	via    via
	toward direction
	path   path
	depth  int
	what   fate
	kind   string // with unread: of what
	dataAt bool   // 802.11: the header is padded to four bytes

	// rest is what follows in the same packet: 802.11 puts several together.
	rest       []byte
	restLength int

	paths    map[path]outerPath
	last     path
	lastPath outerPath
}

// outerPath is a path in words, and its number.
type outerPath struct {
	name   string
	number uint16
}

// maxPaths bounds what a file of odd packets can take.
const maxPaths = 512

// start begins with a packet, whose link type says what comes first.
func (c *cursor) start(p *packet) {
	c.b, c.length = p.data, p.length
	c.via, c.toward, c.depth = via{iface: p.iface, index: p.index}, p.toward, 0
	c.path, c.dataAt, c.rest = path{}, false, nil
}

// link takes off all headers of the packet with which start began.
func (c *cursor) link(link layers.LinkType) (frame, fate) {
	return c.run(linkHeader(c, link))
}

// again goes on with what else the packet holds.
func (c *cursor) again() (frame, fate) {
	c.b, c.length, c.rest = c.rest, c.restLength, nil
	return c.run(hAMSDU)
}

// inside goes on within a datagram that was put together from fragments.
func (c *cursor) inside(f *frame) (frame, fate) {
	c.b, c.length = f.ip, f.length
	return c.run(ipVersion(f.ip))
}

func (c *cursor) run(h header) (frame, fate) {
	for h != done {
		if c.depth == maxDepth {
			c.unread("more than %d headers", maxDepth)
			break
		}
		c.path[c.depth] = h
		c.depth++
		h = headers[h].read(c)
	}
	if c.what != isTCP && c.what != isFragment {
		return frame{}, c.what
	}
	// The datagram itself is no outer header.
	c.depth--
	c.path[c.depth] = done
	outer := c.outer()
	c.via.outer = outer.number
	return frame{ip: c.ip, length: c.length, via: c.via, toward: c.toward, outer: outer.name}, c.what
}

// outer finds the words for the path.
func (c *cursor) outer() outerPath {
	if c.path == c.last && c.lastPath.number > 0 {
		return c.lastPath
	}
	known, ok := c.paths[c.path]
	switch {
	case ok:
	case len(c.paths) >= maxPaths:
		return outerPath{c.words(), maxPaths + 1}
	default:
		if c.paths == nil {
			c.paths = map[path]outerPath{}
		}
		known = outerPath{c.words(), uint16(len(c.paths) + 1)}
		c.paths[c.path] = known
	}
	c.last, c.lastPath = c.path, known
	return known
}

func (c *cursor) words() string {
	var all []string
	for _, h := range c.path[:c.depth] {
		all = append(all, headers[h].name)
	}
	return strings.Join(all, ", ")
}

// end ends the way.
func (c *cursor) end(what fate) header {
	c.what = what
	return done
}

// unread ends it at something that is not read.
func (c *cursor) unread(kind string, args ...any) header {
	c.kind = kind
	if len(args) > 0 {
		c.kind = fmt.Sprintf(kind, args...)
	}
	return c.end(unread)
}

// short ends it where a header is not whole: because the packet ends there, or
// because the capture has cut it off.
func (c *cursor) short() header {
	if len(c.b) < c.length {
		return c.unread("headers that the snapshot length cuts off")
	}
	return c.end(malformed)
}

// after takes n bytes off.
func (c *cursor) after(n int, next header) header {
	if n < 0 || len(c.b) < n {
		return c.short()
	}
	c.b, c.length = c.b[n:], c.length-n
	return next
}

// trim leaves out what stands behind n bytes: padding, checksums.
func (c *cursor) trim(n int) {
	c.b, c.length = c.b[:min(n, len(c.b))], min(n, c.length)
}

// typed takes n bytes off, in which the EtherType of what follows stands at
// byte at.
func (c *cursor) typed(n, at int) header {
	if len(c.b) < n {
		return c.short()
	}
	kind := binary.BigEndian.Uint16(c.b[at:])
	c.b, c.length = c.b[n:], c.length-n
	return c.etherType(kind)
}

// noIP are EtherTypes of what cannot hold TCP.
var noIP = map[uint16]bool{
	0x0600: true, 0x0805: true, 0x0806: true, 0x0842: true, 0x0bad: true, 0x2000: true, 0x22ea: true, 0x22f0: true,
	0x6001: true, 0x6002: true, 0x6003: true, 0x6004: true, 0x6005: true, 0x6006: true, 0x6007: true, 0x8035: true,
	0x8037: true, 0x809b: true, 0x80f3: true, 0x8137: true, 0x8138: true, 0x8204: true, 0x8808: true, 0x8809: true,
	0x8863: true, 0x886d: true, 0x8873: true, 0x887b: true, 0x888e: true, 0x8892: true, 0x8899: true, 0x88a2: true,
	0x88a4: true, 0x88ab: true, 0x88b8: true, 0x88b9: true, 0x88ba: true, 0x88c7: true, 0x88ca: true, 0x88cc: true,
	0x88cd: true, 0x88d9: true, 0x88e1: true, 0x88e3: true, 0x88f5: true, 0x88f6: true, 0x88f7: true, 0x88f8: true,
	0x88fb: true, 0x8902: true, 0x8906: true, 0x890d: true, 0x8912: true, 0x8914: true, 0x8915: true, 0x892f: true,
	0x893a: true, 0x8940: true, 0x9000: true, 0x9001: true, 0x9002: true, 0x9003: true,
}

// etherType is what an EtherType announces. Below 0x0600 it is a length, of
// what begins with an LLC header.
func (c *cursor) etherType(kind uint16) header {
	switch kind {
	case 0x0800:
		return hIPv4
	case 0x86dd:
		return hIPv6
	case 0x8100, 0x88a8, 0x9100, 0x9200, 0x9300:
		return hVLAN
	case 0x8847, 0x8848:
		return hMPLS
	case 0x8864:
		return hPPPoE
	case 0x880b:
		return hPPP
	case 0x6558:
		return hEthernet
	case 0x894f:
		return hNSH
	case 0x88e5:
		return hMACsec
	case 0x88e7:
		return hBackbone
	case 0x8926:
		return hVNTag
	case 0x8909:
		return hCiscoMeta
	case 0xf1c1:
		return hRedundancy
	case 0x22f3:
		return hTRILL
	case 0x8870:
		return hLLC
	}
	switch {
	case kind < 0x0600:
		if kind > 0 {
			c.trim(int(kind))
		}
		return hLLC
	case noIP[kind]:
		return c.end(notIP)
	}
	return c.unread("EtherType %#04x", kind)
}

// ipVersion tells by the first byte which IP it is.
func ipVersion(b []byte) header {
	if len(b) > 0 && b[0]>>4 == 6 {
		return hIPv6
	}
	return hIPv4
}
