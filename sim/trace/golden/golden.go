// Package golden is for tests that compare what they make with files: with the
// text of a trace, with a picture. Such a file is written anew by
//
//	go test ./plots -update -reason "arrows are drawn from the sender's lane"
//
// and by no other way: a change of behaviour that nobody can give a reason for is
// one that nobody has looked at. The reason is kept in CHANGES.md beside the
// files.
//
// It defines the flags -update and -reason and is to be imported by tests only.
package golden

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var (
	update = flag.Bool("update", false, "write the golden files anew; needs -reason")
	reason = flag.String("reason", "", "why golden files change, for CHANGES.md beside them")
)

// Update reports whether the test is to write its files in dir anew. It ends the
// test when that is asked for without a reason, and keeps the reason.
func Update(t testing.TB, dir string) bool {
	t.Helper()
	if *update {
		Record(t, dir)
	}
	return *update
}

// Record keeps the reason for a change of the files in dir, once for each test,
// and ends the test when none was given. It is what Update does, for a test with
// a flag of its own.
func Record(t testing.TB, dir string) {
	t.Helper()
	why := strings.Join(strings.Fields(*reason), " ")
	if why == "" {
		t.Fatal("golden files change for a reason: say it with -reason TEXT, which is kept in CHANGES.md beside them")
	}
	if err := record(dir, t.Name(), why); err != nil {
		t.Fatal(err)
	}
}

// one writes at a time: tests may run in parallel.
var one sync.Mutex

const heading = "# Why the golden files here changed\n\nThe newest reason is last. `go test -update -reason TEXT` writes it.\n\n"

func record(dir, test, why string) error {
	one.Lock()
	defer one.Unlock()
	name := filepath.Join(dir, "CHANGES.md")
	old, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		old = []byte(heading)
	} else if err != nil {
		return err
	}
	top, _, _ := strings.Cut(test, "/")
	line := fmt.Appendf(nil, "- %s: %s\n", top, why)
	if bytes.HasSuffix(old, line) {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, append(old, line...), 0o644)
}

// Difference says where two texts differ first: the number of the line and the
// line of each. Of a trace, in text or as JSON Lines, a line is an event. It is
// empty when they do not differ.
func Difference(want, got []byte) string {
	if bytes.Equal(want, got) {
		return ""
	}
	w, g := strings.SplitAfter(string(want), "\n"), strings.SplitAfter(string(got), "\n")
	i := 0
	for i < len(w)-1 && i < len(g)-1 && w[i] == g[i] {
		i++
	}
	return fmt.Sprintf("the first difference is in line %d\nwant %q\nnow  %q", i+1, w[i], g[i])
}
