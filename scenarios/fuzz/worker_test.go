package fuzz

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

// workerEnv makes a process of the test binary a worker. Its value says how
// that one breaks: "" not at all.
const workerEnv = "FUZZ_TEST_WORKER"

func TestMain(m *testing.M) {
	how, is := os.LookupEnv(workerEnv)
	if !is {
		os.Exit(m.Run())
	}
	if err := work(os.Stdin, os.Stdout, broken(how)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// broken is the engine of a worker that panics as gVisor does, which is on a
// goroutine of its own: "shutdown" in every run whose scenario has one, the name
// of a file in the first run for which there is that file.
func broken(how string) runFunc {
	return func(f *model.File) (outcome, error) {
		if how == "shutdown" && step(verb(model.VerbShutdown))(&f.Base) || os.Remove(how) == nil {
			go panic("planted")
			select {}
		}
		return runFile(f)
	}
}

// workers starts workers that break in one way.
func workers(tb testing.TB, how string) func() *exec.Cmd {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	return func() *exec.Cmd {
		c := exec.Command(self)
		c.Env = append(os.Environ(), workerEnv+"="+how)
		return c
	}
}

func timeless(s Summary) Summary {
	s.Seconds, s.PerSecond = 0, 0
	return s
}

// Whoever makes the runs, however many share them: what is found is the same.
func TestWorkersFindWhatThisProcessFinds(t *testing.T) {
	for _, c := range []Config{
		{Seed: 3, Runs: 40},
		{Seed: 3, Runs: fewRuns, Shard: 1, Shards: 3, Oracles: []string{"pace", "engine"}},
		{Seed: 1, Runs: 10, Catalogue: true},
	} {
		want := timeless(Campaign(t.Context(), c))
		c.Worker = workers(t, "")
		for _, jobs := range []int{1, 3} {
			c.Jobs = jobs
			if diff := cmp.Diff(want, timeless(Campaign(t.Context(), c))); diff != "" {
				t.Errorf("%d workers (-in this process +workers)\n%s", jobs, diff)
			}
		}
	}
}

// A worker that crashes is a finding of the run over which it did; the others
// are made.
func TestACrashOfAWorkerIsAFinding(t *testing.T) {
	const runs = 40
	var crash []int
	for i := range runs {
		if step(verb(model.VerbShutdown))(&Generate(Input(1, i)).Base) {
			crash = append(crash, i)
		}
	}
	dir := t.TempDir()
	s := Campaign(t.Context(), Config{Seed: 1, Runs: runs, Jobs: 2, Oracles: []string{"silence"}, Worker: workers(t, "shutdown"), Corpus: dir})
	if s.Runs != runs || s.Violations["engine/panic"] != len(crash) || len(crash) < 2 || len(s.Mishaps) > 0 {
		t.Errorf("%d runs, %v, %d of them have a shutdown, %v", s.Runs, s.Violations, len(crash), s.Mishaps)
	}
	var found []int
	for i := range s.Findings {
		f := &s.Findings[i]
		found = append(found, f.Run)
		if f.Text != "panic: planted (exit status 2)" || f.Minimal || f.Known != "" || !strings.Contains(f.Scenario, "shutdown") {
			t.Errorf("%+v", f)
		}
	}
	if want := crash[:min(eachKey, len(crash))]; !slices.Equal(found, want) {
		t.Errorf("found in runs %v, want %v", found, want)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != len(found) {
		t.Errorf("%v in the corpus: %v", files, err)
	}
}

// A crash that does not come again is told with the runs in which it was.
func TestACrashThatDoesNotComeAgainIsTold(t *testing.T) {
	once := filepath.Join(t.TempDir(), "once")
	if err := os.WriteFile(once, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	s := Campaign(t.Context(), Config{Seed: 1, Runs: 8, Jobs: 1, Oracles: []string{"silence"}, Worker: workers(t, once)})
	want := []string{"a worker ended in one of the runs [0 1 2 3 4 5 6 7], and not when they were made one by one: panic: planted (exit status 2)"}
	if diff := cmp.Diff(want, s.Mishaps); diff != "" || s.Runs != 8 || len(s.Findings) > 0 {
		t.Errorf("%d runs, %v, (-want +got)\n%s", s.Runs, s.Findings, diff)
	}
}

func TestAWorkerThatDoesNotBeginIsTold(t *testing.T) {
	for _, c := range []struct {
		start func() *exec.Cmd
		want  string
	}{
		{func() *exec.Cmd { return exec.Command("./none") }, "fork/exec ./none: no such file or directory"},
		{func() *exec.Cmd { return exec.Command("sh", "-c", "read line") }, "a worker does not begin: it ended without a word"},
		{func() *exec.Cmd { return exec.Command("sh", "-c", "echo no >&2; exit 3") }, "a worker does not begin: no (exit status 3)"},
	} {
		s := Campaign(t.Context(), Config{Runs: 3, Jobs: 1, Worker: c.start})
		if diff := cmp.Diff([]string{"runs [0 1 2] are not made: " + c.want}, s.Mishaps); diff != "" || s.Runs != 0 {
			t.Errorf("%d runs, (-want +got)\n%s", s.Runs, diff)
		}
	}
}

// Interrupted, workers break off what they do and tell what they have.
func TestInterruptedWorkersTellWhatTheyHave(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	s := Campaign(ctx, Config{Seed: 1, Runs: 1 << 30, Jobs: 2, Worker: workers(t, "")})
	if !s.Interrupted || s.Runs == 0 || len(s.Mishaps) > 0 || time.Since(begin) > 10*time.Second {
		t.Errorf("after %s: %d runs, interrupted %t, %v", time.Since(begin), s.Runs, s.Interrupted, s.Mishaps)
	}
}

func TestWorkersEndWithTheirInput(t *testing.T) {
	const begin = `{"seed":1,"oracles":["engine"]}` + "\n"
	for _, c := range []struct{ in, out, err string }{
		{begin, "{}\n", "<nil>"},
		{"", "", "instructions for a worker: EOF"},
		{begin + "{", "{}\n", "orders for a worker: unexpected EOF"},
		{begin + "[]", "{}\n", "orders for a worker: json: cannot unmarshal array into Go value of type fuzz.order"},
	} {
		var out bytes.Buffer
		err := Work(strings.NewReader(c.in), &out)
		if out.String() != c.out || fmt.Sprint(err) != c.err {
			t.Errorf("%q: %q, %v; want %q, %s", c.in, out.String(), err, c.out, c.err)
		}
	}
}
