package capture

import (
	"net/netip"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/why"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// conns tells connections apart while a file streams by.
type conns struct {
	max    int
	byPair map[[2]netip.AddrPort]*conn
	list   []*conn
	missed int // segments of connections beyond max
	made   int // how many there were, those that were forgotten too

	forgets bool // the oldest, where there are too many
}

// conn is one connection: what Summary says, and the sequence numbers that
// tell which connection a segment belongs to where the same ends meet again.
type conn struct {
	Summary
	prev *conn // of the same ends, just before
	// tries are the incarnations: more than one where a host has forgotten the
	// connection and begins it anew while its peer still believes in it.
	tries []try
	fin   [2]finState
	// resetAt is the packet with the first RST, 0 for none.
	resetAt   int
	resetTime time.Time
	silent    bool         // the server had sent no data by then
	anew      [2]time.Time // when a side began another connection between the same ends

	// Of a connection that is watched: what was seen of it, since when a RST
	// waits to be explained, and the last packet with one that was.
	sights    []sight
	waiting   bool
	waits     time.Time
	told      int
	explained bool
}

type finState struct {
	sent, acked bool
	end         uint32
}

// try is one incarnation, in absolute numbers by side.
type try struct {
	isn   [2]uint32
	known [2]bool // isn is that of a SYN
	seen  [2]bool
	next  [2]uint32 // after the last number that was sent
	heard [2]bool   // the peer has acknowledged something
}

// maxTries bounds what a flood of SYNs between the same ends can take.
const maxTries = 64

// pair names two ends in an order that does not depend on the sender.
func pair(a, b netip.AddrPort) [2]netip.AddrPort {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return [2]netip.AddrPort{a, b}
}

// add finds the connection of a segment, and who has sent it. It returns nil
// when there are too many.
func (c *conns) add(p *packet, seg *wire.Segment) (k *conn, from trace.Side, attempt int) {
	ends := pair(seg.Src, seg.Dst)
	latest := c.byPair[ends]
	k = latest
	if k == nil || k.over() && k.begunAnew(seg) {
		if len(c.list) >= c.max {
			if !c.forgets {
				c.missed++
				return nil, 0, 0
			}
			c.forget()
		}
		c.made++
		k = newConn(seg, c.made, p)
		if k.prev = latest; latest != nil {
			latest.anew[latest.side(seg)] = p.at
			latest.prev = nil // no longer than two
		}
		c.byPair[ends] = k
		c.list = append(c.list, k)
	} else if old := k.prev; old != nil && !seg.Flags.Has(wire.SYN) {
		// What is left of the connection before.
		if f := old.side(seg); old.distance(len(old.tries)-1, f, seg) < k.distance(len(k.tries)-1, k.side(seg), seg) {
			k = old
		}
	}
	from = k.side(seg)
	attempt = k.place(from, seg)
	k.count(p, from, seg)
	return k, from, attempt
}

// forget drops the half that has been silent for longest.
func (c *conns) forget() {
	old := slices.Clone(c.list)
	slices.SortStableFunc(old, func(a, b *conn) int { return a.Last.Compare(b.Last) })
	gone := map[*conn]bool{}
	for _, k := range old[:(len(old)+1)/2] {
		gone[k] = true
	}
	c.list = slices.DeleteFunc(c.list, func(k *conn) bool { return gone[k] })
	for ends, k := range c.byPair {
		if gone[k] {
			delete(c.byPair, ends)
		} else if k.prev != nil && gone[k.prev] {
			k.prev = nil
		}
	}
}

// begunAnew reports whether seg is a SYN that is not one of k's own.
func (k *conn) begunAnew(seg *wire.Segment) bool {
	if !seg.Flags.Has(wire.SYN) || seg.Flags.Has(wire.ACK) {
		return false
	}
	from := k.side(seg)
	for _, t := range k.tries {
		if t.known[from] && t.isn[from] == seg.Seq {
			return false
		}
	}
	return true
}

// newConn begins a connection. The client is who sends the SYN; where that is
// not in the file, the one with the higher port.
func newConn(seg *wire.Segment, number int, p *packet) *conn {
	client, server := seg.Src, seg.Dst
	syn, ack := seg.Flags.Has(wire.SYN), seg.Flags.Has(wire.ACK)
	if syn && ack || !syn && client.Port() < server.Port() {
		client, server = server, client
	}
	return &conn{
		Summary: Summary{
			Number: number, Addr: [2]netip.AddrPort{client, server},
			Begun: syn && !ack, First: p.at, Last: p.at,
		},
		tries: make([]try, 1),
	}
}

func (k *conn) side(seg *wire.Segment) trace.Side {
	if seg.Src == k.Addr[trace.Client] {
		return trace.Client
	}
	return trace.Server
}

// place finds the incarnation of a segment and notes its numbers.
func (k *conn) place(from trace.Side, seg *wire.Segment) int {
	i := k.choose(from, seg)
	t := &k.tries[i]
	peer := from.Peer()
	if seg.Flags.Has(wire.SYN) {
		t.begin(from, seg)
	}
	if seg.Flags.Has(wire.ACK) && t.seen[peer] && before(t.isn[peer], seg.Ack) {
		t.heard[peer] = true
	}
	if seg.Flags.Has(wire.RST) {
		return i // its numbers are often the other side's
	}
	if !t.seen[from] {
		t.seen[from] = true
		if !t.known[from] {
			t.isn[from] = seg.Seq - 1
		}
		t.next[from] = seg.End()
	} else if before(t.next[from], seg.End()) {
		t.next[from] = seg.End()
	}
	if seg.Flags.Has(wire.ACK) && !t.seen[peer] && !seg.Flags.Has(wire.SYN) {
		// Of a side that is not in the file, its peer's acknowledgements are.
		t.seen[peer], t.isn[peer], t.next[peer] = true, seg.Ack-1, seg.Ack
	}
	return i
}

// begin notes a SYN. A side that has sent only a SYN that nobody acknowledged
// may send another: a listener that answers with a SYN cookie first.
func (t *try) begin(from trace.Side, seg *wire.Segment) {
	if t.known[from] && (t.isn[from] == seg.Seq || t.heard[from]) {
		return
	}
	t.known[from], t.isn[from] = true, seg.Seq
	t.seen[from], t.next[from] = true, seg.Seq+1
}

func (k *conn) choose(from trace.Side, seg *wire.Segment) int {
	last := len(k.tries) - 1
	if seg.Flags.Has(wire.SYN) && !seg.Flags.Has(wire.ACK) {
		for i := range k.tries {
			if t := &k.tries[i]; t.known[from] && t.isn[from] == seg.Seq {
				return i
			}
		}
		t := &k.tries[last]
		fresh := !t.seen[from] && (!t.seen[from.Peer()] || t.known[from.Peer()])
		if fresh || len(k.tries) >= maxTries {
			return last // also a simultaneous open
		}
		k.tries = append(k.tries, try{})
		return last + 1
	}
	best := last
	for i := last - 1; i >= 0; i-- {
		if k.distance(i, from, seg) < k.distance(best, from, seg) {
			best = i
		}
	}
	return best
}

// distance is how far the numbers of a segment are from those of an
// incarnation.
func (k *conn) distance(i int, from trace.Side, seg *wire.Segment) uint32 {
	t := &k.tries[i]
	switch peer := from.Peer(); {
	case seg.Flags.Has(wire.ACK) && t.seen[peer]:
		return gap(seg.Ack, t.next[peer])
	case !seg.Flags.Has(wire.ACK) && t.seen[from]:
		return gap(seg.Seq, t.next[from])
	}
	return 1 << 31
}

func gap(a, b uint32) uint32 {
	if before(a, b) {
		return b - a
	}
	return a - b
}

func before(a, b uint32) bool { return wire.Before(a, b) }

// count brings the summary up to date.
func (k *conn) count(p *packet, from trace.Side, seg *wire.Segment) {
	k.Segments[from]++
	k.Bytes[from] += int64(len(seg.Payload))
	k.Flags[from] |= seg.Flags
	if p.at.After(k.Last) {
		k.Last = p.at
	}
	own, peer := &k.fin[from], &k.fin[from.Peer()]
	switch {
	case seg.Flags.Has(wire.RST):
		if k.End != Reset && k.End != Refused {
			k.ResetBy, k.End, k.resetAt = from, Reset, p.number
			k.resetTime, k.silent = p.at, k.Bytes[trace.Server] == 0
			if k.Segments[from] == 1 && k.only(from.Peer(), wire.SYN) {
				k.End = Refused
			}
		}
	case seg.Flags.Has(wire.FIN):
		own.sent, own.end = true, seg.End()
	}
	if seg.Flags.Has(wire.ACK) && peer.sent && !before(seg.Ack, peer.end) {
		peer.acked = true
	}
}

// over reports whether the ends may meet anew.
func (k *conn) over() bool {
	switch k.ending() {
	case Reset, Refused, ClosedByFIN, Unanswered:
		return true
	}
	return false
}

func (k *conn) ending() Ending {
	switch c, s := k.fin[trace.Client], k.fin[trace.Server]; {
	case k.End != "":
		return k.End
	case c.acked && s.acked:
		return ClosedByFIN
	case c.sent || s.sent:
		return HalfClosed
	case k.Segments[trace.Server] == 0 && k.only(trace.Client, wire.SYN):
		return Unanswered
	}
	return Open
}

// only reports whether a side has sent nothing but f, with or without ECN.
func (k *conn) only(side trace.Side, f wire.Flags) bool {
	return k.Flags[side]&^(wire.ECE|wire.CWR) == f
}

// missing names the side of which nothing was read, or is empty.
func (s *Summary) missing() string {
	for side, missing := range s.Missing {
		if missing {
			return trace.Side(side).String()
		}
	}
	return ""
}

func (k *conn) summary() Summary {
	s := k.Summary
	s.End = k.ending()
	for side := trace.Client; side <= trace.Server; side++ {
		// Whoever sends more than a SYN has heard from its peer.
		s.Missing[side] = k.Segments[side] == 0 && !k.only(side.Peer(), wire.SYN)
	}
	return s
}

// neighbours are the other connections of the file with the same server that
// were reset, as far as they may tell something about k: near in time.
func (c *conns) neighbours(k *conn) (list []why.Neighbour) {
	const near = time.Second
	if k.resetAt == 0 {
		return nil
	}
	for _, o := range c.list {
		if o == k || o.resetAt == 0 || o.Addr[trace.Server] != k.Addr[trace.Server] {
			continue
		}
		if apart := o.resetTime.Sub(k.resetTime); apart < near && apart > -near {
			list = append(list, why.Neighbour{
				Client: o.Addr[trace.Client], Server: o.Addr[trace.Server], By: o.ResetBy, Apart: apart,
				Silent: o.silent, Refused: o.End == Refused,
			})
		}
	}
	return list
}
