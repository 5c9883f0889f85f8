package stack

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	netstack "gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// nic is the only interface of a host.
const nic tcpip.NICID = 1

// DefaultMTU is Ethernet's, in bytes.
const DefaultMTU = 1500

// Config describes a host. Addr, Clock and Entropy are required.
type Config struct {
	Addr      netip.Addr  // IPv4 or IPv6; decides the family of every socket
	Clock     tcpip.Clock // what gVisor's timers run on
	Entropy   Entropy     // where every random number comes from
	Name      string      // prefix of the names of its random streams
	Settings  []Setting   // applied in order
	MTU       uint32      // bytes of an IP datagram; 0 means DefaultMTU
	Endpoints int         // how many endpoints earlier boots of this machine had; IDs go on from there
}

// Host is one machine on the link. It is not safe for concurrent use.
type Host struct {
	addr      netip.Addr
	net       tcpip.NetworkProtocolNumber
	clock     tcpip.Clock
	ns        *netstack.Stack
	dev       *device
	endpoints []*Endpoint
	queued    []*Endpoint         // CLOSED before anybody accepted them
	ports     map[uint16]struct{} // that a socket of this host has ever had
	lastID    int
	defaults  socketDefaults
	gone      bool
}

// socketDefaults are host-wide settings that gVisor leaves to the socket, or
// means something else by.
type socketDefaults struct {
	synRetries    int
	synAckRetries int
	retries2      int
	minRTO        time.Duration
	maxRTO        time.Duration
	rack          bool
}

// New boots a host. It returns an error for an address that is neither IPv4
// nor IPv6 and for a setting that does not exist or is out of range.
func New(c Config) (*Host, error) {
	if !c.Addr.IsValid() || c.Clock == nil || c.Entropy == nil {
		return nil, errors.New("a host needs an address, a clock and a source of random numbers")
	}
	addr := c.Addr.Unmap()
	mtu := c.MTU
	if mtu == 0 {
		mtu = DefaultMTU
	}
	h := &Host{addr: addr, net: header.IPv4ProtocolNumber, clock: c.Clock, dev: newDevice(mtu), lastID: c.Endpoints}
	h.defaults = socketDefaults{synAckRetries: defaultSynAckRetries, retries2: 15, minRTO: tcp.MinRTO, maxRTO: tcp.MaxRTO}
	network := ipv4.NewProtocol
	if addr.Is6() {
		h.net, network = header.IPv6ProtocolNumber, ipv6.NewProtocol
	}
	h.ns = build(netstack.Options{
		NetworkProtocols:   []netstack.NetworkProtocolFactory{network},
		TransportProtocols: []netstack.TransportProtocolFactory{tcp.NewProtocol},
		Clock:              c.Clock,
		RandSource:         insecureSource{c.Entropy.Stream(c.Name + "/insecure")},
		SecureRNG:          secureReader{c.Entropy.Stream(c.Name + "/secure")},
	})
	// Paused from here on: TCP is processed in Settle and nowhere else.
	h.ns.Pause()
	if err := h.configure(c.Settings); err != nil {
		h.Destroy()
		return nil, err
	}
	return h, nil
}

func (h *Host) configure(settings []Setting) error {
	if err := h.ns.CreateNIC(nic, h.dev); err != nil {
		return fmt.Errorf("creating the interface: %s", err)
	}
	subnet := header.IPv4EmptySubnet
	if h.net == header.IPv6ProtocolNumber {
		subnet = header.IPv6EmptySubnet
	}
	local := tcpip.ProtocolAddress{Protocol: h.net, AddressWithPrefix: toAddress(h.addr).WithPrefix()}
	if err := h.ns.AddProtocolAddress(nic, local, netstack.AddressProperties{}); err != nil {
		return fmt.Errorf("assigning %s: %s", h.addr, err)
	}
	h.ns.SetRouteTable([]tcpip.Route{{Destination: subnet, NIC: nic}})
	for _, s := range append(defaultSettings(), settings...) {
		if err := h.Set(s.Name, s.Value); err != nil {
			return err
		}
	}
	return nil
}

// Addr is the host's address.
func (h *Host) Addr() netip.Addr { return h.addr }

// Settle lets the host process every segment that is queued for an endpoint,
// and returns when it is parked again.
func (h *Host) Settle() {
	h.ns.Resume()
	h.ns.Pause()
}

// Inject gives the host a frame from the link. Nothing is processed before the
// next Settle. Inject one frame per settle: gVisor answers a batch with one
// acknowledgement, and a real network does not deliver batches.
func (h *Host) Inject(frame buffer.Buffer) {
	pkt := netstack.NewPacketBuffer(netstack.PacketBufferOptions{Payload: frame})
	h.dev.InjectInbound(h.net, pkt)
	pkt.DecRef()
}

// ErrQueueFull says that a host emitted more frames between two drains than
// its queue holds, so that some are lost without a trace.
var ErrQueueFull = fmt.Errorf("a host emitted more than %d frames at one instant; the rest is lost", queueLen)

// Drain calls f with every frame that the host has emitted since the last
// drain, in order. The frame is f's to keep. It returns ErrQueueFull when
// frames were lost before they could be drained.
func (h *Host) Drain(f func(frame buffer.Buffer)) error {
	h.dev.drain(f)
	if h.dev.overflow {
		return ErrQueueFull
	}
	return nil
}

// Destroy ends the host: endpoints, timers and goroutines. What the endpoints
// emit while they are torn down, in the order of a map, goes nowhere: this is
// how a machine dies, not how a process closes.
func (h *Host) Destroy() {
	if h.gone {
		return
	}
	h.gone = true
	h.dev.close()
	h.ns.Resume() // a paused stack cannot be destroyed: its processor would never see the end
	h.ns.Destroy()
}

func toAddress(a netip.Addr) tcpip.Address { return tcpip.AddrFromSlice(a.AsSlice()) }

func (h *Host) toFull(a netip.AddrPort) tcpip.FullAddress {
	full := tcpip.FullAddress{Port: a.Port()}
	if a.Addr().IsValid() && !a.Addr().IsUnspecified() {
		full.Addr = toAddress(a.Addr().Unmap())
	}
	return full
}

func (h *Host) fromParts(a tcpip.Address, port uint16) netip.AddrPort {
	addr, ok := netip.AddrFromSlice(a.AsSlice())
	if !ok {
		addr = netip.IPv4Unspecified()
		if h.net == header.IPv6ProtocolNumber {
			addr = netip.IPv6Unspecified()
		}
	}
	return netip.AddrPortFrom(addr, port)
}
