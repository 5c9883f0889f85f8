package fuzz

import (
	"bytes"
	"context"
	"regexp"
	"runtime/pprof"
	"strconv"
	"sync/atomic"
	"time"
)

// tags tells the goroutines of runs apart that go on at the same time. It is
// no part of any result.
var tags atomic.Uint64

// How often goroutines looks whether all are gone, each time after twice as long
// as the time before: about a second in all, and 30 ms where there are many runs
// to be asked and another that confirms what comes of it.
const (
	patient = 10
	hasty   = 5
)

// goroutines calls f and reports how many goroutines that f has started, or
// that those have, are still there a while after it has returned. A goroutine
// inherits the label of the one that starts it, and the profile of all
// goroutines shows labels.
func goroutines(f func(), tries int) int {
	tag := strconv.FormatUint(tags.Add(1), 10)
	done := make(chan struct{})
	go pprof.Do(context.Background(), pprof.Labels("tcpsim-run", tag), func(context.Context) {
		defer close(done)
		f()
	})
	<-done
	left := tagged(tag)
	// One that has said that it is done may take a moment to be gone.
	for try := 0; left > 0 && try < tries; try++ {
		time.Sleep(time.Millisecond << try)
		left = tagged(tag)
	}
	return left
}

// record is a group of goroutines in the text of a profile, and its labels.
var record = regexp.MustCompile(`(?m)^(\d+) @.*\n# labels: \{"tcpsim-run":"(\d+)"`)

func tagged(tag string) (n int) {
	var b bytes.Buffer
	// Writing to memory cannot fail.
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
	for _, m := range record.FindAllSubmatch(b.Bytes(), -1) {
		if string(m[2]) == tag {
			k, _ := strconv.Atoi(string(m[1])) // digits
			n += k
		}
	}
	return n
}
