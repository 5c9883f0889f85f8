package capture_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// long is a datagram worth cutting up.
func long(t testing.TB, six bool, id uint16) []byte {
	t.Helper()
	ends := [2]string{"10.0.0.1:5000", "10.0.0.2:80"}
	if six {
		ends = [2]string{"[fd00::1]:5000", "[fd00::2]:80"}
	}
	s := wire.Segment{
		Src: netip.MustParseAddrPort(ends[0]), Dst: netip.MustParseAddrPort(ends[1]), Flags: wire.ACK | wire.PSH,
		Seq: 100 + uint32(id), Ack: 200, Window: 500, Payload: bytes.Repeat([]byte{byte(id), 'x', 'y'}, 100),
	}
	frame, err := s.Frame()
	if err != nil {
		t.Fatal(err)
	}
	if !six {
		binary.BigEndian.PutUint16(frame[4:], id)
		frame[10], frame[11] = 0, 0
		binary.BigEndian.PutUint16(frame[10:], checksum(frame[:20]))
	}
	return frame
}

func checksum(b []byte) uint16 {
	var s uint32
	for i := 0; i < len(b); i += 2 {
		s += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for s > 0xffff {
		s = s&0xffff + s>>16
	}
	return ^uint16(s)
}

// piece is the part of a datagram's payload from one place to another, as a
// fragment of its own.
func piece(frame []byte, id uint16, from, to int) []byte {
	last := 0
	if frame[0]>>4 == 4 {
		from, to = from+20, min(to+20, len(frame))
		b := append(bytes.Clone(frame[:20]), frame[from:to]...)
		if to < len(frame) {
			last = 0x2000
		}
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
		binary.BigEndian.PutUint16(b[4:], id)
		binary.BigEndian.PutUint16(b[6:], uint16(last|(from-20)/8))
		return b
	}
	from, to = from+40, min(to+40, len(frame))
	if to < len(frame) {
		last = 1
	}
	b := append(bytes.Clone(frame[:40]), frame[6], 0, byte((from-40)>>8), byte(from-40)|byte(last), 0, 0, byte(id>>8), byte(id))
	b = append(b, frame[from:to]...)
	b[6] = 44
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)-40))
	return b
}

func TestFragmentsArePutTogether(t *testing.T) {
	type counts = capture.Counts
	const end = 1 << 16
	for name, c := range map[string]struct {
		cuts [][2]int // places in the payload of the datagram
		want counts
	}{
		"in order":                 {[][2]int{{0, 104}, {104, 208}, {208, end}}, counts{Kept: 1, Joined: 2, Whole: 1}},
		"in reverse":               {[][2]int{{208, end}, {104, 208}, {0, 104}}, counts{Kept: 1, Joined: 2, Whole: 1}},
		"a small first one":        {[][2]int{{0, 8}, {8, end}}, counts{Kept: 1, Joined: 1, Whole: 1}},
		"one comes twice":          {[][2]int{{0, 104}, {0, 104}, {104, end}}, counts{Kept: 1, Joined: 2, Whole: 1}},
		"one twice, and last":      {[][2]int{{104, end}, {104, end}, {104, end}, {0, 104}}, counts{Kept: 1, Joined: 3, Whole: 1}},
		"the first is not there":   {[][2]int{{104, 208}, {208, end}}, counts{Fragments: 2}},
		"the last is not there":    {[][2]int{{0, 104}, {104, 208}}, counts{Fragments: 2}},
		"one between is not there": {[][2]int{{0, 104}, {208, end}}, counts{Fragments: 2}},
		"they overlap":             {[][2]int{{0, 112}, {104, end}, {112, end}}, counts{Fragments: 3}},
		"one holds another":        {[][2]int{{0, 208}, {104, 112}, {208, end}}, counts{Fragments: 3}},
		"two ends":                 {[][2]int{{104, end}, {0, 104}, {104, end}}, counts{Kept: 1, Joined: 1, Fragments: 1, Whole: 1}},
	} {
		for _, six := range []bool{false, true} {
			whole := long(t, six, 7)
			packets := []timed{{0, long(t, six, 1)}}
			for i, cut := range c.cuts {
				packets = append(packets, timed{time.Duration(i+1) * time.Millisecond, piece(whole, 7, cut[0], cut[1])})
			}
			file := classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1}
			tr, r := read(t, file.write(packets), capture.Options{})
			want := c.want
			want.Packets, want.Kept, want.Changed = len(packets), want.Kept+1, want.Whole
			if diff := cmp.Diff(want, r.Counts); diff != "" {
				t.Errorf("%s, IPv6 %t (-want +got):\n%s", name, six, diff)
			}
			if c.want.Whole > 0 && !bytes.Equal(tr.Segments[1].Frame, whole) {
				t.Errorf("%s, IPv6 %t: % x\nwant % x", name, six, tr.Segments[1].Frame, whole)
			}
		}
	}
}

// Datagrams that are cut up at once do not mix, and one waits 30 s at most.
func TestFragmentsOfSeveralDatagramsAreToldApart(t *testing.T) {
	for _, six := range []bool{false, true} {
		one, two := long(t, six, 1), long(t, six, 2)
		file := classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1}
		cuts := []timed{
			{0, piece(one, 1, 0, 104)},
			{1, piece(two, 2, 0, 104)},
			{2, piece(one, 1, 104, 1<<16)},
			{3, piece(two, 2, 104, 1<<16)},
		}
		tr, _ := read(t, file.write(cuts), capture.Options{})
		if len(tr.Segments) != 2 || !bytes.Equal(tr.Segments[0].Frame, one) || !bytes.Equal(tr.Segments[1].Frame, two) {
			t.Errorf("IPv6 %t: %d segments, and not what they were", six, len(tr.Segments))
		}
		late := append(slices.Clone(cuts[:3]), timed{31 * time.Second, cuts[3].data})
		if tr, r := read(t, file.write(late), capture.Options{}); len(tr.Segments) != 1 || r.Counts.Fragments != 2 {
			t.Errorf("IPv6 %t: a fragment that comes after 31 s counts: %+v", six, r.Counts)
		}
	}
}

// A fragment of which the file holds only the beginning is zeros behind it.
func TestAFragmentThatIsCutIsZeros(t *testing.T) {
	whole := long(t, false, 7)
	file := classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1, cut: 100}
	tr, r := read(t, file.write([]timed{{0, piece(whole, 7, 0, 160)}, {1, piece(whole, 7, 160, 1<<16)}}), capture.Options{})
	clear(whole[100:180])
	clear(whole[260:])
	if len(tr.Segments) != 1 || !bytes.Equal(tr.Segments[0].Frame, whole) || r.Counts.Cut != 1 {
		t.Errorf("% x\nwant % x (%+v)", tr.Segments[0].Frame, whole, r.Counts)
	}
}

// However many first fragments there are, no more than 256 datagrams wait.
func TestFragmentsTakeBoundedMemory(t *testing.T) {
	var packets []timed
	for id := range uint16(400) {
		packets = append(packets, timed{time.Duration(id), piece(long(t, false, id), id, 0, 104)})
	}
	for i := range uint16(400) {
		id := 399 - i
		packets = append(packets, timed{time.Duration(400 + i), piece(long(t, false, id), id, 104, 1<<16)})
	}
	file := classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1}
	_, r := read(t, file.write(packets), capture.Options{})
	if r.Counts.Kept != 256 || r.Counts.Kept+r.Counts.Joined+r.Counts.Fragments != len(packets) {
		t.Errorf("%+v", r.Counts)
	}
}
