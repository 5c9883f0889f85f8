package exports_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/trace"
	imported "github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// row is what a capture knows of a segment.
type row struct {
	At             time.Time
	Flags          string
	RawSeq, RawAck uint32
	Len            int
	Window         uint16
	Frame          []byte
}

// TestWhatIsExportedIsImported exports every case at every vantage point and
// reads every connection of it again: each packet becomes one segment, with the
// same datagram at the same instant.
func TestWhatIsExportedIsImported(t *testing.T) {
	list := sample(t, 1)
	if testing.Short() {
		list = sample(t, 20)
	}
	inParallel(t, list, func(e export, tr *trace.Trace) error {
		for format, unit := range map[pcap.Format]time.Duration{pcap.PCAPNG: 1, pcap.PCAP: time.Microsecond} {
			file, err := capture(tr, pcap.Options{Format: format, Vantage: e.vantage})
			if err != nil {
				return err
			}
			got, skipped, err := readBack(file, e.vantage)
			if err != nil {
				return err
			}
			n := 0
			for p := range pcap.Packets(tr, e.vantage) {
				n++
				g, ok := got[n]
				switch {
				case !ok && p.Received && p.Segment.Damaged != nil:
					continue // it may be no segment any more
				case !ok:
					return fmt.Errorf("#%d is not imported", p.Segment.Number)
				case p.Received && p.Segment.Damaged != nil:
					if !bytes.Equal(g.Frame, p.Datagram()) {
						return fmt.Errorf("#%d has another datagram", p.Segment.Number)
					}
					continue
				}
				s := p.Segment
				want := row{p.Time.Truncate(unit), s.Flags.String(), s.RawSeq, s.RawAck, s.Len, s.Window, p.Datagram()}
				if diff := cmp.Diff(want, g); diff != "" {
					return fmt.Errorf("#%d (-sent +imported):\n%s", s.Number, diff)
				}
			}
			if len(got)+skipped != n {
				return fmt.Errorf("%d packets make %d segments, %d are skipped", n, len(got), skipped)
			}
		}
		return nil
	})
}

// readBack gives the segments of all connections by the number of the packet,
// and how many packets are none.
func readBack(file []byte, v pcap.Vantage) (rows map[int]row, skipped int, err error) {
	list, err := imported.Connections(bytes.NewReader(file), "x")
	if err != nil {
		return nil, 0, err
	}
	at := map[pcap.Vantage]imported.Vantage{
		pcap.Client: imported.AtClient, pcap.Server: imported.AtServer, pcap.Wire: imported.Wire, pcap.Middlebox: imported.Between,
	}[v]
	rows = map[int]row{}
	for _, k := range list {
		tr, r, err := imported.Read(bytes.NewReader(file), "x", imported.Options{Conn: fmt.Sprint(k.Number), Vantage: at})
		if err != nil {
			return nil, 0, err
		}
		skipped = r.Counts.Malformed + r.Counts.NotTCP + r.Counts.NotIP + r.Counts.Fragments + r.Counts.Joined
		for i := range tr.Segments {
			s := &tr.Segments[i]
			when := s.SentAt // half a round trip before it is seen
			if at != imported.Wire {
				when += r.RTT[s.From] / 2
			}
			if s.Flags.Has(wire.RST) {
				// What it answers has arrived before, wherever that puts it.
				when = r.Seen[i]
			} else if when != r.Seen[i] {
				return nil, 0, fmt.Errorf("#%d is sent at %v, but seen at %v", s.Number, s.SentAt, r.Seen[i])
			}
			if arrives := at == imported.AtClient && s.From == trace.Server || at == imported.AtServer && s.From == trace.Client; arrives && s.Arrived && s.ReceivedAt != when {
				return nil, 0, fmt.Errorf("#%d is received at %v, but seen at %v", s.Number, s.ReceivedAt, when)
			}
			rows[r.Packets[i]] = row{r.Start.Add(when), s.Flags.String(), s.RawSeq, s.RawAck, s.Len, s.Window, s.Frame}
		}
		if r.Counts.Again > 0 {
			return nil, 0, fmt.Errorf("%d packets are taken for others again", r.Counts.Again)
		}
	}
	return rows, skipped, nil
}

// TestResetsOfImportedCapturesAreExplained compares the causes that follow from
// the segments with the true ones. Each RST has one, and says that it is
// inferred; two causes may look the same from outside.
func TestResetsOfImportedCapturesAreExplained(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole catalogue")
	}
	right, wrong := 0, map[string]int{}
	for _, c := range cases() {
		tr := run(t, c)
		file, err := capture(tr, pcap.Options{Vantage: pcap.Wire})
		if err != nil {
			t.Fatal(err)
		}
		var packets []*trace.Segment
		for p := range pcap.Packets(tr, pcap.Wire) {
			packets = append(packets, p.Segment)
		}
		list, err := imported.Connections(bytes.NewReader(file), "x")
		if err != nil && len(packets) > 0 {
			t.Fatal(err)
		}
		for _, k := range list {
			got, r, err := imported.Read(bytes.NewReader(file), "x", imported.Options{Conn: fmt.Sprint(k.Number)})
			if err != nil {
				t.Fatal(err)
			}
			for i := range got.Segments {
				s := &got.Segments[i]
				want := packets[r.Packets[i]-1].Cause
				switch {
				case (s.Cause == nil) != (want == nil) && s.CopyOf == 0:
					t.Errorf("%s: #%d has cause %v, and had %v", c.FullName(), s.Number, s.Cause, want)
				case s.Cause == nil || want == nil:
				case !strings.HasPrefix(s.Cause.Text, "inferred: "):
					t.Errorf("%s: #%d: %q", c.FullName(), s.Number, s.Cause.Text)
				case s.Cause.ID == want.ID:
					right++
				default:
					wrong[want.ID+" is taken for "+s.Cause.ID]++
				}
			}
		}
	}
	n := right
	for what, count := range wrong {
		n += count
		t.Logf("%3d %s", count, what)
	}
	t.Logf("%d of %d causes are right", right, n)
	if right*100 < n*70 {
		t.Error("fewer than before: 565 of 751")
	}
}
