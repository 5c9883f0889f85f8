// Package scenarios runs scenario files and checks what they expect, and holds
// the catalogue of those that come with tcpsim.
//
// A scenario file ([model.File]) has one or more cases. [Run] makes a
// simulation of a case, in which the file's steps are calls of ordinary
// processes, and compares the trace with what the file expects:
//
//	c, err := scenarios.Find("unread-data/all-read")
//	res, err := scenarios.Run(c, scenarios.Options{})
//	if !res.OK() {
//		fmt.Println(res.Problems)
//	}
//
// A case that names outcomes may end in more than one way, as its link loses
// one segment or another: [Result.Outcome] is the one that the run had, and a
// run that had none of them is a problem. In such a case a process ends with
// status 1 at the first call that fails though its step expects only success
// (socket, bind, listen, connect, accept, send, recv, and for recv the end of
// file in the place of data), as a program does that reports an error and gives
// up; in others it goes on, so that the report shows what follows. A process
// that waits for something that never comes is still there when nothing is left
// to happen, or at the time "until": such a call is expected as "never".
// The command tcpsim outcomes counts them.
//
// A process of a file is one of package sim underneath, as one that is written
// in Go: its steps are the calls of [sim.Process]. Package simassert asserts
// about the trace of either.
package scenarios
