package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
)

const whyPage = "../../docs/why.md"

var (
	// shellBlock is one command of tcpsim in a block of its own, with the block
	// of what it prints, when the page shows that.
	shellBlock = regexp.MustCompile("(?m)^```sh\n(tcpsim [^\n#]*)\n```\n(?:\n```text\n((?:[^`\n].*\n|\n|`[^`\n].*\n)*)```\n)?")
	// runOf is a scenario that a text tells people to run.
	runOf = regexp.MustCompile("tcpsim (?:run|show|outcomes) ([a-z][a-z0-9-]*(?:/[a-z0-9-]+)?)(?:[\\s`|;]|$)")
)

// TestWhyPageShowsWhatTheCommandsPrint does what the page tells its reader to
// do, in order and in one directory.
func TestWhyPageShowsWhatTheCommandsPrint(t *testing.T) {
	src, err := os.ReadFile(whyPage)
	if err != nil {
		t.Fatal(err)
	}
	page := string(src)
	dir := t.TempDir()
	var now strings.Builder
	last, shown := 0, 0
	for _, m := range shellBlock.FindAllStringSubmatchIndex(page, -1) {
		line := page[m[2]:m[3]]
		args := strings.Fields(line)
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		if m[4] < 0 {
			continue
		}
		shown++
		now.WriteString(page[last:m[4]])
		now.WriteString(strings.TrimRight(string(out), "\n") + "\n")
		last = m[5]
	}
	now.WriteString(page[last:])
	if want := strings.Count(page, "```text\n"); shown != want || shown == 0 {
		t.Fatalf("%d of %d texts of the page stand behind a command of their own", shown, want)
	}
	diff := golden.Difference(src, []byte(now.String()))
	if diff == "" {
		return
	}
	if golden.Update(t, "testdata") {
		if err := os.WriteFile(whyPage, []byte(now.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the page shows another text than the commands print (go test -update -reason TEXT rewrites it): %s", diff)
}

// TestReadmeAnswersAsTheWhyPage holds what the README shows of an answer to the
// page, whose text is held to the command.
func TestReadmeAnswersAsTheWhyPage(t *testing.T) {
	page, err := os.ReadFile(whyPage)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "tcpsim why reset.pcap\n```\n\n```text\n")
	if !found {
		t.Fatal("the README shows no answer of tcpsim why")
	}
	answer, _, _ := strings.Cut(rest, "```")
	if !strings.Contains(string(page), "```text\n"+answer) {
		t.Errorf("docs/why.md does not begin an answer with\n%s", answer)
	}
}

// TestPagesNameScenariosThatExist keeps what the README and the page tell
// people to run something that can be run.
func TestPagesNameScenariosThatExist(t *testing.T) {
	for _, name := range []string{"../../README.md", whyPage} {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found := runOf.FindAllStringSubmatch(string(src), -1)
		if len(found) < 3 {
			t.Errorf("%s: %d scenarios are named", name, len(found))
		}
		for _, m := range found {
			if _, err := scenarios.Find(m[1]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
