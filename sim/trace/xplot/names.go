package xplot

import (
	"slices"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
)

// Graph is one of the graphs of a trace, and the file that tcptrace writes it
// to.
type Graph struct {
	Name string // a2b_tsg.xpl
	Options
}

// Graphs are all graphs of what is captured at a vantage point: one for each
// side of each connection, also of a side that sends nothing. The connections have letters in the order of their first packets, the side
// that sends it first: a2b_tsg.xpl and b2a_tsg.xpl, then c2d_tsg.xpl.
func Graphs(t *trace.Trace, v pcap.Vantage) []Graph {
	type seen struct {
		conn  int
		first trace.Side
	}
	var conns []seen
	for p := range pcap.Packets(t, v) {
		s := p.Segment
		if !slices.ContainsFunc(conns, func(c seen) bool { return c.conn == s.Conn }) {
			conns = append(conns, seen{s.Conn, s.From})
		}
	}
	var all []Graph
	for i, c := range conns {
		name := [2]string{letters(2 * i), letters(2*i + 1)}
		for n, from := range []trace.Side{c.first, c.first.Peer()} {
			all = append(all, Graph{name[n] + "2" + name[1-n] + "_tsg.xpl", Options{From: from, Conn: c.conn, Vantage: v}})
		}
	}
	return all
}

// letters names a host as tcptrace does: a to z, then aa, ab and so on.
func letters(n int) string {
	name := string(rune('a' + n%26))
	if n < 26 {
		return name
	}
	return letters(n/26-1) + name
}
