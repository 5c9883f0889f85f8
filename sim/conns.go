package sim

import (
	"net/netip"
	"slices"
	"strconv"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// conns tells the incarnations of connections apart. Two connections may use
// one 4-tuple after each other, or seem to at the same time: a host that has
// rebooted says SYN with a new initial sequence number to a peer that still
// believes in the old ones. So an endpoint is bound to its incarnation when it
// is made, a reply belongs where the segment that it answers belongs, and only
// what is left goes to the youngest incarnation of its 4-tuple.
type conns struct {
	trace     *trace.Trace
	latest    map[[2]netip.AddrPort]int
	endpoints [2][]int  // by side and ID of an endpoint: its connection plus one, 0 for none
	flows     [][2]flow // by connection and sender
}

// of is the connection that an endpoint was bound to, if it was.
func (c *conns) of(side trace.Side, e *stack.Endpoint) (conn int, ok bool) {
	if ids := c.endpoints[side]; e.ID < len(ids) && ids[e.ID] > 0 {
		return ids[e.ID] - 1, true
	}
	return noConn, false
}

// flow is how far one direction of a connection has come, in absolute numbers.
type flow struct {
	next  uint32 // after the last sequence number that was sent
	sent  bool
	acked uint32 // the highest acknowledgement that the sender has received
	heard bool
	fin   bool
	guess bool     // the initial sequence number is that of a forged SYN
	isns  []uint32 // of every SYN, until the peer has acknowledged one
}

func (c *conns) init(t *trace.Trace) {
	c.trace = t
	c.latest = make(map[[2]netip.AddrPort]int)
}

func (c *conns) open(addr [2]netip.AddrPort) int {
	c.trace.Conns = append(c.trace.Conns, trace.Between(addr[trace.Client], addr[trace.Server]))
	c.flows = append(c.flows, [2]flow{})
	i := len(c.trace.Conns) - 1
	c.latest[addr] = i
	return i
}

// bind finds the incarnation of an endpoint that has changed its state, and
// remembers it. current is what the engine is working on.
func (c *conns) bind(h *Host, ch stack.Change, current int, arrived *wire.Segment) int {
	if conn, ok := c.of(h.side, ch.Endpoint); ok {
		return conn
	}
	t := ch.Endpoint.Tuple()
	if !t.Dst.IsValid() {
		return noConn
	}
	addr := h.sim.rec.addrOf(t, h)
	conn := noConn
	switch {
	case arrived != nil && current != noConn && ch.From == stack.Listen && c.used(h.side, current) &&
		!(arrived.Flags.Has(wire.SYN) && c.alive(h.sim.hosts[h.side.Peer()], t.Reverse(), current)):
		// An old duplicate of a SYN, or of what came back with a SYN cookie,
		// begins another connection.
		conn = c.open(addr)
		if arrived.Flags.Has(wire.SYN) {
			c.setISN(conn, h.side.Peer(), arrived.Seq)
		} else {
			c.setISN(conn, h.side.Peer(), arrived.Seq-1)
			c.setISN(conn, h.side, arrived.Ack-1)
		}
	case arrived != nil && current != noConn:
		conn = current
	default:
		conn = c.active(h, addr)
	}
	ids := &c.endpoints[h.side]
	for len(*ids) <= ch.Endpoint.ID {
		*ids = append(*ids, 0)
	}
	(*ids)[ch.Endpoint.ID] = conn + 1
	return conn
}

// alive reports whether h has an endpoint of conn that is of use.
func (c *conns) alive(h *Host, t wire.Tuple, conn int) bool {
	if h.stack == nil {
		return false
	}
	e := h.stack.Find(t)
	if e == nil || e.State() == stack.TimeWait {
		return false
	}
	i, ok := c.of(h.side, e)
	return ok && i == conn
}

// used reports whether some endpoint of side has been part of conn.
func (c *conns) used(side trace.Side, conn int) bool {
	return slices.Contains(c.endpoints[side], conn+1)
}

// active is the incarnation that an active open belongs to: a new one, or the
// one that the peer has just begun in a simultaneous open.
func (c *conns) active(h *Host, addr [2]netip.AddrPort) int {
	if last, ok := c.latest[addr]; ok {
		k := &c.trace.Conns[last]
		f := c.flows[last]
		if k.At(h.side.Peer()).Known && !k.At(h.side).Known && !f[h.side].sent && !f[h.side.Peer()].heard {
			if peer := h.sim.hosts[h.side.Peer()]; peer.stack != nil {
				e := peer.stack.Find(wire.Tuple{Src: addr[peer.side], Dst: addr[h.side]})
				if e != nil && e.State() == stack.SynSent {
					return last
				}
			}
		}
	}
	return c.open(addr)
}

// ofSent is the connection of a segment that h has sent.
func (c *conns) ofSent(h *Host, seg *wire.Segment, current int) int {
	t := seg.Tuple()
	conn := noConn
	if e := h.stack.Find(t); e != nil {
		if i, ok := c.of(h.side, e); ok {
			conn = i
		}
	}
	addr := h.sim.rec.addrOf(t, h)
	if a := h.sim.ctx.arrived; a != nil && seg.Flags.Has(wire.RST) && a.Flags.Has(wire.ACK) && seg.Seq == a.Ack {
		// It answers an acknowledgement with the number that was acknowledged,
		// so it belongs there, whatever endpoint owns the 4-tuple by now.
		conn = noConn
	}
	if conn == noConn && current != noConn && addrsOf(&c.trace.Conns[current]) == addr {
		conn = current
	}
	if conn == noConn {
		conn = c.last(addr)
	}
	if seg.Flags.Has(wire.SYN) {
		c.setISN(conn, h.side, seg.Seq)
	}
	if seg.Flags.Has(wire.ACK) && !seg.Flags.Has(wire.RST) {
		c.choose(conn, h.side.Peer(), seg.Ack-1)
	}
	return conn
}

// choose settles which of several initial sequence numbers holds: the one that
// the peer acknowledges. Two SYN cookies for one SYN that came twice are on
// their way at once, and the peer takes the first that arrives.
func (c *conns) choose(conn int, side trace.Side, isn uint32) {
	k, f := c.trace.Conns[conn].At(side), &c.flows[conn][side]
	if !slices.Contains(f.isns, isn) {
		return
	}
	f.isns = nil
	if k.ISN != isn {
		k.ISN, f.next = isn, isn+1
	}
}

// ofInjected is the connection of a segment that somebody forges in the name
// of side.
func (c *conns) ofInjected(side trace.Side, addr [2]netip.AddrPort) int { return c.last(addr) }

// addrsOf are the addresses of a connection, by side.
func addrsOf(c *trace.Conn) [2]netip.AddrPort {
	return [2]netip.AddrPort{c.At(trace.Client).Addr, c.At(trace.Server).Addr}
}

func (c *conns) last(addr [2]netip.AddrPort) int {
	if i, ok := c.latest[addr]; ok {
		return i
	}
	return c.open(addr)
}

// setISN notes an initial sequence number. A side that has sent nothing but
// its SYN may begin anew with another: a listener that answers first with a SYN
// cookie and, when there is room again, without.
func (c *conns) setISN(conn int, side trace.Side, isn uint32) {
	k, f := c.trace.Conns[conn].At(side), &c.flows[conn][side]
	switch {
	case !k.Known || f.guess:
		f.guess = false
		k.Known, k.ISN = true, isn
		f.isns = append(f.isns, isn)
	case k.ISN != isn && f.sent && f.next == k.ISN+1 && !f.heard && f.isns != nil:
		k.ISN = isn
		*f = flow{isns: append(f.isns, isn)}
	}
}

// progress notes what a segment has sent and reports whether all of it had
// been sent before: a retransmission, or a probe below what is acknowledged.
func (c *conns) progress(conn int, side trace.Side, seg *wire.Segment) (retransmission, probe bool) {
	f := &c.flows[conn][side]
	if seg.Flags.Has(wire.RST) {
		return false, false
	}
	end := seg.End()
	if f.sent && f.heard && seg.Seq == f.acked-1 && len(seg.Payload) <= 1 && !seg.Flags.Has(wire.SYN) && !seg.Flags.Has(wire.FIN) && wire.Before(seg.Seq, f.next) {
		return false, true
	}
	if seg.Len() == 0 {
		return false, false
	}
	f.fin = f.fin || seg.Flags.Has(wire.FIN)
	if f.sent && !wire.Before(f.next, end) {
		return true, false
	}
	f.sent, f.next = true, end
	return false, false
}

// heard notes an acknowledgement that has arrived.
func (c *conns) heard(s *trace.Segment) {
	if !s.Flags.Has(wire.ACK) || s.Flags.Has(wire.RST) || s.Injected != "" {
		return
	}
	f := &c.flows[s.Conn][s.From.Peer()]
	if !f.heard || wire.Before(f.acked, s.RawAck) {
		f.heard, f.acked = true, s.RawAck
	}
}

// dataSent is how many bytes of data side has put on the wire at least once.
func (c *conns) dataSent(conn int, side trace.Side) uint32 {
	f := c.flows[conn][side]
	if !f.sent {
		return 0
	}
	n := f.next - c.trace.Conns[conn].At(side).ISN - 1
	if f.fin {
		n--
	}
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }
