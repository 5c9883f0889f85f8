package simassert

import (
	"testing"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// Record is what happened: a trace, with assertions. Each takes the claim that
// it checks, as a sentence, which begins what a failure says.
type Record struct {
	*trace.Trace
	Leftovers []sim.Leftover // what the hosts still held at the end of a run; nil of a trace alone

	t      testing.TB
	ran    bool
	failed bool
}

// Run runs s to its end. A run that reaches a limit or goes wrong inside fails
// the test; what was recorded until then can be asserted about all the same.
// When the test has failed, for whatever reason, its end logs the trace.
func Run(t testing.TB, s *sim.Sim) *Record {
	t.Helper()
	tr, err := s.Run()
	if tr == nil {
		t.Fatalf("the simulation does not begin: %v", err)
		return nil
	}
	r := &Record{Trace: tr, Leftovers: s.Leftovers(), t: t, ran: true}
	t.Cleanup(func() {
		if t.Failed() {
			r.log()
		}
	})
	if err != nil {
		t.Errorf("the simulation went wrong: %v", err)
	}
	return r
}

// Of asserts about a trace that is there already: of a network of package
// simtest, of a run of a scenario, of a file. When an assertion about it has
// failed, the end of the test logs the trace.
func Of(t testing.TB, tr *trace.Trace) *Record {
	t.Helper()
	r := &Record{Trace: tr, t: t}
	t.Cleanup(func() {
		if r.failed {
			r.log()
		}
	})
	return r
}

func (r *Record) log() {
	r.t.Helper()
	r.t.Logf("seed %d\n%s", r.Seed, r.Trace)
}
