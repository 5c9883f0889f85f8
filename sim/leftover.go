package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// LeftTimer is the kind of a timer that is still set.
const LeftTimer stack.LeftoverKind = "timer"

// Leftover is one thing that a host still holds of TCP at the end of a run.
type Leftover struct {
	Host trace.Side
	stack.Leftover
	Timer string        // its name, of kind LeftTimer
	Due   time.Duration // virtual time at which it would have fired
}

// String says what it is, in a few words.
func (l Leftover) String() string {
	switch l.Kind {
	case LeftTimer:
		return fmt.Sprintf("%s: timer %s, due at %s", l.Host, l.Timer, trace.Clock(l.Due))
	case stack.LeftPort:
		return fmt.Sprintf("%s: port %d", l.Host, l.Tuple.Src.Port())
	}
	return fmt.Sprintf("%s: endpoint %d, %s, in %s, %s", l.Host, l.Endpoint, l.Tuple.Src, l.State, l.Kind)
}

// Leftovers is what the two hosts still held of TCP when the run ended, before
// they were taken down: what gVisor itself says it holds (see
// [stack.Host.Leftovers]) and the timers that were set. A run that has ended
// by itself, all of whose processes have ended, should leave nothing. Valid
// after Run.
func (s *Sim) Leftovers() []Leftover { return s.left }

// look notes what is left. It changes nothing that the trace shows.
func (s *Sim) look() {
	s.rec.frozen = true
	for _, h := range s.hosts {
		if h.stack == nil {
			continue
		}
		for _, l := range h.stack.Leftovers() {
			s.left = append(s.left, Leftover{Host: h.side, Leftover: l})
		}
	}
	var timers []Leftover
	for i := range s.heap.events {
		e := &s.heap.events[i]
		if t := e.timer; t != nil && t.live && e.seq == t.entry && e.boot == e.host.boots && e.host.stack != nil {
			timers = append(timers, Leftover{
				Host: e.host.side, Leftover: stack.Leftover{Kind: LeftTimer}, Timer: t.name, Due: t.at,
			})
		}
	}
	slices.SortFunc(timers, func(a, b Leftover) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Timer, b.Timer))
	})
	s.left = append(s.left, timers...)
}
