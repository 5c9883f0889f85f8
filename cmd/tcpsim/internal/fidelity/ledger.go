package fidelity

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

//go:embed ledger.yaml
var ledgerFile []byte

// Entry is what the ledger expects of a case.
type Entry struct {
	Verdict    Verdict `yaml:"verdict"`
	Reason     string  `yaml:"reason"`
	Difference string  `yaml:"difference"`
}

// Ledger is the expected outcome of every case of Recordings, by name, with
// the reason where it is not the same.
func Ledger() (map[string]Entry, error) {
	var file struct {
		Reasons map[string]string `yaml:"reasons"`
		Cases   map[string]Entry  `yaml:"cases"`
	}
	if err := yaml.Unmarshal(ledgerFile, &file); err != nil {
		return nil, fmt.Errorf("ledger.yaml: %w", err)
	}
	return file.Cases, nil
}

// Entry is the ledger's line for an outcome.
func (o *Outcome) Entry() Entry {
	return Entry{o.Verdict, o.Reason, o.Difference}
}

const ledgerHead = `# What comes of every case in testdata/linux-6.18, and why where it is not the
# same. TestLedger fails when anything here changes; after a change that is
# meant, write the file anew with
#
#   go test ./cmd/tcpsim/internal/fidelity -run TestLedger -update -reason TEXT
#
# Sources without a path are files of gvisor.dev/gvisor/pkg/tcpip/transport/tcp
# in the version that go.mod pins.
`

// WriteLedger writes outcomes as a ledger.
func WriteLedger(w io.Writer, outcomes []Outcome) error {
	var b strings.Builder
	b.WriteString(ledgerHead)
	n := map[Verdict]int{}
	used := map[string]int{}
	for i := range outcomes {
		o := &outcomes[i]
		n[o.Verdict]++
		if o.Reason != "" {
			used[o.Reason]++
		}
	}
	fmt.Fprintf(&b, "\n# %d cases: %d same, %d differ, %d unsupported\n\nreasons:\n", len(outcomes), n[Same], n[Differs], n[Unsupported])
	texts := Reasons()
	for _, id := range byUse(used) {
		fmt.Fprintf(&b, "  # %d\n  %s: %s\n", used[id], id, strconv.Quote(texts[id]))
	}
	b.WriteString("\ncases:\n")
	for i := range outcomes {
		o := &outcomes[i]
		if o.Verdict == Same {
			fmt.Fprintf(&b, "  %s: {verdict: %s}\n", o.Name, o.Verdict)
			continue
		}
		fmt.Fprintf(&b, "  %s:\n    verdict: %s\n    reason: %s\n    difference: %s\n",
			o.Name, o.Verdict, o.Reason, strconv.Quote(o.Difference))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// byUse sorts names by how often they were used, most often first.
func byUse(used map[string]int) []string {
	names := make([]string, 0, len(used))
	for name := range used {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := used[b] - used[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names
}
