package tcpdump

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// The kinds of TCP options that have a form of their own. Besides what Linux
// sends they are those that one wrong bit turns it into.
const (
	kindEnd       = 0
	kindNop       = 1
	kindMSS       = 2
	kindWScale    = 3
	kindSackOK    = 4
	kindSack      = 5
	kindEcho      = 6
	kindEchoReply = 7
	kindTimestamp = 8
	kindCC        = 11
	kindCCNew     = 12
	kindCCEcho    = 13
	kindMD5       = 19
	kindSCPS      = 20
	kindFastOpen  = 34
)

// options prints the options of one segment. What is wrong with them is as
// much a part of tcpdump's answer as what they say: a segment that is forged
// may hold anything.
type options struct {
	rest    []byte
	base    uint32 // what the numbers in a SACK count from
	payload int
	out     strings.Builder
}

// text reports, besides the text, whether the options could be read to their
// end; what ends the line otherwise is part of the text.
func (o *options) text() (string, bool) {
	for sep := ""; len(o.rest) > 0; sep = "," {
		o.out.WriteString(sep)
		kind := o.rest[0]
		switch kind {
		case kindEnd:
			o.out.WriteString("eol")
			return o.out.String(), true
		case kindNop:
			o.out.WriteString("nop")
			o.rest = o.rest[1:]
			continue
		}
		if !o.option(kind, sep) {
			return o.out.String(), false
		}
	}
	return o.out.String(), true
}

// option prints one option that has a length. tcpdump takes the bytes that the
// kind needs, whatever the length says, and then complains.
func (o *options) option(kind byte, sep string) bool {
	bad := func() bool {
		o.out.WriteString("[bad opt]")
		if sep != "" {
			o.out.WriteByte(']')
		}
		return false
	}
	if len(o.rest) == 1 {
		if o.payload == 0 {
			// The length would be the byte after the end of the packet.
			o.out.WriteString(" [|tcp]")
			return false
		}
		return bad()
	}
	length := int(o.rest[1])
	if length < 2 || length > len(o.rest) {
		return bad()
	}
	o.rest = o.rest[2:]
	data := length - 2
	if fixed, ok := fixedSize[kind]; ok {
		data = fixed
	}
	name, ok := names[kind]
	if !ok {
		name = fmt.Sprintf("unknown-%d", kind)
	}
	o.out.WriteString(name)
	if data > len(o.rest) {
		return bad()
	}
	o.value(kind, o.rest[:data])
	o.rest = o.rest[data:]
	if length != data+2 {
		fmt.Fprintf(&o.out, "[len %d]", length)
	}
	return true
}

var names = map[byte]string{
	kindMSS: "mss", kindWScale: "wscale", kindSackOK: "sackOK", kindSack: "sack", kindTimestamp: "TS", kindFastOpen: "tfo",
	kindEcho: "echo", kindEchoReply: "echoreply", kindCC: "cc", kindCCNew: "ccnew",
	kindCCEcho: "", // sic
	kindMD5:    "md5", kindSCPS: "scps",
}

var fixedSize = map[byte]int{
	kindMSS: 2, kindWScale: 1, kindSackOK: 0, kindTimestamp: 8,
	kindEcho: 4, kindEchoReply: 4, kindCC: 4, kindCCNew: 4, kindCCEcho: 4, kindMD5: 16, kindSCPS: 2,
}

func (o *options) value(kind byte, data []byte) {
	switch kind {
	case kindSackOK:
	case kindMSS:
		fmt.Fprintf(&o.out, " %d", binary.BigEndian.Uint16(data))
	case kindWScale:
		fmt.Fprintf(&o.out, " %d", data[0])
	case kindTimestamp:
		fmt.Fprintf(&o.out, " val %d ecr %d", binary.BigEndian.Uint32(data), binary.BigEndian.Uint32(data[4:]))
	case kindEcho, kindEchoReply, kindCC, kindCCNew, kindCCEcho:
		fmt.Fprintf(&o.out, " %d", binary.BigEndian.Uint32(data))
	case kindMD5:
		fmt.Fprintf(&o.out, " shared secret not supplied with -M, can't check - %x", data)
	case kindSCPS:
		fmt.Fprintf(&o.out, " cap %02x id %d", data[0], data[1])
	case kindSack:
		o.sack(data)
	case kindFastOpen:
		o.fastOpen(data)
	default:
		if len(data) > 0 {
			fmt.Fprintf(&o.out, " 0x%x", data)
		}
	}
}

func (o *options) sack(data []byte) {
	if len(data)%8 != 0 {
		o.out.WriteString(" invalid sack")
		return
	}
	fmt.Fprintf(&o.out, " %d ", len(data)/8)
	for ; len(data) > 0; data = data[8:] {
		left, right := binary.BigEndian.Uint32(data), binary.BigEndian.Uint32(data[4:])
		fmt.Fprintf(&o.out, "{%d:%d}", left-o.base, right-o.base)
	}
}

// fastOpen prints a cookie of RFC 7413: 4 to 16 bytes, an even number.
func (o *options) fastOpen(data []byte) {
	switch n := len(data); {
	case n == 0:
		o.out.WriteString("  cookiereq")
	case n%2 != 0 || n < 4 || n > 16:
		o.out.WriteString("  (invalid)")
	default:
		fmt.Fprintf(&o.out, "  cookie %x", data)
	}
}
