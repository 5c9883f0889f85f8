package fidelity

import (
	"encoding/binary"
	"fmt"

	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// optionsOf tells the options of a SYN of the run as recordings do.
func (k *comparison) optionsOf(s *segment) (out []string) {
	seg, err := wire.Parse(k.r.trace.Segments[s.index].Frame)
	if err != nil {
		return nil
	}
	for b := seg.Options; len(b) > 0; {
		kind := b[0]
		switch {
		case kind == header.TCPOptionEOL:
			return out
		case kind == header.TCPOptionNOP:
			b = b[1:]
			continue
		case len(b) < 2 || int(b[1]) < 2 || int(b[1]) > len(b):
			return out
		}
		value := b[2:b[1]]
		b = b[b[1]:]
		switch {
		case kind == header.TCPOptionMSS && len(value) == 2:
			out = append(out, fmt.Sprintf("MSS %d", binary.BigEndian.Uint16(value)))
		case kind == header.TCPOptionWS && len(value) == 1:
			out = append(out, fmt.Sprintf("WS %d", value[0]))
		case kind == header.TCPOptionTS && len(value) == 8:
			out = append(out, fmt.Sprintf("TS %d %d", binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])))
		case kind == header.TCPOptionSACKPermitted:
			out = append(out, "SACK_PERM")
		}
	}
	return out
}
