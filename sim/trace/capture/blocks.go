package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// blocks passes on the blocks of a pcapng file that matter, whole and checked.
//
// pcapgo trusts the lengths in a block: one that is wrong makes it read on in
// the next block. It also keeps every name and secret of the file, whatever
// their size. So nothing but sections, interfaces and packets reaches it, and
// of those only blocks whose parts fit inside.
type blocks struct {
	in        *bufio.Reader
	order     binary.ByteOrder
	offset    int64 // of the next block
	buf       []byte
	rest      []byte // of the block that is being passed on
	described int    // bytes of the interfaces of this section
	snap      uint32 // of the section's first interface
	tooLong   int    // packets that were skipped
	err       error
}

// The types of blocks that are passed on.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockEnhanced  = 6
)

const (
	maxBlock      = 1 << 20 // tcpdump's longest packet is a quarter of it
	maxInterfaces = 1 << 20 // bytes, per section
	byteOrder     = 0x1a2b3c4d
)

func (b *blocks) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		if b.rest, b.err = b.next(); b.err != nil {
			return 0, b.err
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *blocks) fail(format string, args ...any) error {
	return fmt.Errorf("block at byte %d: %w", b.offset, fmt.Errorf(format, args...))
}

// next reads a block. It returns nothing for one that is not passed on.
func (b *blocks) next() ([]byte, error) {
	head, err := b.in.Peek(12)
	if len(head) == 0 && err == io.EOF {
		return nil, io.EOF
	}
	if err != nil {
		return nil, cutShort(err)
	}
	kind := binary.LittleEndian.Uint32(head)
	if kind == blockSection { // the same in both orders
		switch {
		case binary.LittleEndian.Uint32(head[8:]) == byteOrder:
			b.order = binary.LittleEndian
		case binary.BigEndian.Uint32(head[8:]) == byteOrder:
			b.order = binary.BigEndian
		default:
			return nil, b.fail("byte-order magic % x", head[8:])
		}
		b.described, b.snap = 0, 0
	}
	kind = b.order.Uint32(head)
	size := b.order.Uint32(head[4:])
	if size < 12 || size%4 != 0 {
		return nil, b.fail("length %d: want a multiple of 4, at least 12", size)
	}
	least := map[uint32]uint32{blockSection: 28, blockInterface: 20, blockPacket: 32, blockSimple: 16, blockEnhanced: 32}[kind]
	switch packet := kind != blockSection && kind != blockInterface; {
	case least == 0 || packet && size > maxBlock:
		if least != 0 {
			b.tooLong++
		}
		return nil, b.skip(int64(size))
	case size < least || size > maxBlock:
		return nil, b.fail("length %d of type %#x: want %d to %d", size, kind, least, maxBlock)
	}
	if cap(b.buf) < int(size) {
		b.buf = make([]byte, max(int(size), 4<<10))
	}
	block := b.buf[:size]
	if _, err := io.ReadFull(b.in, block); err != nil {
		return nil, cutShort(err)
	}
	if last := b.order.Uint32(block[size-4:]); last != size {
		return nil, b.fail("length %d at its beginning, %d at its end", size, last)
	}
	if err := b.check(kind, block[8:size-4]); err != nil {
		return nil, err
	}
	b.offset += int64(size)
	return block, nil
}

func (b *blocks) skip(size int64) error {
	b.offset += size
	for size > 0 {
		n, err := b.in.Discard(int(min(size, 1<<30)))
		if err != nil {
			return cutShort(err)
		}
		size -= int64(n)
	}
	return nil
}

// check verifies that the parts of a block lie inside.
func (b *blocks) check(kind uint32, body []byte) error {
	switch kind {
	case blockSection:
		return b.options(body[16:])
	case blockInterface:
		if b.described == 0 {
			b.snap = b.order.Uint32(body[4:])
		}
		if b.described += len(body); b.described > maxInterfaces {
			return b.fail("more than %d bytes about interfaces", maxInterfaces)
		}
		return b.options(body[8:])
	case blockSimple:
		size := uint64(b.order.Uint32(body))
		if b.snap > 0 {
			size = min(size, uint64(b.snap))
		}
		if size > uint64(len(body)-4) {
			return b.fail("a packet of %d bytes in %d", size, len(body)-4)
		}
	case blockPacket, blockEnhanced:
		size := (uint64(b.order.Uint32(body[12:])) + 3) &^ 3
		if size > uint64(len(body)-20) {
			return b.fail("a packet of %d bytes in %d", size, len(body)-20)
		}
		if kind == blockEnhanced {
			return b.options(body[20+size:])
		}
	}
	return nil
}

func (b *blocks) options(list []byte) error {
	for len(list) > 0 {
		code, size := b.order.Uint16(list), (int(b.order.Uint16(list[2:]))+3)&^3
		if code == 0 {
			return nil
		}
		if 4+size > len(list) {
			return b.fail("option %d of %d bytes: %d are left", code, size, len(list)-4)
		}
		list = list[4+size:]
	}
	return nil
}

var errCutShort = errors.New("the file is cut short")

// cutShort names what an early end of the file means.
func cutShort(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCutShort
	}
	return err
}
