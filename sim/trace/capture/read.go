package capture

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// ErrNoConnection is in the error for a file without TCP, or without the
// connection that was asked for.
var ErrNoConnection = errors.New("no such TCP connection")

// Connections lists the connections of a capture. name is what errors call the
// file. With an error comes what was readable; where packets were not read, or
// the file is damaged, it is an [Incomplete].
func Connections(r io.Reader, name string) ([]Summary, error) {
	s, err := scan(r, Options{}.withDefaults(), nil)
	list := make([]Summary, 0, len(s.conns.list))
	for _, k := range s.conns.list {
		list = append(list, k.summary())
	}
	return list, named(name, s.incomplete(err))
}

// Read reads one connection of a capture. name is what errors call the file.
//
// With an [Incomplete], for a file that is damaged or holds packets that are not
// read, come the trace and the report of what was readable; the trace is nil
// only when that holds no such connection.
//
// A file that can be read twice is, where the connection has to be found first.
// Of a stream, Read keeps every connection until it has seen a RST; where the
// limits are reached before, it decides for the first connection.
func Read(r io.Reader, name string, o Options) (*trace.Trace, *Report, error) {
	o = o.withDefaults()
	want, err := parseConn(o.Conn)
	if err != nil {
		return nil, &Report{}, err
	}
	if o.Vantage > Wire {
		return nil, &Report{}, fmt.Errorf("vantage point %d: want one of the constants", o.Vantage)
	}
	if seek, ok := r.(io.Seeker); ok && o.Conn == "" {
		if start, err := seek.Seek(0, io.SeekCurrent); err == nil {
			first, _ := scan(r, o, nil)
			if _, err := seek.Seek(start, io.SeekStart); err != nil {
				return nil, &Report{}, named(name, err)
			}
			want = first.first()
		}
	}
	s, err := scan(r, o, &want)
	t, report := s.finish(name, o, want)
	if t == nil && err == nil {
		err = s.missing(o.Conn)
	}
	report.Unread = s.unread.list()
	return t, report, named(name, s.incomplete(err))
}

func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// wanted is the connection to read: by number or by ends; with neither, the
// first with a RST.
type wanted struct {
	number int
	ends   [2]netip.AddrPort
	why    string
}

func parseConn(text string) (wanted, error) {
	if text == "" {
		return wanted{}, nil
	}
	fail := func() (wanted, error) {
		return wanted{}, fmt.Errorf("connection %q: want its number from 1, or its ends such as 10.0.0.1:40000-10.0.0.2:80", text)
	}
	if n, err := strconv.Atoi(text); err == nil {
		if n < 1 {
			return fail()
		}
		return wanted{number: n, why: "asked for by its number"}, nil
	}
	one, other, _ := strings.Cut(text, "-")
	a, err1 := netip.ParseAddrPort(strings.TrimSpace(one))
	b, err2 := netip.ParseAddrPort(strings.TrimSpace(other))
	if err1 != nil || err2 != nil {
		return fail()
	}
	return wanted{ends: pair(a, b), why: "asked for by its ends"}, nil
}

// is reports whether k is wanted for certain.
func (w *wanted) is(k *conn) bool {
	if w.number > 0 {
		return k.Number == w.number
	}
	return w.ends[0].IsValid() && pair(k.Addr[0], k.Addr[1]) == w.ends
}

// any reports whether it is not said which connection is wanted.
func (w *wanted) any() bool { return w.number == 0 && !w.ends[0].IsValid() }

const (
	whyReset = "the first with a RST"
	whyFirst = "the first; none has a RST"
	whyFull  = "the first; the limits were reached before a RST, and the file cannot be read twice"
)

// scanner goes through a file once.
type scanner struct {
	source *source
	conns  conns
	keep   keeper
	parts  fragments
	cursor cursor
	unread unreads
	why    string
	counts Counts
	start  time.Time
	watch  *watcher // all connections are watched, and none is kept
}

