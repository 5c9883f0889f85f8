package capture_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/stack/wire"
)

type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// classic writes a file of the old format by hand.
type classic struct {
	order order
	magic uint32
	link  uint32
	unit  time.Duration
	wrap  func(datagram []byte) []byte
	cut   int // bytes of each packet that are kept, 0 for all
}

func (c classic) write(packets []timed) []byte {
	var b []byte
	u16 := func(v uint16) { b = c.order.AppendUint16(b, v) }
	u32 := func(v uint32) { b = c.order.AppendUint32(b, v) }
	u32(c.magic)
	u16(2)
	u16(4)
	u32(0)
	u32(0)
	u32(262144)
	u32(c.link)
	for _, p := range packets {
		data := p.data
		if c.wrap != nil {
			data = c.wrap(data)
		}
		kept := data
		if c.cut > 0 {
			kept = data[:min(c.cut, len(data))]
		}
		u32(uint32(p.at / time.Second))
		u32(uint32(p.at % time.Second / c.unit))
		u32(uint32(len(kept)))
		u32(uint32(len(data)))
		b = append(b, kept...)
	}
	return b
}

type timed struct {
	at   time.Duration
	data []byte
}

// sent are the datagrams of a run, when they were sent.
func sent(tr *trace.Trace) (list []timed) {
	for i := range tr.Segments {
		s := &tr.Segments[i]
		list = append(list, timed{s.SentAt + time.Hour, s.Frame})
	}
	return list
}

const micro, nano = 0xa1b2c3d4, 0xa1b23c4d

func before(head ...byte) func([]byte) []byte {
	return func(d []byte) []byte { return append(append([]byte{}, head...), d...) }
}

func zeros(n int, then ...byte) []byte { return append(make([]byte, n), then...) }

func TestEveryLinkTypeIsRead(t *testing.T) {
	v4, v6 := []byte{8, 0}, []byte{0x86, 0xdd}
	for _, c := range []struct {
		name string
		link uint32
		head func(kind []byte, six bool) []byte
	}{
		{"Ethernet", 1, func(k []byte, _ bool) []byte { return zeros(12, k...) }},
		{"802.1Q", 1, func(k []byte, _ bool) []byte { return zeros(12, append([]byte{0x81, 0, 0, 7}, k...)...) }},
		{"QinQ", 1, func(k []byte, _ bool) []byte {
			return zeros(12, append([]byte{0x88, 0xa8, 0, 7, 0x81, 0, 0, 9}, k...)...)
		}},
		{"cooked v1", 113, func(k []byte, _ bool) []byte { return append([]byte{0, 4, 0, 1, 0, 6}, zeros(8, k...)...) }},
		{"cooked v2", 276, func(k []byte, _ bool) []byte { return append(k[:2:2], make([]byte, 18)...) }},
		{"raw", 101, func([]byte, bool) []byte { return nil }},
		{"raw, as BSD has it", 12, func([]byte, bool) []byte { return nil }},
		{"loopback", 108, func(_ []byte, six bool) []byte {
			if six {
				return []byte{0, 0, 0, 24}
			}
			return []byte{0, 0, 0, 2}
		}},
		{"null, little-endian", 0, func(_ []byte, six bool) []byte {
			if six {
				return []byte{30, 0, 0, 0}
			}
			return []byte{2, 0, 0, 0}
		}},
	} {
		for six, tr := range map[bool]*trace.Trace{false: runs.Unread(t), true: runs.IPv6(t)} {
			kind := v4
			if six {
				kind = v6
			}
			file := classic{order: binary.LittleEndian, magic: nano, link: c.link, unit: 1, wrap: before(c.head(kind, six)...)}
			got, r := read(t, file.write(sent(tr)), capture.Options{Vantage: capture.Wire})
			if diff := cmp.Diff(known(tr, 1), known(got, 1)); diff != "" || r.Counts.Changed > 0 {
				t.Errorf("%s, IPv6 %t (-sent +imported):\n%s", c.name, six, diff)
			}
		}
	}
	for six, tr := range map[uint32]*trace.Trace{228: runs.Unread(t), 229: runs.IPv6(t)} {
		file := classic{order: binary.LittleEndian, magic: nano, link: six, unit: 1}
		if got, _ := read(t, file.write(sent(tr)), capture.Options{}); len(got.Segments) != len(tr.Segments) {
			t.Errorf("link type %d: %d segments", six, len(got.Segments))
		}
	}
}

