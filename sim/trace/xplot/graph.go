package xplot

import (
	"strconv"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// graph draws the data of one side as the segments of both go by.
type graph struct {
	plot
	from  trace.Side
	begun bool
	start time.Time
	sides [2]side
}

// side is what one side has sent so far, in absolute numbers.
type side struct {
	based bool
	base  uint32 // the first number it sent
	sent  pieces

	acks      bool // it has acknowledged something
	ackedAt   time.Duration
	acked     uint32
	windowEnd uint32
	offers    bool
	window    uint32 // the last, scaled
	scale     uint8
	scales    bool // it has asked for window scaling

	dupAck, dupWindow uint32
	dups              int
}

// rel is a number of this side's data as the graph shows it.
func (s *side) rel(seq uint32) uint32 { return seq - s.base }

func (g *graph) segment(at time.Time, from trace.Side, seg *wire.Segment, congested bool) {
	at = at.Truncate(time.Microsecond) // what tcptrace reads has no more
	if !g.begun {
		g.begun, g.start = true, at
	}
	now := at.Sub(g.start)
	own, peer := &g.sides[from], &g.sides[from.Peer()]
	options := readOptions(seg.Options)
	window := g.scaled(own, peer, seg)
	if seg.Flags.Has(wire.SYN) {
		peer.acked = seg.Seq
	}
	if options.scales {
		own.scales, own.scale = true, options.scale
	}
	if !own.based && seg.Seq != 0 {
		own.based, own.base = true, seg.Seq
	}
	was := own.windowEnd
	if seg.Flags.Has(wire.ACK) {
		own.windowEnd = seg.Ack + window
	}
	sight := g.compare(own, peer, seg)
	triple := seg.Flags.Has(wire.ACK) && own.repeats(seg, window)
	if from == g.from {
		g.data(now, seg, sight, congested)
	}
	if seg.Flags.Has(wire.RST) {
		g.reset(now, from, seg)
		return
	}
	if seg.Flags&(wire.SYN|wire.ACK) != 0 {
		own.offers, own.window = true, window
	}
	if !seg.Flags.Has(wire.ACK) {
		return
	}
	if from != g.from {
		g.ack(now, seg, ackSight{window: window, was: was, triple: triple, blocks: options.blocks})
	}
	own.acks, own.ackedAt, own.acked = true, now, seg.Ack
}

// scaled is the window in bytes; without ACK a segment says nothing of it.
func (g *graph) scaled(own, peer *side, seg *wire.Segment) uint32 {
	syn := seg.Flags.Has(wire.SYN)
	switch {
	case !syn && !seg.Flags.Has(wire.ACK):
		return 0
	case own.scales && peer.scales && !syn:
		return uint32(seg.Window) << min(own.scale, wire.MaxWindowScale)
	}
	return uint32(seg.Window)
}

// dataSight is how a segment relates to what was sent before.
type dataSight struct {
	again, early, probe bool
}

func (g *graph) compare(own, peer *side, seg *wire.Segment) (d dataSight) {
	n := seg.Len()
	if n == 0 {
		return d
	}
	if peer.offers && peer.window == 0 && !seg.Flags.Has(wire.SYN) {
		return dataSight{probe: true}
	}
	first := int64(own.rel(seg.Seq))
	d.again, d.early = own.sent.add(first, first+int64(n)-1)
	return d
}

// repeats reports whether seg is the third copy of an acknowledgement, the sign
// of a loss (RFC 5681).
func (s *side) repeats(seg *wire.Segment, window uint32) bool {
	if s.dupAck != seg.Ack {
		s.dups = 0
	} else if s.dupWindow == window && len(seg.Payload) == 0 && !seg.Flags.Has(wire.SYN) {
		s.dups++
		s.dupWindow = window
		return s.dups == 3
	}
	s.dupAck, s.dupWindow = seg.Ack, window
	return false
}

// data draws a segment of the side whose graph it is.
func (g *graph) data(now time.Duration, seg *wire.Segment, d dataSight, congested bool) {
	own := &g.sides[g.from]
	first := point{now, own.rel(seg.Seq)}
	last := point{now, first.seq + uint32(len(seg.Payload))}
	after := point{now, last.seq + 1}
	if d.early {
		g.line(colorOutOrder)
		g.text("atext", last, "O")
	}
	ends := seg.Flags&(wire.SYN|wire.FIN) != 0
	if d.again && !ends {
		g.line(colorAgain)
		g.text("atext", last, "R")
	}
	if d.probe {
		g.line(colorProbe)
		g.text("btext", last, "P")
	}
	g.line(colorData)
	switch {
	case seg.Flags.Has(wire.SYN):
		next := point{now, first.seq + 1}
		if seg.Flags.Has(wire.ACK) {
			// Both graphs begin at the same place.
			g.mark("dot", point{0, first.seq}, colorAck)
		}
		name := g.ends("SYN", d.again)
		g.mark("diamond", first)
		g.text("atext", next, name)
		g.mark("uarrow", next)
		g.bar(first, next)
	case seg.Flags.Has(wire.FIN):
		if len(seg.Payload) > 0 {
			g.mark("darrow", first)
			g.bar(first, last)
		}
		name := g.ends("FIN", d.again)
		if len(seg.Payload) == 0 {
			g.mark("darrow", last)
		}
		g.bar(last, after)
		g.mark("box", after)
		g.text("atext", after, name)
	case len(seg.Payload) > 0:
		if d.again {
			g.line(colorAgain)
		}
		g.mark("darrow", first)
		if seg.Flags.Has(wire.PSH) {
			g.mark("diamond", last, colorPush)
			g.mark("dot", last, colorPush)
		} else {
			g.mark("uarrow", last)
		}
		g.bar(first, last)
	default:
		g.mark("darrow", first)
		g.mark("uarrow", first)
	}
	if seg.Flags.Has(wire.CWR) || congested {
		g.line(colorECN)
		g.mark("diamond", first)
		g.text("atext", first, congestion(seg, congested))
	}
	if len(seg.Payload) > 0 && seg.Flags.Has(wire.URG) {
		g.line(colorUrgent)
		g.text("atext", last, "U")
	}
}

func congestion(seg *wire.Segment, congested bool) string {
	switch {
	case !seg.Flags.Has(wire.CWR):
		return "CE"
	case congested:
		return "CWR CE"
	}
	return "CWR"
}

// ends chooses the colour of a SYN or FIN, and its name.
func (g *graph) ends(name string, again bool) string {
	if again {
		g.line(colorAgain)
		return "R " + name
	}
	g.line(colorEnds)
	return name
}

// reset marks a RST: at its number in the graph of its sender, at what it
// acknowledges, or its sender did last, in the other.
func (g *graph) reset(now time.Duration, from trace.Side, seg *wire.Segment) {
	if from == g.from {
		g.text("atext", point{now, g.sides[from].rel(seg.Seq)}, "RST_OUT", colorText)
		return
	}
	at := g.sides[from].acked
	if seg.Flags.Has(wire.ACK) {
		at = seg.Ack
	}
	g.text("atext", point{now, g.sides[g.from].rel(at)}, "RST_IN", colorText)
}

// ackSight is what is special about an acknowledgement.
type ackSight struct {
	window, was uint32 // now, and where the window ended before
	triple      bool
	blocks      [][2]uint32
}

// ack draws what the peer acknowledges, and its window.
func (g *graph) ack(now time.Duration, seg *wire.Segment, a ackSight) {
	own, peer := &g.sides[g.from], &g.sides[g.from.Peer()]
	at := func(seq uint32) point { return point{now, own.rel(seq)} }
	end := seg.Ack + a.window
	if a.window == 0 {
		g.text("atext", at(end), "Z", colorText)
	}
	if peer.acks {
		g.line(colorAck)
		g.bar(point{peer.ackedAt, own.rel(peer.acked)}, at(peer.acked))
		if peer.acked != seg.Ack {
			g.bar(at(peer.acked), at(seg.Ack))
		} else {
			g.mark("dtick", at(seg.Ack))
			if a.triple {
				g.text("atext", at(seg.Ack), "3")
			}
		}
		if seg.Flags.Has(wire.ECE) && !seg.Flags.Has(wire.SYN) {
			g.line(colorECN)
			g.mark("diamond", at(seg.Ack))
		}
		g.line(colorWindow)
		g.bar(point{peer.ackedAt, own.rel(a.was)}, at(a.was))
		if a.was != end {
			g.bar(at(a.was), at(end))
		} else {
			g.mark("utick", at(end))
		}
	}
	g.selective(at, a.blocks)
}

// selective draws SACK blocks: bars with an end at each side, numbered where
// there are several, and one S above the highest.
func (g *graph) selective(at func(uint32) point, blocks [][2]uint32) {
	if len(blocks) == 0 {
		return
	}
	g.line(colorSACK)
	top := blocks[0][1]
	for i, b := range blocks {
		g.bar(at(b[0]), at(b[1]))
		g.mark("htick", at(b[0]))
		g.mark("htick", at(b[1]))
		if len(blocks) > 1 {
			g.text("rtext", at(b[1]), strconv.Itoa(i+1))
		}
		if wire.Before(top, b[1]) {
			top = b[1]
		}
	}
	g.text("atext", at(top), "S")
}
