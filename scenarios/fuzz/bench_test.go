package fuzz

import (
	"fmt"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

const benchRuns = 400

// BenchmarkCampaign is how many runs there are for a second of processor time,
// all oracles and the second run of each scenario included, with one job and
// with two, in this process and in workers. Two jobs do their work beside each
// other when a run costs them no more processor time than it costs one: cpus is
// how many processors they have kept busy, which the machine decides, too.
func BenchmarkCampaign(b *testing.B) {
	for _, where := range []struct {
		name   string
		worker func() *exec.Cmd
	}{{"process", nil}, {"workers", workers(b, "")}} {
		for _, jobs := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/jobs=%d", where.name, jobs), func(b *testing.B) {
				begin, used := time.Now(), processor(b)
				seed := uint64(0)
				for b.Loop() {
					seed++
					quietly(b, Config{Seed: seed, Jobs: jobs, Worker: where.worker})
				}
				spent := processor(b) - used
				b.ReportMetric(benchRuns*float64(b.N)/spent.Seconds(), "runs/cpu-s")
				b.ReportMetric(benchRuns*float64(b.N)/time.Since(begin).Seconds(), "runs/s")
				b.ReportMetric(spent.Seconds()/time.Since(begin).Seconds(), "cpus")
			})
		}
	}
}

// BenchmarkTwoJobs is how much more two jobs do than one in the same time, in
// this process and in workers. They take turns, and the best turn of each
// counts, so that what else the machine does matters little. Each ratio is at
// most the number of processors.
func BenchmarkTwoJobs(b *testing.B) {
	for _, where := range []struct {
		name   string
		worker func() *exec.Cmd
	}{{"process", nil}, {"workers", workers(b, "")}} {
		b.Run(where.name, func(b *testing.B) {
			var best [2]time.Duration
			for b.Loop() {
				for i := range best {
					begin := time.Now()
					quietly(b, Config{Seed: 1, Jobs: i + 1, Worker: where.worker})
					if d := time.Since(begin); best[i] == 0 || d < best[i] {
						best[i] = d
					}
				}
			}
			b.ReportMetric(best[0].Seconds()/best[1].Seconds(), "two/one")
			for i, d := range best {
				b.ReportMetric(benchRuns/d.Seconds(), fmt.Sprintf("runs/s-jobs=%d", i+1))
			}
		})
	}
}

// quietly is a campaign in which nothing is found, and so nothing shrunk.
func quietly(b *testing.B, c Config) {
	b.Helper()
	c.Runs, c.Oracles = benchRuns, quietOracles
	if s := Campaign(b.Context(), c); s.Runs != benchRuns || len(s.Findings)+len(s.Mishaps) > 0 {
		b.Fatalf("%d runs, %v, %v", s.Runs, s.Violations, s.Mishaps)
	}
}

// quietOracles find nothing in gVisor that is known, so that nothing is shrunk.
var quietOracles = []string{"prefix", "eof", "reset-number", "reset-cause", "silence", "ack", "errno", "replay"}

// processor is the processor time of this process and of the workers that it has
// waited for.
func processor(b *testing.B) (sum time.Duration) {
	b.Helper()
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Skip(err)
		}
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return sum
}
