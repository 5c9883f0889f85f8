package capture_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
)

func TestEveryVersionOfPcapIsRead(t *testing.T) {
	tr := runs.Unread(t)
	for name, c := range map[string]struct {
		minor   uint16
		swapped bool // the two lengths of a record
	}{
		"2.4":                            {4, false},
		"2.3":                            {3, false},
		"2.3, lengths the other way":     {3, true},
		"2.2, lengths the other way":     {2, true},
		"2.1, lengths the other way":     {1, true},
		"2.0, lengths the other way":     {0, true},
		"2.0, big-endian, the other way": {0, true},
	} {
		var o order = binary.LittleEndian
		if strings.Contains(name, "big-endian") {
			o = binary.BigEndian
		}
		// Cut, so that the two lengths differ.
		file := classic{order: o, magic: nano, link: 101, unit: 1, cut: 60}.write(sent(tr))
		o.PutUint16(file[6:], c.minor)
		for at := 24; c.swapped && at < len(file); {
			held := o.Uint32(file[at+8:])
			o.PutUint32(file[at+8:], o.Uint32(file[at+12:]))
			o.PutUint32(file[at+12:], held)
			at += 16 + int(held)
		}
		got, _ := read(t, file, capture.Options{Vantage: capture.Wire})
		if len(got.Segments) != len(tr.Segments) || got.Segments[3].Len != 12 {
			t.Errorf("%s: %d segments", name, len(got.Segments))
		}
	}
}

// Kuznetzov's patch to libpcap writes the interface and the direction with each
// packet.
func TestModifiedPcapIsRead(t *testing.T) {
	tr := runs.Unread(t)
	for _, o := range []order{binary.LittleEndian, binary.BigEndian} {
		var file []byte
		old := classic{order: o, magic: 0xa1b2cd34, link: 101, unit: time.Microsecond}.write(sent(tr))
		file = append(file, old[:24]...)
		for at := 24; at < len(old); {
			size := 16 + int(o.Uint32(old[at+8:]))
			file = append(file, old[at:at+16]...)
			file = append(file, 0, 0, 0, 3, 8, 0, 4, 0)
			file = append(file, old[at+16:at+size]...)
			at += size
		}
		got, _ := read(t, file, capture.Options{Vantage: capture.Wire})
		if diff := cmp.Diff(known(tr, time.Microsecond), known(got, time.Microsecond)); diff != "" {
			t.Errorf("%v (-sent +imported):\n%s", o, diff)
		}
	}
}

func TestZstandardIsRead(t *testing.T) {
	tr := runs.Loss(t)
	plain := classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1}.write(sent(tr))
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := z.EncodeAll(plain, nil)
	got, r := read(t, packed, capture.Options{})
	if len(got.Segments) != len(tr.Segments) || r.Compressed != "zstd" || r.Format != "pcap" {
		t.Errorf("%d segments of %d, compressed with %q", len(got.Segments), len(tr.Segments), r.Compressed)
	}
	if _, _, err := capture.Read(bytes.NewReader(packed[:len(packed)/2]), "x", capture.Options{}); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("half of it: %v", err)
	}
}

// Sections may differ in their byte order, and interfaces in their link, the
// unit of their clock, and its beginning.
func TestSectionsAndInterfacesDiffer(t *testing.T) {
	tr := runs.Unread(t)
	var file ng
	ether := ether(0x800)
	const apart = 10 * time.Millisecond
	for i, p := range sent(tr) {
		at := time.Hour + time.Duration(i)*apart
		if i%2 == 0 {
			file.order = []order{binary.LittleEndian, binary.BigEndian}[i/2%2]
			file.section()
			file.iface(1, 0, file.put(uint16(9), uint16(1), []byte{9, 0, 0, 0})...)
			file.block(4, make([]byte, 40)) // names, which nobody reads
			file.iface(101, 0, file.put(uint16(9), uint16(1), []byte{0x80 | 20, 0, 0, 0}, uint16(14), uint16(8), uint64(3000), uint32(0))...)
			file.packet(0, uint64(at.Nanoseconds()), ether(p.data))
			continue
		}
		at -= 3000 * time.Second
		file.packet(1, uint64(at/time.Second)<<20|uint64(at%time.Second)<<20/uint64(time.Second), p.data)
	}
	got, r := read(t, file.b, capture.Options{Vantage: capture.Wire})
	if want := time.Unix(3600, 0); !r.Start.Equal(want) {
		t.Errorf("begins at %v, not %v", r.Start, want)
	}
	for i := range tr.Segments {
		s, want := &got.Segments[i], time.Duration(i)*apart
		if s.Flags != tr.Segments[i].Flags || (s.SentAt-want).Abs() > time.Microsecond {
			t.Errorf("#%d: %v at %v, want %v at %v", i+1, s.Flags, s.SentAt, tr.Segments[i].Flags, want)
		}
	}
}

