package pcap_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// tool runs a program that reads captures, with the capture's name as the last
// argument. The test is skipped where the program is not installed.
func tool(t *testing.T, file []byte, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: apt-get install %s", name, name)
	}
	capture := filepath.Join(t.TempDir(), "capture")
	if err := os.WriteFile(capture, file, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append(args, capture)...)
	// Settings of whoever runs the test must not count.
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C", "HOME="+t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, &stderr)
	}
	return string(out)
}

type field struct {
	name string
	want func(pcap.Vantage, pcap.Packet) string
}

// fields are what tshark is asked for, and what the trace says about it.
var fields = []field{
	{"frame.packet_id", func(_ pcap.Vantage, p pcap.Packet) string { return fmt.Sprint(p.Segment.Number) }},
	{"frame.interface_name", func(v pcap.Vantage, _ pcap.Packet) string { return v.String() }},
	{"frame.time_epoch", func(_ pcap.Vantage, p pcap.Packet) string {
		return fmt.Sprintf("%d.%09d", p.Time.Unix(), p.Time.Nanosecond())
	}},
	{"eth.src", func(_ pcap.Vantage, p pcap.Packet) string {
		return fmt.Sprintf("02:00:00:00:00:%02x", byte(p.Segment.From)+1)
	}},
	{"tcp.flags", func(_ pcap.Vantage, p pcap.Packet) string {
		return fmt.Sprintf("0x%04x", uint8(p.Segment.Flags))
	}},
	{"tcp.len", func(_ pcap.Vantage, p pcap.Packet) string { return fmt.Sprint(p.Segment.Len) }},
	{"tcp.window_size_value", func(_ pcap.Vantage, p pcap.Packet) string { return fmt.Sprint(p.Segment.Window) }},
	{"tcp.seq_raw", func(_ pcap.Vantage, p pcap.Packet) string { return fmt.Sprint(p.Segment.RawSeq) }},
	{"tcp.seq", func(_ pcap.Vantage, p pcap.Packet) string { return fmt.Sprint(p.Segment.Seq) }},
	{"tcp.ack", func(_ pcap.Vantage, p pcap.Packet) string { return fmt.Sprint(p.Segment.Ack) }},
	{"frame.packet_flags_direction", func(v pcap.Vantage, p pcap.Packet) string {
		return [...]string{"", "0x00000001", "0x00000002"}[directionOf(p, v)]
	}},
	{"tcp.checksum.status", func(pcap.Vantage, pcap.Packet) string { return "1" }},
	{"ip.checksum.status", func(_ pcap.Vantage, p pcap.Packet) string {
		if p.Segment.Frame[0]>>4 == 6 {
			return "" // IPv6 has no checksum
		}
		return "1"
	}},
	{"_ws.malformed", func(pcap.Vantage, pcap.Packet) string { return "" }},
}

// checksumField is where TCP's checksum stands among the fields.
var checksumField = slices.IndexFunc(fields, func(f field) bool { return f.name == "tcp.checksum.status" })

func TestTsharkReadsWhatTheTraceSays(t *testing.T) {
	args := []string{"-n", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "fields"}
	for _, f := range fields {
		args = append(args, "-e", f.name)
	}
	args = append(args, "-r")
	// Each start of tshark takes a good part of a second.
	for name, v := range map[string]pcap.Vantage{
		"unread data": pcap.Wire, "IPv6": pcap.Client, "loss": pcap.Wire, "loss IPv6": pcap.Server,
		"faults": pcap.Server, "reboot": pcap.Client, "forged reset": pcap.Client,
	} {
		tr := runs.All()[name](t)
		var got, want [][]string
		for line := range strings.Lines(tool(t, capture(t, tr, pcap.Options{Vantage: v}), "tshark", args...)) {
			got = append(got, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		}
		for p := range pcap.Packets(tr, v) {
			var row []string
			for _, f := range fields {
				row = append(row, f.want(v, p))
			}
			if n := len(want); p.Received && p.Segment.Damaged != nil && n < len(got) {
				// A bit of it is wrong, so tshark reads something else, and
				// must not take it for right.
				if sum := got[n][checksumField]; sum == "1" {
					t.Errorf("#%d is damaged and its checksum good", p.Segment.Number)
				}
				row, got[n] = row[:4], got[n][:4]
			}
			want = append(want, row)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s on %s (-trace +tshark):\n%s", name, v, diff)
		}
	}
}

func TestTsharkShowsNamesAndComments(t *testing.T) {
	got := tool(t, capture(t, runs.Unread(t), pcap.Options{Vantage: pcap.Server}), "tshark",
		"-T", "fields", "-e", "frame.interface_description", "-e", "frame.comment", "-Y", "tcp.flags.reset==1", "-r")
	for _, want := range []string{
		"server (10.0.0.2): what it sends and what reaches it", "server: close(4) = 0", "unread-data: close()",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func TestTcptraceFindsTheConnection(t *testing.T) {
	for _, f := range []pcap.Format{pcap.PCAPNG, pcap.PCAP} {
		for name, run := range map[string]func(testing.TB) *trace.Trace{"IPv4": runs.Loss, "IPv6": runs.IPv6} {
			t.Run(name+"/"+f.String(), func(t *testing.T) {
				tr := run(t)
				packets, syns := 0, 0
				for p := range pcap.Packets(tr, pcap.Client) {
					packets++
					if p.Segment.Flags.Has(wire.SYN) && !p.Received {
						syns++
					}
				}
				got := tool(t, capture(t, tr, pcap.Options{Format: f}), "tcptrace", "-l", "-n")
				for _, want := range []string{
					fmt.Sprintf("%d packets seen, %d TCP packets traced", packets, packets),
					"first packet:  Sat Jan  1 00:00:00.000000 2000",
					fmt.Sprintf("SYN/FIN pkts sent:       %d/", syns),
				} {
					if !strings.Contains(got, want) {
						t.Errorf("%q is not in\n%s", want, got)
					}
				}
			})
		}
	}
}
