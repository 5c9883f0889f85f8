// Package simassert says in a test what has to have happened. Its first argument
// is the claim, in words: a test reads as a list of them, and a failure begins
// with the one that does not hold.
//
//	r := simassert.Run(t, s) // or Of(t, tr), of any trace
//	r.Results("who reads learns of it", "client", trace.OpRecv, "ECONNRESET")
//	r.Contains("the server answers unread data with a RST",
//		match.Segment{From: new(trace.Client), Len: new(uint32(13))},
//		match.Segment{From: new(trace.Server), Flags: new(wire.RST | wire.ACK), Cause: "unread-data"})
//	r.NothingLeft("a reset leaves nothing behind")
//
// Segments are asserted with the patterns of package match, in which a field
// that is left out is open. When an assertion fails it says what was there
// instead, of a segment that is missing the one that comes nearest, and the
// test logs the whole run, once, with its seed.
//
// Assertions do not end the test: one run is often wrong in several ways that
// explain each other. What they do not cover is in the trace, which a [Record] is.
package simassert
