package stack

import (
	"os"
	"runtime"
	"sync"

	netstack "gvisor.dev/gvisor/pkg/tcpip/stack"
)

var buildMu sync.Mutex

// build constructs a netstack that has one TCP processor.
//
// gVisor starts as many processors as GOMAXPROCS says at that moment. With
// more than one, a processor can hand work to another that is already parked
// for a pause, and what a settle does then depends on the machine. Nothing
// but GOMAXPROCS sets the number, so it is 1 for as long as the construction
// takes; the mutex keeps two constructions from restoring each other's value.
func build(opts netstack.Options) *netstack.Stack {
	buildMu.Lock()
	defer buildMu.Unlock()
	if prev := runtime.GOMAXPROCS(0); prev != 1 {
		runtime.GOMAXPROCS(1)
		defer restoreProcs(prev)
	}
	return netstack.New(opts)
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
