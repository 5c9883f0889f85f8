// Package wire turns IP datagrams that carry TCP into fields and back.
//
// A frame that a host emits is parsed once, with [Parse], into a [Segment];
// everything above works on the segment. A segment that an experimenter wants
// on the wire travels the other way: fields, then [Segment.Frame]. Numbers are
// absolute here, as they are on the wire; numbers relative to the initial
// sequence numbers are the recorder's business.
//
//	seg, err := wire.Parse(frame)
//	if err == nil && seg.Flags.Has(wire.RST) { ... }
package wire
