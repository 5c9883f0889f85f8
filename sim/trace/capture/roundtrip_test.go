package capture_test

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func export(t testing.TB, tr *trace.Trace, o pcap.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pcap.Write(&b, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t testing.TB, file []byte, o capture.Options) (*trace.Trace, *capture.Report) {
	t.Helper()
	tr, r, err := capture.Read(bytes.NewReader(file), "x.pcap", o)
	if err != nil {
		t.Fatal(err)
	}
	consistent(t, tr, r)
	return tr, r
}

// consistent checks what holds for every trace that Read returns: the numbers
// of its report add up, and it can be written and read as JSON Lines, which
// checks every reference and the order of the events.
func consistent(t testing.TB, tr *trace.Trace, r *capture.Report) {
	t.Helper()
	c := r.Counts
	sum := c.Kept + c.Again + c.OtherConns + c.OverLimit + c.NotIP + c.NotTCP + c.Unread + c.Fragments + c.Joined + c.Malformed
	if c.Packets+c.Several != sum || tr != nil && (c.Kept != len(tr.Segments) || c.Kept != len(r.Packets)) {
		t.Errorf("the counts do not add up: %+v", c)
	}
	if tr == nil {
		return
	}
	var b bytes.Buffer
	if err := jsonl.Write(&b, tr); err != nil {
		t.Fatal(err)
	}
	if _, err := jsonl.Read(&b, "x.jsonl"); err != nil {
		t.Fatal(err)
	}
	if err := tr.WriteText(io.Discard, trace.Style{}); err != nil {
		t.Error(err)
	}
	for i := range tr.Segments {
		s := &tr.Segments[i]
		if s.Arrived && (s.ReceivedAt < s.SentAt || s.Lost != "") {
			t.Errorf("#%d was sent at %v and received at %v, lost %q", s.Number, s.SentAt, s.ReceivedAt, s.Lost)
		}
	}
}

// known is what a capture knows of a segment.
func known(tr *trace.Trace, unit time.Duration) (list []trace.Segment) {
	for _, s := range tr.Segments {
		at := (s.SentAt - tr.Segments[0].SentAt).Truncate(unit)
		list = append(list, trace.Segment{
			Number: s.Number, From: s.From, Flags: s.Flags, Seq: s.Seq, Ack: s.Ack, RawSeq: s.RawSeq, RawAck: s.RawAck,
			Len: s.Len, Window: s.Window, Frame: s.Frame, SentAt: at, Retransmission: s.Retransmission, Probe: s.Probe,
		})
	}
	return list
}

// eachRun calls f for every sample that has segments.
func eachRun(t *testing.T, f func(*testing.T, *trace.Trace)) {
	for name, run := range runs.All() {
		t.Run(name, func(t *testing.T) {
			if tr := run(t); len(tr.Segments) > 0 {
				f(t, tr)
			}
		})
	}
}

func TestWhatIsExportedIsImported(t *testing.T) {
	eachRun(t, func(t *testing.T, tr *trace.Trace) {
		for format, unit := range map[pcap.Format]time.Duration{pcap.PCAPNG: 1, pcap.PCAP: time.Microsecond} {
			file := export(t, tr, pcap.Options{Format: format, Vantage: pcap.Wire})
			got, r := read(t, file, capture.Options{Vantage: capture.Wire})
			if diff := cmp.Diff(known(tr, unit), known(got, unit)); diff != "" {
				t.Errorf("%s (-sent +imported):\n%s", format, diff)
			}
			if want := pcap.Start(tr).Add(tr.Segments[0].SentAt).Truncate(unit); !r.Start.Equal(want) {
				t.Errorf("%s starts at %v, not %v", format, r.Start, want)
			}
			if r.Format != format.String() || r.Conn.Number != 1 || r.Counts.OtherConns != 0 {
				t.Errorf("%s: %+v", format, r)
			}
		}
	})
}

func TestAnExportSaysWhereItWasMade(t *testing.T) {
	tr := runs.Unread(t)
	for v, want := range map[pcap.Vantage]capture.Vantage{
		pcap.Client: capture.AtClient, pcap.Server: capture.AtServer, pcap.Wire: capture.Wire,
	} {
		if _, r := read(t, export(t, tr, pcap.Options{Vantage: v}), capture.Options{}); r.Vantage != want {
			t.Errorf("an export from %s is taken for one from %s", v, r.Vantage)
		}
	}
}

// A capture from one end has the instants of the other, half a round trip away.
func TestInstantsFollowFromTheRoundTrip(t *testing.T) {
	for name, tr := range map[string]*trace.Trace{"IPv4": runs.Unread(t), "IPv6": runs.IPv6(t), "reboot": runs.Reboot(t)} {
		for v, want := range map[pcap.Vantage]capture.Vantage{
			pcap.Client: capture.AtClient, pcap.Server: capture.AtServer, pcap.Wire: capture.Wire,
		} {
			// The classic format says nothing of the vantage point.
			o := capture.Options{}
			if v == pcap.Wire {
				o.Vantage = capture.Wire
			}
			got, r := read(t, export(t, tr, pcap.Options{Format: pcap.PCAP, Vantage: v}), o)
			if r.Vantage != want {
				t.Errorf("%s: an export from %s is taken for one from %s", name, v, r.Vantage)
			}
			for i, s := range got.Segments {
				w := tr.Segments[i]
				if s.SentAt != w.SentAt || s.ReceivedAt != w.ReceivedAt || s.Arrived != w.Arrived {
					t.Errorf("%s from %s: #%d is sent at %v and received at %v, not %v and %v",
						name, v, s.Number, s.SentAt, s.ReceivedAt, w.SentAt, w.ReceivedAt)
				}
			}
		}
	}
}

func TestStatesFollowFromTheSegments(t *testing.T) {
	type change struct {
		Host     trace.Side
		From, To string
		Trigger  int // the number of the segment, 0 for none
	}
	changes := func(tr *trace.Trace) (list []change) {
		for _, x := range tr.Transitions {
			c := change{Host: x.Host, From: x.From.String(), To: x.To.String()}
			if x.Trigger.Kind == trace.BySegment {
				c.Trigger = x.Trigger.Index + 1
			}
			if x.Conn >= 0 && c.From != "TIME_WAIT" { // its end does not show
				list = append(list, c)
			}
		}
		return list
	}
	for name, tr := range map[string]*trace.Trace{"unread data": runs.Unread(t), "IPv6": runs.IPv6(t)} {
		for _, v := range []pcap.Vantage{pcap.Client, pcap.Server, pcap.Wire} {
			got, _ := read(t, export(t, tr, pcap.Options{Vantage: v}), capture.Options{})
			want := changes(tr)
			if diff := cmp.Diff(want, changes(got)); diff != "" {
				t.Errorf("%s from %s (-run +imported):\n%s", name, v, diff)
			}
		}
	}
}

// What is taken for lost must be; what was lost need not show.
func TestLossesFollowFromRetransmissions(t *testing.T) {
	for name, want := range map[string]int{"loss": 4, "loss IPv6": 4, "faults": 3} {
		tr := runs.All()[name](t)
		got, r := read(t, export(t, tr, pcap.Options{Vantage: pcap.Wire}), capture.Options{})
		found := 0
		for i, s := range got.Segments {
			if s.Lost == "" {
				continue
			}
			found++
			// "Or ignored": gVisor throws away a FIN that comes before data
			// that are still missing.
			if w := tr.Segments[i]; w.Arrived && w.Damaged == nil && !(w.Flags.Has(wire.FIN) && strings.Contains(s.Lost, "or ignored")) {
				t.Errorf("%s: #%d is not lost, but %s", name, s.Number, s.Lost)
			}
			if !strings.HasPrefix(s.Lost, "inferred: ") {
				t.Errorf("%s: #%d: %q", name, s.Number, s.Lost)
			}
		}
		if found < want {
			t.Errorf("%s: %d losses, not at least %d", name, found, want)
		}
		if got := inference(r, "Segment.Lost").Count; got != found {
			t.Errorf("%s: the report says %d of %d", name, got, found)
		}
	}
}

func inference(r *capture.Report, field string) capture.Inference {
	for _, i := range r.Inferred {
		if i.Field == field {
			return i
		}
	}
	return capture.Inference{}
}

func TestCausesFollowFromTheSegments(t *testing.T) {
	eachRun(t, func(t *testing.T, tr *trace.Trace) {
		for _, v := range []pcap.Vantage{pcap.Client, pcap.Server, pcap.Wire} {
			if v == pcap.Server && strings.HasSuffix(t.Name(), "forged_reset") {
				continue // what was forged went to the client: the server can not know
			}
			got, r := read(t, export(t, tr, pcap.Options{Vantage: v}), capture.Options{})
			for i, s := range got.Segments {
				var want *trace.Cause
				n := 0
				for p := range pcap.Packets(tr, v) {
					if n++; n == r.Packets[i] {
						want = p.Segment.Cause
					}
				}
				switch {
				case (s.Cause == nil) != (want == nil):
					t.Errorf("%s: #%d has cause %v, not %v", v, s.Number, s.Cause, want)
				case want == nil:
				case s.Cause.ID != want.ID || s.Cause.Source != want.Source:
					t.Errorf("%s: #%d: %s, not %s", v, s.Number, s.Cause.ID, want.ID)
				case !strings.HasPrefix(s.Cause.Text, "inferred: "):
					t.Errorf("%s: #%d: %q", v, s.Number, s.Cause.Text)
				}
			}
		}
	})
}

func TestTheSameFileGivesTheSameTrace(t *testing.T) {
	file := export(t, runs.Faults(t), pcap.Options{})
	first, r1 := read(t, file, capture.Options{})
	again, r2 := read(t, file, capture.Options{})
	if !reflect.DeepEqual(first, again) || !reflect.DeepEqual(r1, r2) {
		t.Error("two different traces or reports")
	}
}
