package stack

import (
	"cmp"
	"slices"

	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/ports"
	netstack "gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// LeftoverKind says where gVisor holds something.
type LeftoverKind string

// The places in which gVisor keeps what belongs to a connection or a listener.
const (
	LeftRegistered LeftoverKind = "registered" // an endpoint that segments are handed to
	LeftCleanup    LeftoverKind = "cleanup"    // an endpoint that was closed and has not given up what it holds
	LeftPort       LeftoverKind = "port"       // a port that nobody else can bind
)

// Leftover is one thing that gVisor still holds of TCP.
type Leftover struct {
	Kind     LeftoverKind
	Endpoint int        // its ID; 0 for a port and for an endpoint that was never seen
	State    State      // of an endpoint
	Tuple    wire.Tuple // from this host; of a port, only Src
}

// Leftovers asks gVisor itself, not what was noted of it, what it holds at this
// moment: the endpoints of its demultiplexer and those in cleanup (Stack.
// RegisteredEndpoints, Stack.CleanupEndpoints), and each port that a socket of
// this host has ever had and that cannot be reserved for all addresses. When
// all processes have ended and every timer has fired there should be nothing.
// The order is that of kind, endpoint and port.
func (h *Host) Leftovers() []Leftover {
	if h.gone {
		return nil
	}
	var left []Leftover
	for _, ep := range h.ns.RegisteredEndpoints() {
		left = h.leftEndpoint(left, LeftRegistered, ep)
	}
	for _, ep := range h.ns.CleanupEndpoints() {
		left = h.leftEndpoint(left, LeftCleanup, ep)
	}
	for port := range h.ports {
		if !h.portFree(port) {
			l := Leftover{Kind: LeftPort}
			l.Tuple.Src = h.fromParts(toAddress(h.addr), port)
			left = append(left, l)
		}
	}
	slices.SortFunc(left, func(a, b Leftover) int {
		return cmp.Or(
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Endpoint, b.Endpoint),
			a.Tuple.Src.Compare(b.Tuple.Src), a.Tuple.Dst.Compare(b.Tuple.Dst),
		)
	})
	return left
}

func (h *Host) leftEndpoint(left []Leftover, kind LeftoverKind, of netstack.TransportEndpoint) []Leftover {
	ep, ok := of.(*tcp.Endpoint)
	if !ok {
		return left
	}
	l := Leftover{Kind: kind, State: stateOf(ep.EndpointState())}
	l.Tuple = h.tupleOf(ep, l.State)
	for _, e := range h.endpoints {
		if e.ep == ep {
			l.Endpoint = e.ID
		}
	}
	return append(left, l)
}

// portFree reports whether a socket could bind a port for all addresses, as
// one without SO_REUSEADDR would, and leaves the port as it was.
func (h *Host) portFree(port uint16) bool {
	r := ports.Reservation{Networks: []tcpip.NetworkProtocolNumber{h.net}, Transport: tcp.ProtocolNumber, Port: port}
	if _, err := h.ns.ReservePort(h.ns.SecureRNG(), r, nil); err != nil {
		return false
	}
	h.ns.ReleasePort(r)
	return true
}

// hold notes that a socket of this host has had a port.
func (h *Host) hold(port uint16) {
	if h.ports == nil {
		h.ports = map[uint16]struct{}{}
	}
	h.ports[port] = struct{}{}
}
