package why

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// host is one side of an incarnation, as far as its segments tell at one
// instant.
type host struct {
	profile

	spoke  bool // anything but RSTs
	syn    int  // the index of its SYN, -1 for none
	synAck int  // of its SYN,ACK
	isn    uint32
	next   uint32 // SND.NXT
	una    uint32 // what the peer has acknowledged
	fin    int    // the index of its first FIN
	after  bool   // it came after the peer's FIN was acknowledged
	reset  int    // the first RST that it sent itself
	killed int    // the RST that ended it

	beyond    uint32 // what its peer acknowledges of what the capture does not show
	unseenFin int    // the segment that acknowledges a FIN that the capture does not show

	heard    bool
	acked    uint32 // its last acknowledgement
	peerFin  uint32 // the number after the peer's FIN
	gotFin   bool
	got      []int // the last segments that came to it, RSTs too
	used     int   // the last that one of its RSTs answers
	received int   // bytes

	last     int // its last segment that is no RST
	lastData int
	lastAck  int

	// Data that arrived since it last sent data of its own: bytes, bursts (what
	// came within one instant, or before it acknowledged), segments; and how
	// much had come before that.
	waiting  tally
	before   tally
	talked   int // how often it has sent data
	answered int // how often it has sent data after such had come

	windows []window // what it advertised, the last ones
	retries []int    // what it sent again since anything new was acknowledged
	probes  []int    // of a peer that it has heard nothing from since
	slow    bool     // it sent its SYN,ACK again after it was acknowledged
}

// tally is data that nothing was sent after.
type tally struct {
	bytes, segments, bursts int
	first, last             int // indices
	acked                   bool
}

type window struct {
	index int
	value uint16
	acked uint32
}

// The most that is remembered of a host's past.
const (
	maxGot     = 256
	maxWindows = 64
)

func newHost() *host {
	return &host{unseenFin: -1, syn: -1, synAck: -1, fin: -1, reset: -1, killed: -1, used: -1, last: -1, lastData: -1, lastAck: -1}
}

// follower goes through the segments of a connection.
type follower struct {
	*Conn
	hosts  map[int]*[2]*host // by incarnation
	forged map[int]bool      // segments that their alleged sender has not sent
	last   [2]map[int]int    // the last segment of each side that is no RST, by incarnation
	rsts   []int
	open   map[int]bool // the handshake of the incarnation is not in the file
}

func (c *Conn) follow() *follower {
	f := &follower{Conn: c, hosts: map[int]*[2]*host{}, forged: map[int]bool{}, open: map[int]bool{}}
	f.last = [2]map[int]int{{}, {}}
	for i := range c.Segments {
		s := &c.Segments[i]
		if _, known := f.open[s.Try]; !known {
			f.open[s.Try] = !s.Flags.Has(wire.SYN)
		}
		switch {
		case s.Copy:
		case s.Flags.Has(wire.RST):
			f.rsts = append(f.rsts, i)
		default:
			f.last[s.From][s.Try] = i
		}
	}
	return f
}

func (f *follower) pair(try int) *[2]*host {
	p := f.hosts[try]
	if p == nil {
		p = &[2]*host{newHost(), newHost()}
		f.hosts[try] = p
	}
	return p
}

// take goes past a segment that is no RST.
func (f *follower) take(i int) {
	s := &f.Segments[i]
	p := f.pair(s.Try)
	p[s.From].sends(f, i, s)
	p[s.From.Peer()].gets(f, i, s)
}

// sends brings up to date what a host has sent.
func (h *host) sends(f *follower, i int, s *Segment) {
	h.note(s)
	end := s.End()
	syn, ack := s.Flags.Has(wire.SYN), s.Flags.Has(wire.ACK)
	again := h.spoke && s.Len() > 0 && !wire.Before(h.next, end)
	switch {
	case h.spoke && s.Seq == h.una-1 && len(s.Payload) <= 1 && !syn && !s.Flags.Has(wire.FIN) && wire.Before(s.Seq, h.next):
		h.probes = append(h.probes, i)
	case again && !(syn && !ack && h.isn != s.Seq):
		h.retries = append(h.retries, i)
		h.slow = h.slow || syn && ack && wire.Before(h.isn, h.una)
	}
	switch {
	case syn && ack:
		if h.synAck < 0 || h.isn != s.Seq {
			h.synAck, h.isn = i, s.Seq
		}
	case syn:
		h.syn, h.isn = i, s.Seq
	}
	if !h.spoke {
		h.next, h.una = end, s.Seq
		if !syn {
			h.isn = s.Seq - 1
		}
	} else {
		h.next = later(h.next, end)
	}
	h.spoke, h.last = true, i
	if ack {
		if h.heard = true; h.lastAck < 0 || !wire.Before(s.Ack, h.acked) {
			h.acked, h.lastAck = s.Ack, i
		}
		if h.waiting.segments > 0 && !wire.Before(s.Ack, f.Segments[h.waiting.last].End()) {
			h.waiting.acked = true
		}
	}
	if !syn {
		h.windows = append(h.windows, window{i, s.Window, s.Ack})
		if len(h.windows) > maxWindows {
			h.windows = append(h.windows[:1], h.windows[2:]...)
		}
	}
	if s.Flags.Has(wire.FIN) && h.fin < 0 {
		h.fin = i
		h.after = h.gotFin && ack && !wire.Before(s.Ack, h.peerFin)
	}
	if len(s.Payload) > 0 && !again {
		if h.waiting.segments > 0 {
			h.answered++
			h.before, h.waiting = h.waiting, tally{}
		}
		h.talked++
		h.lastData = i
	}
}

