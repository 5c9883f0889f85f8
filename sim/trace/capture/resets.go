package capture

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/why"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Explained is one RST of a capture, explained.
type Explained struct {
	why.Reset
	Conn    Summary
	Packet  int // of the file, from 1
	Time    time.Time
	First   bool // of its connection
	Answers int  // the number of the packet that it answers, 0 for none
	Because []string
	Rivals  []why.Rival
}

// Watch says how [Resets] goes through a capture.
type Watch struct {
	Options
	// Live is for a capture that is still being made: each RST is explained
	// half a second after it came, and old connections are forgotten.
	Live bool
}

// Watched is what [Resets] has gone through.
type Watched struct {
	Packets     int
	Connections int
	Reset       int // connections with a RST
	Resets      int
	Unread      []Unread
}

// grace is how long a RST waits for what comes after it: a host that goes on
// has not sent it.
const grace = 500 * time.Millisecond

// What is kept of one connection: its beginning, and what came last.
const (
	keptFirst = 48
	keptLast  = 208
)

// Resets explains the RSTs of all connections, in the order in which they
// passed. Its memory is bounded by Options.MaxConns. With an error for a damaged
// file comes what was readable before; an error of each ends it.
func Resets(r io.Reader, name string, w Watch, each func(*Explained) error) (Watched, error) {
	o := w.Options.withDefaults()
	s := &scanner{conns: conns{max: o.MaxConns, byPair: map[[2]netip.AddrPort]*conn{}, forgets: true}}
	var err error
	if s.source, err = open(r); err != nil {
		return Watched{}, named(name, err)
	}
	t := &watcher{scanner: s, options: o, each: each, hurry: w.Live}
	s.watch = t
	if w.Live {
		err = t.live()
	} else {
		err = t.all()
	}
	s.end()
	done := Watched{
		Packets: s.counts.Packets, Connections: s.conns.made, Reset: t.conns, Resets: t.resets, Unread: s.unread.list(),
	}
	if t.failed != nil {
		return done, t.failed
	}
	if flush := t.flush(); flush != nil {
		return done, flush
	}
	done.Reset, done.Resets = t.conns, t.resets
	if err == io.EOF {
		err = nil
	}
	if err != nil || len(done.Unread) > 0 {
		err = &Incomplete{Damage: err, Unread: done.Unread}
	}
	return done, named(name, err)
}

// watcher explains the RSTs of a file while it goes by.
type watcher struct {
	*scanner
	options Options
	each    func(*Explained) error
	pending []*conn // with a RST that is not explained yet, the oldest first
	failed  error
	conns   int
	resets  int
	zeros   []byte
	hurry   bool // what comes much later is not waited for
}

func (t *watcher) all() error {
	var d decoder
	var p packet
	for t.failed == nil {
		if err := t.source.next(&p); err != nil {
			return err
		}
		t.passes(&p, &d)
	}
	return nil
}

// live reads beside what explains, so that a RST after which nothing comes is
// explained as well.
func (t *watcher) live() error {
	var d decoder
	var p packet
	read, taken := make(chan error), make(chan bool)
	go func() {
		defer close(read)
		for {
			err := t.source.next(&p)
			read <- err
			if err != nil || !<-taken {
				return
			}
		}
	}()
	for {
		select {
		case err := <-read:
			if err != nil {
				return err
			}
			t.passes(&p, &d)
			if taken <- t.failed == nil; t.failed != nil {
				return nil
			}
		case <-time.After(grace):
			if t.failed = t.flush(); t.failed != nil {
				return nil // the reader ends with the process
			}
		}
	}
}

func (t *watcher) passes(p *packet, d *decoder) {
	if p.number == 1 {
		t.start = p.at
	}
	for len(t.pending) > 0 && t.failed == nil && (t.hurry && p.at.Sub(t.pending[0].waits) > grace || len(t.pending) > t.options.MaxConns) {
		k := t.pending[0]
		t.pending = t.pending[1:]
		t.failed = t.explain(k)
	}
	t.packet(p, d, nil)
}

func (t *watcher) flush() error {
	for len(t.pending) > 0 {
		k := t.pending[0]
		t.pending = t.pending[1:]
		if err := t.explain(k); err != nil {
			return err
		}
	}
	return nil
}

// take keeps a sight: its headers, for nothing else is looked at.
func (t *watcher) take(s sight, g *datagram, at time.Time) {
	k := s.conn
	head := len(g.bytes) - len(g.seg.Payload)
	s.frame = append([]byte(nil), g.bytes[:head]...)
	s.seg = g.seg
	if n := len(g.seg.Payload); n > len(t.zeros) {
		t.zeros = make([]byte, n)
	}
	s.seg.Payload = t.zeros[:len(g.seg.Payload)]
	s.seg.Options = s.frame[head-len(g.seg.Options):]
	if len(k.sights) >= keptFirst+2*keptLast {
		n := copy(k.sights[keptFirst:], k.sights[len(k.sights)-keptLast:])
		clear(k.sights[keptFirst+n:])
		k.sights = k.sights[:keptFirst+n]
	}
	k.sights = append(k.sights, s)
	if s.seg.Flags.Has(wire.RST) {
		if !k.waiting {
			k.waiting, k.waits = true, at
			t.pending = append(t.pending, k)
		}
	}
}

// explain tells of the RSTs of a connection that were not told of yet.
func (t *watcher) explain(k *conn) error {
	k.waiting = false
	b := builder{r: &Report{}, t: &trace.Trace{}, conn: k, neighbours: t.scanner.conns.neighbours(k), start: t.start}
	list, l := b.passages(append([]sight(nil), k.sights...), t.options)
	b.infer(list, l)
	told := k.told
	for _, p := range passedOrder(list) {
		if p.verdict == nil || p.packet <= told {
			continue
		}
		k.told = max(k.told, p.packet)
		r := &Explained{
			Reset: p.verdict.Reset, Conn: k.summary(), Packet: p.packet, Time: t.start.Add(p.at), First: !k.explained,
			Because: p.verdict.frames(p.verdict.Because),
		}
		if !k.explained {
			t.conns++
		}
		k.explained = true
		t.resets++
		if a := p.verdict.Answers; a >= 0 {
			r.Answers = p.verdict.list[a].packet
		}
		for _, v := range p.verdict.Rivals {
			r.Rivals = append(r.Rivals, why.Rival{Cause: v.Cause, Apart: v.Apart})
		}
		if err := t.each(r); err != nil {
			return err
		}
	}
	return nil
}

// frames are facts in words, with the numbers of the packets in the file.
func (v *verdict) frames(facts []why.Fact) (list []string) {
	for _, f := range facts {
		var names []any
		for _, k := range f.Refs {
			names = append(names, fmt.Sprintf("frame %d", v.list[k].packet))
		}
		list = append(list, why.Words(f, names...))
	}
	return list
}
