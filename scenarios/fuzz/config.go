package fuzz

import (
	"os/exec"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// Config says what a campaign does. The zero value is one run of every oracle.
type Config struct {
	Seed uint64 // of the campaign; run i of a seed is always the same scenario
	Runs int    // how many; 0 with a Time is no limit, else 1
	Time time.Duration
	Jobs int // runs at once; 0 is GOMAXPROCS

	// Worker makes each job a process of its own, which keeps a processor busy
	// whatever the others do and whose crash is a finding. It gives the command
	// that starts one: a program that calls Work with its standard input and
	// output and that no signal ends which is meant for this process. Nil makes
	// the runs in this process.
	Worker func() *exec.Cmd

	// Shard and Shards split a campaign: this one does the runs whose number is
	// Shard modulo Shards. 0 Shards is 1.
	Shard, Shards int

	// Catalogue changes cases of the catalogue instead of making scenarios up.
	// Run i is the same scenario only as long as the catalogue is the same.
	Catalogue bool

	Oracles []string // names; nil is all
	Corpus  string   // directory for findings and for the run in progress; empty for none

	// RTO bounds the retransmission timeout by side, where it is not Linux's.
	RTO [2]RTO

	Progress func(Progress) // called about once a second and when all runs are made; nil for none

	// run replaces the engine in tests, which plant faults.
	run runFunc

	hasty bool // gives goroutines of a run less time to end
}

type runFunc func(f *model.File) (outcome, error)

// RTO is what a host's timeout lies between. Zero is Linux's own: 200 ms and
// two minutes.
type RTO struct{ Min, Max time.Duration }

// outcome is what a run gives: the trace, nil when it could not begin, and what
// the hosts still held when it ended.
type outcome struct {
	*trace.Trace
	left []sim.Leftover
}
