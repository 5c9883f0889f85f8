// Package match compares the segments of a trace with patterns. A pattern names
// the fields that matter; those left out are open. Scenario files (expect) and
// tests in Go (package simassert) say with it what has to be on the wire.
//
//	rst := match.Segment{From: new(trace.Server), Flags: new(wire.RST | wire.ACK), Cause: "unread-data"}
//	at, missing := match.InOrder([]match.Segment{rst}, tr.Segments)
//
// A pattern that fits nothing is not the end: Nearest finds the segment that
// comes closest, Differs says in which fields it does not, and Compare shows
// where a whole list of patterns and a list of segments part. [Align], which
// does that, aligns any two sequences; package diff does so with two runs.
package match
