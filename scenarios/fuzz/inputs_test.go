package fuzz

import (
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
)

func TestCatalogueInputsAreTheCatalogue(t *testing.T) {
	for i, in := range CatalogueInputs() {
		f := Generate(in)
		if f.Base.Title != cases()[i].Title {
			t.Fatalf("input %d is %q", i, f.Base.Title)
		}
		if scenarios.Check(f) != nil {
			t.Errorf("%s cannot be written", f.Base.Title)
		}
	}
}
