package simassert

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// Record is a run that is over: its trace, with assertions.
type Record struct {
	*trace.Trace
	Leftovers []sim.Leftover // what the hosts still held when it ended

	t testing.TB
}

// Run runs s to its end. A run that reaches a limit or goes wrong inside fails
// the test; what was recorded until then can be asserted about all the same.
// When the test has failed, for whatever reason, its end logs the ladder.
func Run(t testing.TB, s *sim.Sim) *Record {
	t.Helper()
	tr, err := s.Run()
	r := &Record{Trace: tr, Leftovers: s.Leftovers(), t: t}
	if tr == nil {
		t.Fatalf("the simulation does not begin: %v", err)
		return nil
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d\n%s", tr.Seed, ladder(tr))
		}
	})
	if err != nil {
		t.Errorf("the simulation went wrong: %v", err)
	}
	return r
}

func ladder(tr *trace.Trace) string {
	var b strings.Builder
	// Writing to memory cannot fail.
	_ = tr.WriteText(&b, trace.Style{})
	return b.String()
}