// A record that is damaged costs that record: those before and behind are read.
func TestADamagedRecordCostsThatRecord(t *testing.T) {
	tr := runs.Unread(t)
	list := sent(tr)
	junk := bytes.Repeat([]byte{0xfe}, 777)
	old := classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1}
	first := old.write(list[:3])
	second := old.write(list[3:])[24:]
	var before, behind ng
	before.section()
	before.iface(101, 0)
	for _, p := range list[:3] {
		before.packet(0, uint64(p.at.Microseconds()), p.data)
	}
	for _, p := range list[3:] {
		behind.packet(0, uint64(p.at.Microseconds()), p.data)
	}
	for name, file := range map[string][]byte{
		"pcap":   bytes.Join([][]byte{first, junk, second}, nil),
		"pcapng": bytes.Join([][]byte{before.b, junk, behind.b}, nil),
	} {
		got, r, err := capture.Read(bytes.NewReader(file), "x", capture.Options{})
		consistent(t, got, r)
		if n := len(list); len(got.Segments) != n || r.Counts.Malformed != 1 {
			t.Errorf("%s: %d segments of %d, %+v", name, len(got.Segments), n, r.Counts)
		}
		if err == nil || !strings.HasPrefix(err.Error(), "x: 1 damaged record not read: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever happens to the bytes of a capture: no panic, an error that says so or
// a capture that is still one, and numbers that add up.
func TestTwoThousandMutatedCapturesAreRead(t *testing.T) {
	tr, six := runs.Unread(t), runs.IPv6(t)
	var seeds [][]byte
	for _, e := range encapsulations() {
		run := tr
		if e.six {
			run = six
		}
		seeds = append(seeds, classic{order: binary.LittleEndian, magic: micro, link: e.link, unit: time.Microsecond, wrap: e.wrap}.write(sent(run)))
	}
	seeds = append(seeds, export(t, tr, pcap.Options{}), export(t, six, pcap.Options{Vantage: pcap.Wire}))
	r := rand.New(rand.NewPCG(1, 2))
	n, whole := 2000, 0
	if testing.Short() {
		n = 400
	}
	for i := range n {
		file := bytes.Clone(seeds[i%len(seeds)])
		switch at := r.IntN(len(file)); i / len(seeds) % 4 {
		case 0:
			file[at] ^= 1 << r.IntN(8)
		case 1:
			clear(file[at:min(len(file), at+1+r.IntN(40))])
		case 2:
			file = bytes.Join([][]byte{file[:at], {byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}, file[at:]}, nil)
		default:
			file = file[:at]
		}
		got, report, err := capture.Read(bytes.NewReader(file), "x", capture.Options{})
		if err == nil {
			whole++
		} else if !strings.HasPrefix(err.Error(), "x: ") {
			t.Errorf("no file in %q", err)
		}
		consistent(t, got, report)
	}
	if whole < n/10 || whole > n*9/10 {
		t.Errorf("%d of %d are read without an error", whole, n)
	}
}

// The minimal cases of files that are not as the manual has them.
func TestOddMinimalFiles(t *testing.T) {
	tr := runs.Unread(t)
	n := len(tr.Segments)
	file := classic{order: binary.LittleEndian, magic: micro, link: 1, unit: time.Microsecond, wrap: ether(0x800)}
	whole := file.write(sent(tr))
	more := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(more[24+12:], 3)
	file.cut = 36
	cut := file.write(sent(tr))
	for _, c := range []struct {
		name string
		file []byte
		kept int
		err  string
	}{
		{"more captured than was on the wire", more, n, ""},
		{"cut within the TCP header", cut, 0, "x: no such TCP connection among its 6 packets; not read: 6 packets of TCP whose header the snapshot length cuts off"},
		{"cut short", whole[:len(whole)-5], n - 1, "x: after packet 5: the file is cut short"},
	} {
		got, _, err := capture.Read(bytes.NewReader(c.file), "x", capture.Options{})
		kept := 0
		if got != nil {
			kept = len(got.Segments)
		}
		said := ""
		if err != nil {
			said = err.Error()
		}
		if kept != c.kept || said != c.err {
			t.Errorf("%s: %d segments, %q; want %d, %q", c.name, kept, said, c.kept, c.err)
		}
	}
}

// A capture may be far larger than the memory: a gigabyte of one connection, of
// which only so much is kept as is allowed.
func TestALargeCaptureIsReadInLittleMemory(t *testing.T) {
	file := bulk(t, 2000)
	head, block := file[:24], file[24:]
	n := 1 << 30 / len(block)
	if testing.Short() {
		n /= 20
	}
	size := allocated(func() {
		_, report, err := capture.Read(&endless{head: bytes.Clone(head), block: block, max: n}, "x", capture.Options{Conn: "1", MaxSegments: 100})
		if err != nil || report.Counts.Kept+report.Counts.Again != 100 || report.Counts.Packets != n*4002 {
			t.Errorf("%+v, %v", report.Counts, err)
		}
	})
	if size > 8<<20 {
		t.Errorf("%d MB allocated", size>>20)
	}
}
