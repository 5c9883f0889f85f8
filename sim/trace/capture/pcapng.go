package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// pcapng reads the format of Wireshark, with any number of sections, in either
// byte order, and interfaces of different links and clocks.
//
// Of the blocks only those of sections, interfaces and packets matter; others,
// whatever their size, are passed over. A block whose parts do not fit costs
// that block.
type pcapng struct {
	origin
	in        *input
	order     binary.ByteOrder
	offset    int64 // of the next block
	taken     int   // of the block that was returned last, which is still in the buffer
	section   int
	ifaces    []ngInterface
	described int // bytes of the interfaces of this section
	given     bool
}

type ngInterface struct {
	link    layers.LinkType
	snap    uint32
	name    string
	binary  bool // the unit of time is a power of 2 and not of 10
	power   uint8
	seconds int64 // to add
}

// The types of blocks that are read.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockEnhanced  = 6
)

const (
	maxBlock      = 1 << 20  // tcpdump's longest packet is a quarter of it
	maxSkipped    = 64 << 20 // of a block of another kind, or a packet too long to be read
	maxInterfaces = 1 << 20  // bytes, per section
	byteOrder     = 0x1a2b3c4d
)

func (g *pcapng) about() *origin { return &g.origin }

// begin reads the first section's header.
func (g *pcapng) begin() error {
	head, err := g.in.Peek(12)
	if err != nil {
		return cutShort(err)
	}
	if !g.setOrder(head) {
		return fmt.Errorf("byte-order magic % x: want 1a 2b 3c 4d in either order", head[8:])
	}
	return nil
}

func (g *pcapng) setOrder(head []byte) bool {
	switch {
	case binary.LittleEndian.Uint32(head[8:]) == byteOrder:
		g.order = binary.LittleEndian
	case binary.BigEndian.Uint32(head[8:]) == byteOrder:
		g.order = binary.BigEndian
	default:
		return false
	}
	return true
}

func (g *pcapng) take(n int) error {
	g.offset += int64(n)
	_, err := g.in.Discard(n)
	return err
}

// least are the shortest blocks of those that are read.
func least(kind uint32) uint32 {
	switch kind {
	case blockSection:
		return 28
	case blockInterface:
		return 20
	case blockSimple:
		return 16
	case blockPacket, blockEnhanced:
		return 32
	}
	return 0
}

func (g *pcapng) next(p *packet) error {
	for {
		g.take(g.taken)
		g.taken = 0
		head, err := g.in.Peek(12)
		if err != nil {
			if len(head) == 0 && err == io.EOF {
				return io.EOF
			}
			return cutShort(err)
		}
		if binary.LittleEndian.Uint32(head) == blockSection && !g.setOrder(head) {
			g.lose("block at byte %d: byte-order magic % x", g.offset, head[8:])
			if !g.findBlock() {
				return io.EOF
			}
			continue
		}
		kind, size := g.order.Uint32(head), g.order.Uint32(head[4:])
		if size < max(12, least(kind)) || size%4 != 0 || size > maxSkipped {
			g.lose("block at byte %d: length %d of type %#x: want a multiple of 4, from %d", g.offset, size, kind, max(12, least(kind)))
			if !g.findBlock() {
				return io.EOF
			}
			continue
		}
		if least(kind) == 0 || size > maxBlock || int(size) > g.in.Size() {
			if err := g.skip(kind, size); err != nil {
				return err
			}
			continue
		}
		block, err := g.in.Peek(int(size))
		if err != nil || g.order.Uint32(block[size-4:]) != size {
			end := uint32(0)
			if err == nil {
				end = g.order.Uint32(block[size-4:])
			}
			found, ok := g.search(4)
			if err != nil && (!ok || found >= int(size)) {
				return cutShort(err)
			}
			g.lose("block at byte %d: length %d at its beginning, %d at its end", g.offset, size, end)
			// Where the next block begins as the first length says, only the
			// second is wrong, and without its interface no packet can be read.
			if !ok || found != int(size) || kind != blockInterface {
				if !g.findBlock() {
					return io.EOF
				}
				continue
			}
			block, _ = g.in.Peek(int(size))
		}
		g.taken = int(size)
		done, err := g.read(kind, block[8:size-4], p)
		if err != nil || done {
			return err
		}
	}
}

