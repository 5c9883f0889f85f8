package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
)

// wrapper puts a datagram behind other headers.
type wrapper func(datagram []byte) []byte

// around lets the wrappers stand in the order of the headers: the first is the
// outermost.
func around(all ...wrapper) wrapper {
	return func(d []byte) []byte {
		for i := len(all) - 1; i >= 0; i-- {
			d = all[i](d)
		}
		return d
	}
}

// raw is a header of the same bytes each time.
func raw(parts ...any) wrapper {
	var head []byte
	for _, p := range parts {
		switch v := p.(type) {
		case string:
			head = append(head, v...)
		case []byte:
			head = append(head, v...)
		default:
			head, _ = binary.Append(head, binary.BigEndian, p)
		}
	}
	return before(head...)
}

var macs = []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}

func ether(kind uint16) wrapper { return raw(macs, kind) }

func vlan(id, kind uint16) wrapper { return raw(id, kind) }

// outer4 is an IPv4 header between two tunnel ends.
func outer4(protocol byte) wrapper {
	return func(d []byte) []byte {
		h, _ := binary.Append([]byte{0x45, 0}, binary.BigEndian, uint16(20+len(d)))
		h = append(h, 0, 7, 0x40, 0, 64, protocol, 0, 0, 203, 0, 113, 1, 203, 0, 113, 2)
		binary.BigEndian.PutUint16(h[10:], checksum(h))
		return append(h, d...)
	}
}

func outer6(next byte) wrapper {
	return func(d []byte) []byte {
		h, _ := binary.Append([]byte{0x60, 0, 0, 0}, binary.BigEndian, uint16(len(d)))
		h = append(h, next, 64)
		for _, last := range []byte{1, 2} {
			h = append(append(h, 0x20, 1, 0x0d, 0xb8), zeros(11, last)...)
		}
		return append(h, d...)
	}
}

func udp(port uint16) wrapper {
	return func(d []byte) []byte {
		h, _ := binary.Append(nil, binary.BigEndian, []uint16{50000, port, uint16(8 + len(d)), 0})
		return append(h, d...)
	}
}

// sized is a header in which the length of what follows stands.
func sized(head []byte, more int, tail ...byte) wrapper {
	return func(d []byte) []byte {
		h, _ := binary.Append(bytes.Clone(head), binary.BigEndian, uint16(len(d)+more))
		return append(append(h, tail...), d...)
	}
}

// snap is LLC with SNAP.
func snap(kind uint16) wrapper { return raw("\xaa\xaa\x03\x00\x00\x00", kind) }

func pppoe() wrapper { return sized([]byte{0x11, 0, 0, 1}, 2, 0, 0x21) }

// extension puts an extension header of IPv6 behind its header.
func extension(first byte) wrapper {
	return func(d []byte) []byte { return extended(d, first, 6, 0, 1, 4, 0, 0, 0, 0) }
}

// wireless is a frame of data from a station to an access point.
func wireless(control, flags byte, more ...byte) wrapper {
	head := append([]byte{control, flags, 0, 0}, macs...)
	head = append(head, 2, 0, 0, 0, 0, 3, 0, 0)
	return raw(append(head, more...))
}

func little(values ...any) []byte {
	var b []byte
	for _, v := range values {
		b, _ = binary.Append(b, binary.LittleEndian, v)
	}
	return b
}

func nflog(d []byte) []byte {
	head := little(uint16(4+len(d)), uint16(9))
	return append(append([]byte{2, 0, 0, 1}, head...), append(d, make([]byte, (4-len(d)%4)%4)...)...)
}

// encapsulation is one way in which TCP comes.
type encapsulation struct {
	name string
	link uint32
	six  bool // the datagram inside is IPv6
	wrap wrapper
	// outer is what the report says stands before the datagram.
	outer string
	// only says that Wireshark 4 does not read it by itself.
	only bool
}

