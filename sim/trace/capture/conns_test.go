package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// line is a segment by hand: C to S is ">", S to C is "<".
type line struct {
	from, to string
	flags    string
	seq, ack uint32
	data     string
}

const (
	one   = "10.0.0.1:5000"
	two   = "10.0.0.1:5001"
	three = "10.0.0.1:5002"
	web   = "10.0.0.2:80"
)

// script makes a file of segments, a millisecond apart.
func script(t testing.TB, lines ...line) []byte {
	t.Helper()
	var packets []timed
	for i, l := range lines {
		f, err := wire.ParseFlags(l.flags)
		if err != nil {
			t.Fatal(err)
		}
		s := wire.Segment{
			Src: netip.MustParseAddrPort(l.from), Dst: netip.MustParseAddrPort(l.to), Flags: f,
			Seq: l.seq, Ack: l.ack, Window: 1000, Payload: []byte(l.data),
		}
		frame, err := s.Frame()
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, timed{time.Duration(i) * time.Millisecond, frame})
	}
	return classic{order: binary.LittleEndian, magic: nano, link: 101, unit: 1}.write(packets)
}

// wait is a segment of another connection, which takes time.
var wait = line{two, web, "S", 100, 0, ""}

// handshake is the beginning of a connection with initial numbers 100 and 200.
func handshake(client string) []line {
	return []line{{client, web, "S", 100, 0, ""}, {web, client, "S.", 200, 101, ""}, {client, web, ".", 101, 201, ""}}
}

func goodbye(client string) []line {
	return []line{
		{client, web, "F.", 101, 201, ""}, {web, client, "F.", 201, 102, ""}, {client, web, ".", 102, 202, ""},
	}
}

