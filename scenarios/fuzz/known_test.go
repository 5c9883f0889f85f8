package fuzz

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
)

// testdata/known has the smallest scenario of each kind of violation that is
// known. One that does not show itself any more was repaired, here or in
// gVisor: take it out of known.go then, and the file away.
func TestWhatIsKnownIsStillThere(t *testing.T) {
	for key := range knownKinds {
		name := strings.ReplaceAll(key, "/", "-") + ".yaml"
		f, err := scenarios.Load(filepath.Join("testdata", "known", name))
		if err != nil {
			t.Errorf("%s has no example: %v", key, err)
			continue
		}
		if _, found := Try(f, Config{}); !slices.ContainsFunc(found, func(v Violation) bool { return v.Key() == key }) {
			t.Errorf("%s does not show %s: %v", name, key, found)
		}
	}
	files, err := os.ReadDir(filepath.Join("testdata", "known"))
	if err != nil || len(files) != len(knownKinds) {
		t.Errorf("%d files for %d kinds: %v", len(files), len(knownKinds), err)
	}
}
