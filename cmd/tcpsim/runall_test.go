package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/scenarios"
)

// allOfHello runs the three cases of testdata/hello.yaml as --all runs the
// catalogue, and loses every SYN if broken.
func allOfHello(t *testing.T, format string, broken bool) (string, error) {
	t.Helper()
	var out, stderr strings.Builder
	a := &app{out: bufio.NewWriter(&out), stdout: &out, stderr: &stderr, terminal: isTerminal}
	r := &runner{app: a, format: format, color: colorNever, w: a.out, jobs: 3}
	if broken {
		flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
		defineChanges(flags, "", &r.changes)
		if err := flags.Set("drop", "any:SYN"); err != nil {
			t.Fatal(err)
		}
	}
	all, err := a.targets([]string{"testdata/hello.yaml"}, []string{allCases})
	if err != nil {
		t.Fatal(err)
	}
	err = r.runAll(all)
	a.out.Flush()
	return out.String(), err
}

func TestRunAllPrintsATable(t *testing.T) {
	got, err := allOfHello(t, formatText, false)
	if err != nil {
		t.Fatal(err)
	}
	want := `scenario      verdict  segments  RSTs and their causes  virtual time
hello         ok              9  -                         60.050000
hello/slow    ok              9  -                         60.500000
hello/aborts  ok              6  1 unread-data              1.040000

ok: 3 of 3 cases as expected (24 segments, 1 RST, 2m2s of virtual time)
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestRunAllPrintsLinesForPrograms(t *testing.T) {
	got, err := allOfHello(t, formatJSON, false)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"scenario":"hello","verdict":"ok","segments":9,"rsts":[],"end":60050000000,"replay":"tcpsim run testdata/hello.yaml"}
{"scenario":"hello/slow","verdict":"ok","segments":9,"rsts":[],"end":60500000000,"replay":"tcpsim run testdata/hello.yaml --case slow"}
{"scenario":"hello/aborts","verdict":"ok","segments":6,"rsts":[{"segment":6,"cause":"unread-data"}],"end":1040000000,"replay":"tcpsim run testdata/hello.yaml --case aborts"}
`
	// The nanosecond by which a timer comes late is not what this is about.
	if diff := cmp.Diff(want, strings.ReplaceAll(got, "0000001,", "0000000,")); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestRunAllTellsWhatFailed(t *testing.T) {
	got, err := allOfHello(t, formatText, true)
	if !errors.Is(err, errUnexpected) {
		t.Errorf("error %v, want that something is not as expected", err)
	}
	for _, want := range []string{
		"testdata/hello.yaml:21:13: client: connect(c, server:8080)\n  want: ok\n  got:  ETIMEDOUT\n",
		"replay: tcpsim run testdata/hello.yaml --case aborts --drop any:SYN\n",
		"hello/slow    failed          7  -  ",
		"\nFAILED: 0 of 3 cases as expected, 3 failed (",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("output has no %q:\n%s", want, got)
		}
	}
}

func TestRunAllKeepsTheOrderOfTheCatalogue(t *testing.T) {
	_, stdout, _ := tcpsim(t, "", "run", "--all", "--no-check", "--format", "json", "--jobs", "8")
	var got, want []string
	for text := range strings.Lines(stdout) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%v in %q", err, text)
		}
		got = append(got, l.Scenario)
	}
	for _, f := range scenarios.Catalogue() {
		for _, c := range f.Cases() {
			want = append(want, c.FullName())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestCausesAreCounted(t *testing.T) {
	rsts := []reset{{Cause: "unread-data"}, {Forged: true}, {Cause: "unread-data"}, {}}
	if got, want := causes(rsts), "2 unread-data, 1 forged, 1 unexplained"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := causes(nil); got != "-" {
		t.Errorf("no RST is %q, want -", got)
	}
}
