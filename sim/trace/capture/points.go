package capture

import (
	"encoding/binary"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// passage is one segment on its way from host to host, put together from the
// sights of it.
type passage struct {
	*sight
	sentAt, receivedAt time.Duration
	arrived            bool
	seen               bool     // its arrival was
	there              bool     // the capture was made where it arrives
	guessed            bool     // its sending was not
	answered           bool     // a RST answers it, so it has arrived
	verdict            *verdict // of a RST
	lost               string
	copyOf             *passage
	number             int // of the segment
}

// ident is what two sights of one datagram have in common.
type ident struct {
	from     trace.Side
	try      int
	seq, ack uint32
	flags    uint8
	window   uint16
	length   int
	id       uint16 // of IPv4, else 0
	checksum uint16 // covers timestamps and other options
}

func (s *sight) ident() ident {
	d := ident{
		from: s.from, try: s.try, seq: s.seg.Seq, ack: s.seg.Ack, flags: uint8(s.seg.Flags),
		window: s.seg.Window, length: len(s.seg.Payload),
	}
	head := headerIPv6
	if s.v4() {
		head = int(s.frame[0]&15) * 4
		d.id, _ = s.ipID()
	}
	d.checksum = binary.BigEndian.Uint16(s.frame[head+16:])
	return d
}

// atOnce bounds how far apart two sights of one datagram can be at points of
// one machine.
const atOnce = time.Second

// merge makes passages of sights that were made at one place: one of each
// datagram, however many interfaces it went through there.
func merge(sights []sight) (list []*passage, again int) {
	last := map[ident][]*passage{}
	for i := range sights {
		s := &sights[i]
		p := &passage{sight: s}
		// Checksums differ where the first interface leaves them to the card,
		// so they can not tell.
		id := s.ident()
		id.checksum = 0
		old := last[id]
		if n := len(old); n > 0 && s.at-old[n-1].at > atOnce {
			old = old[:0]
		}
		if q := twin(old, s, id.id); q != nil {
			if q.via != s.via || q.toward != s.toward || q.ttl() != s.ttl() {
				again++
				continue
			}
			p.copyOf = q
		}
		last[id] = append(old, p)
		list = append(list, p)
	}
	return list, again
}

// twin finds the datagram that s shows again. An id that is not zero tells a
// datagram from its retransmission; without one, only another interface does.
func twin(old []*passage, s *sight, id uint16) *passage {
	for _, q := range old {
		if id != 0 || q.via != s.via {
			if q.copyOf != nil {
				q = q.copyOf
			}
			return q
		}
	}
	return nil
}

// place fills in the instants of a capture from one point, which sees a
// segment half a round trip after it was sent and half of one before it
// arrives.
func place(list []*passage, l legs) {
	for _, p := range list {
		p.sentAt, p.receivedAt = p.at-l[p.from]/2, p.at+l[p.from.Peer()]/2
	}
}

// placeWire does so where every segment was seen when it was sent: then a leg
// is one way, and not there and back.
func placeWire(list []*passage, l legs) {
	for _, p := range list {
		p.sentAt, p.receivedAt = p.at, p.at+l[p.from.Peer()]
	}
}

// nearer tells from the TTLs at which host a capture was made: what comes from
// that host no router has passed on, and what comes from the other several have.
func nearer(sights []sight) Vantage {
	var hops [2]int
	var known [2]bool
	for i := range sights {
		s := &sights[i]
		if s.seg.Flags.Has(wire.RST) {
			continue
		}
		left := 255 - int(s.ttl())
		for _, first := range []int{32, 64, 128} {
			if int(s.ttl()) <= first {
				left = first - int(s.ttl())
				break
			}
		}
		if !known[s.from] || left < hops[s.from] {
			known[s.from], hops[s.from] = true, left
		}
	}
	switch c, s := hops[trace.Client], hops[trace.Server]; {
	case !known[0] || !known[1]:
	case c == 0 && s > 1 || c == 1 && s >= 4:
		return AtClient
	case s == 0 && c > 1 || s == 1 && c >= 4:
		return AtServer
	}
	return Auto
}

// vantage decides where a capture was made, and sets the leg to a host that it
// was made at to zero.
func vantage(l legs, asked Vantage, near Vantage) (legs, Vantage) {
	v := asked
	switch {
	case v != Auto:
	case near != Auto:
		v = near
	case l.at(trace.Client) || l[trace.Client] < 0 && l[trace.Server] >= 0:
		v = AtClient
	case l.at(trace.Server) || l[trace.Server] < 0 && l[trace.Client] >= 0:
		v = AtServer
	case l[trace.Client] >= 0:
		v = Between
	}
	switch v {
	case AtClient:
		l[trace.Client] = 0
	case AtServer:
		l[trace.Server] = 0
	case Wire:
		// Either way is as long as the other where only one is known.
		for side, d := range l {
			if d < 0 {
				l[side] = l[1-side]
			}
		}
	}
	return legs{max(l[0], 0), max(l[1], 0)}, v
}

// vantage is what the file says of its own origin: tcpsim names the interface.
func (s *source) vantage() Vantage {
	about := s.reader.about()
	if about.madeBy == "tcpsim" {
		for _, v := range []Vantage{AtClient, AtServer, Wire} {
			if about.point == v.String() {
				return v
			}
		}
		if about.point == "middlebox" {
			return Between
		}
	}
	return Auto
}
