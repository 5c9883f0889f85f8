package wire

import (
	"encoding/binary"
	"iter"
)

// Options are the TCP options that matter to a handshake and to PAWS. The zero
// value is none.
type Options struct {
	MSS           *uint16     // RFC 9293 section 3.7.1
	WindowScale   *uint8      // RFC 7323 section 2
	SACKPermitted bool        // RFC 2018 section 2
	Timestamp     *Timestamps // RFC 7323 section 3
}

// Timestamps is the content of a timestamps option.
type Timestamps struct{ Value, Echo uint32 }

// The kinds of the options that have a meaning here (RFC 9293 section 3.2, RFC
// 7323, RFC 2018).
const (
	OptionMSS           = 2
	OptionWindowScale   = 3
	OptionSACKPermitted = 4
	OptionSACK          = 5
	OptionTimestamps    = 8

	// These two are one byte without a length, and say nothing.
	optionEnd = 0
	optionNop = 1
)

// MaxWindowScale is the greatest shift of a window; a host that is offered more
// uses this one (RFC 7323 section 2.3).
const MaxWindowScale = 14

// OptionsOf walks over the options of a segment and gives of each its kind and
// what follows its length. Padding is left out. Options that cannot be read, or
// whose length goes beyond their end, end the walk: what stood before them
// counts, as on Linux (tcp_parse_options). Whether a value has the length that
// its kind wants is for the caller to see.
func OptionsOf(options []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		for len(options) > 0 && options[0] != optionEnd {
			if options[0] == optionNop {
				options = options[1:]
				continue
			}
			if len(options) < 2 || options[1] < 2 || int(options[1]) > len(options) {
				return
			}
			if !yield(options[0], options[2:options[1]]) {
				return
			}
			options = options[options[1]:]
		}
	}
}

// Bytes is the options as they stand in a header, in Linux's order and with its
// padding (tcp_options_write).
func (o *Options) Bytes() []byte {
	var b []byte
	if o.MSS != nil {
		b = binary.BigEndian.AppendUint16(append(b, OptionMSS, 4), *o.MSS)
	}
	switch {
	case o.SACKPermitted:
		if o.Timestamp == nil {
			b = append(b, optionNop, optionNop)
		}
		b = append(b, OptionSACKPermitted, 2)
	case o.Timestamp != nil:
		b = append(b, optionNop, optionNop)
	}
	if t := o.Timestamp; t != nil {
		b = binary.BigEndian.AppendUint32(append(b, OptionTimestamps, 10), t.Value)
		b = binary.BigEndian.AppendUint32(b, t.Echo)
	}
	if o.WindowScale != nil {
		b = append(b, optionNop, OptionWindowScale, 3, *o.WindowScale)
	}
	return b
}

// TimestampsOf finds the timestamps in the options of a segment. It reports
// false when there are none.
func TimestampsOf(options []byte) (t Timestamps, ok bool) {
	for kind, value := range OptionsOf(options) {
		if kind == OptionTimestamps && len(value) == 8 {
			return Timestamps{binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])}, true
		}
	}
	return t, false
}

// WindowScaleOf finds the shift of a window in the options of a SYN, at most
// [MaxWindowScale]. It reports false when there is none.
func WindowScaleOf(options []byte) (shift uint8, ok bool) {
	for kind, value := range OptionsOf(options) {
		if kind == OptionWindowScale && len(value) == 1 {
			return min(value[0], MaxWindowScale), true
		}
	}
	return 0, false
}

// SACKsOf are the blocks that the options of a segment acknowledge selectively,
// each from its first sequence number to the one after its last (RFC 2018
// section 3).
func SACKsOf(options []byte) (blocks [][2]uint32) {
	for kind, value := range OptionsOf(options) {
		if kind != OptionSACK {
			continue
		}
		for ; len(value) >= 8; value = value[8:] {
			blocks = append(blocks, [2]uint32{binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])})
		}
	}
	return blocks
}