func TestBothOrdersAndBothUnitsAreRead(t *testing.T) {
	tr := runs.Loss(t)
	for _, order := range []order{binary.LittleEndian, binary.BigEndian} {
		for magic, unit := range map[uint32]time.Duration{micro: time.Microsecond, nano: 1} {
			file := classic{order: order, magic: magic, link: 101, unit: unit}
			got, r := read(t, file.write(sent(tr)), capture.Options{Vantage: capture.Wire})
			if diff := cmp.Diff(known(tr, unit), known(got, unit)); diff != "" {
				t.Errorf("%v, %v (-sent +imported):\n%s", order, unit, diff)
			}
			if want := time.Unix(3600, 0); !r.Start.Equal(want) {
				t.Errorf("%v, %v: starts at %v", order, unit, r.Start)
			}
		}
	}
}

func TestGzipIsRead(t *testing.T) {
	tr := runs.Loss(t)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1}.write(sent(tr)))
	z.Close()
	got, r := read(t, b.Bytes(), capture.Options{})
	if len(got.Segments) != len(tr.Segments) || r.Compressed != "gzip" {
		t.Errorf("%d segments of %d, compressed with %q", len(got.Segments), len(tr.Segments), r.Compressed)
	}
}

// Payload that is not in the file is zeros, and its length is right all the
// same.
func TestWhatWasCutOffIsZeros(t *testing.T) {
	tr := runs.Unread(t)
	file := classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1, cut: 60 + 4}
	for _, o := range []capture.Options{{}, {SnapLen: 3}, {SnapLen: -1}} {
		got, r := read(t, file.write(sent(tr)), o)
		want := map[int]string{0: "Hello\r\n\xff\x00<>&"[:64-52], 3: "Hel", -1: ""}[o.SnapLen]
		s := got.Segments[3]
		p := append([]byte(want), make([]byte, 12-len(want))...)
		if s.Len != 12 || !bytes.Equal(s.Payload(), p) {
			t.Errorf("SnapLen %d: payload %q of length %d", o.SnapLen, s.Payload(), s.Len)
		}
		if r.Counts.Cut != 0 {
			t.Errorf("%d are cut, but all fits", r.Counts.Cut)
		}
	}
	file.cut = 56 // which spoils the headers of SYN and SYN,ACK
	got, r, err := capture.Read(bytes.NewReader(file.write(sent(tr))), "x.pcap", capture.Options{})
	consistent(t, got, r)
	if s := got.Segments[1]; s.Len != 12 || string(s.Payload()) != "Hell\x00\x00\x00\x00\x00\x00\x00\x00" || r.Counts.Cut != 1 || r.Counts.Unread != 2 {
		t.Errorf("payload %q, %d cut", s.Payload(), r.Counts.Cut)
	}
	if want := "x.pcap: not read: 2 packets of TCP whose header the snapshot length cuts off"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

