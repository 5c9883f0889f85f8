package pcap_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
)

// seen lists what a capture holds, in a form for people.
func seen(tr *trace.Trace, v pcap.Vantage) (lines []string) {
	for p := range pcap.Packets(tr, v) {
		how := "sent"
		if p.Received {
			how = "received"
		}
		lines = append(lines, fmt.Sprintf("%v #%d %s %s", p.Time.Sub(pcap.Start(tr)), p.Segment.Number, p.Segment.Flags, how))
	}
	return lines
}

// TestMiddleboxSeesWhatGetsToIt: a fifth of the way from the client, it sees
// what the client sends after 2 ms and what the server sends after 8; the
// segment that it throws away and the two that it forges instead in one
// instant; and the RST that it lets no further.
func TestMiddleboxSeesWhatGetsToIt(t *testing.T) {
	tr := runs.Middlebox(t)
	want := []string{
		"2ms #1 S received",
		"18ms #2 S. received",
		"22ms #3 . received",
		"2.022s #4 P. received",
		"2.022s #5 R sent",
		"2.022s #6 R sent",
		"2.026s #7 S received",
		"2.042s #8 R. received",
	}
	got := seen(tr, pcap.Middlebox)
	if diff := cmp.Diff(want, got[:min(len(got), len(want))]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for v, absent := range map[pcap.Vantage]string{pcap.Client: "#8", pcap.Server: "#4"} {
		for _, line := range seen(tr, v) {
			if strings.Contains(line, absent+" ") {
				t.Errorf("%s: %s", v, line)
			}
		}
	}
}

func TestCaptureOnTheMiddlebox(t *testing.T) {
	tr := runs.Middlebox(t)
	r := reader(t, capture(t, tr, pcap.Options{Vantage: pcap.Middlebox}))
	iface, err := r.Interface(0)
	if err != nil {
		t.Fatal(err)
	}
	if iface.Name != "middlebox" || !strings.Contains(iface.Description, "gateway: what gets to it") {
		t.Errorf("interface %q: %q", iface.Name, iface.Description)
	}
	n := 0
	for want := range pcap.Packets(tr, pcap.Middlebox) {
		data, ci, opts, err := r.ReadPacketDataWithOptions()
		if err != nil {
			t.Fatal(err)
		}
		n++
		if !ci.Timestamp.Equal(want.Time) || !bytes.Equal(data[14:], want.Segment.Arrival()) || opts.Flags != nil {
			t.Errorf("#%d at %v with flags %v", want.Segment.Number, ci.Timestamp, opts.Flags)
		}
	}
	if _, _, err := r.ReadPacketData(); err != io.EOF || n < 10 {
		t.Errorf("after %d packets: %v", n, err)
	}
	classic, err := pcapgo.NewReader(bytes.NewReader(capture(t, tr, pcap.Options{Format: pcap.PCAP, Vantage: pcap.Middlebox})))
	if err != nil || classic.LinkType() != layers.LinkTypeEthernet {
		t.Errorf("classic: %v, %v", classic.LinkType(), err)
	}
}

func TestNoCaptureOnAMiddleboxThatIsNotThere(t *testing.T) {
	err := pcap.Write(io.Discard, runs.Unread(t), pcap.Options{Vantage: pcap.Middlebox})
	if err == nil || err.Error() != "no middlebox is on the link: want client, server or wire" {
		t.Errorf("error %v", err)
	}
}

// TestPassagesEndWithTheRun: what would have got to the middlebox later did not.
func TestPassagesEndWithTheRun(t *testing.T) {
	tr := runs.Middlebox(t)
	last := tr.Passages[0].At
	for _, p := range tr.Passages {
		if last = max(last, p.At); p.At < tr.Segments[p.Segment-1].SentAt || p.At > tr.End {
			t.Errorf("#%d passes at %v", p.Segment, p.At)
		}
	}
	if last < time.Second {
		t.Errorf("the last passage is at %v", last)
	}
}
