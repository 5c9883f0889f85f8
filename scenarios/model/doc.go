// Package model is what a scenario is: its types, and their text for people.
//
// A [File] holds a scenario and its variants; each [Case] is all that a runner
// needs, with nothing to look up: the link, the two hosts with their processes,
// the steps of each and of the experimenter, and what is expected. Values have
// the types of what they are about, such as stack.MsgFlags or wire.Flags:
// whoever makes a case has parsed them, and nobody parses them again.
//
// Package file reads and writes scenarios as YAML, and checks them.
package model
