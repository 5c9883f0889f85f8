package model

import "github.com/tcpsim/tcpsim/sim/trace/match"

// Wire is what a case expects to see on the wire.
type Wire struct {
	// Segments is the complete list of segments sent, in order. Nil means not
	// checked; empty but not nil means that none may be sent.
	Segments []SegmentPattern
	// Contains must match in this order; other segments may stand between.
	Contains []SegmentPattern
	// Absent must match no segment.
	Absent []SegmentPattern
}

// SegmentPattern is a pattern of a segment in a file.
type SegmentPattern struct {
	match.Segment
	Pos Pos
}
