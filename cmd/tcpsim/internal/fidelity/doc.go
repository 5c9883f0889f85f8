// Package fidelity runs what was recorded on a real Linux kernel, and compares.
//
// A recording (testdata/linux-6.18/README.md) is a list of socket calls with
// their results and a list of segments. [Run] turns it into a simulation by
// itself: each recorded call is decoded into a step of a program, as those of
// scenario files are, and performed by package program, so that a kernel's
// recordings test the interpreter that everybody uses; each host becomes a process
// that makes the calls in their order and at their times, the experimenter cuts cables, forges segments and
// reboots hosts as the recorded one did, and sysctls become settings. Nothing
// is written for a particular case.
//
//	cases, err := fidelity.Load(fidelity.Recordings())
//	for _, c := range cases {
//		o, err := fidelity.Run(c)
//		fmt.Println(o.Name, o.Verdict, o.Difference)
//	}
//
// # What is taken from a recording
//
// Calls, their arguments and when they began; what the experimenter did; the
// settings; and what the network did: which segments it lost, and when the
// others arrived, because the relay that stood in for a network was held up by
// stalls of its machine. A segment of the run is matched with the recorded one
// of the same content, and arrives when that one did; one that the recording
// does not have takes the latency that was meant. What the two hosts send, when
// their timers fire and what calls return is never taken from it.
//
// Where a run is slower than the recording, what follows is later: no call
// overtakes one that had returned before it began.
//
// A recording whose machine stood still at times has two readings: one in which
// only the network did, and one in which the hosts did too, so that timers which
// fell due meanwhile fired at the end. The intervals are found without looking at
// timers (stall.go); a case is run in the second reading when it differs in the
// first, and of two that differ the one that agrees for longer is reported.
//
// Three inputs are not recorded and are inferred. SO_REUSEADDR is set on every
// socket but those on which bind gave EADDRINUSE. A blocking recv that gave
// EAGAIN had SO_RCVTIMEO set to as long as it took. SIGPIPE is ignored. Of long
// data a recording keeps the beginning; the rest is made up, and is not
// compared.
//
// # What is compared
//
// For each sender the segments in their order, by flags, relative sequence and
// acknowledgement numbers and length; the cause of each segment in the run,
// which must have come before it in the recording as well; the number and,
// roughly, the spacing of retransmissions; the result of every call, and
// roughly how long it took; the sockets that ss listed. [Allowances] is the
// whole list of what may differ. An outcome that is not [Same] names the first
// difference and, where it is a known one, its reason.
//
// The ledger (ledger.yaml) holds the expected outcome of every case; a test
// fails when one changes.
package fidelity
