package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// classic reads pcap files, versions 2.0 to 2.4, in either byte order, with
// microseconds or nanoseconds, and as Kuznetzov's patch to libpcap wrote them,
// with the interface of each packet.
type classic struct {
	origin
	in     *input
	order  binary.ByteOrder
	minor  uint16
	unit   uint32 // of a second
	head   int    // bytes of a record's header
	link   layers.LinkType
	taken  int   // of the record that was returned last, which is still in the buffer
	offset int64 // of the next record
	sec    uint32
}

const (
	fileHeader     = 24
	recordHeader   = 16
	modifiedHeader = 24
)

func openClassic(in *input, magic []byte) (*classic, error) {
	c := &classic{in: in, head: recordHeader}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch c.order = order; order.Uint32(magic) {
		case 0xa1b2c3d4:
			c.unit = 1e6
		case 0xa1b23c4d:
			c.unit = 1e9
		case 0xa1b2cd34:
			c.unit, c.head = 1e6, modifiedHeader
		default:
			continue
		}
		break
	}
	if c.unit == 0 {
		return nil, fmt.Errorf("begins with % x: want a pcap or pcapng file", magic)
	}
	b, err := in.Peek(fileHeader)
	if err != nil {
		return nil, cutShort(err)
	}
	major := c.order.Uint16(b[4:])
	if c.minor = c.order.Uint16(b[6:]); major != 2 || c.minor > 4 {
		return nil, fmt.Errorf("pcap version %d.%d: want 2.0 to 2.4", major, c.minor)
	}
	// The upper bits say whether packets end with a checksum, which IP's own
	// length leaves out.
	c.link = layers.LinkType(c.order.Uint32(b[20:]) & 0x03ffffff)
	c.taken = fileHeader
	return c, nil
}

func (c *classic) about() *origin { return &c.origin }

// record is the header of one.
type record struct {
	sec, frac  uint32
	held, wire uint32
}

func (c *classic) parse(b []byte) record {
	r := record{c.order.Uint32(b), c.order.Uint32(b[4:]), c.order.Uint32(b[8:]), c.order.Uint32(b[12:])}
	// Before 2.3 the two lengths were the other way around, and in 2.3 they may
	// be.
	if c.minor < 3 || c.minor == 3 && r.held > r.wire {
		r.held, r.wire = r.wire, r.held
	}
	return r
}

// possible reports whether r can be what a file holds. That more is held than
// was on the wire happens, and costs nothing.
func (c *classic) possible(r record) bool {
	return r.held <= maxPacket && r.frac < c.unit && r.wire <= 1<<24
}

// take goes on behind the record that was returned.
func (c *classic) take(n int) {
	c.in.Discard(n)
	c.offset += int64(n)
}

func (c *classic) next(p *packet) error {
	c.take(c.taken)
	c.taken = 0
	for {
		b, err := c.in.Peek(c.head)
		if err != nil {
			if len(b) == 0 && err == io.EOF {
				return io.EOF
			}
			return cutShort(err)
		}
		r := c.parse(b)
		if r.held > maxPacket {
			c.lose("at byte %d it claims %d bytes", c.offset, r.held)
			if !c.findRecord(1) {
				return io.EOF
			}
			continue
		}
		size := c.head + int(r.held)
		if _, err = c.in.Peek(size); err != nil || !c.followed(size) {
			// Either the file ends here, or one of two lengths is wrong.
			found, ok := c.search(c.head)
			if ok && found < size {
				c.lose("at byte %d it claims %d bytes, and another one begins before", c.offset, r.held)
				c.take(found)
				continue
			}
			if err != nil {
				return cutShort(err)
			}
		}
		b, _ = c.in.Peek(size) // looking ahead has moved it
		c.taken = size
		c.fill(p, r, b)
		return nil
	}
}

func (c *classic) fill(p *packet, r record, b []byte) {
	p.at = time.Unix(int64(r.sec), int64(r.frac)*int64(1e9/c.unit))
	p.link, p.data, p.length = c.link, b[c.head:], int(r.wire)
	if c.head == modifiedHeader {
		p.index, p.toward = c.order.Uint32(b[16:]), cooked(b[22])
	}
	c.sec = r.sec
}

// followed reports whether behind size bytes the file ends or another record
// may begin. What is not there yet counts as right.
func (c *classic) followed(size int) bool {
	b := c.in.ahead(size + c.head)
	return len(b) < size+c.head || c.possible(c.parse(b[size:]))
}

// findRecord goes on to the next place where records begin, from one at byte
// from on. It reports false where there is none.
func (c *classic) findRecord(from int) bool {
	for {
		if n, ok := c.search(from); ok {
			c.take(n)
			return true
		}
		// A record that begins near the end of what was looked at needs the rest.
		n := len(c.in.ahead(buffered)) - maxPacket
		if n <= 0 || c.in.live {
			c.take(len(c.in.ahead(buffered)))
			if _, err := c.in.Peek(1); err != nil {
				return false
			}
			from = 0
			continue
		}
		c.take(n)
		from = 0
	}
}

// enough is how many records in a row are no coincidence.
const enough = 3

// search looks for a place where records follow each other, or one ends with
// the file, from byte from on of what is in the buffer.
func (c *classic) search(from int) (at int, ok bool) {
	b := c.in.ahead(buffered)
	for at = from; at+c.head <= len(b); at++ {
		if c.chain(b[at:], enough, len(b) < buffered) {
			return at, true
		}
	}
	return 0, false
}

// chain reports whether b begins with n records, or fewer if they end where the
// file does.
func (c *classic) chain(b []byte, n int, last bool) bool {
	sec := c.sec
	for ; n > 0; n-- {
		if len(b) < c.head {
			return false
		}
		r := c.parse(b)
		size := c.head + int(r.held)
		if r.held == 0 || r.wire < r.held || !c.possible(r) || sec > 0 && max(r.sec, sec)-min(r.sec, sec) > 400*24*3600 {
			return false
		}
		if size == len(b) && last {
			return true
		}
		if size > len(b) {
			return false
		}
		sec, b = r.sec, b[size:]
	}
	return true
}
