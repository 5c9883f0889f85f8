package xplot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/sim/trace/xplot"
)

func TestGraphsHaveTcptracesNames(t *testing.T) {
	names := func(tr *trace.Trace, v pcap.Vantage) (list []string) {
		for _, g := range xplot.Graphs(tr, v) {
			list = append(list, g.Name)
		}
		return list
	}
	if diff := cmp.Diff([]string{"a2b_tsg.xpl", "b2a_tsg.xpl"}, names(runs.Unread(t), pcap.Client)); diff != "" {
		t.Error(diff)
	}
	// Letters in the order of the first packets, of the side that sends it, and
	// two of them after z.
	tr := &trace.Trace{Conns: make([]trace.Conn, 28)}
	for i := range 28 {
		s := trace.Segment{Number: i + 1, Conn: 27 - i, From: trace.Side(i % 2)}
		tr.Segments = append(tr.Segments, s)
		tr.Events = append(tr.Events, trace.Event{Kind: trace.Sent, Index: i})
	}
	graphs := xplot.Graphs(tr, pcap.Wire)
	if len(graphs) != 56 {
		t.Fatalf("%d graphs", len(graphs))
	}
	for i, want := range map[int]xplot.Graph{
		0:  {Name: "a2b_tsg.xpl", Options: xplot.Options{Conn: 27, From: trace.Client, Vantage: pcap.Wire}},
		3:  {Name: "d2c_tsg.xpl", Options: xplot.Options{Conn: 26, From: trace.Client, Vantage: pcap.Wire}},
		25: {Name: "z2y_tsg.xpl", Options: xplot.Options{Conn: 15, From: trace.Server, Vantage: pcap.Wire}},
		26: {Name: "aa2ab_tsg.xpl", Options: xplot.Options{Conn: 14, From: trace.Server, Vantage: pcap.Wire}},
	} {
		if graphs[i].Name != want.Name || graphs[i].Conn != want.Conn {
			t.Errorf("graph %d is %+v, not %+v", i, graphs[i], want)
		}
	}
}
