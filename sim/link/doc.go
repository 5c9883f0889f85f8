// Package link is the cable between the two hosts: latency, loss, and rules
// that drop chosen segments, for each direction.
//
// A link knows no clock and moves nothing. The engine offers it each segment
// that a host sends, and the link answers with a [Verdict]: lost, and by which
// rule, or how long it will be under way.
package link
