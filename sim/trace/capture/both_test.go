package capture_test

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
)

// merge puts captures beside each other into one file, as mergecap does, each
// with an interface of its own. late is what the second one's clock is ahead.
func merge(t testing.TB, late time.Duration, files ...[]byte) []byte {
	t.Helper()
	type packet struct {
		ci   gopacket.CaptureInfo
		data []byte
	}
	var all []packet
	for i, file := range files {
		r, err := pcapgo.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		for {
			data, ci, err := r.ReadPacketData()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			ci.InterfaceIndex = i
			ci.Timestamp = ci.Timestamp.Add(time.Duration(i) * late)
			all = append(all, packet{ci, data})
		}
	}
	slices.SortStableFunc(all, func(a, b packet) int { return cmp.Compare(a.ci.Timestamp.UnixNano(), b.ci.Timestamp.UnixNano()) })
	var b bytes.Buffer
	w, err := pcapgo.NewNgWriter(&b, layers.LinkTypeEthernet)
	if err != nil {
		t.Fatal(err)
	}
	for range files[1:] {
		if _, err := w.AddInterface(pcapgo.NgInterface{LinkType: layers.LinkTypeEthernet, SnapLength: 1 << 18}); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range all {
		if err := w.WritePacket(p.ci, p.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Captures of both ends give what happened in between as it was, also where
// one clock is wrong.
func TestTwoEndsShowWhatHappenedBetween(t *testing.T) {
	for _, ahead := range []time.Duration{0, 300 * time.Millisecond, -2 * time.Second} {
		for name, tr := range map[string]*trace.Trace{"unread data": runs.Unread(t), "loss": runs.Loss(t), "loss IPv6": runs.All()["loss IPv6"](t)} {
			end := func(v pcap.Vantage) []byte { return export(t, tr, pcap.Options{Format: pcap.PCAP, Vantage: v}) }
			got, r := read(t, merge(t, ahead, end(pcap.Client), end(pcap.Server)), capture.Options{})
			if r.Vantage != capture.AtBoth || r.Skew != -ahead {
				t.Errorf("%s, %v: vantage %s, skew %v", name, ahead, r.Vantage, r.Skew)
			}
			if len(got.Segments) != len(tr.Segments) {
				t.Errorf("%s, %v: %d segments, not %d", name, ahead, len(got.Segments), len(tr.Segments))
				continue
			}
			for i, s := range got.Segments {
				w := tr.Segments[i]
				sent, received := w.SentAt.Truncate(time.Microsecond), w.ReceivedAt.Truncate(time.Microsecond)
				if s.SentAt != sent || s.ReceivedAt != received || s.Arrived != w.Arrived || (s.Lost == "") != (w.Lost == "") {
					t.Errorf("%s, %v: #%d sent %v, received %v, lost %q; want %v, %v, %q",
						name, ahead, s.Number, s.SentAt, s.ReceivedAt, s.Lost, sent, received, w.Lost)
				}
			}
		}
	}
}

// What a segment takes above the fastest of its direction, it has waited on the
// way: the clocks are compared by the fastest of each direction.
func TestClocksAreComparedByTheFastestSegments(t *testing.T) {
	tr := runs.Jitter(t)
	fastest := [2]time.Duration{time.Hour, time.Hour}
	for _, s := range tr.Segments {
		if s.Arrived {
			took := s.ReceivedAt.Truncate(time.Microsecond) - s.SentAt.Truncate(time.Microsecond)
			fastest[s.From] = min(fastest[s.From], took)
		}
	}
	end := func(v pcap.Vantage) []byte { return export(t, tr, pcap.Options{Format: pcap.PCAP, Vantage: v}) }
	for _, ahead := range []time.Duration{300 * time.Millisecond, -2 * time.Second} {
		_, r := read(t, merge(t, ahead, end(pcap.Client), end(pcap.Server)), capture.Options{})
		if want := -ahead - (fastest[trace.Client]-fastest[trace.Server])/2; r.Vantage != capture.AtBoth || r.Skew != want {
			t.Errorf("%v: vantage %s, skew %v, want %v", ahead, r.Vantage, r.Skew, want)
		}
	}
}

// The same packets on two interfaces of one machine, on their way through it,
// are each one segment.
func TestAPacketOnTwoInterfacesIsOne(t *testing.T) {
	tr := runs.Unread(t)
	file := export(t, tr, pcap.Options{Format: pcap.PCAP, Vantage: pcap.Client})
	got, r := read(t, merge(t, 3*time.Microsecond, file, file), capture.Options{})
	if n := len(tr.Segments); len(got.Segments) != n || r.Counts.Again != n || r.Vantage == capture.AtBoth {
		t.Errorf("%d segments of %d, %d again, vantage %s", len(got.Segments), n, r.Counts.Again, r.Vantage)
	}
}
