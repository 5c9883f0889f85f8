package coverage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
)

// reached.json is what Go's coverage measures. A case that is new may be missing
// from it until somebody writes it again with -update; nothing in it may be
// wrong, and a site of which it knows nothing has a reason.
func TestReachedIsWhatCoverageMeasures(t *testing.T) {
	if testing.Short() {
		t.Skip("builds gVisor with coverage")
	}
	executed := probe(t)
	seen := catalogue(t)
	now := measurement{}
	for i := range sites {
		now[sites[i].At] = sites[i].credit(executed[sites[i].At], seen)
	}
	everyResetHasASite(t, now, seen)
	if golden.Update(t, "testdata") {
		writeJSON(t, "reached.json", now)
		return
	}
	for at, names := range measured() {
		for _, name := range names {
			if !slices.Contains(now[at], name) && slices.ContainsFunc(seen, func(s shown) bool { return s.name == name }) {
				t.Errorf("%s reaches %s no more", name, at)
			}
		}
	}
	for _, s := range sites {
		old, got := measured()[s.At], now[s.At]
		if len(got) > 0 && len(old) == 0 {
			t.Errorf("%s is reached now, by %s: go test ./cmd/tcpsim/internal/coverage -update", s.At, got[0])
		}
		if len(got) > len(old) {
			t.Logf("%s: %d cases, %d in reached.json", s.At, len(got), len(old))
		}
	}
}

// A site that no case reaches says why.
func TestUnreachedSitesHaveAReason(t *testing.T) {
	for _, s := range sites {
		if len(measured()[s.At]) == 0 && s.Unreached == "" {
			t.Errorf("no case reaches %s, and it does not say why", s.At)
		}
	}
}

// everyResetHasASite wants each cause that a case shows to be one of a site that
// the case reaches: otherwise the table has the wrong causes.
func everyResetHasASite(t *testing.T, now measurement, seen []shown) {
	t.Helper()
	for _, s := range seen {
		for id := range s.causes {
			explained := id == "forged" // no host has sent it
			for _, site := range sites {
				explained = explained || slices.Contains(site.Causes, id) && slices.Contains(now[site.At], s.name)
			}
			if !explained {
				t.Errorf("%s: no site explains the RST with the cause %s", s.name, id)
			}
		}
	}
}

// probe runs the catalogue with coverage and gives, for each site, the cases
// that have executed its line.
func probe(t *testing.T) map[string]map[string]bool {
	t.Helper()
	dir := t.TempDir()
	bin := filepath.Join(dir, "probe")
	// The command itself is instrumented too, or the counters cannot be cleared.
	command(t, "go", "build", "-cover", "-covermode=atomic", "-coverpkg="+gvisorTCP+",./testdata/probe", "-o", bin, "./testdata/probe")
	counters := filepath.Join(dir, "counters")
	if err := os.Mkdir(counters, 0o777); err != nil {
		t.Fatal(err)
	}
	executed := map[string]map[string]bool{}
	for i := range sites {
		executed[sites[i].At] = map[string]bool{}
	}
	names := strings.Split(strings.TrimSpace(command(t, bin, counters)), "\n")
	// go tool takes longer to find covdata than that takes to work.
	covdata := strings.TrimSpace(command(t, "go", "tool", "-n", "covdata"))
	for i, name := range names {
		out := filepath.Join(dir, "text")
		command(t, covdata, "textfmt", "-pkg="+gvisorTCP, "-i="+filepath.Join(counters, strconv.Itoa(i)), "-o="+out)
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			for i := range sites {
				if covers(line, sites[i].At) {
					executed[sites[i].At][name] = true
				}
			}
		}
	}
	return executed
}

// covers reads a line of Go's coverage profile: whether it is a block that was
// executed and that has the position in it.
func covers(line, at string) bool {
	block, ok := strings.CutPrefix(line, gvisorTCP+"/")
	file, number, _ := strings.Cut(at, ":")
	if !ok || !strings.HasPrefix(block, file+":") || strings.HasSuffix(line, " 0\n") {
		return false
	}
	want, _ := strconv.Atoi(number)
	var fromLine, fromColumn, toLine, toColumn, statements, count int
	_, err := fmt.Sscanf(strings.TrimPrefix(block, file+":"), "%d.%d,%d.%d %d %d",
		&fromLine, &fromColumn, &toLine, &toColumn, &statements, &count)
	return err == nil && count > 0 && fromLine <= want && want <= toLine
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	c := exec.Command(name, args...)
	c.Stderr = &stderr
	c.Env = append(os.Environ(), "GOCOVERDIR=") // the probe says itself where
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(name), err, stderr.String())
	}
	return string(out)
}

// catalogue runs all of it.
func catalogue(t *testing.T) []shown {
	t.Helper()
	var seen []shown
	for _, f := range scenarios.Catalogue() {
		one, err := runAll(f.Cases(), Options{})
		if err != nil {
			t.Error(err)
		}
		seen = append(seen, one...)
	}
	return seen
}

func writeJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append(b, '\n'), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}