// burst is how far apart data can be that were sent at once.
const burst = 20 * time.Millisecond

// gets brings up to date what has come to a host.
func (h *host) gets(f *follower, i int, s *Segment) {
	if len(h.got) >= maxGot {
		h.got = h.got[:copy(h.got, h.got[1:])]
	}
	h.got = append(h.got, i)
	h.probes = nil
	if s.Flags.Has(wire.ACK) && h.spoke && wire.Before(h.una, s.Ack) && !wire.Before(h.next, s.Ack) {
		h.una = s.Ack
		h.retries = nil
	}
	if s.Flags.Has(wire.ACK) && h.lastAck >= 0 && wire.Before(h.next, s.Ack) && s.Ack-h.next < 1<<20 {
		// It has sent more than the capture shows; a single number is a FIN.
		if s.Ack-h.next == 1 || h.beyond != 0 && s.Ack-h.beyond == 1 {
			h.unseenFin, h.next, h.una = i, s.Ack, s.Ack
		}
		h.beyond = s.Ack
	}
	if s.Flags.Has(wire.FIN) && !h.gotFin {
		h.gotFin, h.peerFin = true, s.End()
	}
	if n := len(s.Payload); n > 0 {
		fresh := true
		for _, k := range h.got[:len(h.got)-1] {
			if old := &f.Segments[k]; len(old.Payload) > 0 && old.Seq == s.Seq && old.From == s.From {
				fresh = false
			}
		}
		if !fresh {
			return
		}
		w := &h.waiting
		if w.segments == 0 {
			w.first, w.bursts = i, 1
		} else if s.At-f.Segments[w.last].At > burst {
			w.bursts++
		}
		w.bytes += n
		w.segments++
		w.last, w.acked = i, false
		h.received += n
	}
}

// una before a segment came: what was acknowledged by what came earlier.
func (f *follower) unaBefore(h *host, index int) uint32 {
	una := h.isn
	for _, k := range h.got {
		if s := &f.Segments[k]; k < index && s.Flags.Has(wire.ACK) && !s.Flags.Has(wire.RST) && !wire.Before(h.next, s.Ack) {
			una = later(una, s.Ack)
		}
	}
	return una
}

// state is where a host stood when a segment came to it.
type state uint8

const (
	none        state = iota // it has sent nothing but RSTs
	synSent                  // no answer to its SYN had come
	synReceived              // its SYN,ACK was not acknowledged yet
	established
	closeWait
	finWait1
	finWait2
	lastAck   // or CLOSING: both FINs, its own not acknowledged
	timeWait  // both FINs acknowledged, its own the first
	closed    // both FINs acknowledged, its own the last
	ownReset  // it had sent a RST
	peerReset // it had got one
)

var stateNames = map[state]string{
	synSent: "SYN_SENT", synReceived: "SYN_RECEIVED", established: "ESTABLISHED", closeWait: "CLOSE_WAIT",
	finWait1: "FIN_WAIT_1", finWait2: "FIN_WAIT_2", lastAck: "LAST_ACK or CLOSING", timeWait: "TIME_WAIT", closed: "CLOSED",
}

// stateBefore is the state of a host before segment index came to it; what it
// has sent by now counts.
func (f *follower) stateBefore(h *host, try, index int) state {
	una := f.unaBefore(h, index)
	gotFin := h.gotFin && h.heard && !wire.Before(h.acked, h.peerFin)
	switch {
	case h.reset >= 0:
		return ownReset
	case h.killed >= 0 && h.killed < index:
		return peerReset
	case !h.spoke:
		return none
	case h.syn >= 0 && h.synAck < 0 && h.lastAck < 0:
		return synSent
	case h.synAck >= 0 && h.syn < 0 && h.lastData < 0 && h.fin < 0 && !wire.Before(h.isn, una):
		return synReceived
	case h.fin >= 0:
		switch acked := !wire.Before(una, h.next); {
		case acked && gotFin && h.after:
			return closed
		case acked && gotFin:
			return timeWait
		case gotFin:
			return lastAck
		case acked:
			return finWait2
		}
		return finWait1
	case h.unseenFin >= 0 && h.unseenFin < index:
		return finWait2
	case gotFin:
		return closeWait
	}
	return established
}

// side of a segment.
func (f *follower) sender(i int) (me, peer *host) {
	s := &f.Segments[i]
	p := f.pair(s.Try)
	return p[s.From], p[s.From.Peer()]
}

func (f *follower) leg(s trace.Side) time.Duration { return max(f.RTT[s], 0) }
