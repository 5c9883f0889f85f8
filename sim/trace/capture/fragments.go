package capture

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"
)

// What is kept of fragments until a datagram is whole. Linux gives up after
// ipfrag_time, 30 s; the rest bounds memory.
const (
	fragmentTime  = 30 * time.Second
	maxFragmented = 256     // datagrams
	maxPieces     = 4 << 20 // bytes of all of them
	pieceCost     = 64      // bytes for one that holds nothing
)

// fragments puts datagrams together (RFC 791 section 3.2, RFC 8200 section
// 4.5). It knows nothing of what is in them.
type fragments struct {
	list  []*fragmented // the oldest first
	bytes int
	whole []byte // the datagram that was put together last

	seen   int // fragments
	used   int // of those, the ones of datagrams that became whole
	joined int // how many datagrams those are
}

// fragmentKey tells datagrams apart. One that is seen at two points has pieces
// at both.
type fragmentKey struct {
	from, to [16]byte
	v4       bool
	protocol byte // of IPv4; IPv6's id is for all of them
	id       uint32
	via      via
	toward   direction
}

type fragmented struct {
	fragmentKey
	begun  time.Time
	header []byte // of the first fragment, without extension headers
	inside byte   // the protocol of the payload
	pieces []piece
	count  int // of fragments; the same one may come twice
	bytes  int
	have   int // bytes of payload, also those that the file does not hold
	end    int // of the payload, once the last fragment is there; else 0
	cut    bool
	spoilt bool // fragments overlap: nobody takes such a datagram (RFC 5722)
}

// piece is one fragment's part of the payload, which the file may hold only the
// beginning of.
type piece struct {
	at, size int
	data     []byte
}

// fragment is a frame that is one.
type fragment struct {
	key      fragmentKey
	header   []byte
	protocol byte
	piece    piece
	more     bool
}

// add takes a fragment, and returns the frame of the whole datagram when it is
// the one that was missing.
func (g *fragments) add(f *frame, at time.Time) (whole frame, what fate) {
	x, ok := parseFragment(f)
	if !ok {
		return whole, malformed
	}
	d := g.find(&x, at)
	if d == nil {
		return whole, notTCP
	}
	g.seen++
	grown := d.take(&x)
	d.bytes += grown
	g.bytes += grown
	if !d.complete() {
		for g.bytes > maxPieces || len(g.list) > maxFragmented {
			g.drop(0)
		}
		return whole, isFragment
	}
	g.used += d.count
	g.joined++
	g.join(d)
	g.drop(slices.Index(g.list, d))
	return frame{ip: g.whole, length: len(g.whole), via: f.via, toward: f.toward, cut: d.cut, outer: f.outer}, isTCP
}

func (g *fragments) find(x *fragment, at time.Time) *fragmented {
	i := slices.IndexFunc(g.list, func(d *fragmented) bool { return d.fragmentKey == x.key })
	if i >= 0 && at.Sub(g.list[i].begun) <= fragmentTime {
		return g.list[i]
	}
	if i >= 0 {
		g.drop(i)
	}
	// Of UDP only tunnels matter, and only the first fragment tells: others
	// would push out what waits for the rest of a segment.
	if x.protocol == protoUDP && x.piece.at > 0 {
		return nil
	}
	d := &fragmented{fragmentKey: x.key, begun: at}
	g.list = append(g.list, d)
	return d
}

func (g *fragments) drop(i int) {
	g.bytes -= g.list[i].bytes
	g.list = slices.Delete(g.list, i, i+1)
}

// take puts a piece in its place, and returns what that costs. The same one
// again is no new one.
func (d *fragmented) take(x *fragment) (bytes int) {
	d.count++
	if x.piece.at == 0 && d.header == nil {
		d.header, d.inside = slices.Clone(x.header), x.protocol
	}
	end := x.piece.at + x.piece.size
	i, found := slices.BinarySearchFunc(d.pieces, x.piece.at, func(p piece, at int) int { return cmp.Compare(p.at, at) })
	switch {
	case found && d.pieces[i].size == x.piece.size:
		d.spoilt = d.spoilt || !slices.Equal(d.pieces[i].data, x.piece.data)
		return 0
	case found,
		i > 0 && d.pieces[i-1].at+d.pieces[i-1].size > x.piece.at,
		i < len(d.pieces) && end > d.pieces[i].at,
		!x.more && d.end > 0 && d.end != end,
		d.end > 0 && end > d.end:
		d.spoilt = true
	}
	if !x.more {
		d.end = end
	}
	x.piece.data = slices.Clone(x.piece.data)
	d.cut = d.cut || len(x.piece.data) < x.piece.size
	d.pieces = slices.Insert(d.pieces, i, x.piece)
	d.have += x.piece.size
	return len(x.piece.data) + pieceCost
}

