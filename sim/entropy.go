package sim

import (
	"math/rand/v2"

	"github.com/tcpsim/tcpsim/sim/link"
)

// entropy makes the random streams of a run from its seed, by name.
type entropy uint64

// Stream implements stack.Entropy.
func (e entropy) Stream(name string) *rand.PCG { return link.Stream(uint64(e), name) }
