// Package cause works out why a host sent a RST.
//
// The engine knows what it was doing when the RST came out: a call, a segment
// that arrived, a timer. It notes what was true just before in a [Situation]:
// who owned the 4-tuple, in which state, with how many bytes unread, and what
// had become of the connection if nobody owned it. [Of] turns that into a
// [trace.Cause]. Nothing is guessed from the RST itself, which looks the same
// for most of these causes.
package cause
