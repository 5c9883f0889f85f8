package tcpdump_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/sim/trace/tcpdump"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// switches are tcpdump's, by Time.
var switches = map[tcpdump.Time]string{
	tcpdump.TimeOfDay: "", tcpdump.NoTime: "-t", tcpdump.Epoch: "-tt", tcpdump.Delta: "-ttt",
	tcpdump.Date: "-tttt", tcpdump.Since: "-ttttt",
}

// real is what the installed tcpdump prints. The test is skipped where there
// is none, or one of another generation, which prints other lines.
func real(t *testing.T, tr *trace.Trace, o tcpdump.Options) string {
	t.Helper()
	path, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skip("tcpdump is not installed: apt-get install tcpdump")
	}
	if v, err := exec.Command(path, "--version").CombinedOutput(); err != nil || !bytes.Contains(v, []byte("tcpdump version 4.99")) {
		t.Skipf("tcpdump is not 4.99: %s", v)
	}
	var file bytes.Buffer
	if err := pcap.Write(&file, tr, pcap.Options{Vantage: o.Vantage}); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "run.pcapng")
	if err := os.WriteFile(name, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"-n"}
	if o.Absolute {
		args = append(args, "-S")
	}
	if s := switches[o.Time]; s != "" {
		args = append(args, s)
	}
	cmd := exec.Command(path, append(args, "-r", name)...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	return string(out)
}

