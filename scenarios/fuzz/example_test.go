package fuzz_test

import (
	"context"
	"fmt"

	"github.com/tcpsim/tcpsim/scenarios/fuzz"
)

// A campaign makes runs, checks them with every oracle and makes what it finds
// as small as it can be.
func ExampleCampaign() {
	sum := fuzz.Campaign(context.Background(), fuzz.Config{Seed: 1, Runs: 20, Jobs: 1})
	fmt.Println(sum.Runs, "runs")
	for _, f := range sum.Findings {
		if f.Known == "" {
			fmt.Println(f.Oracle, f.Rule, f.Replay)
		}
	}
	// Output: 20 runs
}

// Every byte string is a scenario, and the same one each time.
func ExampleGenerate() {
	f := fuzz.Generate([]byte("any bytes at all"))
	tr, violations := fuzz.Try(f, fuzz.Config{})
	fmt.Println(len(tr.Segments) > 0, violations)
	// Output: true []
}
