package scenarios_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
)

// block is the first fenced block of a language in the README, and where it
// begins and ends.
func block(t *testing.T, readme, language string) (text string, start, end int) {
	t.Helper()
	open := "```" + language + "\n"
	i := strings.Index(readme, open)
	if i < 0 {
		t.Fatalf("the README has no %s block", language)
	}
	start = i + len(open)
	n := strings.Index(readme[start:], "```")
	return readme[start : start+n], start, start + n
}

// TestReadmeShowsWhatTheCommandPrints keeps the README's trace true.
func TestReadmeShowsWhatTheCommandPrints(t *testing.T) {
	src, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(src)
	c, err := scenarios.Find("unread-data")
	if err != nil {
		t.Fatal(err)
	}
	res, err := scenarios.Run(c, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := res.Trace.WriteText(&want, trace.Style{}); err != nil {
		t.Fatal(err)
	}
	got, start, end := block(t, readme, "text")
	if got == want.String() {
		return
	}
	if golden.Update(t, "testdata") {
		if err := os.WriteFile("../README.md", []byte(readme[:start]+want.String()+readme[end:]), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the README shows another trace than the command prints (go test -update rewrites it):\n%s\nwant\n%s", got, want.String())
}

// TestReadmeScenarioBehavesAsItSays runs the file that the README tells people
// to save.
func TestReadmeScenarioBehavesAsItSays(t *testing.T) {
	src, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := block(t, string(src), "yaml")
	f, err := scenarios.Decode("README.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	res, err := scenarios.Run(&f.Base, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		t.Error(p)
	}
}

// TestReadmeGoIsTheExamples keeps the README's programs ones that compile: each
// is the body of an example of the package that it shows, line for line.
func TestReadmeGoIsTheExamples(t *testing.T) {
	src, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(src)
	for _, name := range []string{"../sim/example_test.go", "../sim/simtest/example_test.go"} {
		example, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text, _, end := block(t, rest, "go")
		rest = rest[end:]
		if !strings.Contains(unindented(string(example)), unindented(text)) {
			t.Errorf("%s has no such part:\n%s", name, text)
		}
	}
	if strings.Contains(rest, "```go\n") {
		t.Error("the README has a Go program that no example holds")
	}
}

// unindented is a text without the space at the beginning of its lines.
func unindented(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, " \t")
	}
	return strings.Join(lines, "\n")
}
