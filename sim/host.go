package sim

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/buffer"
)

// Host is one machine of a run, through all its boots.
type Host struct {
	sim       *Sim
	side      trace.Side
	config    HostConfig
	stack     *stack.Host // nil while the machine is down
	boots     int
	endpoints int // how many endpoints earlier boots had
	past      map[wire.Tuple]cause.Past
	onBoot    []program
}

// Addr is the host's address.
func (h *Host) Addr() netip.Addr { return h.config.Addr }

// Side tells which of the two hosts it is.
func (h *Host) Side() trace.Side { return h.side }

// Up reports whether the machine runs.
func (h *Host) Up() bool { return h.stack != nil }

// Go adds a process that starts with the run. It panics when the run has begun:
// the process would never start. A process that runs makes others with Fork and
// Thread.
func (h *Host) Go(name string, body func(*Process)) *Process { return h.GoAt(0, name, body) }

// GoAt adds a process that starts at an instant of virtual time. It panics when
// the run has begun.
func (h *Host) GoAt(at time.Duration, name string, body func(*Process)) *Process {
	h.sim.early("Host.Go")
	p := h.newProcess(name, body)
	p.task.start = at
	return p
}

// early panics when a run has begun to which something is added that starts
// with it.
func (s *Sim) early(what string) {
	if s.ran {
		panic("sim: " + what + " on a run that has begun: what it adds would never start")
	}
}

// GoOnBoot adds a process that starts, anew, whenever the host boots again
// after a crash.
func (h *Host) GoOnBoot(name string, body func(*Process)) {
	h.onBoot = append(h.onBoot, program{name, body})
}

// program is a process that does not run yet.
type program struct {
	name string
	body func(*Process)
}

func (h *Host) boot() error {
	h.boots++
	if h.past == nil {
		h.past = make(map[wire.Tuple]cause.Past)
	}
	s, err := stack.New(stack.Config{
		Addr: h.config.Addr, Settings: h.config.Settings,
		Clock: &hostClock{h, h.boots}, Entropy: h.sim.entropy,
		// A machine does not draw the same numbers after every boot.
		Name:      fmt.Sprintf("host/%s/boot%d", h.side, h.boots),
		Endpoints: h.endpoints,
	})
	if err != nil {
		return err
	}
	h.stack = s
	return nil
}

// crash is a loss of power: nothing is sent, and everything is forgotten.
func (h *Host) crash() error {
	if h.stack == nil {
		return errors.New("the host is down already")
	}
	s := h.sim
	s.ctx = context{host: h, conn: noConn}
	s.ctx.trigger = s.rec.note(trace.NoteCrash, h.side, h.side.String()+" lost power")
	for _, t := range s.tasks {
		if t.process != nil && t.process.host == h && !t.over {
			t.process.vanish()
		}
	}
	h.stack.Endpoints(func(e *stack.Endpoint) {
		if e.State() == stack.Closed {
			return
		}
		if e.State() != stack.Listen {
			h.past[e.Tuple()] = cause.Past{Crashed: true, At: s.now}
		}
		s.rec.gone(h, e)
	})
	h.endpoints = h.stack.LastID()
	h.stack.Destroy()
	h.stack = nil
	return nil
}

// settle lets the host work, and records what it did and sent.
func (s *Sim) settle(h *Host, arrived *wire.Segment) {
	if h.stack == nil {
		return
	}
	h.stack.Settle()
	s.collect(h, arrived)
}

func (s *Sim) collect(h *Host, arrived *wire.Segment) {
	h.stack.Changes(arrived, func(c stack.Change) { s.rec.change(h, c) })
	if err := h.stack.Drain(func(f buffer.Buffer) { s.transmit(h, f) }); err != nil {
		s.fail(fmt.Errorf("%s at %s: %w", h.side, s.now, err))
	}
}

// transmit puts a frame of h on the link.
func (s *Sim) transmit(h *Host, frame buffer.Buffer) {
	bytes := s.rec.frameBytes(&frame)
	seg := &s.scratch.out
	if seg.Parse(bytes) != nil {
		// Not TCP: nothing on this link listens to it.
		frame.Release()
		return
	}
	number := s.rec.sent(h, seg, bytes)
	if to := seg.Dst.Addr(); to != s.hosts[h.side.Peer()].Addr() && to != h.Addr() {
		s.unowned(number, h, seg)
		frame.Release()
		return
	}
	s.dispose(number, seg, frame)
}

// arrive delivers a segment.
func (s *Sim) arrive(e *event) {
	h := e.host
	s.ctx = context{host: h, conn: noConn}
	switch {
	case h.stack == nil:
		s.rec.lost(e.segment, h.side.String()+" is down")
		e.frame.Release()
		return
	case s.link.Cut(h.side):
		s.rec.lost(e.segment, "cable of "+h.side.String()+" unplugged")
		e.frame.Release()
		return
	}
	rec := s.rec.received(e.segment)
	seg := &s.scratch.in
	s.rec.segment(rec, seg)
	if rec.Damaged != nil {
		if seg.Parse(rec.Damaged) != nil {
			// Past reading: the host throws it away, and nothing can come of it.
			h.stack.Inject(e.frame)
			s.settle(h, nil)
			return
		}
	}
	s.ctx.trigger = trace.Trigger{Kind: trace.BySegment, Index: e.segment - 1}
	s.ctx.conn, s.ctx.arrived, s.ctx.number = rec.Conn, seg, e.segment
	tuple := seg.Tuple().Reverse()
	s.ctx.owner = s.ownerOf(h.stack.Find(tuple), nil)
	if s.ctx.owner == nil { // else nobody asks who was there before, or listens
		if past, ok := h.past[tuple]; ok {
			s.scratch.past = past
			s.ctx.past = &s.scratch.past
		}
		if l := h.stack.Listener(tuple.Src); l != nil {
			s.scratch.heard = cause.Listener{Shut: l.ReadShut()}
			s.ctx.heard = &s.scratch.heard
		}
	}
	h.stack.Inject(e.frame)
	s.settle(h, seg)
}

// Endpoints calls f with every TCP endpoint of the host, oldest first: with
// none when the machine is down.
func (h *Host) Endpoints(f func(*stack.Endpoint)) {
	if h.stack != nil {
		h.stack.Endpoints(f)
	}
}

// Sockets is a table of the host's sockets, in the manner of ss: for messages.
func (h *Host) Sockets() string {
	if h.stack == nil {
		return fmt.Sprintf("  %s is down\n", h.side)
	}
	var b strings.Builder
	h.stack.Endpoints(func(e *stack.Endpoint) {
		t := e.Tuple()
		peer := "*"
		if t.Dst.IsValid() {
			peer = t.Dst.String()
		}
		if t.Src.IsValid() {
			fmt.Fprintf(&b, "  %s socket %s unread=%d %s %s\n", h.side, e.State(), e.Unread(), t.Src, peer)
		}
	})
	return b.String()
}
