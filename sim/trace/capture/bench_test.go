package capture_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// bulk is a capture of one connection with n segments of data, each
// acknowledged.
func bulk(b testing.TB, n int) []byte {
	b.Helper()
	c, s := netip.MustParseAddrPort(one), netip.MustParseAddrPort(web)
	var list []timed
	add := func(seg wire.Segment) {
		frame, err := seg.Frame()
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, timed{time.Duration(len(list)) * 10 * time.Microsecond, frame})
	}
	add(wire.Segment{Src: c, Dst: s, Flags: wire.SYN, Seq: 100, Window: 1000})
	add(wire.Segment{Src: s, Dst: c, Flags: wire.SYN | wire.ACK, Seq: 200, Ack: 101, Window: 1000})
	payload := make([]byte, 1400)
	for i := range n {
		seq := 101 + uint32(i*len(payload))
		add(wire.Segment{Src: c, Dst: s, Flags: wire.ACK, Seq: seq, Ack: 201, Window: 1000, Payload: payload})
		add(wire.Segment{Src: s, Dst: c, Flags: wire.ACK, Seq: 201, Ack: seq + uint32(len(payload)), Window: 1000})
	}
	ethernet := before(append(make([]byte, 12), 8, 0)...)
	return classic{order: binary.LittleEndian, magic: micro, link: 1, unit: time.Microsecond, wrap: ethernet}.write(list)
}

// formats are the same packets in both formats.
func formats(b *testing.B) (tr *trace.Trace, files map[string][]byte) {
	old := bulk(b, 10000)
	tr, _, err := capture.Read(bytes.NewReader(old), "x", capture.Options{Vantage: capture.Wire})
	if err != nil {
		b.Fatal(err)
	}
	return tr, map[string][]byte{"pcap": old, "pcapng": export(b, tr, pcap.Options{Vantage: pcap.Wire})}
}

func BenchmarkImport(b *testing.B) {
	_, files := formats(b)
	for name, file := range files {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := capture.Read(bytes.NewReader(file), "x", capture.Options{Conn: "1"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A connection that is not asked for costs only its place in the table.
func BenchmarkConnections(b *testing.B) {
	_, files := formats(b)
	for name, file := range files {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := capture.Connections(bytes.NewReader(file), "x"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkExport(b *testing.B) {
	tr, files := formats(b)
	for format, name := range map[pcap.Format]string{pcap.PCAP: "pcap", pcap.PCAPNG: "pcapng"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(files[name])))
			b.ReportAllocs()
			for b.Loop() {
				if err := pcap.Write(io.Discard, tr, pcap.Options{Format: format, Vantage: pcap.Wire}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What tcpdump takes to read the same file and write it, for comparison. It
// keeps nothing, works nothing out, and pays for the start of a process.
func BenchmarkTcpdump(b *testing.B) {
	path, err := exec.LookPath("tcpdump")
	if err != nil {
		b.Skip("tcpdump is not installed")
	}
	_, files := formats(b)
	for name, file := range files {
		in, out := filepath.Join(b.TempDir(), "in"), filepath.Join(b.TempDir(), "out")
		if err := os.WriteFile(in, file, 0o644); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if msg, err := exec.Command(path, "-Z", "root", "-r", in, "-w", out).CombinedOutput(); err != nil {
					b.Skipf("tcpdump: %v: %s", err, msg)
				}
			}
		})
	}
}
