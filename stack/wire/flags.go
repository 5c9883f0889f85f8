package wire

import (
	"fmt"
	"strings"
)

// Flags are the control bits of a TCP header (RFC 9293 section 3.1).
type Flags uint8

// The control bits, in the order of their wire values.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Has reports whether every bit of want is set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// letters is tcpdump's alphabet in tcpdump's order: FSRPWEU and then a dot for
// ACK (print-tcp.c lists them as tok entries).
var letters = []struct {
	bit  Flags
	char byte
}{{FIN, 'F'}, {SYN, 'S'}, {RST, 'R'}, {PSH, 'P'}, {ACK, '.'}, {URG, 'U'}, {ECE, 'E'}, {CWR, 'W'}}

// String writes the flags as tcpdump does, without brackets: "S.", "P.", "R",
// and "none" for no flag at all.
func (f Flags) String() string {
	if f == 0 {
		return "none"
	}
	var b strings.Builder
	for _, l := range letters {
		if f&l.bit != 0 {
			b.WriteByte(l.char)
		}
	}
	return b.String()
}

// ParseFlags reads tcpdump's form, in any order: "S", "S.", "R.", "FP.",
// "none". The letter A is taken for the dot.
func ParseFlags(s string) (Flags, error) {
	if s == "none" {
		return 0, nil
	}
	if s == "" {
		return 0, fmt.Errorf("no flags: want tcpdump's letters, such as S, S., P., F., R or R. (none for no flag)")
	}
	var f Flags
next:
	for i := range len(s) {
		c := s[i]
		if c == 'A' {
			c = '.'
		}
		for _, l := range letters {
			if c == l.char {
				if f.Has(l.bit) {
					return 0, fmt.Errorf("flags %q: %q is given twice", s, s[i:i+1])
				}
				f |= l.bit
				continue next
			}
		}
		return 0, fmt.Errorf("flags %q: unknown letter %q: want tcpdump's F, S, R, P, U, E, W and . for ACK", s, s[i:i+1])
	}
	return f, nil
}
