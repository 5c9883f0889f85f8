package link

import (
	"fmt"

	"github.com/tcpsim/tcpsim/stack/words"
)

// Field is the part of a datagram that corruption changes.
type Field uint8

// The fields. Nothing repairs a checksum: the receiver finds out, as in life,
// unless the checksum itself is what makes it wrong.
const (
	AnyBit  Field = iota // one bit anywhere after the IP header
	Payload              // one bit of the data; of the TCP header when there is none
	SeqNum
	AckNum
	Flags
	Window
	Checksum
)

var fields = []string{"any", "payload", "seq", "ack", "flags", "window", "checksum"}

// String is the name that ParseField reads.
func (f Field) String() string { return words.Constant(fields, "Field", f) }

// Fields lists the names.
func Fields() []string { return fields }

// ParseField finds a field by its name.
func ParseField(name string) (Field, error) {
	for i, n := range fields {
		if n == name {
			return Field(i), nil
		}
	}
	return 0, fmt.Errorf("field must be %s, not %q", words.Either(fields), name)
}

// span gives where in the TCP header a field lies: offset and length in bytes.
func (f Field) span() (offset, length int) {
	switch f {
	case SeqNum:
		return 4, 4
	case AckNum:
		return 8, 4
	case Flags:
		return 13, 1
	case Window:
		return 14, 2
	default:
		return 16, 2
	}
}

// Flaw is one bit that is to be changed.
type Flaw struct {
	Field Field
	Bit   uint64 // which of the field's bits, modulo their number
}

// Damage flips the bit of a flaw in frame, an IP datagram with a TCP segment of
// payload bytes of data, and says which that was.
func (f Flaw) Damage(frame []byte, payload int) string {
	ip := 40
	if len(frame) > 0 && frame[0]>>4 == 4 {
		ip = int(frame[0]&0xf) * 4
	}
	offset, length := ip, len(frame)-ip
	switch {
	case f.Field == Payload && payload > 0:
		offset, length = len(frame)-payload, payload
	case f.Field != AnyBit && f.Field != Payload:
		offset, length = f.Field.span()
		offset += ip
	}
	if length <= 0 || offset+length > len(frame) {
		return "nothing"
	}
	bit := int(f.Bit % uint64(8*length))
	at := offset + bit/8
	frame[at] ^= 1 << (bit % 8)
	return fmt.Sprintf("bit %d of byte %d (%s)", bit%8, at, f.Field)
}
