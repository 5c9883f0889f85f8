// Package fuzztest makes native fuzz targets of tcpsim's scenarios, in one line:
//
//	func FuzzCloseSequences(f *testing.F) { fuzztest.CloseSequences(f) }
//
// and then
//
//	go test -fuzz FuzzCloseSequences
//
// Every byte string is a scenario, and the cases of the whole catalogue are the
// seeds, so that the fuzzer begins with what is known to matter. Without -fuzz
// a target runs its seeds, as any test.
package fuzztest

import (
	"slices"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/fuzz"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/model/file"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// CloseSequences runs what the fuzzer makes up and checks every event with
// every invariant of package fuzz. What breaks one is made as small as it can
// be and shown as a scenario file, with the invariant, its source and the
// ladder. What is known of gVisor (see [fuzz.Known]) does not count.
func CloseSequences(f *testing.F) {
	f.Helper()
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		scenario := fuzz.Generate(data)
		_, found := fuzz.Try(scenario, fuzz.Config{})
		found = slices.DeleteFunc(found, func(v fuzz.Violation) bool { return fuzz.Known(v.Key()) != "" })
		if len(found) > 0 {
			fail(t, scenario, found[0])
		}
	})
}

// Scenarios runs what the fuzzer makes up and has check look at the trace, for
// an invariant of your own. When check fails the test, the scenario is shown as
// a file that tcpsim run takes, and its ladder; it is not made smaller.
func Scenarios(f *testing.F, check func(t *testing.T, tr *trace.Trace)) {
	f.Helper()
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		scenario := fuzz.Generate(data)
		res, err := scenarios.Run(&scenario.Base, scenarios.Options{NoCheck: true})
		if res == nil {
			t.Fatalf("the scenario does not begin: %v", err)
		}
		// Also what fails with Fatal is shown.
		t.Cleanup(func() {
			if t.Failed() {
				show(t, scenario, res.Trace)
			}
		})
		check(t, res.Trace)
	})
}

// seed adds the cases of the catalogue, the empty input, which is the simplest
// scenario, and some that are made up.
func seed(f *testing.F) {
	for _, in := range fuzz.CatalogueInputs() {
		f.Add(in)
	}
	f.Add([]byte{})
	for i := range 16 {
		f.Add(fuzz.Input(1, i))
	}
}

func fail(t *testing.T, scenario *model.File, v fuzz.Violation) {
	t.Helper()
	small := fuzz.Minimal(scenario, v.Key(), fuzz.Config{})
	t.Errorf("%s\nwrite this to %s, then: %s\n%s", v, small.File(), small.Replay, small.WriteYAML())
}

func show(t *testing.T, scenario *model.File, tr *trace.Trace) {
	t.Helper()
	src, err := file.Encode(scenario)
	if err != nil {
		t.Logf("the scenario cannot be written: %v", err)
		return
	}
	t.Logf("write this to fuzz.yaml, then: tcpsim run fuzz.yaml\n%s\n%s", src, tr)
}
