package fuzz

import (
	"slices"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios/model"
)

// FuzzCloseSequences lets Go's fuzzer look for inputs that break an invariant.
// What is known of gVisor does not count, so that it finds what is not.
func FuzzCloseSequences(f *testing.F) {
	for _, in := range CatalogueInputs() {
		f.Add(in)
	}
	f.Add([]byte{})
	for i := range 16 {
		f.Add(Input(1, i))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		scenario := Generate(data)
		_, found := Try(scenario, Config{})
		found = slices.DeleteFunc(found, func(v Violation) bool { return Known(v.Key()) != "" })
		if len(found) == 0 {
			return
		}
		key := found[0].Key()
		small := describe(Shrink(scenario, Fails(key, Config{})), key, Config{})
		src, err := model.Encode(scenario)
		t.Errorf("%s\n%s\nfrom\n%s%v", found[0], small.WriteYAML(), src, err)
	})
}

func TestCatalogueInputsAreTheCatalogue(t *testing.T) {
	for i, in := range CatalogueInputs() {
		f := Generate(in)
		if f.Base.Title != cases()[i].Title {
			t.Fatalf("input %d is %q", i, f.Base.Title)
		}
		if !valid(f) {
			t.Errorf("%s cannot be written", f.Base.Title)
		}
	}
}
