package simtest

import (
	"context"
	"errors"
	"net"
	"net/netip"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// errMissingAddress reads as package net's, which does not export it.
var errMissingAddress = errors.New("missing address")

// services reads names of ports. It asks nobody: package net has them in a
// table and in a file, and reads that itself with PreferGo.
var services = net.Resolver{PreferGo: true}

// target is what an address means to a host.
type target struct {
	at    netip.AddrPort
	shown *net.TCPAddr // as package net would print it in an error
	wild  bool         // no host was named, or the unspecified address
}

// resolve reads an address. No resolver is asked: the hosts have the names
// "client" and "server", and each is "localhost" to itself.
func (h *Host) resolve(ctx context.Context, op, network, address string) (t target, err error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	case "udp", "udp4", "udp6":
		return t, h.notStream(network, address)
	default:
		return t, net.UnknownNetworkError(network)
	}
	if op == "dial" && address == "" {
		return t, errMissingAddress
	}
	var name string
	var port int
	if address != "" {
		var service string
		if name, service, err = net.SplitHostPort(address); err != nil {
			return t, err
		}
		if port, err = services.LookupPort(ctx, network, service); err != nil {
			return t, err
		}
	}
	loop := netip.MustParseAddr("127.0.0.1")
	if !h.Addr().Is4() {
		loop = netip.IPv6Loopback()
	}
	var addr netip.Addr
	switch name {
	case "":
		t.wild = true
	case "localhost":
		addr = loop
	case trace.Client.String():
		addr = h.nw.Client.Addr()
	case trace.Server.String():
		addr = h.nw.Server.Addr()
	default:
		if addr, err = netip.ParseAddr(name); err != nil {
			return t, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
		}
		addr = addr.Unmap()
		t.wild = addr.IsUnspecified()
	}
	t.shown = &net.TCPAddr{Port: port}
	if addr.IsValid() {
		t.shown = net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, uint16(port)))
		if network == "tcp4" && !addr.Is4() || network == "tcp6" && addr.Is4() {
			return t, &net.AddrError{Err: "no suitable address found", Addr: name}
		}
	}
	if t.wild {
		if addr = h.Addr(); op == "dial" {
			addr = loop
		}
	}
	t.at = netip.AddrPortFrom(addr, uint16(port))
	return t, nil
}

// notStream is the error for a network of datagrams, to which no listener and
// no connection of this package belongs.
func (h *Host) notStream(network, address string) error {
	a, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return err
	}
	return &datagram{a, &net.AddrError{Err: "unexpected address type", Addr: a.String()}}
}

// datagram carries the address that package net puts beside its error.
type datagram struct {
	addr *net.UDPAddr
	err  error
}

func (d *datagram) Error() string { return d.err.Error() }

// opError wraps an error of an address as package net does.
func (h *Host) opError(op, network string, t target, err error) error {
	e := &net.OpError{Op: op, Net: network, Err: err}
	if t.shown != nil {
		e.Addr = t.shown
	}
	if d, ok := err.(*datagram); ok {
		e.Addr, e.Err = d.addr, d.err
	}
	return e
}