func join(parts ...[]line) (all []line) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestConnectionsAreToldApart(t *testing.T) {
	const c, s = trace.Client, trace.Server
	data := []line{{one, web, "P.", 101, 201, "hello"}}
	for name, test := range map[string]struct {
		lines []line
		want  []capture.Summary // Number, Begun, Segments, End, ResetBy
	}{
		"open":            {handshake(one), []capture.Summary{{Number: 1, Begun: true, Segments: [2]int{2, 1}, End: capture.Open}}},
		"closed":          {join(handshake(one), goodbye(one)), []capture.Summary{{Number: 1, Begun: true, Segments: [2]int{4, 2}, End: capture.ClosedByFIN}}},
		"half-closed":     {join(handshake(one), goodbye(one)[:1]), []capture.Summary{{Number: 1, Begun: true, Segments: [2]int{3, 1}, End: capture.HalfClosed}}},
		"unanswered":      {handshake(one)[:1], []capture.Summary{{Number: 1, Begun: true, Segments: [2]int{1, 0}, End: capture.Unanswered}}},
		"refused":         {[]line{{one, web, "SEW", 100, 0, ""}, {web, one, "R.", 0, 101, ""}}, []capture.Summary{{Number: 1, Begun: true, Segments: [2]int{1, 1}, End: capture.Refused, ResetBy: s}}},
		"reset":           {join(handshake(one), []line{{one, web, "R.", 101, 201, ""}}), []capture.Summary{{Number: 1, Begun: true, Segments: [2]int{3, 1}, End: capture.Reset, ResetBy: c}}},
		"in the middle":   {[]line{{web, one, "P.", 1, 1, "x"}, {one, web, ".", 1, 2, ""}}, []capture.Summary{{Number: 1, Segments: [2]int{1, 1}, End: capture.Open}}},
		"without the SYN": {handshake(one)[1:], []capture.Summary{{Number: 1, Segments: [2]int{1, 1}, End: capture.Open}}},
		"two":             {join(handshake(one), handshake(two), data), []capture.Summary{{Number: 1, Begun: true, Segments: [2]int{3, 1}, End: capture.Open}, {Number: 2, Begun: true, Segments: [2]int{2, 1}, End: capture.Open}}},
		"the same ends again": {
			join(handshake(one), goodbye(one), []line{{one, web, "S", 900, 0, ""}, {web, one, "S.", 700, 901, ""}, {one, web, ".", 901, 701, ""}}),
			[]capture.Summary{{Number: 1, Begun: true, Segments: [2]int{4, 2}, End: capture.ClosedByFIN}, {Number: 2, Begun: true, Segments: [2]int{2, 1}, End: capture.Open}},
		},
		"what is left belongs to the old one": {
			join(handshake(one), goodbye(one), []line{{one, web, "S", 90000, 0, ""}, {web, one, "F.", 201, 102, ""}}),
			[]capture.Summary{{Number: 1, Begun: true, Segments: [2]int{4, 3}, End: capture.ClosedByFIN}, {Number: 2, Begun: true, Segments: [2]int{1, 0}, End: capture.Unanswered}},
		},
		"a SYN again is none": {join(handshake(one)[:1], handshake(one)), []capture.Summary{{Number: 1, Begun: true, Segments: [2]int{3, 1}, End: capture.Open}}},
		"another try is another": {
			join(handshake(one)[:1], []line{{one, web, "S", 900, 0, ""}}),
			[]capture.Summary{{Number: 1, Begun: true, Segments: [2]int{1, 0}, End: capture.Unanswered}, {Number: 2, Begun: true, Segments: [2]int{1, 0}, End: capture.Unanswered}},
		},
	} {
		list, err := capture.Connections(bytes.NewReader(script(t, test.lines...)), "x")
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			if list[i].Addr[s].String() != web {
				t.Errorf("%s: %v is not the server", name, list[i].Addr[s])
			}
			l := list[i]
			list[i] = capture.Summary{Number: l.Number, Begun: l.Begun, Segments: l.Segments, End: l.End, ResetBy: l.ResetBy}
		}
		if diff := cmp.Diff(test.want, list, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestASummaryCounts(t *testing.T) {
	list, err := capture.Connections(bytes.NewReader(script(t, join(handshake(one), []line{
		{one, web, "P.", 101, 201, "hello"}, {one, web, "P.", 101, 201, "hello"}, {web, one, "FP.", 201, 106, "bye"},
	})...)), "x")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	s := list[0]
	if s.Bytes != [2]int64{10, 3} || s.Flags != [2]wire.Flags{wire.SYN | wire.ACK | wire.PSH, wire.SYN | wire.ACK | wire.FIN | wire.PSH} || s.Last.Sub(s.First) != 5*time.Millisecond {
		t.Errorf("%+v", s)
	}
}

func TestTheConnectionIsChosen(t *testing.T) {
	file := script(t, join(handshake(one), handshake(two), []line{{two, web, "R.", 101, 201, ""}}, handshake(three), []line{{three, web, "R.", 101, 201, ""}})...)
	quiet := script(t, join(handshake(one), handshake(two))...)
	for _, c := range []struct {
		file     []byte
		conn     string
		want     int
		why, err string
	}{
		{file, "", 2, "the first with a RST", ""},
		{quiet, "", 1, "none has a RST", ""},
		{file, "3", 3, "by its number", ""},
		{file, "10.0.0.1:5002-10.0.0.2:80", 3, "by its ends", ""},
		{file, "10.0.0.2:80 - 10.0.0.1:5000", 1, "by its ends", ""},
		{file, "4", 0, "", "x: no such TCP connection as 4; it has 3"},
		{file, "10.0.0.2:81-10.0.0.1:5000", 0, "", "no such TCP connection as"},
		{script(t), "", 0, "", "x: no such TCP connection among its 0 packets"},
		{file, "0", 0, "", "want its number from 1"},
		{file, "-1", 0, "", "want its number from 1"},
		{file, "10.0.0.1-10.0.0.2", 0, "", "or its ends such as"},
	} {
		// Once as a file that can be read twice, and once as a stream.
		for _, r := range []io.Reader{bytes.NewReader(c.file), io.MultiReader(bytes.NewReader(c.file))} {
			tr, report, err := capture.Read(r, "x", capture.Options{Conn: c.conn})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) || tr != nil {
					t.Errorf("%q: error %v, want %q", c.conn, err, c.err)
				}
				continue
			}
			if err != nil || report.Conn.Number != c.want || !strings.Contains(report.Why, c.why) {
				t.Errorf("%q: connection %d, %s, %v", c.conn, report.Conn.Number, report.Why, err)
				continue
			}
			consistent(t, tr, report)
			if n := report.Conn.Segments; len(tr.Segments) != n[0]+n[1] {
				t.Errorf("%q: %d segments of %v", c.conn, len(tr.Segments), n)
			}
		}
	}
	if _, _, err := capture.Read(bytes.NewReader(file), "x", capture.Options{Conn: "9"}); !errors.Is(err, capture.ErrNoConnection) {
		t.Errorf("%v is not ErrNoConnection", err)
	}
}

