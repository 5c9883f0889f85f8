package diff

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// replacer puts the names of the hosts in the place of their addresses, and
// leaves out the ports that nobody has chosen: they depend on the seed.
func replacer(t *trace.Trace) *strings.Replacer {
	name := map[string]string{}
	for i := range t.Conns {
		if at := t.Conns[i].At(trace.Client).Addr; at.IsValid() && !bound(t, at.Port()) {
			name[at.String()] = "client:port"
		}
	}
	for side, h := range t.Hosts {
		if !h.Addr.IsValid() {
			continue
		}
		if h.Addr.Is6() {
			name["["+h.Addr.String()+"]"] = trace.Side(side).String()
		}
		name[h.Addr.String()] = trace.Side(side).String()
	}
	// Of two that fit, the first counts; it must not be the beginning of the
	// other.
	var pairs []string
	for _, addr := range slices.SortedFunc(maps.Keys(name), longerFirst) {
		pairs = append(pairs, addr, name[addr])
	}
	return strings.NewReplacer(pairs...)
}

func longerFirst(a, b string) int {
	return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
}

// bound reports whether a process of the client has chosen the port.
func bound(t *trace.Trace, port uint16) bool {
	for i := range t.Calls {
		c := &t.Calls[i]
		if c.Host == trace.Client && c.Op == trace.OpBind && c.Args.Addr.Port() == port {
			return true
		}
	}
	return false
}