// skip passes over a block that is not read.
func (g *pcapng) skip(kind, size uint32) error {
	if least(kind) != 0 && kind != blockSection && kind != blockInterface {
		g.lose("block at byte %d: a packet in %d bytes: want %d at most", g.offset, size, maxBlock)
	}
	if err := g.take(int(size) - 4); err != nil {
		return cutShort(err)
	}
	end, err := g.in.Peek(4)
	if err != nil {
		return cutShort(err)
	}
	if last := g.order.Uint32(end); last != size {
		g.lose("block at byte %d: length %d at its beginning, %d at its end", g.offset-int64(size)+4, size, last)
		if !g.findBlock() {
			return io.EOF
		}
		return nil
	}
	return g.take(4)
}

// read takes in a block. It reports whether that is a packet.
func (g *pcapng) read(kind uint32, body []byte, p *packet) (bool, error) {
	switch kind {
	case blockSection:
		g.section++
		g.ifaces, g.described = g.ifaces[:0], 0
		if g.section == 1 {
			g.options(body[16:], func(code uint16, value []byte) {
				if code == 4 {
					g.madeBy = string(value)
				}
			})
		}
	case blockInterface:
		if g.described += len(body); g.described > maxInterfaces {
			return false, fmt.Errorf("block at byte %d: more than %d bytes about interfaces", g.offset, maxInterfaces)
		}
		g.ifaces = append(g.ifaces, g.iface(body))
	case blockSimple:
		return g.simple(body, p), nil
	case blockPacket, blockEnhanced:
		return g.enhanced(kind, body, p), nil
	}
	return false, nil
}

// iface reads the description of one interface. Options that do not fit
// are left out.
func (g *pcapng) iface(body []byte) ngInterface {
	const name, resolution, offset = 2, 9, 14
	i := ngInterface{link: layers.LinkType(g.order.Uint16(body)), snap: g.order.Uint32(body[4:]), power: 6}
	g.options(body[8:], func(code uint16, value []byte) {
		switch {
		case code == name && len(g.ifaces) < maxNames:
			i.name = string(value)
		case code == resolution && len(value) == 1:
			i.binary, i.power = value[0]&0x80 != 0, value[0]&0x7f
		case code == offset && len(value) == 8:
			i.seconds = int64(g.order.Uint64(value))
		}
	})
	return i
}

// maxNames is of how many interfaces names are kept.
const maxNames = 64

// simple reads a packet without a time, of the first interface.
func (g *pcapng) simple(body []byte, p *packet) bool {
	if len(g.ifaces) == 0 {
		g.lose("block at byte %d: a packet of an interface that is not described", g.offset)
		return false
	}
	i, length := &g.ifaces[0], g.order.Uint32(body)
	held := length
	if i.snap > 0 {
		held = min(held, i.snap)
	}
	if uint64(held) > uint64(len(body)-4) {
		g.lose("block at byte %d: a packet of %d bytes in %d", g.offset, held, len(body)-4)
		return false
	}
	p.link, p.data, p.length = i.link, body[4:4+held], int(min(length, 1<<24))
	g.seen(p, 0)
	g.untimed++
	return true
}

