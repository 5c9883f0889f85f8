package fuzz

import (
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// Config says what a campaign does. The zero value is one run of every oracle.
type Config struct {
	Seed uint64 // of the campaign; run i of a seed is always the same scenario
	Runs int    // how many; 0 with a Time is no limit, else 1
	Time time.Duration
	Jobs int // runs at once; 0 is GOMAXPROCS

	// Shard and Shards split a campaign: this one does the runs whose number is
	// Shard modulo Shards. 0 Shards is 1.
	Shard, Shards int

	Oracles []string // names; nil is all
	Corpus  string   // directory for findings and for the run in progress; empty for none

	FastRTO bool // a host retransmits faster than Linux does by default

	Progress func(Progress) // called about once a second; nil for none

	// run replaces the engine in tests, which plant faults.
	run func(f *model.File) (*trace.Trace, error)
}
