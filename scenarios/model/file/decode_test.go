package file

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

type malformed struct {
	name string
	yaml string
	want string
}

func allMalformed() []malformed {
	all := append([]malformed{}, malformedFiles...)
	all = append(all, malformedScenarios...)
	all = append(all, malformedLinks...)
	all = append(all, malformedForgeries...)
	all = append(all, malformedForks...)
	all = append(all, malformedFire...)
	return append(all, malformedSteps...)
}

const scenarioHead = "name: x\ntitle: t\n"

// scenarioWith puts more keys into a scenario that is otherwise right.
func scenarioWith(keys string) string {
	return scenarioHead + "hosts: {client: {processes: [{steps: [exit: 0]}]}}\n" + keys
}

// networkWith puts steps, from line 5, on the network of a scenario.
func networkWith(steps string) string {
	return scenarioWith("network:\n" + indent(steps, 2))
}

// processWith puts steps, from line 7, into the client's process.
func processWith(steps string) string {
	return scenarioHead + "hosts:\n  client:\n    processes:\n      - steps:\n" + indent(steps, 10)
}

func indent(lines string, by int) string {
	var b strings.Builder
	for l := range strings.SplitSeq(lines, "\n") {
		b.WriteString(strings.Repeat(" ", by) + l + "\n")
	}
	return b.String()
}

// knownSettings stands for package stack.
func knownSettings(name, _ string) error {
	if name == "tcp_sakc" {
		return errors.New("unknown sysctl; did you mean tcp_sack?")
	}
	return nil
}

func mustDecode(t *testing.T, src string) *model.File {
	t.Helper()
	f, err := Decode("x.yaml", []byte(src), Options{Setting: knownSettings})
	if err != nil {
		t.Fatalf("Decode: %v\n%s", err, src)
	}
	return f
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	src, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func TestMalformedFileIsExplained(t *testing.T) {
	for _, m := range allMalformed() {
		t.Run(m.name, func(t *testing.T) {
			f, err := Decode("x.yaml", []byte(m.yaml), Options{Setting: knownSettings, Scenario: repeated})
			if err == nil {
				t.Fatalf("accepted:\n%s", m.yaml)
			}
			if f != nil {
				t.Error("a File in spite of the error")
			}
			if diff := cmp.Diff(m.want, err.Error()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			var one *Error
			if !errors.As(err, &one) || one.File != "x.yaml" {
				t.Errorf("no *Error for x.yaml in %#v", err)
			}
		})
	}
}

func TestNoMoreThanTenErrorsAreReported(t *testing.T) {
	var src strings.Builder
	for i := range 30 {
		fmt.Fprintf(&src, "wrong%d: 1\n", i)
	}
	_, err := Decode("x.yaml", []byte(src.String()), Options{})
	var all Errors
	if !errors.As(err, &all) || len(all) != 10 {
		t.Fatalf("got %v", err)
	}
	for i := range all[1:] {
		if compare(all[i].Pos, all[i+1].Pos) > 0 {
			t.Errorf("not in file order:\n%v", err)
		}
	}
}

func TestLargeFileIsRefused(t *testing.T) {
	src := scenarioWith("") + strings.Repeat("#", 1<<20)
	_, err := Decode("x.yaml", []byte(src), Options{})
	want := fmt.Sprintf("x.yaml:1:1: the file has %d bytes; the limit is 1048576", len(src))
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAliasBombIsRefused(t *testing.T) {
	src := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'k'; c++ {
		src += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 10))
	}
	start := time.Now()
	_, err := Decode("x.yaml", []byte(src), Options{})
	if err == nil || !strings.Contains(err.Error(), "aliases repeat too much") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// Suggestions compare every unknown name with every known one.
func TestFileWithManyNamesIsReadSoon(t *testing.T) {
	var labels, rules strings.Builder
	for i := range 8000 {
		fmt.Fprintf(&labels, "- {exit: 0, label: label-%d}\n- wait-for: lable-%d\n", i, i)
		fmt.Fprintf(&rules, "- drop: any:FIN:%d\n- pass: any:SYN:%d\n", i+1, i+1)
	}
	for name, src := range map[string]string{
		"labels": processWith(strings.TrimSpace(labels.String())),
		"rules":  networkWith(strings.TrimSpace(rules.String())),
		"steps":  processWith(strings.Repeat("- recieve: c\n", 30000) + "- exit: 0"),
	} {
		start := time.Now()
		if _, err := Decode("x.yaml", []byte(src), Options{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

func TestDeepNestingIsRefused(t *testing.T) {
	_, err := Decode("x.yaml", []byte("name: "+strings.Repeat("[", 200)+strings.Repeat("]", 200)), Options{})
	if err == nil || !strings.Contains(err.Error(), "values are nested more than 100 deep") {
		t.Errorf("got %v", err)
	}
}

func TestAliasStandsForItsAnchor(t *testing.T) {
	f := mustDecode(t, scenarioHead+`hosts:
  client: {processes: &both [{name: a, steps: &steps [{socket: s}, {close: s}]}]}
  server: {processes: [{steps: *steps}]}
`)
	if diff := cmp.Diff(f.Base.Client.Processes[0].Steps, f.Base.Server.Processes[0].Steps, addresses); diff != "" {
		t.Error(diff)
	}
}

// One mistake must not hide behind, or cause, a dozen others.
func TestMisspeltStepDoesNotMakeItsSocketUnknown(t *testing.T) {
	_, err := Decode("x.yaml", []byte(processWith("- sokcet: c\n- close: c\n- {wait-for: l}")), Options{})
	want := `x.yaml:7:13: unknown key "sokcet" in a step; did you mean "socket"?`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
