//go:build !unix

package sim_test

import "time"

// cpuTime is zero where nobody has looked up how to ask.
func cpuTime() time.Duration { return 0 }
