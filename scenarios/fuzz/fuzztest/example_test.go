package fuzztest_test

import (
	"testing"

	"github.com/tcpsim/tcpsim/scenarios/fuzz/fuzztest"
	"github.com/tcpsim/tcpsim/sim/simassert"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/match"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// A target with an invariant of its own takes one function.
func ExampleScenarios() {
	var f *testing.F // of the target

	fuzztest.Scenarios(f, func(t *testing.T, tr *trace.Trace) {
		simassert.Of(t, tr).Absent("nothing opens and closes a connection at once",
			match.Segment{Flags: new(wire.SYN | wire.FIN), Injected: new(false)})
	})
}
