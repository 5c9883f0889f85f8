package story

import (
	"strconv"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// tellingPorts gives each connection the port that tells it from the others:
// that of the server where all of them differ, for services are known by it,
// else that of the client, or both where one is not enough: 40000>8080. Where
// there is one of each it is nil; the headers have them.
func tellingPorts(t *trace.Trace) []string {
	clients, servers := ports(t, trace.Client), ports(t, trace.Server)
	if clients < 2 && servers < 2 {
		return nil
	}
	list := make([]string, len(t.Conns))
	for i := range t.Conns {
		client, server := port(t, i, trace.Client), port(t, i, trace.Server)
		switch {
		case servers == len(t.Conns):
			list[i] = server
		case clients == len(t.Conns) || servers < 2:
			list[i] = client
		case clients < 2:
			list[i] = server
		default:
			list[i] = client + ">" + server
		}
	}
	return list
}

func port(t *trace.Trace, conn int, side trace.Side) string {
	return strconv.Itoa(int(t.Conns[conn].At(side).Addr.Port()))
}

// port is the port that tells a connection from others, empty where there is
// nothing to tell.
func (r *reader) port(conn int) string {
	if conn < 0 || conn >= len(r.ports) {
		return ""
	}
	return r.ports[conn]
}

// ports counts the ports that a host uses.
func ports(t *trace.Trace, side trace.Side) int {
	seen := map[uint16]bool{}
	for i := range t.Conns {
		seen[t.Conns[i].At(side).Addr.Port()] = true
	}
	return len(seen)
}
