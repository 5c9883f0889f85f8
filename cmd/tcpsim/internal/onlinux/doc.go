// Package onlinux runs scenarios on a real Linux in virtual time: a
// [program.World] whose two hosts are network namespaces of a machine of package
// stack/linux, and whose link is the one of the simulation.
//
// The world is the master of time. It lets the machine go on to its own next
// event, an arrival or the end of a sleep, and never further; what comes out of
// the machine meanwhile (frames, results of calls, changes of state, the reasons
// of RSTs) is recorded at that instant. Only one thing is done at a time, so that
// what a call or a segment has brought about is known and not guessed.
//
// What Linux cannot be told is an error that says so, and never a silent
// difference.
package onlinux
