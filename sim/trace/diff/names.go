package diff

import (
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// replacer puts the names of the hosts in the place of their addresses, and
// leaves out the ports that the client had no choice in: which port it is
// depends on the seed.
func replacer(t *trace.Trace) *strings.Replacer {
	var pairs []string
	seen := map[string]bool{}
	add := func(old, name string) {
		if old != "" && !seen[old] {
			seen[old] = true
			pairs = append(pairs, old, name)
		}
	}
	for i := range t.Conns {
		// The addresses of ports come first, since the first that fits counts.
		if at := t.Conns[i].Addr[trace.Client]; at.IsValid() && !bound(t, at.Port()) {
			add(at.String(), "client:port")
		}
	}
	for side, h := range t.Hosts {
		if !h.Addr.IsValid() {
			continue
		}
		name := trace.Side(side).String()
		if h.Addr.Is6() {
			add("["+h.Addr.String()+"]", name)
		}
		add(h.Addr.String(), name)
	}
	return strings.NewReplacer(pairs...)
}
