package tcpdump

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Options are the switches of tcpdump that Write has. The zero value is
// tcpdump -n on the client.
type Options struct {
	Vantage  pcap.Vantage
	Absolute bool // -S: sequence numbers as in the header
	Time     Time // -t and its repetitions
}

// Write prints a line per packet. It returns the errors of w, and one for a
// segment whose datagram is not in the trace or not TCP.
func Write(w io.Writer, t *trace.Trace, o Options) error {
	if err := o.Vantage.Check(t); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	p := printer{absolute: o.Absolute, bases: map[wire.Tuple]bases{}}
	c := clock{form: o.Time}
	for pkt := range pcap.Packets(t, o.Vantage) {
		p.line.Reset()
		p.line.WriteString(c.stamp(pkt.Time))
		if err := p.datagram(pkt.Datagram()); err != nil {
			return fmt.Errorf("segment #%d: %w", pkt.Segment.Number, err)
		}
		p.line.WriteByte('\n')
		if _, err := out.WriteString(p.line.String()); err != nil {
			return err
		}
	}
	return out.Flush()
}

// bases are the numbers that a connection's relative ones count from, as seen
// by one of its sides: of its own data and of its peer's.
type bases struct{ seq, ack uint32 }

type printer struct {
	line     strings.Builder
	absolute bool
	bases    map[wire.Tuple]bases
}

func (p *printer) printf(format string, args ...any) { fmt.Fprintf(&p.line, format, args...) }

// datagram prints one that carries TCP, whatever its header says of itself: the
// link may have damaged it.
func (p *printer) datagram(frame []byte) error {
	s, err := wire.Parse(frame)
	if err == nil {
		p.segment(&s, header(frame))
		return nil
	}
	h := header(frame)
	if len(h) < minHeader {
		return err
	}
	// The length of the header is wrong. It is the only thing that wire.Parse
	// minds in TCP, so with another it gives the rest.
	said := int(h[offsetAt]>>4) * 4
	whole := append([]byte(nil), frame...)
	header(whole)[offsetAt] = minHeader / 4 << 4
	if s, err = wire.Parse(whole); err != nil {
		return err
	}
	p.ends(&s)
	if said < minHeader {
		p.printf(" tcp %d [bad hdr length %d - too short, < %d]", len(h)-said, said, minHeader)
		return nil
	}
	p.relative(&s) // which takes note of a connection, as tcpdump does
	p.printf("Flags [%s] [bad hdr length %d - too long, > %d]", s.Flags, said, len(h))
	return nil
}

// A header of TCP: its shortest length, and where in it stand the real one, in
// units of four bytes, and the urgent pointer.
const (
	minHeader = 20
	offsetAt  = 12
	urgentAt  = 18
)

// header is what follows the IP header of a datagram: nothing when that is not
// as wire.Parse wants it.
func header(frame []byte) []byte {
	n := 40
	if len(frame) > 0 && frame[0]>>4 == 4 {
		n = int(frame[0]&15) * 4
	}
	return frame[min(n, len(frame)):]
}

// ends prints where a segment comes from and goes to.
func (p *printer) ends(s *wire.Segment) {
	family := "IP"
	if s.Src.Addr().Is6() {
		family = "IP6"
	}
	p.printf("%s %s > %s: ", family, dotted(s.Src), dotted(s.Dst))
}

func (p *printer) segment(s *wire.Segment, header []byte) {
	seq, ack, base := p.relative(s)
	p.ends(s)
	p.printf("Flags [%s]", s.Flags)
	if n := len(s.Payload); n > 0 || s.Flags&(wire.SYN|wire.FIN|wire.RST) != 0 {
		p.printf(", seq %d", seq)
		if n > 0 {
			p.printf(":%d", seq+uint32(n))
		}
	}
	if s.Flags.Has(wire.ACK) {
		p.printf(", ack %d", ack)
	}
	p.printf(", win %d", s.Window)
	if s.Flags.Has(wire.URG) {
		p.printf(", urg %d", binary.BigEndian.Uint16(header[urgentAt:]))
	}
	if len(s.Options) > 0 {
		o := options{rest: s.Options, base: base.ack, payload: len(s.Payload)}
		text, ok := o.text()
		p.line.WriteString(", options [" + text)
		if !ok {
			return // tcpdump gives up on the rest of the packet
		}
		p.line.WriteByte(']')
	}
	p.printf(", length %d%s", len(s.Payload), payload(s))
}

// relative is the numbers to print, and what those of a segment's connection
// count from.
func (p *printer) relative(s *wire.Segment) (seq, ack uint32, b bases) {
	if p.absolute || !s.Flags.Has(wire.ACK) {
		return s.Seq, s.Ack, b
	}
	t := s.Tuple()
	b, known := p.bases[t]
	if known && !s.Flags.Has(wire.SYN) {
		return s.Seq - b.seq, s.Ack - b.ack, b
	}
	b = bases{s.Seq, s.Ack - 1}
	p.bases[t], p.bases[t.Reverse()] = b, bases{b.ack, b.seq}
	return s.Seq, s.Ack, b
}

// dotted is address and port as tcpdump -n joins them. It takes an IPv6
// address that begins with 96 zero bits for an IPv4 address in another coat,
// unless little more follows, as in ::1.
func dotted(a netip.AddrPort) string {
	text := a.Addr().String()
	if a.Addr().Is6() {
		b := a.Addr().As16()
		if [12]byte(b[:12]) == [12]byte{} && b[12]|b[13] != 0 {
			text = "::" + netip.AddrFrom4([4]byte(b[12:])).String()
		}
	}
	return text + "." + strconv.Itoa(int(a.Port()))
}
