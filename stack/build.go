package stack

import (
	"os"
	"runtime"
	"sync"

	netstack "gvisor.dev/gvisor/pkg/tcpip/stack"
)

// construction is open while netstacks are constructed.
//
// gVisor starts as many TCP processors as GOMAXPROCS says at that moment. With
// more than one, a processor can hand work to another that is already parked
// for a pause, and what a settle does then depends on the machine. Nothing
// but GOMAXPROCS sets the number, so it is 1 for as long as anybody constructs
// one.
var construction struct {
	sync.Mutex
	open   int // how many are at it
	before int // what GOMAXPROCS was before the first of them
}

// Together makes the construction of all hosts that f makes cheaper: each
// stops the world twice, for GOMAXPROCS, and together they do so twice in all.
// Everything else that goes on in the process has one processor meanwhile.
func Together(f func()) {
	c := &construction
	c.Lock()
	if c.open == 0 {
		if c.before = runtime.GOMAXPROCS(0); c.before != 1 {
			runtime.GOMAXPROCS(1)
		}
	}
	c.open++
	c.Unlock()
	defer func() {
		c.Lock()
		defer c.Unlock()
		c.open--
		if c.open == 0 && c.before != 1 {
			restoreProcs(c.before)
		}
	}()
	f()
}

// build constructs a netstack that has one TCP processor.
func build(opts netstack.Options) (s *netstack.Stack) {
	Together(func() { s = netstack.New(opts) })
	return s
}

// restoreProcs puts prev back and, where prev was the runtime's own choice,
// leaves the choice with the runtime: it follows the container's CPU limit
// until somebody calls GOMAXPROCS.
func restoreProcs(prev int) {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.SetDefaultGOMAXPROCS()
		if runtime.GOMAXPROCS(0) == prev {
			return
		}
	}
	runtime.GOMAXPROCS(prev)
}
