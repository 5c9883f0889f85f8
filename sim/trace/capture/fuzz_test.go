package capture_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
)

// Whatever the file holds: no panic, an error with the file's name, and a
// trace whose parts fit, which JSON Lines check.
func fuzzed(t *testing.T, file []byte, o capture.Options) {
	o.MaxSegments, o.MaxBytes, o.MaxConns = 500, 1<<20, 100
	tr, r, err := capture.Read(bytes.NewReader(file), "x", o)
	if err != nil && !strings.HasPrefix(err.Error(), "x: ") {
		t.Errorf("no file in %q", err)
	}
	if tr == nil && err == nil {
		t.Error("neither a trace nor an error")
	}
	consistent(t, tr, r)
	if tr != nil {
		for i := range tr.Segments {
			if s := &tr.Segments[i]; s.Len != len(s.Payload()) {
				t.Errorf("#%d: %d bytes of %d", s.Number, len(s.Payload()), s.Len)
			}
		}
		pcap.Write(io.Discard, tr, pcap.Options{})
	}
	list, _ := capture.Connections(bytes.NewReader(file), "x")
	if tr != nil && r.Conn.Number > len(list) {
		t.Errorf("connection %d of %d", r.Conn.Number, len(list))
	}
}

func FuzzPcap(f *testing.F) {
	tr := runs.Unread(f)
	f.Add(export(f, tr, pcap.Options{Format: pcap.PCAP, Vantage: pcap.Wire}), uint8(0))
	f.Add(export(f, runs.IPv6(f), pcap.Options{Format: pcap.PCAP}), uint8(1))
	f.Add(classic{order: binary.BigEndian, magic: micro, link: 101, unit: time.Microsecond}.write(sent(tr)), uint8(2))
	f.Add(classic{order: binary.LittleEndian, magic: nano, link: 276, unit: 1, wrap: before(append([]byte{8, 0}, make([]byte, 18)...)...)}.write(sent(tr)), uint8(3))
	if file, err := os.ReadFile(committed); err == nil {
		f.Add(file, uint8(4))
	}
	f.Fuzz(func(t *testing.T, file []byte, vantage uint8) {
		fuzzed(t, file, capture.Options{Vantage: capture.Vantage(vantage % 6)})
	})
}

func FuzzPcapng(f *testing.F) {
	tr := runs.Unread(f)
	f.Add(export(f, tr, pcap.Options{Vantage: pcap.Wire}), 0)
	f.Add(export(f, runs.Forged(f), pcap.Options{}), 5)
	end := func(v pcap.Vantage) []byte { return export(f, tr, pcap.Options{Format: pcap.PCAP, Vantage: v}) }
	f.Add(merge(f, 0, end(pcap.Client), end(pcap.Server)), -1)
	f.Fuzz(func(t *testing.T, file []byte, snap int) {
		fuzzed(t, file, capture.Options{SnapLen: snap})
	})
}

// FuzzSegments makes a capture of segments with good headers, so that what
// follows the formats is reached: the table of connections, times, fates,
// states and causes.
func FuzzSegments(f *testing.F) {
	f.Add([]byte{0, 2, 0, 0, 0, 1, 0x12, 0, 1, 0, 0, 0x10, 1, 1, 0, 0, 0x18, 1, 1, 5, 1, 0x14, 1, 5, 0})
	f.Add([]byte("0\x02abc1\x04xyz0\x11kkk1\x10zzz"))
	f.Fuzz(func(t *testing.T, ops []byte) {
		fuzzed(t, madeOf(t, ops), capture.Options{})
	})
}

// madeOf turns five bytes each into a segment: who, flags, sequence number,
// acknowledgement and length.
func madeOf(t testing.TB, ops []byte) []byte {
	var lines []line
	for ; len(ops) >= 5 && len(lines) < 200; ops = ops[5:] {
		l := line{from: one, to: web, seq: 1000 + uint32(ops[2]), ack: 5000 + uint32(ops[3]), data: strings.Repeat("x", int(ops[4]%64))}
		if ops[0]&1 > 0 {
			l.from, l.to = l.to, l.from
			l.seq, l.ack = l.ack, l.seq
		}
		if ops[0]&2 > 0 {
			l.seq += 100000
		}
		for i, c := range "FSRP." {
			if ops[1]>>i&1 > 0 {
				l.flags += string(c)
			}
		}
		if l.flags == "" {
			l.flags = "none"
		}
		lines = append(lines, l)
	}
	return script(t, lines...)
}

// FuzzHeaders gives one packet of any link, so that every reader of a header is
// reached, and the ones behind it.
func FuzzHeaders(f *testing.F) {
	v4, v6 := syn(f, "10.0.0.1:5000", "10.0.0.2:80"), syn(f, "[fd00::1]:5000", "[fd00::2]:80")
	for _, e := range encapsulations() {
		d := v4
		if e.six {
			d = v6
		}
		if e.wrap != nil {
			d = e.wrap(d)
		}
		f.Add(e.link, d, uint8(0))
	}
	f.Fuzz(func(t *testing.T, link uint32, packet []byte, cut uint8) {
		if len(packet) > 4096 {
			return
		}
		file := classic{order: binary.LittleEndian, magic: micro, link: link, unit: time.Microsecond, cut: int(cut)}
		fuzzed(t, file.write([]timed{{time.Hour, packet}, {time.Hour, packet}}), capture.Options{})
	})
}
