package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios/fuzz"
)

// campaign is tcpsim fuzz --json with what was seen on a terminal, without what
// depends on the machine.
func campaign(t *testing.T, args ...string) (s fuzz.Summary, stderr string) {
	t.Helper()
	var out, seen bytes.Buffer
	a := &app{
		stdin: strings.NewReader(""), out: bufio.NewWriter(&out), stdout: &out, stderr: &seen,
		terminal: func(w io.Writer) bool { return w == &seen },
	}
	c := a.fuzzCommand()
	c.SetArgs(append(args, "--json"))
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	a.out.Flush()
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		t.Fatalf("%v in\n%s", err, out.Bytes())
	}
	s.Seconds, s.PerSecond = 0, 0
	return s, seen.String()
}

func same(t *testing.T, a, b fuzz.Summary) {
	t.Helper()
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("another summary (-first +second)\n%s", diff)
	}
}

func TestFuzzRunsAndSeedDecideWhatIsFound(t *testing.T) {
	a, _ := campaign(t, "--runs", "150", "--seed", "1", "--jobs", "1")
	b, _ := campaign(t, "--runs", "150", "--seed", "1", "--jobs", "3")
	same(t, a, b)
	if a.Runs != 150 || a.Seed != 1 || a.Violations["pace/early-retransmission"] == 0 || len(a.Findings) == 0 {
		t.Errorf("%+v", a)
	}
	if c, _ := campaign(t, "--runs", "150", "--seed", "2"); cmp.Equal(a.Coverage, c.Coverage) {
		t.Error("another seed has the same coverage")
	}
}

func TestFuzzShardsCanBeRepeatedAlone(t *testing.T) {
	whole, _ := campaign(t, "--runs", "90", "--seed", "4")
	runs, states := 0, map[string]int{}
	for _, shard := range []string{"1/3", "2/3", "3/3"} {
		a, _ := campaign(t, "--runs", "90", "--seed", "4", "--shard", shard)
		b, _ := campaign(t, "--runs", "90", "--seed", "4", "--shard", shard, "--jobs", "1")
		same(t, a, b)
		runs += a.Runs
		for k, n := range a.Coverage.States {
			states[k] += n
		}
	}
	if diff := cmp.Diff(whole.Coverage.States, states); diff != "" || runs != 90 {
		t.Errorf("%d runs; (-whole +shards)\n%s", runs, diff)
	}
}

func TestFuzzTimeIsOnTheWall(t *testing.T) {
	begin := time.Now()
	s, _ := campaign(t, "--time", "200ms", "--oracle", "engine")
	if d := time.Since(begin); d < 200*time.Millisecond || d > 30*time.Second || s.Runs == 0 || s.Interrupted {
		t.Errorf("%d runs in %s, interrupted %t", s.Runs, d, s.Interrupted)
	}
}

func TestFuzzOracleChoosesWhatIsChecked(t *testing.T) {
	s, _ := campaign(t, "--runs", "150", "--seed", "1", "--oracle", "state", "--oracle", "errno")
	if len(s.Violations) > 0 {
		t.Errorf("%v", s.Violations) // pace is what all of them break
	}
}

func TestFuzzCorpusKeepsScenariosThatRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "corpus")
	s, _ := campaign(t, "--runs", "150", "--seed", "1", "--corpus", dir)
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) != len(s.Findings) || len(files) == 0 {
		t.Fatalf("%d files for %d findings: %v", len(files), len(s.Findings), err)
	}
	for _, f := range files {
		src, _ := os.ReadFile(f)
		if !strings.Contains(string(src), "# Source: ") || !strings.Contains(string(src), "# Replay: tcpsim run "+filepath.Base(f)) {
			t.Errorf("%s does not say what it breaks:\n%s", f, src)
		}
		var out, seen bytes.Buffer
		if code := run([]string{"run", f}, strings.NewReader(""), &out, &seen); code != 0 {
			t.Errorf("tcpsim run %s: status %d\n%s", f, code, seen.String())
		}
	}
}

func TestFuzzShowsProgressOnATerminal(t *testing.T) {
	_, seen := campaign(t, "--runs", "150", "--seed", "1")
	for _, want := range []string{"/s, ", " states, ", " changes, ", " causes", "1 kind of violation, "} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is not in %q", want, seen)
		}
	}
}

func TestFuzzCanChangeTheCatalogue(t *testing.T) {
	s, _ := campaign(t, "--runs", "20", "--seed", "1", "--catalogue")
	if s.Runs != 20 || !s.Catalogue {
		t.Errorf("%+v", s)
	}
}
