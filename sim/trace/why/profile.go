package why

import (
	"slices"

	"github.com/tcpsim/tcpsim/stack/wire"
	"github.com/tcpsim/tcpsim/stack/words"
)

// Stack is whose TCP a host seems to have, by its SYN.
type Stack string

// The stacks that are told apart.
const (
	Unknown Stack = ""
	Linux   Stack = "Linux"
	Windows Stack = "Windows"
	Apple   Stack = "Apple or BSD"
	Device  Stack = "a network device"
)

// profile is what a host's segments say about it.
type profile struct {
	stack      Stack
	timestamps bool         // every segment but RSTs has them
	ttl        map[byte]int // of what is no RST
	lastID     uint16
	counts     bool // its ids go up by little each time
	zero       int  // segments with id zero
	seen       int
	synTTL     byte
}

// Options of TCP by number, in the order in which they stand.
func kinds(options []byte) (list []byte) {
	for len(options) > 0 {
		k := options[0]
		list = append(list, k)
		switch {
		case k == 0:
			return list
		case k == 1:
			options = options[1:]
			continue
		case len(options) < 2 || options[1] < 2 || int(options[1]) > len(options):
			return list
		}
		options = options[options[1]:]
	}
	return list
}

// stackOf guesses from a SYN: the initial TTL, the window, and the order of the
// options, which each stack writes in its own way.
func stackOf(s *Segment) Stack {
	order := string(kinds(s.Options))
	switch initial(s.TTL) {
	case 128:
		return Windows
	case 255:
		return Device
	case 32:
		return Unknown
	}
	switch order {
	case "\x02\x04\x08\x01\x03", "\x02\x04\x08", "\x02\x01\x01\x04\x01\x03", "\x02\x01\x01\x04", "\x02\x01\x03\x03", "\x02\x01\x01\x08\x01\x03":
		return Linux
	case "\x02\x01\x03\x01\x01\x08\x04\x00", "\x02\x01\x03\x01\x01\x08\x04\x00\x00", "\x02\x01\x03\x04\x08\x01\x01", "\x02\x01\x03\x04\x08", "\x02\x01\x01\x04\x01\x03\x01\x01\x08":
		return Apple
	}
	// Without options, or with those of a box: Linux's windows are multiples of
	// what fits into an Ethernet frame, or of the loopback's.
	if slices.Contains([]uint16{64240, 65160, 29200, 28960, 14600, 14480, 5840, 5792, 43690, 43440, 65495, 65483}, s.Window) {
		return Linux
	}
	return Unknown
}

// initial is the TTL that a datagram with this one began with.
func initial(ttl byte) int {
	for _, n := range []int{32, 64, 128} {
		if int(ttl) <= n {
			return n
		}
	}
	return 255
}

// hops is how many routers have passed a datagram on.
func hops(ttl byte) int { return initial(ttl) - int(ttl) }

// note takes a segment that is no RST.
func (p *profile) note(s *Segment) {
	if p.ttl == nil {
		p.ttl = map[byte]int{}
	}
	p.ttl[s.TTL]++
	if s.Flags.Has(wire.SYN) {
		p.stack, p.synTTL = stackOf(s), s.TTL
	} else if p.stack == Unknown && p.synTTL == 0 && initial(s.TTL) == 128 {
		p.stack = Windows // its SYN is not in the file
	}
	if s.HasID {
		if p.seen > 0 && s.ID != 0 {
			d := s.ID - p.lastID
			p.counts = d > 0 && d < 256
		}
		if s.ID == 0 {
			p.zero++
		}
		p.lastID = s.ID
	}
	p.seen++
	_, has := wire.TimestampsOf(s.Options)
	p.timestamps = has
}

// usual is the TTL of most of what a host has sent, and whether it has sent
// enough to say so.
func (p *profile) usual() (ttl byte, ok bool) {
	n := 0
	for t, count := range p.ttl {
		if count > n || count == n && t > ttl {
			ttl, n = t, count
		}
	}
	return ttl, n >= 2
}

// strange reports whether a TTL cannot be this host's own: another distance
// than all that it has sent. Another initial TTL for the same distance is its
// own too: some stacks answer without a socket with another one.
func (p *profile) strange(ttl byte) (usual byte, yes bool) {
	usual, ok := p.usual()
	if !ok || p.ttl[ttl] > 0 {
		return usual, false
	}
	apart := hops(ttl) - hops(usual)
	return usual, apart > 1 || apart < -1
}

// goesOn reports whether an IP id is the next of the host's own counter.
func (p *profile) goesOn(s *Segment) bool {
	if !s.HasID || s.ID == 0 || p.seen < 2 || !p.counts {
		return false
	}
	d := s.ID - p.lastID
	return d > 0 && d < 64
}

func plural(n int, what string) string { return words.Plural(n, what) }