func syn(t testing.TB, from, to string) []byte {
	t.Helper()
	s := wire.Segment{Src: netip.MustParseAddrPort(from), Dst: netip.MustParseAddrPort(to), Flags: wire.SYN, Seq: 7, Window: 1000}
	frame, err := s.Frame()
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// extended puts extension headers before TCP.
func extended(frame []byte, first byte, headers ...byte) []byte {
	out := append(bytes.Clone(frame[:40]), headers...)
	out[6] = first
	binary.BigEndian.PutUint16(out[4:], uint16(len(frame)-40+len(headers)))
	return append(out, frame[40:]...)
}

func TestWhatStandsBeforeTCPIsTakenAway(t *testing.T) {
	v6 := syn(t, "[fd00::1]:5000", "[fd00::2]:80")
	v4 := syn(t, "10.0.0.1:5000", "10.0.0.2:80")
	options := append(bytes.Clone(v4[:20]), 1, 1, 1, 0)
	options[0] = 0x46
	options[3] += 4
	options = append(options, v4[20:]...)
	offload := bytes.Clone(v4)
	offload[2], offload[3] = 0, 0
	for name, c := range map[string]struct {
		in, want []byte
		changed  int
	}{
		"IPv4 options stay":         {options, options, 0},
		"Ethernet's padding":        {append(bytes.Clone(v4), 0, 0, 0, 0, 0, 0), v4, 0},
		"a length of zero":          {offload, v4, 1},
		"hop-by-hop":                {extended(v6, 0, 6, 0, 1, 4, 0, 0, 0, 0), v6, 1},
		"destination, then routing": {extended(v6, 60, 43, 0, 1, 4, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0), v6, 1},
		"authentication":            {extended(v6, 51, append([]byte{6, 4}, make([]byte, 22)...)...), v6, 1},
		"a fragment of one":         {extended(v6, 44, 6, 0, 0, 0, 1, 2, 3, 4), v6, 1},
	} {
		file := classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1}
		got, r := read(t, file.write([]timed{{0, c.in}}), capture.Options{})
		if len(got.Segments) != 1 || !bytes.Equal(got.Segments[0].Frame, c.want) || r.Counts.Changed != c.changed {
			t.Errorf("%s: % x\nwant % x (%+v)", name, got.Segments[0].Frame, c.want, r.Counts)
		}
	}
}

func TestWhatIsNoSegmentIsCounted(t *testing.T) {
	v4, v6 := syn(t, "10.0.0.1:5000", "10.0.0.2:80"), syn(t, "[fd00::1]:5000", "[fd00::2]:80")
	change := func(b []byte, at int, v byte) []byte {
		b = bytes.Clone(b)
		b[at] = v
		return b
	}
	ether := func(kind uint16, b []byte) []byte {
		return append(binary.BigEndian.AppendUint16(make([]byte, 12), kind), b...)
	}
	type counts = capture.Counts
	for name, c := range map[string]struct {
		packet []byte
		want   counts
	}{
		"ARP":                   {ether(0x806, make([]byte, 28)), counts{NotIP: 1}},
		"nothing":               {nil, counts{Malformed: 1}},
		"half a tag":            {ether(0x8100, []byte{0}), counts{Malformed: 1}},
		"no IP behind IP":       {ether(0x800, nil), counts{Malformed: 1}},
		"IPv6 called IPv4":      {ether(0x800, v6), counts{Malformed: 1}},
		"UDP":                   {ether(0x800, change(v4, 9, 17)), counts{NotTCP: 1}},
		"an odd first fragment": {ether(0x800, change(v4, 6, 0x20)), counts{Malformed: 1}},
		"a later fragment":      {ether(0x800, change(v4, 7, 9)), counts{Fragments: 1}},
		"a last IPv6 fragment":  {ether(0x86dd, extended(v6, 44, 6, 0, 0, 8, 1, 2, 3, 4)), counts{Fragments: 1}},
		"an odd IPv6 fragment":  {ether(0x86dd, extended(v6, 44, 6, 0, 0, 1, 1, 2, 3, 4)), counts{Malformed: 1}},
		"ICMPv6":                {ether(0x86dd, change(v6, 6, 58)), counts{NotTCP: 1}},
		"an endless extension":  {ether(0x86dd, extended(v6, 0, 0, 255, 0, 0, 0, 0, 0, 0)), counts{Malformed: 1}},
		"IPv4 header cut":       {ether(0x800, v4[:19]), counts{Malformed: 1}},
		"IPv4 header too short": {ether(0x800, change(v4, 0, 0x44)), counts{Malformed: 1}},
		"TCP header cut":        {ether(0x800, v4[:39]), counts{Malformed: 1}},
		"TCP header too long":   {ether(0x800, change(v4, 32, 0xf0)), counts{Malformed: 1}},
		"TCP header too short":  {ether(0x800, change(v4, 32, 0x40)), counts{Malformed: 1}},
		"IPv6 header cut":       {ether(0x86dd, v6[:39]), counts{Malformed: 1}},
	} {
		file := classic{order: binary.LittleEndian, magic: nano, link: 1, unit: 1}
		packets := []timed{{0, ether(0x800, v4)}, {1, c.packet}}
		_, r := read(t, file.write(packets), capture.Options{})
		c.want.Packets, c.want.Kept = 2, 1
		if diff := cmp.Diff(c.want, r.Counts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
