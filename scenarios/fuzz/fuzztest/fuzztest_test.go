package fuzztest_test

import (
	"testing"

	"github.com/tcpsim/tcpsim/scenarios/fuzz/fuzztest"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// FuzzCloseSequences lets Go's fuzzer look for inputs that break an invariant.
func FuzzCloseSequences(f *testing.F) { fuzztest.CloseSequences(f) }

// FuzzOwnInvariant is a target with an invariant of its own: a RST that a host sends carries no
// data.
func FuzzOwnInvariant(f *testing.F) {
	fuzztest.Scenarios(f, func(t *testing.T, tr *trace.Trace) {
		for _, s := range tr.Segments {
			if s.Cause != nil && s.Injected == "" && s.Len > 0 {
				t.Errorf("RST #%d carries %d bytes", s.Number, s.Len)
			}
		}
	})
}
