package story

import (
	"net/netip"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// flood is a trace in which each of some client ports sends a segment in one
// and the same instant.
func flood(s trace.Segment, ports ...uint16) *trace.Trace {
	t := &trace.Trace{}
	for i, port := range ports {
		t.Conns = append(t.Conns, trace.Between(netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), port), netip.MustParseAddrPort("10.0.0.2:8080")))
		s.Number, s.Conn = i+1, i
		t.Segments = append(t.Segments, s)
		t.Events = append(t.Events, trace.Event{Kind: trace.Sent, Index: i})
	}
	return t
}

func TestWhatOpensOrResetsManyConnectionsAtOnceIsOneBand(t *testing.T) {
	cause := &trace.Cause{ID: "no-connection"}
	for _, c := range []struct {
		segment trace.Segment
		ports   []uint16
		want    []string
	}{
		{trace.Segment{Flags: wire.SYN}, []uint16{1001, 1002, 1003, 1004}, []string{"#1-4 4 SYNs 0 :1001-1004"}},
		{trace.Segment{Flags: wire.SYN | wire.ACK}, []uint16{1001, 1005, 2000}, []string{"#1-3 3 SYN,ACKs 0 :1001,1005,2000"}},
		{trace.Segment{Flags: wire.RST, Seq: 1, Cause: cause, Lost: "drop client:RST"}, []uint16{9, 1, 5, 7}, []string{"#1-4 4 RSTs 1, 4 ports, all lost: drop client:RST"}},
		// Two are no band, and data belong to their connections.
		{trace.Segment{Flags: wire.SYN, Arrived: true}, []uint16{1001, 1002}, []string{"#1 SYN 0 :1001", "#2 SYN 0 :1002"}},
		{trace.Segment{Flags: wire.ACK, Seq: 1, Len: 9, Arrived: true}, []uint16{1, 2, 3}, []string{"#1 1:10 (9) :1", "#2 1:10 (9) :2", "#3 1:10 (9) :3"}},
	} {
		s := Of(flood(c.segment, c.ports...), Window{})
		var got []string
		for i := range s.Arrows {
			got = append(got, s.Arrows[i].Label)
		}
		if len(got) != len(c.want) {
			t.Errorf("arrows %q, want %q", got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("arrow %q, want %q", got[i], c.want[i])
			}
		}
	}
}

func TestConnectionsAreToldApartByBothPortsWhereOneIsNotEnough(t *testing.T) {
	tr := flood(trace.Segment{Flags: wire.SYN}, 1, 1, 2)
	tr.Conns[1].At(trace.Server).Addr = netip.MustParseAddrPort("10.0.0.2:139")
	for i, want := range []string{"1>8080", "1>139", "2>8080"} {
		if got := tellingPorts(tr)[i]; got != want {
			t.Errorf("connection %d is told apart by %q, want %q", i, got, want)
		}
	}
}