func encapsulations() []encapsulation {
	tunnel := func(protocol byte, inside ...wrapper) wrapper {
		return around(append([]wrapper{ether(0x800), outer4(protocol)}, inside...)...)
	}
	over := func(port uint16, inside ...wrapper) wrapper {
		return tunnel(17, append([]wrapper{udp(port)}, inside...)...)
	}
	v4 := ether(0x800)
	sll := func(kind uint16) wrapper {
		return raw("\x00\x00\x00\x01\x00\x06", []byte{2, 0, 0, 0, 0, 1, 0, 0}, kind)
	}
	pktap := func() wrapper {
		head := little(uint32(108), uint32(1), uint32(1))
		head = append(append(head, "en0"...), make([]byte, 21)...)
		head = append(head, little(uint32(1), uint32(2), uint32(14), uint32(0))...)
		return around(raw(append(head, make([]byte, 108-len(head))...)), v4)
	}
	pflog := func() wrapper {
		head := append([]byte{61, 2, 0, 0}, append([]byte("em0"), zeros(13+16, 0, 0, 0, 1, 255, 255, 255, 255)...)...)
		return raw(append(head, zeros(16, 1, 0, 0, 0)...))
	}
	return []encapsulation{
		{name: "eth", link: 1, wrap: v4},
		{name: "eth6", link: 1, six: true, wrap: ether(0x86dd)},
		{name: "vlan", link: 1, wrap: around(ether(0x8100), vlan(5, 0x800)), outer: "Ethernet, VLAN"},
		{name: "qinq", link: 1, wrap: around(ether(0x88a8), vlan(5, 0x8100), vlan(6, 0x800))},
		{name: "qinq-9200", link: 1, wrap: around(ether(0x9200), vlan(5, 0x8100), vlan(6, 0x800)), only: true},
		{name: "three-tags", link: 1, wrap: around(ether(0x8100), vlan(5, 0x8100), vlan(6, 0x8100), vlan(7, 0x800))},
		{name: "mpls", link: 1, wrap: around(ether(0x8847), raw(uint32(16<<12|0x140)))},
		{name: "mpls2", link: 1, wrap: around(ether(0x8847), raw(uint32(16<<12|0x40), uint32(17<<12|0x140)))},
		{name: "mpls-pw-eth", link: 1, wrap: around(ether(0x8847), raw(uint32(16<<12|0x140), uint32(0)), v4), only: true},
		{name: "mpls-pw-eth without control word", link: 1, wrap: around(ether(0x8847), raw(uint32(16<<12|0x140)), v4), only: true},
		{name: "pppoe", link: 1, wrap: around(ether(0x8864), pppoe())},
		{name: "vlan-pppoe", link: 1, wrap: around(ether(0x8100), vlan(7, 0x8864), pppoe())},
		{name: "llc-snap", link: 1, wrap: around(raw(macs), sized(nil, 0), snap(0x800))},
		{name: "gre", link: 1, wrap: tunnel(47, raw(uint16(0), uint16(0x800)))},
		{name: "gre-key", link: 1, wrap: tunnel(47, raw(uint16(0x2000), uint16(0x800), uint32(9)))},
		{name: "gre-eth (NVGRE)", link: 1, wrap: tunnel(47, raw(uint16(0x2000), uint16(0x6558), uint32(9<<8)), v4)},
		{name: "gre with a checksum, a key and a number", link: 1, wrap: tunnel(47, raw(uint16(0xb000), uint16(0x800), make([]byte, 12)))},
		{name: "gre of PPTP", link: 1, wrap: tunnel(47, sized([]byte{0x30, 1, 0x88, 0x0b}, 4, 0, 1, 0, 0, 0, 1), raw("\xff\x03\x00\x21"))},
		{name: "erspan1", link: 1, wrap: tunnel(47, raw(uint16(0), uint16(0x88be)), v4)},
		{name: "erspan2", link: 1, wrap: tunnel(47, raw(uint16(0x1000), uint16(0x88be), uint32(1), uint16(0x1000), uint16(1), uint32(0)), v4)},
		{name: "erspan3", link: 1, wrap: tunnel(47, raw(uint16(0x1000), uint16(0x22eb), uint32(1), uint16(0x2000), uint16(1), uint32(0), uint16(0), uint16(0)), v4)},
		{
			name: "vxlan", link: 1, wrap: over(4789, raw(uint32(0x08000000), uint32(42<<8)), v4),
			outer: "Ethernet, IPv4, UDP, VXLAN, Ethernet",
		},
		{name: "vxlan over IPv6", link: 1, wrap: around(ether(0x86dd), outer6(17), udp(4789), raw(uint32(0x08000000), uint32(42<<8)), v4)},
		{name: "vxlan-gpe", link: 1, wrap: over(4790, raw(uint32(0x0c000001), uint32(42<<8)))},
		{name: "geneve", link: 1, wrap: over(6081, raw(uint16(0), uint16(0x6558), uint32(42<<8)), v4)},
		{name: "geneve with options", link: 1, wrap: over(6081, raw(uint16(0x0200), uint16(0x0800), uint32(42<<8), uint32(1), uint32(2)))},
		{name: "ipip", link: 1, wrap: tunnel(4)},
		{name: "6in4", link: 1, six: true, wrap: tunnel(41), outer: "Ethernet, IPv4"},
		{name: "4in6", link: 1, wrap: around(ether(0x86dd), outer6(4))},
		{name: "6in6", link: 1, six: true, wrap: around(ether(0x86dd), outer6(41))},
		{name: "gtpu", link: 1, wrap: over(2152, sized([]byte{0x30, 0xff}, 0, 0, 0, 0, 1))},
		{name: "gtpu with extensions", link: 1, wrap: over(2152, sized([]byte{0x34, 0xff}, 8, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0))},
		{name: "teredo", link: 1, six: true, wrap: over(3544)},
		{name: "teredo with its origin", link: 1, six: true, wrap: over(3544, raw(uint64(0x0000_1234_0a000001)))},
		{name: "l2tp", link: 1, wrap: over(1701, raw(uint16(2), uint16(1), uint16(1), "\xff\x03\x00\x21"))},
		{name: "l2tpv3", link: 1, wrap: tunnel(115, raw(uint32(7), uint32(0)), v4), only: true},
		{name: "etherip", link: 1, wrap: tunnel(97, raw(uint16(0x3000)), v4)},
		{name: "mpls in UDP", link: 1, wrap: over(6635, raw(uint32(16<<12|0x140)))},
		{name: "gre in UDP", link: 1, wrap: over(4754, raw(uint16(0), uint16(0x800)))},
		{name: "gue", link: 1, wrap: over(6080, raw(uint32(0x00040000))), only: true},
		{name: "lisp", link: 1, wrap: over(4341, raw(uint64(0)))},
		{name: "nsh", link: 1, wrap: around(ether(0x894f), raw(uint32(0x0fc20101), uint32(0))), only: true},
		{name: "tzsp", link: 1, wrap: over(37008, raw(uint32(0x01000001), []byte{0, 10, 1, 9, 1}), v4)},
		{name: "802.1ah", link: 1, wrap: around(ether(0x88a8), vlan(5, 0x88e7), raw(uint32(77)), v4)},
		{name: "macsec without encryption", link: 1, wrap: around(ether(0x88e5), raw([]byte{0, 0, 0, 0, 0, 1}, uint16(0x800)))},
		{name: "ip6-hbh", link: 1, six: true, wrap: around(ether(0x86dd), extension(0))},
		{name: "ip6-dst", link: 1, six: true, wrap: around(ether(0x86dd), extension(60))},
		{name: "wol-trunk-null", link: 0, wrap: raw(little(uint32(2)))},
		{name: "null-be", link: 0, wrap: raw(uint32(2))},
		{name: "loop", link: 108, wrap: raw(uint32(2))},
		{name: "null6-mac", link: 0, six: true, wrap: raw(little(uint32(30)))},
		{name: "ppp", link: 9, wrap: raw("\xff\x03\x00\x21")},
		{name: "ppp-short", link: 9, wrap: raw("\x21")},
		{name: "ppp-hdlc", link: 50, wrap: raw("\xff\x03\x00\x21")},
		{name: "ppp with direction", link: 204, wrap: raw("\x01\xff\x03\x00\x21")},
		{name: "pppoe-dlt51", link: 51, wrap: pppoe()},
		{name: "chdlc", link: 104, wrap: raw("\x0f\x00\x08\x00")},
		{name: "frelay", link: 107, wrap: raw("\x18\x41\x03\xcc")},
		{name: "frelay, Cisco's", link: 107, wrap: raw("\x18\x41\x08\x00")},
		{name: "raw", link: 101},
		{name: "raw12", link: 12},
		{name: "ipv4", link: 228},
		{name: "ipv6", link: 229, six: true},
		{name: "sll", link: 113, wrap: sll(0x800)},
		{name: "sll2", link: 276, wrap: raw(uint16(0x800), uint16(0), uint32(2), uint16(1), []byte{0, 6, 2, 0, 0, 0, 0, 1, 0, 0})},
		{name: "sll-vlan", link: 113, wrap: around(sll(0x8100), vlan(5, 0x800))},
		{name: "sll-pppoe", link: 113, wrap: around(sll(0x8864), pppoe())},
		{name: "nflog", link: 239, wrap: nflog},
		{name: "wlan", link: 105, wrap: around(wireless(8, 1), snap(0x800))},
		{
			name: "radiotap", link: 127, wrap: around(raw(little(uint16(0), uint16(8), uint32(0))), wireless(8, 1), snap(0x800)),
			outer: "radiotap, 802.11, LLC",
		},
		{
			name: "radiotap, 802.11 padded", link: 127,
			wrap: around(raw(little(uint16(0), uint16(9), uint32(2)), []byte{0x20}), wireless(0x88, 1, 0, 0, 0, 0), snap(0x800)),
		},
		{name: "ppi", link: 192, wrap: around(raw(little(uint16(0), uint16(8), uint32(105))), wireless(8, 1), snap(0x800))},
		{name: "prism-avs", link: 163, wrap: around(raw(uint32(0x80211001), uint32(64), make([]byte, 56)), wireless(8, 1), snap(0x800))},
		{name: "prism", link: 119, wrap: around(raw(little(uint32(0x44), uint32(144)), make([]byte, 136)), wireless(8, 1), snap(0x800))},
		{name: "fddi", link: 10, wrap: around(raw("\x50", macs), snap(0x800))},
		{name: "tr", link: 6, wrap: around(raw("\x10\x40", macs), snap(0x800))},
		{name: "ipoib", link: 242, wrap: raw(make([]byte, 40), uint16(0x800), uint16(0))},
		{name: "rfc1483", link: 100, wrap: snap(0x800)},
		{name: "slip", link: 8, wrap: raw(make([]byte, 16)), only: true},
		{name: "enc", link: 109, wrap: raw(little(uint32(2), uint32(0), uint32(0)))},
		{name: "pflog", link: 117, wrap: pflog()},
		{name: "pktap", link: 258, wrap: pktap()},
		{name: "netanalyzer", link: 240, wrap: around(raw(uint32(0)), v4), only: true},
		{name: "switch tag", link: 284, wrap: raw(macs, uint32(0xc0000001), uint16(0x800)), only: true},
	}
}

