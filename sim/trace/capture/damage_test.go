package capture_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
)

// A file that ends in the middle of a packet gives all packets before.
func TestCutFilesGiveWhatIsThere(t *testing.T) {
	tr := runs.Unread(t)
	for _, format := range []pcap.Format{pcap.PCAP, pcap.PCAPNG} {
		file := export(t, tr, pcap.Options{Format: format, Vantage: pcap.Wire})
		whole := 0 // files that end between two packets
		step := 1
		if testing.Short() {
			step = 7
		}
		for n := 0; n < len(file); n += step {
			got, r, err := capture.Read(bytes.NewReader(file[:n]), "x.pcap", capture.Options{})
			segments := 0
			if got != nil {
				segments = len(got.Segments)
				consistent(t, got, r)
			}
			switch {
			case err == nil:
				whole++
			case !strings.HasPrefix(err.Error(), "x.pcap: "):
				t.Errorf("%s, %d bytes: no name in %q", format, n, err)
			case errors.Is(err, capture.ErrNoConnection):
				whole++
			case n > 0 && !strings.Contains(err.Error(), "the file is cut short"):
				t.Errorf("%s, %d bytes: %v", format, n, err)
			}
			if r.Counts.Packets != segments {
				t.Errorf("%s, %d bytes: %d segments of %d packets", format, n, segments, r.Counts.Packets)
			}
		}
		// Behind each header, and behind each packet but the last.
		if want := map[pcap.Format]int{pcap.PCAP: 1, pcap.PCAPNG: 2}[format] + len(tr.Segments) - 1; step == 1 && whole != want {
			t.Errorf("%s: %d places are taken for an end, not %d", format, whole, want)
		}
	}
}

func TestDamageIsNamed(t *testing.T) {
	tr := runs.Unread(t)
	old := export(t, tr, pcap.Options{Format: pcap.PCAP})
	ng := export(t, tr, pcap.Options{})
	change := func(b []byte, at int, v ...byte) []byte {
		b = bytes.Clone(b)
		copy(b[at:], v)
		return b
	}
	section := int(binary.LittleEndian.Uint32(ng[4:]))
	packet := section + int(binary.LittleEndian.Uint32(ng[section+4:]))
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(old)
	w.Close()
	for name, c := range map[string]struct {
		file []byte
		say  string
		kept int
	}{
		"nothing":            {nil, "empty: want a pcap or pcapng file", 0},
		"another file":       {[]byte("GIF89a......................"), "begins with 47 49 46 38", 0},
		"another version":    {change(old, 4, 3), "pcap version 3.4: want 2.0 to 2.4", 0},
		"a later version":    {change(old, 6, 5), "pcap version 2.5: want 2.0 to 2.4", 0},
		"4 GB in a packet":   {change(old, 24+8, 255, 255, 255, 255), "1 damaged record not read: at byte 24 it claims 4294967295 bytes", 5},
		"200 KB in a packet": {change(old, 24+8, 0, 0, 3, 0), "1 damaged record not read: at byte 24 it claims 196608 bytes, and another one begins before", 5},
		"gzip":               {z.Bytes()[:z.Len()-20], "the file is cut short", -1},
		"gzip's checksum":    {change(z.Bytes(), z.Len()-6, 1, 2), "checksum", 6},
		"byte order":         {change(ng, 8, 1), "byte-order magic", 0},
		"a block of 4 GB":    {change(ng, packet+4, 252, 255, 255, 255), "1 damaged record not read: block at byte 176: length 4294967292", 5},
		"a block of nothing": {change(ng, packet+4, 8, 0, 0, 0), "length 8 of type 0x6: want a multiple of 4, from 32", 5},
		"an odd block":       {change(ng, packet+4, 61, 0, 0, 0), "length 61", 5},
		"a block too short":  {change(ng, packet+4, 64, 0, 0, 0), "at its end", 5},
		"two lengths":        {change(ng, packet-4, 0), "length 100 at its beginning, 0 at its end", 6},
		"a packet too long":  {change(ng, packet+20, 255, 255), "1 damaged record not read: block at byte 176: a packet of 65", 5},
		"no such interface":  {change(ng, packet+8, 1), "a packet of an interface that is not described: 1 of 1", 5},
		"an interface of 4 GB": {
			change(ng, section+4, 252, 255, 255, 255),
			"want a multiple of 4, from 20", 0,
		},
	} {
		got, r, err := capture.Read(bytes.NewReader(c.file), "x", capture.Options{})
		if err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: error %v, want %q", name, err, c.say)
		}
		n := 0
		if got != nil {
			n = len(got.Segments)
			consistent(t, got, r)
		}
		if c.kept >= 0 && n != c.kept {
			t.Errorf("%s: %d segments, want %d", name, n, c.kept)
		}
	}
}