func TestBeyondTheLimitsIsCounted(t *testing.T) {
	late := script(t, join(handshake(one), handshake(two), []line{{two, web, "R.", 101, 201, ""}})...)
	for name, c := range map[string]struct {
		o    capture.Options
		conn int
		kept int
		over int
	}{
		"segments": {capture.Options{MaxSegments: 2}, 2, 2, 2},
		"bytes":    {capture.Options{MaxBytes: 100}, 2, 2, 2},
		"conns":    {capture.Options{MaxConns: 1}, 1, 3, 4},
	} {
		tr, r := read(t, late, c.o)
		if r.Conn.Number != c.conn || len(tr.Segments) != c.kept || r.Counts.OverLimit != c.over {
			t.Errorf("%s: connection %d, %+v", name, r.Conn.Number, r.Counts)
		}
	}
	// A stream can not be read twice: when nothing more can be kept, it is the
	// first connection.
	tr, r, err := capture.Read(io.MultiReader(bytes.NewReader(late)), "x", capture.Options{MaxSegments: 4})
	if err != nil || r.Conn.Number != 1 || len(tr.Segments) != 3 || !strings.Contains(r.Why, "limits") {
		t.Errorf("connection %d, %s, %v", r.Conn.Number, r.Why, err)
	}
	consistent(t, tr, r)
}

