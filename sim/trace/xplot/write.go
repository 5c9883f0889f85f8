package xplot

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Options say what to draw. The zero value is what the client sends in the
// first connection, as a capture on the client sees it.
type Options struct {
	From    trace.Side // whose data
	Conn    int        // which connection, an index into Trace.Conns
	Vantage pcap.Vantage
}

// Write writes a graph. It returns the errors of w, one for a connection that
// the trace does not have, one for a segment that can not be parsed, and one for
// a middlebox where there is none.
func Write(w io.Writer, t *trace.Trace, o Options) error {
	if o.Conn < 0 || o.Conn >= len(t.Conns) {
		return fmt.Errorf("connection %d does not exist (%d in the trace)", o.Conn, len(t.Conns))
	}
	if o.From > trace.Server {
		return fmt.Errorf("side %d: want client or server", o.From)
	}
	if err := o.Vantage.Check(t); err != nil {
		return err
	}
	if err := o.Vantage.Check(t); err != nil {
		return err
	}
	g := graph{plot: plot{out: bufio.NewWriter(w)}, from: o.From}
	c := &t.Conns[o.Conn]
	g.begin(fmt.Sprintf("%s_==>_%s (time sequence graph)", c.At(o.From).Addr, c.At(o.From.Peer()).Addr))
	for p := range pcap.Packets(t, o.Vantage) {
		if p.Segment.Conn != o.Conn {
			continue
		}
		datagram := p.Datagram()
		s, err := wire.Parse(datagram)
		if err != nil {
			return fmt.Errorf("segment #%d: %w", p.Segment.Number, err)
		}
		g.segment(p.Time, p.Segment.From, &s, congested(datagram))
	}
	g.line("go")
	return g.out.Flush()
}

// congested reports whether a router has marked an IPv4 datagram (RFC 3168).
// As tcptrace does, it looks at IPv4 only.
func congested(datagram []byte) bool { return datagram[0]>>4 == 4 && datagram[1]&3 == 3 }

// The colours are tcptrace's.
const (
	colorData     = "white"
	colorAgain    = "red"
	colorEnds     = "orange" // SYN and FIN
	colorAck      = "green"
	colorWindow   = "yellow"
	colorSACK     = "purple"
	colorOutOrder = "pink"
	colorProbe    = "orange"
	colorUrgent   = "red"
	colorECN      = "yellow"
	colorText     = "magenta"
	colorPush     = "white"
)

// plot writes the commands of an xplot file.
type plot struct {
	out *bufio.Writer
}

func (p *plot) line(text string) {
	p.out.WriteString(text) // the first error stays until Flush
	p.out.WriteByte('\n')
}

// begin writes the header: signed times in seconds, signed numbers.
func (p *plot) begin(title string) {
	for _, l := range []string{"dtime signed", "title", title, "xlabel", "relative time", "ylabel", "sequence offset"} {
		p.line(l)
	}
}

// point is a place in the graph.
type point struct {
	at  time.Duration
	seq uint32
}

func (q point) String() string {
	return fmt.Sprintf("%d.%06d %d", q.at/time.Second, q.at%time.Second/time.Microsecond, q.seq)
}

// mark draws a symbol: dot, diamond, box, uarrow, darrow, utick, dtick, htick.
// A colour is for this one only.
func (p *plot) mark(symbol string, at point, color ...string) {
	text := symbol + " " + at.String()
	for _, c := range color {
		text += " " + c
	}
	p.line(text)
}

// text writes above a point (atext), below (btext) or to its right (rtext).
func (p *plot) text(where string, at point, text string, color ...string) {
	p.mark(where, at, color...)
	p.line(text)
}

// bar draws a line.
func (p *plot) bar(from, to point) { p.line("line " + from.String() + " " + to.String()) }