func ours(t testing.TB, tr *trace.Trace, o tcpdump.Options) string {
	t.Helper()
	var b strings.Builder
	if err := tcpdump.Write(&b, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func compare(t *testing.T, tr *trace.Trace, o tcpdump.Options) {
	t.Helper()
	if diff := cmp.Diff(real(t, tr, o), ours(t, tr, o)); diff != "" {
		t.Errorf("%+v (-tcpdump +ours):\n%s", o, diff)
	}
}

func TestEveryRunIsPrintedAsTcpdumpDoes(t *testing.T) {
	for name, run := range runs.All() {
		t.Run(name, func(t *testing.T) {
			tr := run(t)
			for _, v := range []pcap.Vantage{pcap.Client, pcap.Server, pcap.Wire} {
				for _, absolute := range []bool{false, true} {
					compare(t, tr, tcpdump.Options{Vantage: v, Absolute: absolute})
				}
			}
		})
	}
}

func TestEveryFormOfTimeIsTcpdumps(t *testing.T) {
	for form := range switches {
		t.Run("tcpdump "+switches[form], func(t *testing.T) {
			compare(t, runs.Loss(t), tcpdump.Options{Time: form})
			far := packets(t, segment("", "a"), segment("", "b"), segment("", "c"))
			for i := range far.Events {
				far.Events[i].At = time.Duration(i) * (25*time.Hour + 59*time.Minute + 59999999*time.Microsecond + 999)
			}
			compare(t, far, tcpdump.Options{Time: form, Vantage: pcap.Wire})
		})
	}
}

// packets is a trace of nothing but these segments.
func packets(t testing.TB, segs ...wire.Segment) *trace.Trace {
	t.Helper()
	tr := &trace.Trace{Conns: make([]trace.Conn, 1)}
	for i, s := range segs {
		frame, err := s.Frame()
		if err != nil {
			t.Fatal(err)
		}
		tr.Events = append(tr.Events, trace.Event{Kind: trace.Sent, Index: i, At: time.Duration(i) * 1234567 * time.Nanosecond})
		tr.Segments = append(tr.Segments, trace.Segment{Number: i + 1, Frame: frame, Len: len(s.Payload)})
	}
	return tr
}

func segment(options, payload string) wire.Segment {
	return wire.Segment{
		Src: netip.MustParseAddrPort("10.0.0.1:1000"), Dst: netip.MustParseAddrPort("10.0.0.2:9999"),
		Flags: wire.ACK | wire.PSH, Seq: 100, Ack: 200, Window: 5, Options: []byte(options), Payload: []byte(payload),
	}
}

func TestOptionsArePrintedAsTcpdumpDoes(t *testing.T) {
	var segs []wire.Segment
	for _, o := range []string{
		"", "\x01\x01\x01\x01", "\x00", "\x01\x00\x01\x01",
		"\x02\x04\x01\x02", "\x02\x03\x01\x00", "\x02\x05\x01\x00\x01\x01\x01\x01", "\x01\x02\x02\x00", "\x01\x01\x02\x02",
		"\x03\x03\x07\x00", "\x03\x04\x07\x00", "\x01\x01\x03\x02",
		"\x04\x02\x01\x01", "\x04\x03\x01\x01",
		"\x05\x0a\x00\x00\x00\x01\x00\x00\x00\x02\x01\x01", "\x05\x12\x00\x00\x00\xc9\x00\x00\x00\xd2\x00\x00\x01\x00\x00\x00\x02\x00\x01\x01",
		"\x05\x02\x01\x01", "\x05\x05\x01\x01\x01\x00\x00\x00",
		"\x08\x0a\x00\x00\x00\x01\xff\xff\xff\xff\x01\x01", "\x08\x09\x00\x00\x00\x01\xff\xff\xff\x01\x01\x01", "\x08\x04\x00\x01",
		"\xfa\x04\x01\x02", "\xfa\x02\x01\x01",
		"\x02\x01\x01\x01", "\x02\x00\x01\x01", "\x02\x28\x01\x01", "\x01\x02\x28\x01",
		"\x01\x01\x01\x02", "\x01\x01\x01\x63", "\x12\x03\x01\x02",
		"\x06\x06abcd", "\x07\x06abcd", "\x0b\x06abcd", "\x0c\x06abcd", "\x0d\x06abcd", "\x13\x12aaaaaaaaaaaaaaaa", "\x13\x04ab",
		"\x14\x04a\xff", "\x14\x02ab", "\x22\x02\x01\x01", "\x22\x06abcd", "\x22\x05abc", "\x22\x04ab", "\x22\x12abcdefghabcdefgh", "\x22\x14abcdefghabcdefghij",
	} {
		segs = append(segs, segment(o, ""), segment(o, "data"))
	}
	for _, v := range []bool{false, true} {
		compare(t, packets(t, segs...), tcpdump.Options{Vantage: pcap.Wire, Absolute: v})
	}
}

func TestPayloadIsPrintedAsTcpdumpDoes(t *testing.T) {
	var segs []wire.Segment
	lines := []string{
		"hello", "hello\r\nworld\r\n", "GET / HTTP/1.0\r\nHost: x\r\n\r\n", "GET /", "GET", "GET ", "GET\n", "GET / HTTP/1.1\r",
		"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 20x OK\r\n",
		"200 OK\r\n", "200 200 OK\r\n", "get / \r\n", "POST /a\tb\n", "POST /\xc3\xa9\n", "POST /\x01\n", "POST /\x7f\n", "GET /\x00\n",
		"PUT\r\n", "GETX /\r\n", "\r\nGET /\r\n", "\nGET /\r\n", "\n", "\r\n", "\r", "GET  / \r\n", " GET /\r\n", "\tGET /\r\n", "GET\t/\r\n",
		"PATCH /x HTTP/1.1\r\n", "GET / a\r b\r\n", "GET /\r\r\n", "x  200 y\n", "x\t200 y\n", "x \t200 y\n", "x 200\ty\n", "x 200\t\n", "x\t 200 y\n", "x\t200\n", "GET \t/\n", "x 200", "x 200\n", "x 200 ", "x  200\r\n", " 200 OK\n", "x y 200\n", "GET /\n\xff", "220 ready\r\n", "220-ready",
		strings.Repeat("GET ", 300) + "\n", "\x00\x01\x02\x03", "~!\n", "a", " ", "GET",
	}
	for _, m := range []string{
		"PUT", "COPY", "HEAD", "LOCK", "MOVE", "POLL", "POST", "BCOPY", "BMOVE", "LABEL", "MERGE", "MKCOL", "TRACE",
		"DELETE", "REPORT", "SEARCH", "UNLOCK", "UPDATE", "BDELETE", "CHECKIN", "CONNECT", "NOTIFY", "OPTIONS",
		"CHECKOUT", "PROPFIND", "BPROPFIND", "PROPPATCH", "SUBSCRIBE", "BPROPPATCH", "MKACTIVITY", "UNCHECKOUT",
		"MKWORKSPACE", "UNSUBSCRIBE", "VERSION-CONTROL", "BASELINE-CONTROL", "BIND", "ACL", "LINK", "QUERY",
	} {
		lines = append(lines, m+" / HTTP/1.1\r\n")
	}
	for _, port := range []uint16{80, 8080, 25, 21, 43, 9999, 443, 8081} {
		for _, l := range lines {
			s := segment("", l)
			s.Dst = netip.AddrPortFrom(s.Dst.Addr(), port)
			back := s
			back.Src, back.Dst = s.Dst, s.Src
			segs = append(segs, s, back)
		}
	}
	compare(t, packets(t, segs...), tcpdump.Options{Vantage: pcap.Wire, Time: tcpdump.NoTime})
}

// Random segments of a few connections that get in each other's way, with all
// flags and numbers around the wrap.
func TestRandomSegmentsArePrintedAsTcpdumpDoes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, ends := range [][2]string{
		{"10.0.0.1:5000", "10.0.0.2:5000"},
		{"10.0.0.2:5001", "10.0.0.1:7777"},
		{"[fd00::1]:5000", "[fd00::2]:5000"},
		{"[2001:db8:0:1:1:1:1:1]:1", "[2001:0:0:1::1]:65535"},
		{"[::1]:9", "[fe80::1:0:0:1]:9"},
		{"[::ffff:10.0.0.1]:9", "[::1:2]:9"},
	} {
		var segs []wire.Segment
		for range 300 {
			s := wire.Segment{
				Src: netip.MustParseAddrPort(ends[0]), Dst: netip.MustParseAddrPort(ends[1]),
				Flags: wire.Flags(rng.Uint32()), Seq: rng.Uint32N(100) - 50, Ack: rng.Uint32N(100) - 50, Window: uint16(rng.Uint32()),
			}
			if rng.IntN(2) == 0 {
				s.Src, s.Dst = s.Dst, s.Src
			}
			if rng.IntN(2) == 0 {
				s.Flags = wire.ACK
			}
			if rng.IntN(3) == 0 {
				s.Payload = []byte("data")
			}
			if rng.IntN(4) == 0 {
				s.Options = []byte("\x05\x0a\x00\x00\x00\x01\x00\x00\x00\x02\x01\x01")
			}
			segs = append(segs, s)
		}
		compare(t, packets(t, segs...), tcpdump.Options{Vantage: pcap.Wire})
		compare(t, packets(t, segs...), tcpdump.Options{Vantage: pcap.Wire, Absolute: true})
	}
}

// What the link has damaged arrives with another header than was sent, at
// times with one that is none.
func TestDamagedSegmentsArePrintedAsTcpdumpDoes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, ends := range [][2]string{{"10.0.0.1:5000", "10.0.0.2:6000"}, {"[fd00::1]:5000", "[fd00::2]:6000"}} {
		var segs []wire.Segment
		for i := range 400 {
			s := segment([]string{"", "\x02\x04\x05\xb4\x04\x02\x08\x0a12345678\x01\x03\x03\x07"}[i%2], []string{"", "data"}[i/2%2])
			s.Src, s.Dst = netip.MustParseAddrPort(ends[0]), netip.MustParseAddrPort(ends[1])
			segs = append(segs, s)
		}
		tr := packets(t, segs...)
		for i := range tr.Segments {
			f := tr.Segments[i].Frame
			tcp := f[len(f)-int(tr.Segments[i].Len)-len(segs[i].Options)-20:]
			at := 12 + rng.IntN(len(tcp)-12) // not the ports: they are another test
			if i%4 == 0 {
				at = 12
			}
			tcp[at] ^= 1 << rng.IntN(8)
		}
		compare(t, tr, tcpdump.Options{Vantage: pcap.Wire})
		compare(t, tr, tcpdump.Options{Vantage: pcap.Wire, Absolute: true})
	}
}

