package simtest

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/internal/drive"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// loopback is how a host reaches itself: two netstacks of its own, one for
// those who dial and one for those who listen, since a netstack takes no
// segment from its own address off a link. They are joined by a link that is
// nobody else's, and a crash or a kill of the host ends both.
type loopback struct {
	driver driver
	from   *Host
	to     *Host
	dialed map[uint16]netip.Addr // which of its addresses the host has dialed, by the dialer's port
}

// loopLatency is what a segment takes to come round: something, so that an
// exchange without an end gets to its deadline.
const loopLatency = 10 * time.Microsecond

// loopback gives the host's own, and makes it where there is none.
func (h *Host) loopback() (*loopback, error) {
	if h.loop != nil {
		return h.loop, nil
	}
	s, err := sim.New(sim.Config{Seed: h.nw.seed, Link: link.Symmetric(loopLatency, 0), IPv6: !h.Addr().Is4()})
	if err != nil {
		return nil, fmt.Errorf("simtest: the loopback of %s: %w", h.sim.Side(), err)
	}
	l := &loopback{driver: drive.Of[*sim.Host, *sim.Process, *sim.Network](s), dialed: make(map[uint16]netip.Addr)}
	end := func(host *sim.Host) *Host {
		return &Host{nw: h.nw, sim: host, driver: l.driver, process: l.driver.Process(host, host.Side().String()), outer: h}
	}
	l.from, l.to = end(s.Client()), end(s.Server())
	l.driver.Do(h.nw.Now(), func() {}) // it starts late
	h.loop = l
	h.nw.drivers = append(h.nw.drivers, l.driver)
	return l, nil
}

// unloop ends the loopback, with all that is open on it.
func (h *Host) unloop(err error) {
	l := h.loop
	if l == nil {
		return
	}
	h.loop = nil
	for _, s := range h.nw.socks {
		if s.host.outer == h && s.lost == nil {
			s.drop(err)
		}
	}
	h.nw.drivers = slices.DeleteFunc(h.nw.drivers, func(d driver) bool { return d == l.driver })
	if tr := l.driver.Finish(); len(tr.Segments) > 0 {
		h.nw.loops = append(h.nw.loops, looped{h.sim.Side(), tr})
	}
}

// looped is what has happened on a loopback.
type looped struct {
	side  trace.Side
	trace *trace.Trace
}

// itself reports whether an address is one of the host's own.
func (h *Host) itself(a netip.Addr) bool {
	return a.IsLoopback() || a.IsUnspecified() || a == h.Addr()
}

// twins lets the listeners of the host hear who dials their port from the host
// itself.
func (h *Host) twins(l *loopback, port uint16) {
	for _, ln := range h.nw.listeners {
		if ln.host != h || ln.twin != nil || ln.closed || ln.lost != nil || ln.local.(*net.TCPAddr).Port != int(port) {
			continue
		}
		if fd, err := l.to.announce(netip.AddrPortFrom(l.to.Addr(), port), nil, nil); err == nil {
			ln.twin = l.to.newSocket(fd)
		}
	}
}

// name gives a connection over the loopback the addresses that its host has
// for it: both ends have the one that was dialed.
func (l *loopback) name(c *Conn, dialed netip.Addr) {
	at := func(a net.Addr) net.Addr {
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(dialed, uint16(a.(*net.TCPAddr).Port)))
	}
	c.local, c.remote = at(c.local), at(c.remote)
}
