package stack

import (
	"net/netip"
	"slices"

	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/tcpip"
	netstack "gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// Endpoint is one TCP endpoint (RFC 9293's TCB) of a host, from the moment at
// which it exists until it is CLOSED: also one that waits to be accepted, and
// one whose process has closed it.
type Endpoint struct {
	ID       int // counts the endpoints of a host, from 1
	ep       *tcp.Endpoint
	host     *Host
	state    State
	tuple    wire.Tuple // from this host; Dst is invalid while it listens
	socket   *Socket    // nil until accepted and after the last close
	orphan   bool       // its process has closed it
	readShut bool       // SHUT_RD was passed on to gVisor
	finSeen  bool       // the peer's FIN was received and acknowledged
	passive  bool
	halfOpen bool        // it ended in SYN_RECEIVED
	keep     *keepalive  // nil without SO_KEEPALIVE
	synAcks  tcpip.Timer // ends it in SYN_RECEIVED
	kept     []byte      // that had arrived before the socket layer aborted the connection
	aborted  Errno       // why the socket layer has aborted the connection
}

// Change is a transition of one endpoint.
type Change struct {
	Endpoint *Endpoint
	From, To State
}

// State is the state at the last Changes.
func (e *Endpoint) State() State { return e.state }

// Tuple is the connection, from this host. Dst is the zero value for an
// endpoint that is not connected.
func (e *Endpoint) Tuple() wire.Tuple { return e.tuple }

// Orphan reports that no descriptor refers to the endpoint any more: its
// process has closed it, and TCP is finishing alone.
func (e *Endpoint) Orphan() bool { return e.orphan }

// ReadShut reports that the receiving side was shut down by a call.
func (e *Endpoint) ReadShut() bool { return e.readShut || e.socket != nil && e.socket.shutRead }

// FinReceived reports that the peer's FIN has arrived in order.
func (e *Endpoint) FinReceived() bool { return e.finSeen }

// Passive reports that the endpoint was created by a listener.
func (e *Endpoint) Passive() bool { return e.passive }

// Accepted reports that a process has, or had, a descriptor for the endpoint.
func (e *Endpoint) Accepted() bool { return e.socket != nil || e.orphan }

// Unread is the number of bytes that have arrived in order and that no recv
// has taken.
func (e *Endpoint) Unread() int {
	if len(e.kept) > 0 {
		return len(e.kept)
	}
	n, err := e.ep.GetSockOptInt(tcpip.ReceiveQueueSizeOption)
	if err != nil {
		return 0
	}
	return n
}

func (e *Endpoint) gvisorState() tcp.EndpointState { return e.ep.EndpointState() }

func (h *Host) track(ep *tcp.Endpoint, s *Socket) *Endpoint {
	h.lastID++
	e := &Endpoint{ID: h.lastID, ep: ep, host: h, socket: s}
	h.endpoints = append(h.endpoints, e)
	return e
}

// Find gives the endpoint that owns a 4-tuple of this host, or nil.
func (h *Host) Find(t wire.Tuple) *Endpoint {
	for i := len(h.endpoints) - 1; i >= 0; i-- {
		if e := h.endpoints[i]; e.tuple == t && e.state != Closed && e.state != Listen {
			return e
		}
	}
	return nil
}

// Listener gives the endpoint that listens for segments to addr, or nil.
func (h *Host) Listener(addr netip.AddrPort) *Endpoint {
	for _, e := range h.endpoints {
		if e.state == Listen && e.tuple.Src.Port() == addr.Port() &&
			(e.tuple.Src.Addr().IsUnspecified() || e.tuple.Src.Addr() == addr.Addr()) {
			return e
		}
	}
	return nil
}

// Endpoints calls f with every endpoint that is not CLOSED or that still has a
// socket, oldest first.
func (h *Host) Endpoints(f func(*Endpoint)) {
	for _, e := range h.endpoints {
		f(e)
	}
}

// LastID is the ID of the youngest endpoint, 0 before there is any.
func (h *Host) LastID() int { return h.lastID }

// Changes calls f with every transition since the last call, in the order in
// which the endpoints came to be. arrived is the segment that was injected in
// between, nil for a call or a timer: a listener answers a segment by making
// an endpoint that no socket knows yet, and the segment tells where to look.
func (h *Host) Changes(arrived *wire.Segment, f func(Change)) {
	kept := h.endpoints[:0]
	for _, e := range h.endpoints {
		if h.update(e, f) {
			kept = append(kept, e)
		}
	}
	clear(h.endpoints[len(kept):])
	h.endpoints = kept
	if arrived != nil {
		h.adopt(arrived.Tuple().Reverse(), f)
	}
}

// enter notes the state of e.
func (e *Endpoint) enter(now State) {
	switch now {
	case CloseWait, Closing, LastAck, TimeWait:
		// Each is entered by, or after, the peer's FIN (RFC 9293 figure 5).
		e.finSeen = true
	}
	e.state = now
}

// update notes a change of e and reports whether the endpoint still matters.
func (h *Host) update(e *Endpoint, f func(Change)) bool {
	now := stateOf(e.gvisorState())
	e.notice(now)
	if now == e.state {
		return now != Closed || e.socket != nil
	}
	change := Change{e, e.state, now}
	if e.state == Closed {
		e.tuple = h.tupleOf(e.ep, now)
		h.hold(e.tuple.Src.Port())
	}
	e.halfOpen = e.state == SynReceived && now == Closed
	e.pastHandshake(now)
	e.enter(now)
	if e.socket != nil {
		e.socket.wake()
	}
	f(change)
	if now == Closed && !e.Accepted() && change.From.Synchronized() {
		// It may still be in the accept queue: accept succeeds, and the error
		// comes with the first call.
		h.queued = append(h.queued, e)
	}
	return now != Closed || e.socket != nil
}

func (h *Host) tupleOf(ep *tcp.Endpoint, s State) wire.Tuple {
	id := ep.Info().(*netstack.TransportEndpointInfo).ID
	t := wire.Tuple{Src: h.fromParts(id.LocalAddress, id.LocalPort)}
	if s != Listen {
		t.Dst = h.fromParts(id.RemoteAddress, id.RemotePort)
	}
	return t
}

// adopt starts to follow an endpoint that a listener has made for t.
func (h *Host) adopt(t wire.Tuple, f func(Change)) {
	if h.Find(t) != nil {
		return
	}
	id := netstack.TransportEndpointID{
		LocalAddress: toAddress(t.Src.Addr()), LocalPort: t.Src.Port(),
		RemoteAddress: toAddress(t.Dst.Addr()), RemotePort: t.Dst.Port(),
	}
	found, ok := h.ns.FindTransportEndpoint(h.net, tcp.ProtocolNumber, id, nic).(*tcp.Endpoint)
	if !ok || found.Info().(*netstack.TransportEndpointInfo).ID != id {
		return
	}
	if slices.ContainsFunc(h.endpoints, func(e *Endpoint) bool { return e.ep == found }) {
		// A listener whose connect has failed before: gVisor keeps the peer's
		// address in its name.
		return
	}
	e := h.track(found, nil)
	e.tuple, e.passive = t, true
	e.enter(stateOf(found.EndpointState()))
	e.limitSynAcks()
	if e.state != Closed {
		f(Change{e, Listen, e.state})
	}
}

// byEndpoint finds what is known of one of gVisor's endpoints, or starts to
// know it.
func (h *Host) byEndpoint(ep *tcp.Endpoint) *Endpoint {
	for _, e := range h.endpoints {
		if e.ep == ep {
			return e
		}
	}
	for i, e := range h.queued {
		if e.ep == ep {
			h.queued = append(h.queued[:i], h.queued[i+1:]...)
			h.endpoints = append(h.endpoints, e)
			return e
		}
	}
	e := h.track(ep, nil)
	e.passive = true
	e.tuple = h.tupleOf(ep, SynReceived)
	e.enter(stateOf(ep.EndpointState()))
	return e
}
