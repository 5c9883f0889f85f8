package exports_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
)

var all = flag.Bool("all", false, "export every case of the catalogue at every vantage point, not a sample")

// export is a case, and where its capture is made.
type export struct {
	c       *model.Case
	vantage pcap.Vantage
}

func (e *export) String() string { return e.c.FullName() + " from " + e.vantage.String() }

// run gives the trace. What a case expects is for other tests to check.
func run(t testing.TB, c *model.Case) *trace.Trace {
	t.Helper()
	res, err := scenarios.Run(c, scenarios.Options{NoCheck: true})
	if err != nil {
		t.Fatal(err)
	}
	return res.Trace
}

// points are where captures are made; the middlebox is where there is one.
var points = []pcap.Vantage{pcap.Client, pcap.Server, pcap.Wire, pcap.Middlebox}

func cases() (list []*model.Case) {
	for _, f := range scenarios.Catalogue() {
		of := f.Cases()
		for i := range of {
			list = append(list, &of[i])
		}
	}
	return list
}

// sample gives every case at every vantage point with -all, else one in so many
// of them, on the wire and elsewhere by turns.
func sample(t testing.TB, every int) (list []export) {
	t.Helper()
	for i, c := range cases() {
		for j, v := range points {
			if *all || i%every == 0 && i/every%len(points) == j {
				list = append(list, export{c, v})
			}
		}
	}
	return list
}

// inParallel calls f for every export, as many at a time as there are
// processors: a program takes most of its time to start.
func inParallel(t *testing.T, list []export, f func(export, *trace.Trace) error) {
	t.Helper()
	var (
		wg   sync.WaitGroup
		made atomic.Int64
	)
	free := make(chan bool, runtime.GOMAXPROCS(0))
	for _, e := range list {
		free <- true
		wg.Go(func() {
			defer func() { <-free }()
			tr := run(t, e.c)
			if e.vantage.Check(tr) != nil {
				return // no middlebox
			}
			made.Add(1)
			if err := f(e, tr); err != nil {
				t.Errorf("%s: %v", &e, err)
			}
		})
	}
	wg.Wait()
	t.Logf("%d captures", made.Load())
}

// program finds a program, or skips the test.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: apt-get install %s", name, name)
	}
	return path
}

func capture(tr *trace.Trace, o pcap.Options) ([]byte, error) {
	var b bytes.Buffer
	err := pcap.Write(&b, tr, o)
	return b.Bytes(), err
}

// captureName is what a program finds in its directory.
const captureName = "capture"

// read runs a program on the capture in a directory of its own.
func read(t *testing.T, dir, path string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(path, slices.Concat(args, []string{captureName})...) // others share args
	cmd.Dir = dir
	// Settings of whoever runs the test must not count.
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C", "HOME="+dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", filepath.Base(path), err, &stderr)
	}
	return string(out), nil
}

// readFile is read, of a file that is not there yet.
func readFile(t *testing.T, file []byte, dir, path string, args ...string) (string, error) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, captureName), file, 0o644); err != nil {
		return "", err
	}
	return read(t, dir, path, args...)
}