func TestEveryHeaderBeforeTCPIsRead(t *testing.T) {
	plain := map[bool]*trace.Trace{false: runs.Unread(t), true: runs.IPv6(t)}
	for _, e := range encapsulations() {
		tr := plain[e.six]
		file := classic{order: binary.LittleEndian, magic: nano, link: e.link, unit: 1, wrap: e.wrap}.write(sent(tr))
		got, r, err := capture.Read(bytes.NewReader(file), "x.pcap", capture.Options{Vantage: capture.Wire})
		if err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		consistent(t, got, r)
		want := known(tr, 1)
		if diff := cmp.Diff(want, known(got, 1)); diff != "" {
			t.Errorf("%s (-sent +imported):\n%s", e.name, diff)
		}
		if len(r.Behind) != 1 || e.outer != "" && r.Behind[0] != e.outer {
			t.Errorf("%s: behind %q, want %q", e.name, r.Behind, e.outer)
		}
	}
}

// Wireshark reads the same segments, but for a few headers that it wants to be
// told of.
func TestTsharkReadsTheSameSegments(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	all := encapsulations()
	plain := map[bool]*trace.Trace{false: runs.Unread(t), true: runs.IPv6(t)}
	var file ng
	file.section()
	for _, e := range all {
		file.iface(uint16(e.link), 0)
	}
	for i, e := range all {
		for _, p := range sent(plain[e.six]) {
			data := p.data
			if e.wrap != nil {
				data = e.wrap(data)
			}
			file.packet(uint32(i), uint64(p.at.Microseconds()), data)
		}
	}
	name := filepath.Join(t.TempDir(), "all.pcapng")
	if err := os.WriteFile(name, file.b, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, "-n", "-r", name, "-Y", "tcp", "-T", "fields", "-e", "frame.interface_id").Output()
	if err != nil {
		t.Skipf("tshark: %v", err)
	}
	count := map[int]int{}
	for _, line := range strings.Fields(string(out)) {
		n, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		count[n]++
	}
	for i, e := range all {
		want := len(plain[e.six].Segments)
		if e.only {
			t.Logf("%s: tshark %d, tcpsim %d", e.name, count[i], want)
		} else if count[i] != want {
			t.Errorf("%s: tshark reads %d segments, and there are %d", e.name, count[i], want)
		}
	}
}

