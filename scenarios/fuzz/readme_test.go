package fuzz

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/sim/trace/golden"
)

// documented are runs of seed 1 in which the fuzzer comes upon bugs of gVisor.
var documented = []struct {
	number int
	rule   string
}{
	{128, "early-retransmission"},
	{2511, "fin-not-taken"},
}

// section is what README.md says about a kind.
func (k knownKind) section(key string) string {
	var b strings.Builder
	name := strings.ReplaceAll(key, "/", "-") + ".yaml"
	fmt.Fprintf(&b, "## %s\n\n[%s](%s)\n\n**Wrong:** %s\n\n**Right:** %s\n\n**Where:**\n", key, name, name, k.wrong, k.right)
	for _, at := range k.at {
		fmt.Fprintf(&b, "- `pkg/tcpip/transport/tcp/%s:%d`: `%s`\n", at.file, at.line, at.code)
	}
	return b.String()
}

func TestReadmeOfWhatIsKnown(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# What the fuzzer has found in gVisor

Each file here is the smallest scenario that breaks an invariant in one way, with the version of gVisor that go.mod
names; ` + "`tcpsim run FILE`" + ` shows it. The lines are those of that version. A test runs every file, and fails when one
does not show its violation any more. This page is written by ` + "`go test ./scenarios/fuzz -run Readme -update -reason TEXT`" + `.

The fuzzer comes upon the two that were known from reading by itself, in the campaign

    tcpsim fuzz --runs 20000 --seed 1

`)
	for _, run := range documented {
		key := ruleOracle()[run.rule] + "/" + run.rule
		fmt.Fprintf(&b, "- %s in run %d: `tcpsim fuzz --seed 1 --run %d --oracle %s`\n", key, run.number, run.number, ruleOracle()[run.rule])
	}
	for _, key := range slices.Sorted(maps.Keys(knownKinds)) {
		b.WriteString("\n" + knownKinds[key].section(key))
	}
	name := filepath.Join("testdata", "known", "README.md")
	if golden.Update(t, "testdata") {
		if err := os.WriteFile(name, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil || string(got) != b.String() {
		t.Errorf("%s is not what -update writes (%v)", name, err)
	}
}
