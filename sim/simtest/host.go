package simtest

import (
	"context"
	"net"
	"net/netip"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/internal/drive"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Host is one of the two machines. Its Dial, DialContext and Listen are those
// of package net: hand them to the code under test.
type Host struct {
	nw      *Network
	sim     *sim.Host
	driver  driver
	process *sim.Process
	loop    *loopback // how it reaches itself; nil until it does
	outer   *Host     // whose loopback this is an end of; nil for a machine
}

// Addr is the host's address.
func (h *Host) Addr() netip.Addr { return h.sim.Addr() }

// Dial is DialContext without a context.
func (h *Host) Dial(network, address string) (net.Conn, error) {
	return h.DialContext(context.Background(), network, address)
}

// DialContext connects to an address: of the other host, by number or by the
// name "client" or "server", or of the host itself, which is "localhost" and
// 127.0.0.1 as well. The connection is a [*Conn].
func (h *Host) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return h.dial(ctx, network, address, &Dialer{})
}

func (h *Host) dial(ctx context.Context, network, address string, by *Dialer) (net.Conn, error) {
	t, err := h.resolve(ctx, "dial", network, address)
	if err == nil && t.at.Addr().Is4() != h.Addr().Is4() {
		err = sysError("socket", stack.EAFNOSUPPORT)
	}
	if err != nil {
		return nil, h.opError("dial", network, t, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, h.opError("dial", network, t, ofContext(err))
	}
	d := &dialing{host: h, to: t.at, ctx: ctx, keep: h.nw.keepOf(by.KeepAliveConfig, by.KeepAlive)}
	if by.LocalAddr != nil {
		from, ok := by.LocalAddr.(*net.TCPAddr)
		if !ok {
			return nil, h.opError("dial", network, t, &net.AddrError{Err: "mismatched local address type", Addr: by.LocalAddr.String()})
		}
		d.from = netip.AddrPortFrom(from.AddrPort().Addr().Unmap(), uint16(from.Port)) // a wildcard has no address
	}
	if d.options, err = by.control(ctx, t); err != nil {
		return nil, h.opError("dial", network, t, err)
	}
	d.op = &op{rank: rank{kind: kindOpen, side: int(h.sim.Side()), name: address}, ready: d.ready, try: d.try, abort: d.abort}
	stop := context.AfterFunc(ctx, h.nw.poke)
	h.nw.block(d.op)
	stop()
	if d.op.err != nil {
		return nil, h.opError("dial", network, t, d.op.err)
	}
	return d.conn, nil
}

// dialing is a dial that goes on.
type dialing struct {
	host *Host // or the end of its loopback
	loop *loopback
	to   netip.AddrPort
	from netip.AddrPort // what it is bound to before, if anything
	ctx  context.Context

	options []option // set before it connects
	keep    net.KeepAliveConfig

	op   *op
	fd   int
	call drive.Pending
	conn *Conn
}

func (d *dialing) ready() bool { return d.call == nil || d.call.Stirred() || d.ctx.Err() != nil }

func (d *dialing) try() {
	connect := func(s *stack.Socket) stack.Errno { return s.ConnectResult() }
	if d.call == nil {
		if err := d.begin(); err != nil {
			d.host.nw.fail(d.op, err)
			return
		}
		to := d.to
		if d.loop != nil {
			to = netip.AddrPortFrom(d.loop.to.Addr(), to.Port())
		}
		connect = func(s *stack.Socket) stack.Errno {
			e := s.Connect(to)
			if d.loop != nil {
				d.loop.dialed[s.LocalAddr().Port()] = d.to.Addr()
			}
			return e
		}
	}
	h := d.host
	if err := d.ctx.Err(); err != nil {
		d.call.Return(0, nil, stack.EINPROGRESS)
		h.process.Close(d.fd)
		h.nw.fail(d.op, ofContext(err))
		return
	}
	errno := d.call.Try(func(s *stack.Socket) stack.Errno {
		e := connect(s)
		if e == stack.OK {
			usual(s, d.keep)
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
		if d.loop != nil {
			d.loop.name(d.conn, d.to.Addr())
		}
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

// begin makes the socket and starts the call.
func (d *dialing) begin() (err error) {
	if !d.host.sim.Up() {
		return errDown
	}
	if d.host.itself(d.to.Addr()) {
		if d.loop, err = d.host.loopback(); err != nil {
			return err
		}
		d.host.twins(d.loop, d.to.Port())
		d.host = d.loop.from
	}
	if d.fd, err = d.host.process.Socket(); err != nil {
		return sysError("socket", err.(stack.Errno))
	}
	d.host.set(d.fd, d.options)
	if d.from != (netip.AddrPort{}) && d.loop == nil {
		if err = d.host.process.Bind(d.fd, d.from); err != nil {
			d.host.process.Close(d.fd)
			return sysError("bind", err.(stack.Errno))
		}
	}
	d.call = d.host.driver.Begin(d.host.process, trace.OpConnect, trace.Args{FD: d.fd, Addr: d.to})
	return nil
}

func (d *dialing) abort(err error) { d.op.err = err }

// usual sets the options that package net sets on every connection.
func usual(s *stack.Socket, keep net.KeepAliveConfig) {
	s.SetOption("TCP_NODELAY", stack.Value{Int: 1})
	if keep.Enable {
		setKeepAlive(s, keep)
	}
}
