package fidelity

import (
	"encoding/binary"
	"fmt"

	"github.com/tcpsim/tcpsim/stack/wire"
)

// optionsOf tells the options of a SYN of the run as recordings do.
func (k *comparison) optionsOf(s *segment) (out []string) {
	seg, err := wire.Parse(k.r.trace.Segments[s.index].Frame)
	if err != nil {
		return nil
	}
	for kind, value := range wire.OptionsOf(seg.Options) {
		switch {
		case kind == wire.OptionMSS && len(value) == 2:
			out = append(out, fmt.Sprintf("MSS %d", binary.BigEndian.Uint16(value)))
		case kind == wire.OptionWindowScale && len(value) == 1:
			out = append(out, fmt.Sprintf("WS %d", value[0]))
		case kind == wire.OptionTimestamps && len(value) == 8:
			out = append(out, fmt.Sprintf("TS %d %d", binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])))
		case kind == wire.OptionSACKPermitted:
			out = append(out, "SACK_PERM")
		}
	}
	return out
}
