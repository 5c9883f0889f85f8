package pcap_test

import (
	"bytes"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// The vantage points that every run has.
var vantages = []pcap.Vantage{pcap.Client, pcap.Server, pcap.Wire}

func capture(t testing.TB, tr *trace.Trace, o pcap.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pcap.Write(&b, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func reader(t testing.TB, file []byte) *pcapgo.NgReader {
	t.Helper()
	r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// everywhere runs f for each run and each vantage point.
func everywhere(t *testing.T, f func(*testing.T, *trace.Trace, pcap.Vantage)) {
	for name, run := range runs.All() {
		for _, v := range vantages {
			t.Run(name+"/"+v.String(), func(t *testing.T) { f(t, run(t), v) })
		}
	}
}

func TestPcapngHoldsEveryPacketWithTimeNumberAndDirection(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trace.Trace, v pcap.Vantage) {
		r := reader(t, capture(t, tr, pcap.Options{Vantage: v}))
		if r.LinkType() != layers.LinkTypeEthernet {
			t.Errorf("link type %v", r.LinkType())
		}
		for want := range pcap.Packets(tr, v) {
			data, ci, opts, err := r.ReadPacketDataWithOptions()
			if err != nil {
				t.Fatalf("#%d: %v", want.Segment.Number, err)
			}
			if !ci.Timestamp.Equal(want.Time) {
				t.Errorf("#%d is at %v, not at %v", want.Segment.Number, ci.Timestamp, want.Time)
			}
			if opts.PacketID == nil || *opts.PacketID != uint64(want.Segment.Number) {
				t.Errorf("#%d has id %v", want.Segment.Number, opts.PacketID)
			}
			if !bytes.Equal(data[14:], want.Datagram()) {
				t.Errorf("#%d: another datagram", want.Segment.Number)
			}
			if from := data[11]; from != byte(want.Segment.From)+1 || data[5] != 3-from {
				t.Errorf("#%d: addresses % x", want.Segment.Number, data[:12])
			}
			var direction pcapgo.NgEpbFlag
			if opts.Flags != nil {
				direction = opts.Flags.Direction
			}
			if direction != directionOf(want, v) {
				t.Errorf("#%d: direction %v", want.Segment.Number, direction)
			}
		}
		if _, _, err := r.ReadPacketData(); err != io.EOF {
			t.Errorf("after the last packet: %v", err)
		}
	})
}

func directionOf(p pcap.Packet, v pcap.Vantage) pcapgo.NgEpbFlag {
	switch {
	case v == pcap.Wire:
		return pcapgo.NgEpbFlagDirectionUnknown
	case p.Received:
		return pcapgo.NgEpbFlagDirectionInbound
	}
	return pcapgo.NgEpbFlagDirectionOutbound
}

func TestClassicFormatHasMicroseconds(t *testing.T) {
	tr := runs.Loss(t)
	r, err := pcapgo.NewReader(bytes.NewReader(capture(t, tr, pcap.Options{Format: pcap.PCAP, Vantage: pcap.Wire})))
	if err != nil {
		t.Fatal(err)
	}
	for p := range pcap.Packets(tr, pcap.Wire) {
		data, ci, err := r.ReadPacketData()
		if err != nil {
			t.Fatal(err)
		}
		if !ci.Timestamp.Equal(p.Time.Truncate(time.Microsecond)) || !bytes.Equal(data[14:], p.Segment.Frame) {
			t.Errorf("#%d at %v is %v", p.Segment.Number, p.Time, ci.Timestamp)
		}
	}
	if _, _, err := r.ReadPacketData(); err != io.EOF {
		t.Errorf("after the last packet: %v", err)
	}
}

func TestEachVantagePointSeesItsPart(t *testing.T) {
	numbers := func(tr *trace.Trace, v pcap.Vantage, received bool) (all []int) {
		for p := range pcap.Packets(tr, v) {
			if p.Received == received {
				all = append(all, p.Segment.Number)
			}
		}
		return all
	}
	for name, run := range runs.All() {
		t.Run(name, func(t *testing.T) {
			tr := run(t)
			var sent, received [2][]int
			var wireSent []int
			for _, s := range tr.Segments {
				wireSent = append(wireSent, s.Number)
				if s.Injected == "" && s.CopyOf == 0 {
					sent[s.From] = append(sent[s.From], s.Number)
				}
				if s.Arrived {
					received[s.From.Peer()] = append(received[s.From.Peer()], s.Number)
				}
			}
			for side := range sent {
				v := pcap.Vantage(side)
				if diff := cmp.Diff(sent[side], numbers(tr, v, false)); diff != "" {
					t.Errorf("%s sent (-trace +capture):\n%s", v, diff)
				}
				if diff := cmp.Diff(received[side], sorted(numbers(tr, v, true))); diff != "" {
					t.Errorf("%s received (-trace +capture):\n%s", v, diff)
				}
			}
			if diff := cmp.Diff(wireSent, numbers(tr, pcap.Wire, false)); diff != "" {
				t.Errorf("wire (-trace +capture):\n%s", diff)
			}
			if got := numbers(tr, pcap.Wire, true); got != nil {
				t.Errorf("wire has received %v", got)
			}
		})
	}
}

// sorted undoes that segments overtake each other.
func sorted(numbers []int) []int {
	slices.Sort(numbers)
	return numbers
}

func TestCommentsSayWhatPacketsDoNot(t *testing.T) {
	for _, c := range []struct {
		run  func(testing.TB) *trace.Trace
		want []string
	}{
		{runs.Unread, []string{"client: connect(3, 10.0.0.2:8080) = 0", "server: close(4) = 0", "unread-data: close()"}},
		{runs.Loss, []string{"lost: drop client:SYN:1", "timer: SYN RTO", "lost: loss 10%"}},
		{runs.Reboot, []string{"host-rebooted: data (#4) arrived for a connection that this host forgot"}},
		{runs.Faults, []string{"made by the link", "link: changed bit"}},
		{runs.Forged, []string{"forged by firewall", "forged: firewall forged it"}},
	} {
		var all []string
		r := reader(t, capture(t, c.run(t), pcap.Options{Vantage: pcap.Wire}))
		for {
			_, _, opts, err := r.ReadPacketDataWithOptions()
			if err != nil {
				break
			}
			all = append(all, opts.Comments...)
		}
		for _, want := range c.want {
			if !strings.Contains(strings.Join(all, "\n"), want) {
				t.Errorf("no comment %q in\n%s", want, strings.Join(all, "\n"))
			}
		}
	}
}

// Text of any length, and text that is not UTF-8, must not break the file: the
// length of an option has 16 bits.
func TestLongAndBrokenTextIsMadeToFit(t *testing.T) {
	tr := runs.Loss(t)
	for i := range tr.Segments {
		if tr.Segments[i].Lost != "" {
			tr.Segments[i].Lost = "x" + strings.Repeat("é", math.MaxUint16)
		}
	}
	tr.Scenario, tr.Title = "a/b", strings.Repeat("\xff", 2*math.MaxUint16)
	r := reader(t, capture(t, tr, pcap.Options{Vantage: pcap.Wire}))
	n := 0
	for {
		_, _, opts, err := r.ReadPacketDataWithOptions()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
		for _, c := range opts.Comments {
			if len(c) > 4096 || strings.ToValidUTF8(c, "") != c {
				t.Errorf("a comment of %d bytes: %.20q", len(c), c)
			}
		}
	}
	if n != len(tr.Segments) {
		t.Errorf("%d packets of %d", n, len(tr.Segments))
	}
}

func TestBytesAreTheSameEveryTime(t *testing.T) {
	everywhere(t, func(t *testing.T, tr *trace.Trace, v pcap.Vantage) {
		for _, f := range []pcap.Format{pcap.PCAPNG, pcap.PCAP} {
			o := pcap.Options{Format: f, Vantage: v}
			if !bytes.Equal(capture(t, tr, o), capture(t, tr, o)) {
				t.Errorf("two different %s files", f)
			}
		}
	})
}

func TestASegmentWithoutADatagramIsAnError(t *testing.T) {
	for _, frame := range [][]byte{nil, {0x50}} {
		tr := &trace.Trace{
			Events:   []trace.Event{{Kind: trace.Sent}},
			Segments: []trace.Segment{{Number: 1, Flags: wire.SYN, Frame: frame}},
			Conns:    make([]trace.Conn, 1),
		}
		for _, f := range []pcap.Format{pcap.PCAPNG, pcap.PCAP} {
			err := pcap.Write(io.Discard, tr, pcap.Options{Format: f})
			if err == nil || !strings.Contains(err.Error(), "segment #1: ") {
				t.Errorf("%s: %v", f, err)
			}
		}
	}
}

func TestNamesAreReadAsTheyAreWritten(t *testing.T) {
	for _, v := range append(vantages, pcap.Middlebox) {
		if got, err := pcap.ParseVantage(v.String()); got != v || err != nil {
			t.Errorf("%s: %v, %v", v, got, err)
		}
	}
	for _, f := range []pcap.Format{pcap.PCAPNG, pcap.PCAP} {
		if got, err := pcap.ParseFormat(f.String()); got != f || err != nil {
			t.Errorf("%s: %v, %v", f, got, err)
		}
	}
	if _, err := pcap.ParseVantage("router"); err == nil {
		t.Error("router is no vantage point")
	}
	if _, err := pcap.ParseFormat("snoop"); err == nil {
		t.Error("snoop is no format of ours")
	}
	if err := pcap.Write(io.Discard, &trace.Trace{}, pcap.Options{Vantage: 4}); err == nil {
		t.Error("vantage point 4 was accepted")
	}
}
