package story

import (
	"strconv"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// tellingPorts gives each connection the port that tells it from the others:
// that of the side with more of them, and of the server where both have as
// many, for services are known by it. Where there is one of each it is nil;
// the headers have them.
func tellingPorts(t *trace.Trace) []uint16 {
	clients, servers := ports(t, trace.Client), ports(t, trace.Server)
	side := trace.Client
	switch {
	case clients < 2 && servers < 2:
		return nil
	case servers >= clients:
		side = trace.Server
	}
	list := make([]uint16, len(t.Conns))
	for i := range t.Conns {
		list[i] = t.Conns[i].Addr[side].Port()
	}
	return list
}

// port is the port that tells a connection from others, empty where there is
// nothing to tell.
func (r *reader) port(conn int) string {
	if conn < 0 || conn >= len(r.ports) {
		return ""
	}
	return strconv.Itoa(int(r.ports[conn]))
}

// ports counts the ports that a host uses.
func ports(t *trace.Trace, side trace.Side) int {
	seen := map[uint16]bool{}
	for i := range t.Conns {
		seen[t.Conns[i].Addr[side].Port()] = true
	}
	return len(seen)
}