// What the tests above prove against the real program, this one keeps where it
// is not installed.
func TestAResetLooksLikeThis(t *testing.T) {
	got := ours(t, runs.Unread(t), tcpdump.Options{Vantage: pcap.Server, Time: tcpdump.Since})
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if last := lines[len(lines)-1]; !strings.Contains(last, " 00:00:05.020000 IP 10.0.0.2.8080 > 10.0.0.1.") ||
		!strings.Contains(last, ": Flags [R.], seq 1, ack 13, win 0, options [nop,nop,TS val ") {
		t.Errorf("the last line is %q", last)
	}
	for i, want := range []string{
		"Flags [S], seq ", "Flags [S.], seq ", "Flags [.], ack 1, win ", "Flags [P.], seq 1:13, ack 1, win ",
	} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %d is %q: want %q", i, lines[i], want)
		}
	}
}

func TestASegmentThatIsNotTCPIsAnError(t *testing.T) {
	tr := packets(t, segment("", ""))
	tr.Segments[0].Frame = nil
	err := tcpdump.Write(&strings.Builder{}, tr, tcpdump.Options{Vantage: pcap.Wire})
	if err == nil || !strings.Contains(fmt.Sprint(err), "segment #1: ") {
		t.Errorf("got %v", err)
	}
}