// What may hold TCP and is not read is counted by what it is, and what cannot
// hold any is not.
func TestWhatIsNotReadIsCountedByKind(t *testing.T) {
	v4 := syn(t, "10.0.0.1:5000", "10.0.0.2:80")
	protocol := func(n byte) []byte {
		d := bytes.Clone(v4)
		d[9] = n
		return d
	}
	deep := v4
	for range 30 {
		deep = outer4(4)(deep)
	}
	for name, c := range map[string]struct {
		link   uint32
		packet []byte
		what   string
	}{
		"ESP":                    {101, protocol(50), "ESP, encrypted"},
		"ESP in UDP":             {101, around(outer4(17), udp(4500), raw(uint32(77)))(v4), "ESP, encrypted"},
		"a NAT kept open":        {101, around(outer4(17), udp(4500))([]byte{255}), ""},
		"compressed IP":          {101, protocol(108), "compressed IP"},
		"ICMP":                   {101, protocol(1), ""},
		"UDP of another port":    {101, around(outer4(17), udp(53))(v4), ""},
		"ARP":                    {1, ether(0x806)(v4), ""},
		"an unknown EtherType":   {1, ether(0x1234)(v4), "EtherType 0x1234"},
		"MACsec":                 {1, around(ether(0x88e5), raw([]byte{0x0c, 0, 0, 0, 0, 1}))(v4), "MACsec, encrypted"},
		"spanning tree":          {1, around(raw(macs), sized(nil, 0), raw("BB\x03"))(v4), ""},
		"an unknown link":        {147, v4, "link type 147"},
		"USB":                    {220, v4, "link type 220 (USB)"},
		"an unknown link in PPI": {192, raw(little(uint16(0), uint16(8), uint32(147)))(v4), "link type 147"},
		"WPA":                    {105, around(wireless(8, 0x41), raw(make([]byte, 8)))(v4), "802.11, encrypted"},
		"a beacon":               {105, wireless(0x80, 0)(v4), ""},
		"a fragment of 802.11":   {105, around(wireless(8, 5), snap(0x800))(v4), "802.11 in fragments"},
		"compressed TCP":         {9, raw("\xff\x03\x00\x2d")(v4), "TCP compressed as Van Jacobson does"},
		"encrypted PPP":          {9, raw("\xff\x03\x00\x53")(v4), "encrypted PPP"},
		"LCP":                    {9, raw("\xff\x03\xc0\x21")(v4), ""},
		"GTP-U of PPP":           {101, around(outer4(17), udp(2152), sized([]byte{0x30, 0xff}, 0, 0, 0, 0, 1))([]byte("\xff\x03\x00\x21")), "GTP-U without IP"},
		"GTP-U's echo":           {101, around(outer4(17), udp(2152), sized([]byte{0x32, 1}, 0, 0, 0, 0, 1))(v4), ""},
		"MPLS of ATM":            {1, around(ether(0x8847), raw(uint32(16<<12|0x140), uint32(1)))(v4), "MPLS without IP or Ethernet"},
		"thirty tunnels":         {101, deep, "more than 24 headers"},
	} {
		file := classic{order: binary.LittleEndian, magic: nano, link: c.link, unit: 1}
		list, err := capture.Connections(bytes.NewReader(file.write([]timed{{0, c.packet}, {1, c.packet}})), "x")
		var want []capture.Unread
		if c.what != "" {
			want = []capture.Unread{{What: c.what, Packets: 2}}
		}
		part := &capture.Incomplete{}
		if errors.As(err, &part); len(list) > 0 || (err == nil) != (c.what == "") || cmp.Diff(want, part.Unread) != "" {
			t.Errorf("%s: %d connections, %v; want %v", name, len(list), err, want)
		}
	}
}

