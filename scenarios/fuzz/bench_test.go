package fuzz

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// BenchmarkCampaign is how many runs there are for a second of processor time,
// all oracles and the second run of each scenario included, with one job and
// with two. Two jobs do their work beside each other when a run costs them no
// more processor time than it costs one: cpus is how many processors they have
// kept busy, which the machine decides, too.
func BenchmarkCampaign(b *testing.B) {
	for _, jobs := range []int{1, 2} {
		b.Run(fmt.Sprintf("jobs=%d", jobs), func(b *testing.B) {
			begin, used := time.Now(), processor(b)
			seed := uint64(0)
			for b.Loop() {
				seed++
				Campaign(b.Context(), Config{Seed: seed, Runs: 200, Jobs: jobs, Oracles: quietOracles})
			}
			spent := processor(b) - used
			b.ReportMetric(200*float64(b.N)/spent.Seconds(), "runs/cpu-s")
			b.ReportMetric(200*float64(b.N)/time.Since(begin).Seconds(), "runs/s")
			b.ReportMetric(spent.Seconds()/time.Since(begin).Seconds(), "cpus")
		})
	}
}

// quietOracles find nothing in gVisor that is known, so that nothing is shrunk.
var quietOracles = []string{"prefix", "eof", "reset-number", "reset-cause", "silence", "ack", "errno", "replay"}

// processor is the processor time of this process.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Skip(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
