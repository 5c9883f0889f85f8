package scenarios_test

import (
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

// BenchmarkCatalogue runs every case by itself: hosts, run, check, teardown.
func BenchmarkCatalogue(b *testing.B) {
	eachCase(func(c *model.Case) {
		b.Run(c.FullName(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := scenarios.Run(c, scenarios.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}
