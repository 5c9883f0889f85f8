package wire

import "encoding/binary"

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

const (
	optNop       = 1
	optMSS       = 2
	optScale     = 3
	optSACK      = 4
	optTimestamp = 8
)

// Bytes is the options as they stand in a header, in Linux's order and with its
// padding (tcp_options_write).
func (o *Options) Bytes() []byte {
	var b []byte
	if o.MSS != nil {
		b = binary.BigEndian.AppendUint16(append(b, optMSS, 4), *o.MSS)
	}
	switch {
	case o.SACKPermitted:
		if o.Timestamp == nil {
			b = append(b, optNop, optNop)
		}
		b = append(b, optSACK, 2)
	case o.Timestamp != nil:
		b = append(b, optNop, optNop)
	}
	if t := o.Timestamp; t != nil {
		b = binary.BigEndian.AppendUint32(append(b, optTimestamp, 10), t.Value)
		b = binary.BigEndian.AppendUint32(b, t.Echo)
	}
	if o.WindowScale != nil {
		b = append(b, optNop, optScale, 3, *o.WindowScale)
	}
	return b
}

// TimestampsOf finds the timestamps in the options of a segment. It reports
// false when there are none, or when the options cannot be read.
func TimestampsOf(options []byte) (t Timestamps, ok bool) {
	for len(options) > 0 && options[0] != 0 {
		if options[0] == optNop {
			options = options[1:]
			continue
		}
		if len(options) < 2 || options[1] < 2 || int(options[1]) > len(options) {
			return t, false
		}
		if options[0] == optTimestamp && options[1] == 10 {
			return Timestamps{binary.BigEndian.Uint32(options[2:]), binary.BigEndian.Uint32(options[6:])}, true
		}
		options = options[options[1]:]
	}
	return t, false
}
