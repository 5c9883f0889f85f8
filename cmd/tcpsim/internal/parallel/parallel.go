// Package parallel makes many runs that know nothing of each other, several at
// a time. What comes of each is kept by its number, so that a report is the same
// whatever ended first.
//
//	results := make([]result, len(cases))
//	parallel.Each(len(cases), 0, bar.set, func(i int) { results[i] = run(&cases[i]) })
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls do once with every number from 0 up to n, and returns when all
// calls have. At most jobs of them go on at a time, or GOMAXPROCS where jobs is
// not positive. After each call progress, unless nil, is told how many of the n
// are done; it is called by one goroutine at a time, with rising numbers.
func Each(n, jobs int, progress func(done, all int), do func(i int)) {
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	var (
		next atomic.Int64
		all  sync.WaitGroup
		mu   sync.Mutex
		done int
	)
	for range min(jobs, n) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
				if progress != nil {
					mu.Lock()
					done++
					progress(done, n)
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
}
