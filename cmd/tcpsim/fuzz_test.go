package main

import (
	"bufio"
	"bytes"
	"os"
	"os/signal"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/fuzz"
)

// Control-C ends a campaign; what it has found until then is told.
func TestInterruptedCampaignsTellWhatTheyHave(t *testing.T) {
	var out, stderr bytes.Buffer
	a := &app{stdin: strings.NewReader(""), out: bufio.NewWriter(&out), stdout: &out, stderr: &stderr, terminal: isTerminal}
	c := a.fuzzCommand()
	c.SetArgs([]string{"--time", "1m", "--jobs", "1"})
	// A signal that comes before the command listens must not end the test.
	early := make(chan os.Signal, 1)
	signal.Notify(early, os.Interrupt)
	defer signal.Stop(early)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		self, _ := os.FindProcess(os.Getpid()) // on Unix there is no error
		for {
			select {
			case <-ended:
				return
			case <-time.After(300 * time.Millisecond):
				_ = self.Signal(os.Interrupt)
			}
		}
	}()
	begin := time.Now()
	if err := c.Execute(); err != nil {
		t.Error(err)
	}
	a.out.Flush()
	if d := time.Since(begin); d > 20*time.Second {
		t.Errorf("it went on for %s", d)
	}
	if !strings.Contains(out.String(), " of seed 0, interrupted, 0 new and ") {
		t.Errorf("it says\n%s", out.String())
	}
}

func TestFindingsThatAreNewsAreToldInFull(t *testing.T) {
	s := &fuzz.Summary{
		Seed: 7, Shards: 1, Runs: 9, Violations: map[string]int{"stream/lost": 1, "reset/odd": 2},
		Findings: []fuzz.Finding{
			{Oracle: "stream", Rule: "lost", Claim: "Nothing is lost.", Source: "RFC 1", Text: "3 bytes", Run: 4, Steps: 2, Scenario: "name: x\n", Ladder: "ladder\n"},
			{Oracle: "reset", Rule: "odd", Run: 5, Minimal: true, Known: "It is known.", Scenario: "name: y\n"},
			{Oracle: "reset", Rule: "odd", Run: 6, Minimal: true, Known: "It is known.", Scenario: "name: z\n"},
		},
	}
	var out bytes.Buffer
	writeCampaign(&out, s, false)
	got, _, _ := strings.Cut(out.String(), "seen ")
	want := `NEW: stream/lost: Nothing is lost.
source: RFC 1
3 bytes
run 4 of seed 7, 2 steps, not made smaller

name: x

ladder

replay: tcpsim fuzz --seed 7 --run 4 --oracle stream

known: reset/odd in 2 runs, first in run 5: It is known.

`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if want := "FAILED: 9 runs of seed 7, 1 new and 2 known findings"; !strings.Contains(out.String(), want) {
		t.Errorf("%q is not in\n%s", want, out.String())
	}
}
