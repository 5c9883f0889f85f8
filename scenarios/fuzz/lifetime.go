package fuzz

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// lifetime is the longest that a segment may be under way: MSL of RFC 9293
// section 3.4.2.
const lifetime = 2 * time.Minute

// aboutBytes are the oracles of what bytes go where. They hold only as long as
// no segment outlives MSL: TCP is built on that, and a receiver without PAWS
// cannot tell a segment of four minutes ago from one of now.
var aboutBytes = map[string]bool{"prefix": true, "eof": true, "delivery": true, "ack": true, "window": true}

// outlived reports whether the link delivered a segment later than TCP allows.
func outlived(tr *trace.Trace) bool {
	for i := range tr.Segments {
		if s := &tr.Segments[i]; s.Arrived && s.Injected == "" && s.ReceivedAt-s.SentAt > lifetime {
			return true
		}
	}
	return false
}