// scan reads the whole file. It keeps the segments of what is wanted, or with
// nil none.
func scan(r io.Reader, o Options, want *wanted) (*scanner, error) {
	s := &scanner{conns: conns{max: o.MaxConns, byPair: map[[2]netip.AddrPort]*conn{}}}
	s.keep = keeper{max: o.MaxSegments, maxBytes: o.MaxBytes, snap: o.SnapLen}
	var err error
	if s.source, err = open(r); err != nil {
		s.source = nil
		return s, err
	}
	var d decoder
	var p packet
	for {
		if err := s.source.next(&p); err != nil {
			s.end()
			if err == io.EOF {
				return s, nil
			}
			return s, err
		}
		if p.number == 1 {
			s.start = p.at
		}
		s.packet(&p, &d, want)
	}
}

func (s *scanner) end() {
	about := s.source.reader.about()
	s.counts.Packets = s.source.number + about.lost
	s.counts.Malformed += about.lost
	s.counts.Joined = s.parts.used - s.parts.joined
	s.counts.Fragments = s.parts.seen - s.parts.used
	s.counts.Untimed = about.untimed
}

func (s *scanner) packet(p *packet, d *decoder, want *wanted) {
	c := &s.cursor
	c.start(p)
	f, what := c.link(p.link)
	s.datagram(p, &f, what, d, want)
	for c.rest != nil {
		s.counts.Several++
		f, what = c.again()
		s.datagram(p, &f, what, d, want)
	}
}

// datagram takes what the headers of a packet have led to.
func (s *scanner) datagram(p *packet, f *frame, what fate, d *decoder, want *wanted) {
	whole, cut := false, false
	for what == isFragment {
		var joined frame
		if joined, what = s.parts.add(f, p.at); what != isTCP {
			break
		}
		whole, cut = true, cut || joined.cut
		*f, what = s.cursor.inside(&joined)
	}
	var g datagram
	if what == isTCP {
		if g, what = d.decode(f); what == unread {
			s.cursor.kind = cutTCP
		}
	}
	switch what {
	case notIP:
		s.counts.NotIP++
		return
	case notTCP:
		s.counts.NotTCP++
		return
	case isFragment:
		return // end counts them
	case unread:
		s.counts.Unread++
		s.unread.add(s.cursor.kind)
		return
	case malformed:
		s.counts.Malformed++
		return
	}
	g.cut, g.changed, g.whole = g.cut || cut, g.changed || whole, whole
	k, from, attempt := s.conns.add(p, &g.seg)
	if want == nil && s.watch == nil || k == nil {
		return
	}
	seen := sight{
		packet: p.number, at: p.at.Sub(s.start), via: f.via, toward: f.toward, conn: k, try: attempt, from: from,
		outer: f.outer, held: len(p.data), length: p.length,
	}
	if s.watch != nil {
		s.watch.take(seen, &g, p.at)
		return
	}
	s.decide(want, k, &g)
	s.keep.add(seen, &g)
}

// decide chooses the connection to keep as soon as that is possible.
func (s *scanner) decide(want *wanted, k *conn, g *datagram) {
	switch {
	case s.keep.chosen != nil:
	case want.is(k):
		s.why = want.why
		s.keep.choose(k)
	case !want.any():
		s.keep.none = true
	case g.seg.Flags.Has(wire.RST):
		s.why = whyReset
		s.keep.choose(k)
	case s.keep.full(len(g.bytes)):
		s.why = whyFull
		s.keep.choose(s.conns.list[0])
	}
}

// first is the connection that is read when nothing is said.
func (s *scanner) first() wanted {
	var best *conn
	for _, k := range s.conns.list {
		if k.resetAt > 0 && (best == nil || k.resetAt < best.resetAt) {
			best = k
		}
	}
	switch {
	case best != nil:
		return wanted{number: best.Number, why: whyReset}
	case len(s.conns.list) > 0:
		return wanted{number: 1, why: whyFirst}
	}
	return wanted{}
}

func (s *scanner) missing(asked string) error {
	n := len(s.conns.list)
	if asked == "" || n == 0 {
		return fmt.Errorf("%w among its %d packets", ErrNoConnection, s.counts.Packets)
	}
	return fmt.Errorf("%w as %s; it has %d", ErrNoConnection, asked, n)
}
