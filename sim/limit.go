package sim

import (
	"fmt"
	"time"
)

// Limits end a run that does not end by itself. Zero means the default.
type Limits struct {
	Time     time.Duration // virtual; default 24 hours
	Events   int           // default 10 million
	Segments int           // default 1 million
	Instant  int           // events and calls at one instant of virtual time; default 100,000
}

func (l Limits) withDefaults() Limits {
	def := Limits{Time: 24 * time.Hour, Events: 10_000_000, Segments: 1_000_000, Instant: 100_000}
	if l.Time > 0 {
		def.Time = l.Time
	}
	if l.Events > 0 {
		def.Events = l.Events
	}
	if l.Segments > 0 {
		def.Segments = l.Segments
	}
	if l.Instant > 0 {
		def.Instant = l.Instant
	}
	return def
}

// LimitError says which limit ended a run, and where the run stood.
type LimitError struct {
	Limit string // what was limited, and the limit: "1000000 segments"
	At    time.Duration
	Stood string // what the processes were doing, one line each

	time bool
}

// Time reports whether it was the limit of virtual time. The trace is then that
// of a run which was ended there; with every other limit it is of one that did
// too much.
func (e *LimitError) Time() bool { return e.time }

// Error implements error.
func (e *LimitError) Error() string {
	return fmt.Sprintf("the run reached its limit of %s at %s of virtual time\n%s", e.Limit, e.At, e.Stood)
}

// budget counts what Limits limits.
type budget struct {
	limits  Limits
	events  int
	instant int
	at      time.Duration
}

// timeUp reports whether now is past the limit of virtual time.
func (b *budget) timeUp(now time.Duration) bool { return now > b.limits.Time }

// step counts one event or call at now and says which limit it exceeds.
func (b *budget) step(now time.Duration) string {
	if now != b.at {
		b.at, b.instant = now, 0
	}
	b.events++
	b.instant++
	switch {
	case b.timeUp(now):
		return fmt.Sprintf("%s of virtual time", b.limits.Time)
	case b.events > b.limits.Events:
		return fmt.Sprintf("%d events", b.limits.Events)
	case b.instant > b.limits.Instant:
		return fmt.Sprintf("%d steps at one instant", b.limits.Instant)
	}
	return ""
}
