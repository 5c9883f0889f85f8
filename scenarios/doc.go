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
// A process written in Go and a process of a file are the same underneath, so
// that a file can be turned into a test, and a test into a file.
package scenarios
