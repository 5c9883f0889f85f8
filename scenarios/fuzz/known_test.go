package fuzz

import (
	"os"
	"os/exec"
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
	readme, err := os.ReadFile(filepath.Join("testdata", "known", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for key, k := range knownKinds {
		name := strings.ReplaceAll(key, "/", "-") + ".yaml"
		f, err := scenarios.Load(filepath.Join("testdata", "known", name))
		if err != nil {
			t.Errorf("%s has no example: %v", key, err)
			continue
		}
		if _, found := Try(f, Config{}); !slices.ContainsFunc(found, func(v Violation) bool { return v.Key() == key }) {
			t.Errorf("%s does not show %s: %v", name, key, found)
		}
		if !strings.Contains(string(readme), k.section(key)) {
			t.Errorf("README.md does not have\n%s", k.section(key))
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "known", "*.yaml"))
	if err != nil || len(files) != len(knownKinds) {
		t.Errorf("%d files for %d kinds: %v", len(files), len(knownKinds), err)
	}
}

// The lines of gVisor that are named are those of the version in go.mod.
func TestWhatIsKnownIsWhereItIsSaidToBe(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "gvisor.dev/gvisor").Output()
	if err != nil || len(dir) == 0 {
		t.Skipf("gVisor's source is not there: %v", err)
	}
	tcp := filepath.Join(strings.TrimSpace(string(dir)), "pkg", "tcpip", "transport", "tcp")
	for key, k := range knownKinds {
		for _, at := range k.at {
			src, err := os.ReadFile(filepath.Join(tcp, at.file))
			if err != nil {
				t.Skipf("gVisor's source is not there: %v", err)
			}
			lines := strings.Split(string(src), "\n")
			if at.line > len(lines) || strings.TrimSpace(lines[at.line-1]) != at.code {
				t.Errorf("%s: %s:%d is not %q", key, at.file, at.line, at.code)
			}
		}
	}
}

// What was taken for a violation once, and is none.
func TestWhatIsNoViolation(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "allowed", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, name := range files {
		f, err := scenarios.Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, found := Try(f, Config{}); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
		if res, err := scenarios.Run(&f.Base, scenarios.Options{}); err != nil || !res.OK() {
			t.Errorf("%s: %v %v", name, err, res.Problems)
		}
	}
}

// The fuzzer finds by itself what the documentation says that it finds: these
// runs are those that README.md of testdata/known names.
func TestTheFuzzerFindsTheKnownBugsOfGVisor(t *testing.T) {
	for _, run := range documented {
		f := Generate(Input(1, run.number))
		c := Config{Oracles: []string{ruleOracle()[run.rule]}}
		_, found := Try(f, c)
		key := ruleOracle()[run.rule] + "/" + run.rule
		if !slices.ContainsFunc(found, func(v Violation) bool { return v.Key() == key }) {
			t.Errorf("run %d of seed 1 does not show %s: %v", run.number, key, found)
			continue
		}
		if n := moveCount(&shrink(f, stillFails(key, c)).Base); n > 6 {
			t.Errorf("run %d of seed 1: %d moves are left", run.number, n)
		}
	}
}

// Numbered runs are made of their numbers, and of nothing of the catalogue.
func TestCampaignsDoNotMoveWithTheCatalogue(t *testing.T) {
	for i := range 20_000 {
		if b := Input(1, i); b[0] >= fromCatalogue {
			t.Fatalf("run %d is a changed case of the catalogue", i)
		}
	}
}
