package scenarios

import (
	"regexp"
	"testing"
)

var mark = regexp.MustCompile(`\[\d+\]`)

// TestEveryDocumentThatIsCitedIsKnown: a mark that nothing explains tells a
// reader nothing.
func TestEveryDocumentThatIsCitedIsKnown(t *testing.T) {
	cited := 0
	for _, f := range Catalogue() {
		for _, c := range f.Cases() {
			for _, claim := range c.Claims {
				for _, m := range mark.FindAllString(claim.Source, -1) {
					cited++
					known := false
					for _, d := range documents {
						known = known || d.Mark == m
					}
					if !known {
						t.Errorf("%s cites %s, which is no document", c.FullName(), m)
					}
				}
			}
		}
	}
	if cited == 0 {
		t.Error("no scenario cites a document")
	}
}
