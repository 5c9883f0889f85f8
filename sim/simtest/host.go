package simtest

import (
	"context"
	"net"
	"net/netip"
	"strconv"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Host is one of the two machines. Its Dial, DialContext and Listen are those
// of package net: hand them to the code under test.
type Host struct {
	nw      *Network
	sim     *sim.Host
	process *sim.Process
}

// Addr is the host's address.
func (h *Host) Addr() netip.Addr { return h.sim.Addr() }

// Dial is DialContext without a context.
func (h *Host) Dial(network, address string) (net.Conn, error) {
	return h.DialContext(context.Background(), network, address)
}

// DialContext connects to an address of the other host, by number or by the
// name "client" or "server". The connection is a [*Conn].
func (h *Host) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	opError := func(to net.Addr, err error) error {
		return &net.OpError{Op: "dial", Net: network, Addr: to, Err: err}
	}
	at, err := h.resolve(network, address)
	if err != nil {
		return nil, opError(nil, err)
	}
	to := net.TCPAddrFromAddrPort(at)
	if err := ctx.Err(); err != nil {
		return nil, opError(to, ofContext(err))
	}
	d := &dialing{host: h, to: at, ctx: ctx}
	d.op = &op{rank: rank{kind: kindOpen, side: int(h.sim.Side()), name: address}, ready: d.ready, try: d.try, abort: d.abort}
	stop := context.AfterFunc(ctx, h.nw.poke)
	h.nw.block(d.op)
	stop()
	if d.op.err != nil {
		return nil, opError(to, d.op.err)
	}
	return d.conn, nil
}

// dialing is a dial that goes on.
type dialing struct {
	host *Host
	to   netip.AddrPort
	ctx  context.Context
	op   *op
	fd   int
	call *sim.Pending
	conn *Conn
}

func (d *dialing) ready() bool { return d.call == nil || d.call.Stirred() || d.ctx.Err() != nil }

func (d *dialing) try() {
	h := d.host
	connect := func(s *stack.Socket) stack.Errno { return s.ConnectResult() }
	if d.call == nil {
		if !h.sim.Up() {
			h.nw.fail(d.op, errDown)
			return
		}
		var err error
		if d.fd, err = h.process.Socket(); err != nil {
			h.nw.fail(d.op, sysError("socket", err.(stack.Errno)))
			return
		}
		d.call = h.nw.driver.Begin(h.process, "connect", d.to.String(), d.fd)
		connect = func(s *stack.Socket) stack.Errno { return s.Connect(d.to) }
	}
	if err := d.ctx.Err(); err != nil {
		d.call.Return(0, nil, stack.EINPROGRESS)
		h.process.Close(d.fd)
		h.nw.fail(d.op, ofContext(err))
		return
	}
	errno := d.call.Try(func(s *stack.Socket) stack.Errno {
		e := connect(s)
		if e == stack.OK {
			h.nw.options(s)
		}
		return e
	})
	switch errno {
	case stack.EINPROGRESS, stack.EALREADY:
		d.call.Block()
		return
	case stack.OK:
		d.call.Return(0, nil, errno)
		d.conn = newConn(h, d.fd)
	default:
		d.call.Return(0, nil, errno)
		h.process.Close(d.fd)
		d.op.err = sysError("connect", errno)
	}
	h.nw.finish(d.op)
	if d.conn != nil {
		h.nw.opened(d.conn.socket)
	}
}

func (d *dialing) abort(err error) { d.op.err = err }

// options are those that package net sets on every connection.
func (nw *Network) options(s *stack.Socket) {
	s.SetOption("TCP_NODELAY", stack.Value{Int: 1})
	if nw.keep > 0 {
		setKeepAlive(s, net.KeepAliveConfig{Enable: true, Idle: nw.keep, Interval: nw.keep, Count: 9})
	}
}

// ports are the names of ports that a URL may leave out or write out.
var ports = map[string]uint16{"http": 80, "https": 443}

// resolve reads an address. No resolver is asked: there are two hosts.
func (h *Host) resolve(network, address string) (at netip.AddrPort, err error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return at, net.UnknownNetworkError(network)
	}
	name, service, err := net.SplitHostPort(address)
	if err != nil {
		return at, err
	}
	port, known := ports[service]
	if !known {
		n, err := strconv.ParseUint(service, 10, 16)
		if err != nil {
			return at, &net.AddrError{Err: "unknown port", Addr: address}
		}
		port = uint16(n)
	}
	addr := h.Addr()
	switch name {
	case "", "localhost":
	case "client", "server":
		side := trace.Client
		if name == "server" {
			side = trace.Server
		}
		addr = h.nw.host(side).Addr()
	default:
		if addr, err = netip.ParseAddr(name); err != nil {
			return at, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
		}
		addr = addr.Unmap()
	}
	if addr.IsUnspecified() {
		addr = h.Addr()
	}
	if addr.Is4() != h.Addr().Is4() || network == "tcp4" && !addr.Is4() || network == "tcp6" && addr.Is4() {
		return at, &net.AddrError{Err: "no suitable address found", Addr: address}
	}
	return netip.AddrPortFrom(addr, port), nil
}

func (nw *Network) host(side trace.Side) *Host {
	if side == trace.Client {
		return nw.Client
	}
	return nw.Server
}
