package gallery_test

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/gallery"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
)

// docs is the project's own documentation: the catalogue, as tcpsim gallery
// writes it.
const docs = "../../../../docs/scenarios"

// mostStale is how many files a failure names.
const mostStale = 20

// TestDocsAreUpToDate makes the documentation again and compares it byte for
// byte. So its pictures are the goldens of every scenario's base case, in both
// themes.
func TestDocsAreUpToDate(t *testing.T) {
	o := gallery.Options{Pictures: gallery.Base}
	if golden.Update(t, "testdata") {
		generate(t, docs, o)
	}
	stale, err := gallery.Stale(docs, o)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(stale); n > 0 {
		t.Errorf("%d files of docs/scenarios are not as tcpsim gallery writes them:\n  %s\n"+
			"If they should change, look at the new pictures and write them with\n"+
			"  go run ./cmd/tcpsim gallery docs/scenarios --pictures base\n"+
			"A file that belongs to no scenario has to be removed by hand.",
			n, strings.Join(stale[:min(n, mostStale)], "\n  "))
	}
}
