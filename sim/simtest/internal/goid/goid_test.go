package goid

import (
	"runtime"
	"sync"
	"testing"
)

// A goroutine keeps its identity while its stack moves and while it is put
// aside, and shares it with no other that is alive.
func TestGoroutinesAreToldApart(t *testing.T) {
	const n = 100
	var mu sync.Mutex
	seen := map[uintptr]bool{}
	var ready, done sync.WaitGroup
	ready.Add(n)
	for range n {
		done.Go(func() {
			id := Current()
			mu.Lock()
			if seen[id] {
				t.Errorf("two goroutines are both %#x", id)
			}
			seen[id] = true
			mu.Unlock()
			ready.Done()
			ready.Wait()
			runtime.Gosched()
			if got := deep(200); got != id {
				t.Errorf("a goroutine was %#x and is %#x", id, got)
			}
		})
	}
	done.Wait()
}

// deep makes the stack grow.
func deep(n int) uintptr {
	var room [512]byte
	room[n%len(room)] = 1
	if n == 0 {
		return Current()
	}
	return deep(n-1) + uintptr(room[(n+1)%len(room)])
}
