// Package fuzz makes random close sequences, runs them, and checks every event
// of the traces against what TCP and Linux allow.
//
// A value flows through the package like this. [Generate] reads bytes as
// choices and makes a scenario of them: every byte string is one, so that Go's
// native fuzzer can drive it, and the scenario can be written as YAML that
// `tcpsim run` replays. [Try] runs it. [Check] reads the trace with the
// oracles: each is an invariant with a name and a source, and each gives
// [Violation] values. [Minimal] removes steps, processes, bytes, faults and time
// from a scenario as long as the same oracle complains about the same thing.
// [Campaign] does all that many times and gives a [Summary].
//
//	sum := fuzz.Campaign(ctx, fuzz.Config{Seed: 1, Runs: 10_000, Jobs: 2})
//	for _, f := range sum.Findings {
//		fmt.Println(f.Oracle, f.Rule, f.Replay)
//	}
//
// Where the runs are made in the process of the campaign, its jobs get in each
// other's way, because a host can be constructed only while nothing else goes
// on. With Config.Worker each job is a process: a copy of the program that
// calls [Work]. Two of them do twice the work of one on two processors, a panic
// of gVisor is a finding instead of the end, and what is found is the same.
//
//	if len(os.Args) > 1 && os.Args[1] == "worker" {
//		return fuzz.Work(os.Stdin, os.Stdout)
//	}
//	sum := fuzz.Campaign(ctx, fuzz.Config{Runs: 10_000, Worker: func() *exec.Cmd {
//		return exec.Command(self, "worker")
//	}})
//
// The size of a finding is in steps ([Steps]), of all processes and of the
// experimenter: every one counts, though it takes six to have a connection at
// all that the server does not end at once (socket, bind, listen, something to
// wait for; socket, connect). The tests plant faults, and each
// oracle has one that is shrunk to six or fewer; one that takes a send and a recv
// to show may be left with eight. [Moves] counts those that can do something to
// a connection, of which none has more than six.
//
// The oracles know nothing of how a trace came to be. What they say of a
// forged segment is what a host may do about it; a connection that has accepted
// forged data or acknowledgements is not asked for consistency any more.
//
// A run of a campaign depends on the seed and its number alone ([Input]), not on
// the catalogue; Config.Catalogue is for campaigns that change cases of the
// catalogue. What campaigns have found in gVisor is in testdata/known, whose
// README names the runs of
//
//	tcpsim fuzz --runs 20000 --seed 1
//
// in which the fuzzer comes upon the two that were known from reading: a FIN
// behind data that were received before, and SYNs every few microseconds after
// an unacceptable ACK. What looked like a violation and is none is in
// testdata/allowed. Package fuzztest makes native fuzz targets of all this.
package fuzz