func (g *pcapng) enhanced(kind uint32, body []byte, p *packet) bool {
	const flags = 2
	index := g.order.Uint32(body)
	if kind == blockPacket {
		index = uint32(g.order.Uint16(body))
	}
	held, length := g.order.Uint32(body[12:]), g.order.Uint32(body[16:])
	switch {
	case uint64(index) >= uint64(len(g.ifaces)):
		g.lose("block at byte %d: a packet of an interface that is not described: %d of %d", g.offset, index, len(g.ifaces))
		return false
	case uint64(held) > uint64(len(body)-20):
		g.lose("block at byte %d: a packet of %d bytes in %d", g.offset, held, len(body)-20)
		return false
	}
	i := &g.ifaces[index]
	p.at = i.time(uint64(g.order.Uint32(body[4:]))<<32 | uint64(g.order.Uint32(body[8:])))
	p.link, p.data, p.length = i.link, body[20:20+held], int(min(length, 1<<24))
	if rest := body[min(len(body), 20+int(held+3)&^3):]; len(rest) > 4 && kind == blockEnhanced {
		g.options(rest, func(code uint16, value []byte) {
			if code == flags && len(value) == 4 {
				p.toward = direction((g.order.Uint32(value) & 3) % 3) // 3 means nothing
			}
		})
	}
	g.seen(p, int(index))
	return true
}

func (g *pcapng) seen(p *packet, index int) {
	p.iface = g.section<<20 | index&(1<<20-1)
	if !g.given {
		g.given, g.point = true, g.ifaces[index].name
	}
}

// options calls f with each option that fits.
func (g *pcapng) options(list []byte, f func(code uint16, value []byte)) {
	for len(list) >= 4 {
		code, size := g.order.Uint16(list), int(g.order.Uint16(list[2:]))
		if code == 0 || 4+size > len(list) {
			return
		}
		f(code, list[4:4+size])
		list = list[min(len(list), 4+(size+3)&^3):]
	}
}

// time is an instant in the units of the interface since 1970.
func (i *ngInterface) time(units uint64) time.Time {
	var sec, nano uint64
	switch {
	case i.binary && i.power < 64:
		sec = units >> i.power
		high, low := bits.Mul64(units-sec<<i.power, 1e9)
		nano = low >> i.power
		if i.power > 0 {
			nano |= high << (64 - i.power)
		}
	case !i.binary && i.power <= 19:
		unit := pow10(int(i.power))
		sec, nano = units/unit, units%unit
		if i.power <= 9 {
			nano *= pow10(9 - int(i.power))
		} else {
			nano /= pow10(int(i.power) - 9)
		}
	}
	return time.Unix(int64(min(sec, lastSecond))+min(max(i.seconds, -lastSecond), lastSecond), int64(nano))
}

// lastSecond is the last one of the year 9999.
const lastSecond = 253402300799

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// findBlock goes on to the next place where a block begins. It reports false
// where there is none.
func (g *pcapng) findBlock() bool {
	from := 4
	for {
		if n, ok := g.search(from); ok {
			g.take(n)
			return true
		}
		n := len(g.in.ahead(buffered)) - maxPacket
		if n <= 0 || g.in.live {
			n = len(g.in.ahead(buffered))
		}
		g.take(n)
		if _, err := g.in.Peek(1); err != nil {
			return false
		}
		from = 0
	}
}

// search looks for a block that is whole, and is followed by another one or by
// the end of the file, from byte from on of what is in the buffer.
func (g *pcapng) search(from int) (at int, ok bool) {
	b := g.in.ahead(buffered)
	for at = from; at+12 <= len(b); at++ {
		if n := g.whole(b[at:]); n > 0 && (at+n == len(b) || g.whole(b[at+n:]) > 0) {
			return at, true
		}
	}
	return 0, false
}

// whole is the length of the block that b begins with, or 0.
func (g *pcapng) whole(b []byte) int {
	if len(b) < 12 {
		return 0
	}
	order := g.order
	if binary.LittleEndian.Uint32(b) == blockSection {
		switch {
		case binary.LittleEndian.Uint32(b[8:]) == byteOrder:
			order = binary.LittleEndian
		case binary.BigEndian.Uint32(b[8:]) == byteOrder:
			order = binary.BigEndian
		default:
			return 0
		}
	}
	kind, size := order.Uint32(b), order.Uint32(b[4:])
	if kind > 0x20 && kind != blockSection || size < max(12, least(kind)) || size%4 != 0 || uint64(size) > uint64(len(b)) {
		return 0
	}
	if order.Uint32(b[size-4:]) != size {
		return 0
	}
	return int(size)
}