// A host that has forgotten the connection begins it anew, and both
// incarnations belong to one trace.
func TestAnotherIncarnationIsAnotherConn(t *testing.T) {
	tr, r := read(t, script(t, join(handshake(one), []line{
		{one, web, "S", 50000, 0, ""}, // the client has rebooted
		{web, one, ".", 201, 101, ""}, // and the server says what it knows
		{one, web, "R", 101, 0, ""},   // so the client resets that
		{one, web, "S", 50000, 0, ""}, // and tries again
		{web, one, "S.", 70000, 50001, ""},
		{one, web, ".", 50001, 70001, ""},
	})...), capture.Options{})
	var conns []int
	for _, s := range tr.Segments {
		conns = append(conns, s.Conn)
	}
	if diff := cmp.Diff([]int{0, 0, 0, 1, 0, 0, 1, 1, 1}, conns); diff != "" || len(tr.Conns) != 2 || r.Conn.Number != 1 {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c := tr.Segments[5].Cause; c == nil || c.ID != cause.SynSentBadAck {
		t.Errorf("cause %+v", c)
	}
	if s := tr.Segments[8]; s.Seq != 1 || s.Ack != 1 {
		t.Errorf("#9 has seq %d, ack %d", s.Seq, s.Ack)
	}
}

// Where the handshake is not in the file, the first byte has number 1, and both
// sides are established.
func TestACaptureMayBeginInTheMiddle(t *testing.T) {
	tr, r := read(t, script(t,
		line{web, one, "P.", 5000, 7000, "hello"}, line{one, web, ".", 7000, 5005, ""},
		line{one, web, "P.", 7000, 5005, "x"}, line{web, one, "R", 7000, 0, ""}), capture.Options{})
	s := tr.Segments
	if s[0].Seq != 1 || s[0].Ack != 1 || s[1].Seq != 1 || s[1].Ack != 6 || s[0].From != trace.Server {
		t.Errorf("seq %d, ack %d, then seq %d, ack %d", s[0].Seq, s[0].Ack, s[1].Seq, s[1].Ack)
	}
	if len(tr.Transitions) < 2 || tr.Transitions[0].To.String() != "ESTABLISHED" || inference(r, "Conn.ISN").Count != 2 {
		t.Errorf("%+v, %+v", tr.Transitions, r.Inferred)
	}
}

func TestCausesByHand(t *testing.T) {
	for name, c := range map[string]struct {
		lines []line
		id    string
		text  string
	}{
		"a stray ACK": {[]line{{one, web, ".", 5, 6, ""}, {web, one, "R", 6, 0, ""}}, cause.NoConnection, "says nothing else"},
		"a port scan": {join(handshake(one)[:2], []line{{one, web, "R", 101, 0, ""}}), cause.ConnectionClosed, "port scan"},
		"a wrong SYN,ACK": {
			[]line{{one, web, "S", 100, 0, ""}, {web, one, "S.", 200, 95, ""}, {one, web, "R", 95, 0, ""}, {one, web, "S", 100, 0, ""}},
			cause.SynSentBadAck, "SYN_SENT",
		},
		"data for nobody": {
			join(handshake(one), []line{{one, web, "P.", 101, 201, "a"}, {web, one, "P.", 201, 102, "b"}, {one, web, ".", 102, 202, ""}},
				slices.Repeat([]line{wait}, 100), []line{{one, web, "P.", 102, 202, "hello"}, {web, one, "R", 202, 0, ""}}),
			cause.HostRebooted, "has forgotten",
		},
		"abort after a request": {
			join(handshake(one), []line{{one, web, "P.", 101, 201, "hello"}, {web, one, ".", 201, 106, ""}, {web, one, "R.", 201, 106, ""}}),
			cause.UnreadData, "5 bytes came after the server last sent data",
		},
		"abort after the answer": {
			join(handshake(one), []line{{one, web, "P.", 101, 201, "hello"}, {web, one, "P.", 201, 106, "x"}, {web, one, "R.", 202, 106, ""}}),
			cause.UnreadData, "it reset at once after its answer, #5",
		},
		"it goes on": {
			join(handshake(one), []line{{web, one, "R.", 201, 101, ""}, {web, one, "P.", 201, 101, "still here"}}),
			cause.Forged, "the server goes on with #5",
		},
		"both at once": {[]line{
			{one, web, "S", 100, 0, ""},
			wait, wait,
			{web, one, "S.", 200, 101, ""},
			wait, wait,
			{one, web, ".", 101, 201, ""},
			{one, web, "P.", 101, 201, "x"},
			{web, one, "P.", 201, 102, "y"},
			wait, wait, wait,
			{web, one, "R", 202, 0, ""},
			{one, web, "R", 102, 0, ""},
		}, cause.Forged, "both sides"},
		"no reason": {[]line{{one, web, "S", 100, 0, ""}, {web, one, "R", 55, 0, ""}}, cause.Forged, "a host answers a SYN with a number to acknowledge it"},
	} {
		tr, _ := read(t, script(t, c.lines...), capture.Options{Vantage: capture.Wire})
		var got *trace.Cause
		for _, s := range tr.Segments {
			if s.Cause != nil && got == nil {
				got = s.Cause
			}
		}
		if got == nil || got.ID != c.id || !strings.Contains(got.Text, c.text) || got.Source == "" {
			t.Errorf("%s: %+v, want %s: %s", name, got, c.id, c.text)
		}
	}
}

func ExampleRead() {
	file, err := os.Open("testdata/loopback.pcap")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	tr, _, err := capture.Read(file, "loopback.pcap", capture.Options{Conn: "2"})
	if err != nil {
		panic(err)
	}
	for _, s := range tr.Segments {
		if s.Cause != nil {
			os.Stdout.WriteString(s.Summary() + "\n" + s.Cause.ID + "\n")
		}
	}
	// Output:
	// #6 [R.] seq 1, ack 6, win 64, length 0
	// unread-data
}