// A link that is read only in part shows one half, and the other is named as
// missing.
func TestTheHalfThatIsNotReadIsMissing(t *testing.T) {
	tr := runs.Unread(t)
	for _, hidden := range []trace.Side{trace.Client, trace.Server} {
		var list []timed
		for i, p := range sent(tr) {
			kind := uint16(0x800)
			if tr.Segments[i].From == hidden {
				kind = 0x1234
			}
			list = append(list, timed{p.at, ether(kind)(p.data)})
		}
		file := classic{order: binary.LittleEndian, magic: nano, link: 1, unit: 1}.write(list)
		got, r, err := capture.Read(bytes.NewReader(file), "x", capture.Options{})
		consistent(t, got, r)
		want := [2]bool{}
		want[hidden] = true
		if r.Conn.Missing != want || err == nil || r.Counts.Unread == 0 {
			t.Errorf("without the %s: missing %v, %v, %+v", hidden, r.Conn.Missing, err, r.Counts)
		}
		resets := 0
		for i := range got.Segments {
			c := got.Segments[i].Cause
			if c == nil {
				continue
			}
			resets++
			if c.Confidence != trace.Possible || !strings.Contains(c.Text, "nothing that the "+hidden.String()+" sent was read") {
				t.Errorf("half of a connection is explained as if it were whole: %+v", c)
			}
		}
		if resets == 0 && hidden == trace.Client {
			t.Error("the RST is not explained")
		}
	}
	file := script(t, line{from: one, to: web, flags: "S", seq: 1})
	if list, err := capture.Connections(bytes.NewReader(file), "x"); err != nil || list[0].Missing != [2]bool{} {
		t.Errorf("a SYN without an answer: %v, %+v", err, list)
	}
}

