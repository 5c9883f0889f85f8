package simtest

import (
	"context"
	"net"
	"syscall"
	"time"

	"github.com/tcpsim/tcpsim/stack"
)

// Dialer is a net.Dialer of a host: its Timeout, Deadline, LocalAddr, KeepAlive,
// KeepAliveConfig, Control and ControlContext mean what they mean there. The
// options that Control sets are set on the socket before it connects (see
// [Conn.SyscallConn]). There is one address to try, and so the other fields mean
// nothing.
type Dialer struct {
	Host *Host
	net.Dialer
}

// Dial connects, as net.Dialer does.
func (d *Dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialContext connects, as net.Dialer does. The connection is a [*Conn].
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	var until time.Time
	if d.Timeout > 0 {
		until = time.Now().Add(d.Timeout)
	}
	if !d.Deadline.IsZero() && (until.IsZero() || d.Deadline.Before(until)) {
		until = d.Deadline
	}
	if !until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, until)
		defer cancel()
	}
	return d.Host.dial(ctx, network, address, d)
}

// control runs the functions of the dialer before the socket connects.
func (d *Dialer) control(ctx context.Context, t target) ([]option, error) {
	f := d.ControlContext
	if f == nil && d.Control != nil {
		f = func(_ context.Context, network, address string, c syscall.RawConn) error {
			return d.Control(network, address, c)
		}
	}
	if f == nil {
		return nil, nil
	}
	return controlled(func(c syscall.RawConn) error { return f(ctx, family(t), t.shown.String(), c) }, t)
}

// ListenConfig is a net.ListenConfig of a host: its KeepAlive, KeepAliveConfig
// and Control mean what they mean there (see [Dialer]).
type ListenConfig struct {
	Host *Host
	net.ListenConfig
}

// Listen announces, as net.ListenConfig does. The listener is a [*Listener].
func (c *ListenConfig) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	return c.Host.listenOn(ctx, network, address, c)
}

func family(t target) string {
	if t.at.Addr().Is4() {
		return "tcp4"
	}
	return "tcp6"
}

// keepOf is what a dialer or a listener says about keep-alive, in one.
func (nw *Network) keepOf(k net.KeepAliveConfig, d time.Duration) net.KeepAliveConfig {
	switch {
	case k.Enable:
		return k
	case d == 0:
		d = nw.keep
	}
	return net.KeepAliveConfig{Enable: d > 0, Idle: d, Interval: d, Count: 9}
}

// controlled gives the options that f sets.
func controlled(f func(syscall.RawConn) error, t target) (options []option, err error) {
	c := &newborn{ip4: t.at.Addr().Is4()}
	if err := f(c); err != nil {
		return nil, err
	}
	return c.options, nil
}

// newborn is the syscall.RawConn of a socket that does not exist yet. Only its
// options can be set.
type newborn struct {
	ip4     bool
	options []option
}

// Control implements syscall.RawConn.
func (n *newborn) Control(f func(fd uintptr)) error {
	changed, err := withOptions(n.ip4, n.options, f)
	n.options = append(n.options, changed...)
	return err
}

// Read implements syscall.RawConn.
func (n *newborn) Read(func(fd uintptr) bool) error { return sysError("read", stack.ENOTCONN) }

// Write implements syscall.RawConn.
func (n *newborn) Write(func(fd uintptr) bool) error { return sysError("write", stack.ENOTCONN) }
