package tcpdump_test

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/sim/trace/tcpdump"
)

// Whatever a datagram holds, it becomes one line or an error.
func FuzzDatagram(f *testing.F) {
	for _, run := range runs.All() {
		for _, s := range run(f).Segments[:min(1, len(run(f).Segments))] {
			f.Add(s.Frame)
		}
	}
	for _, o := range []string{"\x05\x05\x01", "\x01\x01\x02", "\x22\x06abcd"} {
		f.Add(packets(f, segment(o, "GET / HTTP/1.1\r\n")).Segments[0].Frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		tr := &trace.Trace{Events: make([]trace.Event, 1), Segments: []trace.Segment{{Number: 1, Frame: frame}}, Conns: make([]trace.Conn, 1)}
		var b strings.Builder
		if err := tcpdump.Write(&b, tr, tcpdump.Options{Vantage: pcap.Wire}); err != nil {
			return
		}
		if got := b.String(); strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "\n") {
			t.Errorf("not one line: %q", got)
		}
	})
}
