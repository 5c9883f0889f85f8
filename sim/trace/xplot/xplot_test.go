package xplot_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/sim/trace/xplot"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func graph(t testing.TB, tr *trace.Trace, o xplot.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := xplot.Write(&b, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tcptrace gives the two graphs that tcptrace makes of a capture, by side.
func tcptrace(t *testing.T, file []byte) [2]string {
	t.Helper()
	path, err := exec.LookPath("tcptrace")
	if err != nil {
		t.Skip("tcptrace is not installed: apt-get install tcptrace")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.pcap"), file, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-n", "-S", "-zxy", "x.pcap")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir) // settings of whoever runs the test must not count
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("tcptrace: %v\n%s", err, out)
	}
	var graphs [2]string
	for side, name := range []string{"a2b_tsg.xpl", "b2a_tsg.xpl"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue // tcptrace makes none of a side that sent nothing
		}
		graphs[side] = string(b)
	}
	return graphs
}

// withoutTitle takes out the third line, the addresses: tcptrace has a notation
// of its own for IPv6.
func withoutTitle(graph string) []string {
	lines := strings.Split(graph, "\n")
	if len(lines) > 2 && lines[1] == "title" && strings.Contains(lines[2], "::") {
		lines[2] = ""
	}
	return lines
}

// same compares the graphs of a trace's first connection with tcptrace's.
func same(t *testing.T, tr *trace.Trace, v pcap.Vantage) {
	t.Helper()
	var b bytes.Buffer
	if err := pcap.Write(&b, tr, pcap.Options{Format: pcap.PCAP, Vantage: v}); err != nil {
		t.Fatal(err)
	}
	for side, want := range tcptrace(t, b.Bytes()) {
		if want == "" {
			continue
		}
		got := graph(t, tr, xplot.Options{From: trace.Side(side), Vantage: v})
		if diff := cmp.Diff(withoutTitle(want), withoutTitle(got)); diff != "" {
			t.Errorf("%s's data, seen from %s (-tcptrace +here):\n%s", trace.Side(side), v, diff)
		}
	}
}

func TestTcptraceDrawsTheSame(t *testing.T) {
	for name, run := range runs.All() {
		for _, v := range []pcap.Vantage{pcap.Client, pcap.Server, pcap.Wire} {
			t.Run(name+"/"+v.String(), func(t *testing.T) {
				if name == "faults" && v == pcap.Client {
					t.Skip("a wrong bit makes an option of length 1, which tcptrace reads past its end")
				}
				if tr := run(t); len(tr.Segments) > 0 {
					same(t, tr, v)
				}
			})
		}
	}
}

// What is drawn of real traffic, which comes by way of a capture, is the same.
func TestTcptraceDrawsTheSameOfRealTraffic(t *testing.T) {
	for _, conn := range []string{"1", "2", "3", "4", "5"} {
		file, err := os.Open(filepath.Join("..", "capture", "testdata", "loopback.pcap"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		tr, _, err := capture.Read(file, "loopback.pcap", capture.Options{Conn: conn})
		if err != nil {
			t.Fatal(err)
		}
		same(t, tr, pcap.Wire)
	}
}

// The whole graph of a short connection, for where tcptrace is not installed.
func TestAGraphIsWhatTheDocumentationSays(t *testing.T) {
	const want = `dtime signed
title
10.0.0.2:8080_==>_10.0.0.1:17880 (time sequence graph)
xlabel
relative time
ylabel
sequence offset
white
dot 0.000000 0 green
orange
diamond 0.010000 0
atext 0.010000 1
SYN
uarrow 0.010000 1
line 0.010000 0 0.010000 1
green
line 0.020000 1 0.020000 1
dtick 0.020000 1
yellow
line 0.020000 29185 0.020000 29185
line 0.020000 29185 0.020000 524289
white
darrow 0.030000 1
uarrow 0.030000 1
white
darrow 5.030000 1
uarrow 5.030000 1
atext 5.030000 1 magenta
RST_OUT
go
`
	tr := runs.Unread(t)
	got := graph(t, tr, xplot.Options{From: trace.Server, Vantage: pcap.Wire})
	port := tr.Conns[0].At(trace.Client).Addr.String() // it may change with the engine
	if diff := cmp.Diff(strings.Replace(want, "10.0.0.1:17880", port, 1), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The three things that people look for: data, acknowledgements, and what was
// sent again.
func TestTheGraphHoldsEverySegment(t *testing.T) {
	for name, run := range runs.All() {
		tr := run(t)
		if len(tr.Segments) == 0 {
			continue
		}
		for side := trace.Client; side <= trace.Server; side++ {
			data, again, acks := 0, 0, 0
			for _, s := range tr.Segments {
				switch {
				case s.From != side:
					if s.Flags.Has(wire.ACK) && !s.Flags.Has(wire.RST) {
						acks++
					}
				case s.Flags&(wire.SYN|wire.FIN|wire.RST) == 0 && s.Len > 0:
					data++
					if s.Retransmission {
						again++
					}
				}
			}
			g := graph(t, tr, xplot.Options{From: side, Vantage: pcap.Wire})
			if n := strings.Count(g, "\nR\n"); n != again {
				t.Errorf("%s, %s: %d are marked R, not %d", name, side, n, again)
			}
			// The first acknowledgement only begins the line.
			if n := strings.Count(g, "\n"+"yellow\n"); n != max(acks-1, 0) {
				t.Errorf("%s, %s: %d acknowledgements, not %d", name, side, n, acks-1)
			}
			bars := 0
			for _, part := range strings.Split(g, "\ndarrow ")[1:] {
				// An arrow down, an arrow up or a PUSH's two marks, and the bar.
				lines := append(strings.Split(part, "\n"), "", "", "")
				bar := lines[2]
				if strings.HasPrefix(lines[1], "diamond") {
					bar = lines[3]
				}
				if strings.HasPrefix(bar, "line "+lines[0]+" ") && !strings.HasPrefix(lines[1], "line") {
					bars++
				}
			}
			if bars != data {
				t.Errorf("%s, %s: %d bars for %d segments with data", name, side, bars, data)
			}
		}
	}
}

func TestWhatCanNotBeDrawnIsAnError(t *testing.T) {
	tr := runs.Unread(t)
	broken := *tr
	broken.Segments = append([]trace.Segment(nil), tr.Segments...)
	broken.Segments[2].Frame = []byte{0x45}
	for _, c := range []struct {
		tr  *trace.Trace
		o   xplot.Options
		say string
	}{
		{tr, xplot.Options{Conn: 1}, "connection 1 does not exist (1 in the trace)"},
		{tr, xplot.Options{Conn: -1}, "connection -1 does not exist"},
		{tr, xplot.Options{From: 2}, "want client or server"},
		{&broken, xplot.Options{}, "segment #3: malformed IPv4 header"},
	} {
		if err := xplot.Write(&bytes.Buffer{}, c.tr, c.o); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("error %v, want %q", err, c.say)
		}
	}
}