// What is only odd is no damage.
func TestOddFilesAreRead(t *testing.T) {
	tr := runs.Unread(t)
	old, ng := export(t, tr, pcap.Options{Format: pcap.PCAP}), export(t, tr, pcap.Options{})
	section := int(binary.LittleEndian.Uint32(ng[4:]))
	old[24+12] = 1           // more was captured than there was
	ng[section+8+8+2] = 0xff // an option that is longer than its block
	for name, file := range map[string][]byte{"pcap": old, "pcapng": ng} {
		if got, _ := read(t, file, capture.Options{}); len(got.Segments) != len(tr.Segments) {
			t.Errorf("%s: %d segments", name, len(got.Segments))
		}
	}
}

// What a header claims is not allocated. The file is a few bytes long.
func TestClaimsAreNotAllocated(t *testing.T) {
	huge := []byte{255, 255, 255, 255}
	old := append([]byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0}, huge...)
	old = append(old, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	old = append(append(old, huge...), huge...)
	ng := export(t, runs.Unread(t), pcap.Options{})
	at := int(binary.LittleEndian.Uint32(ng[4:]))
	at += int(binary.LittleEndian.Uint32(ng[at+4:]))
	for i := 0; i < 4; i++ {
		ng[at+4+i], ng[at+20+i] = 0xfc, 0xfc
	}
	for name, file := range map[string][]byte{"pcap": old, "pcapng": ng} {
		if n := allocated(func() { capture.Read(bytes.NewReader(file), "x", capture.Options{}) }); n > 4<<20 {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// endless gives a file's header and then one block without end.
type endless struct {
	head, block []byte
	n, max      int
	at          int
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.head) > 0 {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	if e.n >= e.max {
		return 0, io.EOF
	}
	n := copy(p, e.block[e.at:])
	if e.at += n; e.at == len(e.block) {
		e.at = 0
		e.n++
	}
	return n, nil
}

// Names, secrets and interfaces without end take no memory, nor do packets
// beyond the limits.
func TestMemoryIsBounded(t *testing.T) {
	ng := export(t, runs.Unread(t), pcap.Options{})
	section := int(binary.LittleEndian.Uint32(ng[4:]))
	packet := section + int(binary.LittleEndian.Uint32(ng[section+4:]))
	end := packet + int(binary.LittleEndian.Uint32(ng[packet+4:]))
	block := func(kind byte) []byte {
		b := make([]byte, 1<<16)
		b[0] = kind
		binary.LittleEndian.PutUint32(b[4:], 1<<16)
		binary.LittleEndian.PutUint32(b[len(b)-4:], 1<<16)
		return b
	}
	for name, c := range map[string]struct {
		block []byte
		n     int
	}{
		"secrets":    {block(10), 1000},
		"names":      {block(4), 1000},
		"interfaces": {ng[section:packet], 1e6},
		"packets":    {ng[packet:end], 1e5},
	} {
		n := allocated(func() {
			r := &endless{head: bytes.Clone(ng[:end]), block: c.block, max: c.n}
			_, report, err := capture.Read(r, "x", capture.Options{MaxSegments: 100})
			if name == "packets" && (err != nil || report.Counts.Kept != 100 || report.Counts.OverLimit != c.n-99) {
				t.Errorf("%+v, %v", report.Counts, err)
			}
			if name == "interfaces" && (err == nil || !strings.Contains(err.Error(), "bytes about interfaces")) {
				t.Errorf("interfaces without end: %v", err)
			}
		})
		if n > 32<<20 {
			t.Errorf("%s: %d MB allocated", name, n>>20)
		}
	}
}
