package diff_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/diff"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
)

// A capture of a run is the same as the run, as far as a capture can tell.
func TestACaptureSendsTheSameSegments(t *testing.T) {
	for _, name := range []string{"unread data", "IPv6", "loss", "reboot"} {
		tr := runs.All()[name](t)
		for _, v := range []pcap.Vantage{pcap.Wire, pcap.Client, pcap.Server} {
			if v != pcap.Wire && name == "loss" {
				continue // what is lost on the way to a host is not in its capture
			}
			var file bytes.Buffer
			if err := pcap.Write(&file, tr, pcap.Options{Vantage: v}); err != nil {
				t.Fatal(err)
			}
			got, _, err := capture.Read(&file, "x", capture.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d := diff.Compare(tr, got, diff.Options{Segments: true}); !d.Same() {
				t.Errorf("%s from %s differs at the %s:\n%s", name, v, d.Where, text(t, d))
			}
			if d := diff.Compare(tr, got, diff.Options{}); d.Same() {
				t.Errorf("%s from %s: calls are no difference", name, v)
			}
		}
	}
}

func TestAnotherSegmentIsADifference(t *testing.T) {
	d := diff.Compare(short(t), short(t, "data: hello", "data: hallo"), diff.Options{Segments: true})
	if d.Same() || d.Where != "client" || !strings.Contains(text(t, d), "length 5") {
		t.Errorf("at the %s:\n%s", d.Where, text(t, d))
	}
}
