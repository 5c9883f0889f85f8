package fuzz

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/model/file"
)

type modelFile = model.File

// Minimal makes a scenario that shows a violation of one kind as small as it can
// be, and writes down what it shows.
func Minimal(f *model.File, key string, c Config) Finding {
	found := describe(shrink(f, stillFails(key, c)), key, c)
	found.Minimal = true
	return found
}

// describe runs a scenario once more and writes down what it shows.
func describe(f *model.File, key string, c Config) Finding {
	found := blank(f, key)
	c.Oracles = []string{found.Oracle}
	tr, violations := Try(f, c)
	for _, v := range violations {
		if v.Key() == key {
			found.Text = v.String() + found.Text
			break
		}
	}
	if tr != nil {
		found.Ladder = tr.String()
	}
	return found
}

// blank is a finding without what a run shows.
func blank(f *model.File, key string) Finding {
	oracle, rule, _ := strings.Cut(key, "/")
	found := Finding{Oracle: oracle, Rule: rule, Steps: stepCount(&f.Base), Known: Known(key)}
	for _, o := range append(Oracles(), RunOracles()...) {
		if o.Name == oracle {
			found.Claim, found.Source = o.Claim, o.Source
		}
	}
	named := clone(f)
	named.Name = "fuzz-" + oracle + "-" + rule
	named.Base.Scenario, named.Base.Title = named.Name, found.title()
	src, err := file.Encode(named)
	if err != nil {
		found.Text = " (the scenario cannot be written: " + err.Error() + ")"
		return found
	}
	found.Scenario = string(src)
	found.Replay = "tcpsim run " + found.File()
	return found
}

func (f *Finding) title() string {
	return "Breaks " + f.Oracle + "/" + f.Rule
}

// File is the name under which a corpus keeps the finding.
func (f *Finding) File() string {
	sum := sha256.Sum256([]byte(f.Scenario))
	return fmt.Sprintf("%s-%s-%s.yaml", f.Oracle, f.Rule, hex.EncodeToString(sum[:4]))
}

// WriteYAML gives the finding as a scenario file, with what it breaks, the
// command and the ladder as comments.
func (f *Finding) WriteYAML() []byte {
	var b bytes.Buffer
	comment := func(s string) {
		for line := range strings.Lines(strings.TrimRight(s, "\n") + "\n") {
			fmt.Fprintf(&b, "# %s\n", strings.TrimRight(line, " \n"))
		}
	}
	comment(f.Oracle + "/" + f.Rule + ": " + f.Claim)
	comment("Source: " + f.Source)
	comment(f.Text)
	if f.Known != "" {
		comment("Known: " + f.Known)
	}
	comment("Replay: " + f.Replay)
	b.WriteString(f.Scenario)
	comment("\n" + f.Ladder)
	return b.Bytes()
}