// The captures that the tests of the command line use: one in VXLAN, and one of
// which half is behind something unknown.
func TestCommittedTunnelsAreWhatIsBuilt(t *testing.T) {
	tr := runs.Unread(t)
	over := around(ether(0x800), outer4(17), udp(4789), raw(uint32(0x08000000), uint32(42<<8)), ether(0x800))
	var whole, half []timed
	for i, p := range sent(tr) {
		p.at += 20 * 365 * 24 * time.Hour
		whole = append(whole, timed{p.at, over(p.data)})
		if tr.Segments[i].From == trace.Client {
			half = append(half, timed{p.at, ether(0x1234)(p.data)})
		} else {
			half = append(half, timed{p.at, ether(0x800)(p.data)})
		}
	}
	for name, list := range map[string][]timed{"vxlan.trace": whole, "half.pcap0": half} {
		name = filepath.Join("testdata", name)
		file := classic{order: binary.LittleEndian, magic: micro, link: 1, unit: time.Microsecond}.write(list)
		if golden.Update(t, "testdata") {
			if err := os.WriteFile(name, file, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, file) {
			t.Errorf("%s is not what is built (%v); go test -update writes it", name, err)
		}
	}
}

// An access point may put several frames into one.
func TestSeveralFramesInOneAreRead(t *testing.T) {
	tr := runs.Unread(t)
	var all []byte
	for _, p := range sent(tr) {
		all = append(all, make([]byte, (4-len(all)%4)%4)...)
		all = append(all, around(raw(macs), sized(nil, 0), snap(0x800))(p.data)...)
	}
	file := classic{order: binary.LittleEndian, magic: nano, link: 105, unit: 1}
	_, r := read(t, file.write([]timed{{0, wireless(0x88, 1, 0x80, 0)(all)}}), capture.Options{})
	if n := len(tr.Segments); r.Counts.Kept != n || r.Counts.Several != n-1 {
		t.Errorf("%+v of %d", r.Counts, n)
	}
}

// What a tunnel has made too long comes in fragments of the tunnel's own.
func TestATunnelInFragmentsIsRead(t *testing.T) {
	tr := runs.Unread(t)
	for name, wrap := range map[string]wrapper{
		"VXLAN":         around(outer4(17), udp(4789), raw(uint32(0x08000000), uint32(42<<8)), ether(0x800)),
		"VXLAN in IPv6": around(outer6(17), udp(4789), raw(uint32(0x08000000), uint32(42<<8)), ether(0x800)),
		"GRE":           around(outer4(47), raw(uint16(0), uint16(0x800))),
		"IP in IP":      outer4(4),
	} {
		var list []timed
		for i, p := range sent(tr) {
			d := wrap(p.data)
			list = append(list, timed{p.at, piece(d, uint16(i+1), 0, 40)}, timed{p.at, piece(d, uint16(i+1), 40, len(d))})
		}
		got, r := read(t, classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1}.write(list), capture.Options{Vantage: capture.Wire})
		if len(got.Segments) != len(tr.Segments) || r.Counts.Whole != len(tr.Segments) {
			t.Errorf("%s: %+v", name, r.Counts)
		}
	}
}

// ng writes pcapng by hand.
type ng struct {
	order order // little-endian if nil
	b     []byte
}

func (n *ng) put(v ...any) []byte {
	if n.order == nil {
		n.order = binary.LittleEndian
	}
	var b []byte
	for _, x := range v {
		if s, ok := x.([]byte); ok {
			b = append(b, s...)
			continue
		}
		b, _ = binary.Append(b, n.order, x)
	}
	return b
}

func (n *ng) block(kind uint32, body []byte) {
	body = append(body, make([]byte, (4-len(body)%4)%4)...)
	size := uint32(12 + len(body))
	n.b = append(n.b, n.put(kind, size, body, size)...)
}

func (n *ng) section() {
	n.block(0x0a0d0d0a, n.put(uint32(0x1a2b3c4d), uint16(1), uint16(0), uint64(1<<64-1)))
}

func (n *ng) iface(link uint16, snap uint32, options ...byte) {
	n.block(1, n.put(link, uint16(0), snap, options))
}

func (n *ng) packet(iface uint32, at uint64, data []byte) {
	n.block(6, n.put(iface, uint32(at>>32), uint32(at), uint32(len(data)), uint32(len(data)), data))
}
