//go:build unix

package sim_test

import (
	"syscall"
	"time"
)

// cpuTime is the processor time that this process has used, of all threads and
// in the kernel too.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