// complete reports whether nothing is missing any more. Pieces that do not
// overlap fill the datagram when their sizes do.
func (d *fragmented) complete() bool {
	return !d.spoilt && d.end > 0 && d.have == d.end && d.header != nil
}

// join writes the datagram as if it had never been cut up.
func (g *fragments) join(d *fragmented) {
	n := len(d.header)
	g.whole = slices.Grow(g.whole[:0], n+d.end)[:n+d.end]
	clear(g.whole)
	copy(g.whole, d.header)
	for _, p := range d.pieces {
		copy(g.whole[n+p.at:], p.data)
	}
	if d.v4 {
		binary.BigEndian.PutUint16(g.whole[2:], uint16(n+d.end))
		g.whole[6], g.whole[7] = 0, 0
		g.whole[10], g.whole[11] = 0, 0
		binary.BigEndian.PutUint16(g.whole[10:], ^sum(g.whole[:n]))
		return
	}
	g.whole[6] = d.inside
	binary.BigEndian.PutUint16(g.whole[4:], uint16(d.end))
}

// parseFragment reads a fragment. Its pieces point into the frame.
func parseFragment(f *frame) (x fragment, ok bool) {
	x.key.via, x.key.toward = f.via, f.toward
	if f.ip[0]>>4 == 4 {
		return parseFragmentIPv4(f.ip, x)
	}
	return parseFragmentIPv6(f.ip, x)
}

func parseFragmentIPv4(b []byte, x fragment) (fragment, bool) {
	head, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	place := binary.BigEndian.Uint16(b[6:])
	if head < headerIPv4 || len(b) < head || total <= head {
		return x, false
	}
	copy(x.key.from[:], b[12:16])
	copy(x.key.to[:], b[16:20])
	x.key.v4, x.key.id = true, uint32(binary.BigEndian.Uint16(b[4:]))
	x.protocol = b[9]
	x.key.protocol = x.protocol
	x.header = b[:head]
	x.more = place&0x2000 != 0
	x.piece = piece{int(place&0x1fff) * 8, total - head, b[head:min(total, len(b))]}
	return x, x.fits(65535 - head)
}

func parseFragmentIPv6(b []byte, x fragment) (fragment, bool) {
	total := headerIPv6 + int(binary.BigEndian.Uint16(b[4:]))
	head, ok := fragmentHeader(b)
	if !ok || total <= head+8 || len(b) < head+8 {
		return x, false
	}
	place := binary.BigEndian.Uint16(b[head+2:])
	copy(x.key.from[:], b[8:24])
	copy(x.key.to[:], b[24:40])
	x.key.id = binary.BigEndian.Uint32(b[head+4:])
	x.header, x.protocol = b[:headerIPv6], b[head]
	x.more = place&1 != 0
	head += 8
	x.piece = piece{int(place &^ 7), total - head, b[head:max(head, min(total, len(b)))]}
	return x, x.fits(65535)
}

// fits checks the place of a fragment: pieces but the last are of eight bytes
// each, and no datagram is longer than its length can say.
func (x *fragment) fits(most int) bool {
	return x.piece.at+x.piece.size <= most && !(x.more && x.piece.size%8 != 0)
}

// fragmentHeader finds the fragment header of a datagram that has one.
func fragmentHeader(b []byte) (head int, ok bool) {
	next, head := b[6], headerIPv6
	for next != 44 {
		if len(b) < head+8 {
			return 0, false
		}
		size := (int(b[head+1]) + 1) * 8
		if next == 51 { // authentication
			size = (int(b[head+1]) + 2) * 4
		}
		next = b[head]
		head += size
	}
	return head, true
}
