// Package link is the cable between the two hosts: in netem's terms what each
// direction does to every segment, rules for chosen segments, and a middlebox.
//
// A link knows no clock and moves nothing. The engine offers it each segment
// that a host sends, and the link answers with a [Verdict]: lost, and by which
// rule, or how long it will be under way, and what else becomes of it.
//
// Chance is drawn from a stream of random numbers per fault and direction, and
// every fault draws for every segment, whatever becomes of it. So what one
// fault does to the nth segment of a host depends on the seed and its own
// parameters alone: turning another fault on, or dropping a segment by a rule,
// does not move it.
//
// A middlebox is somewhere on the way, and a capture can be made there. Loss by
// chance, copies, damage, the queue and the MTU come before it; what rules drop,
// delay, hold or forge is dropped, delayed, held and forged there.
package link
