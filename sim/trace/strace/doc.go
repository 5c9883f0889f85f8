// Package strace prints the calls of one process as strace does: the other
// half of what somebody has in hand who debugs a reset, beside the output of
// tcpdump.
//
//	err := strace.Write(os.Stdout, tr, strace.Options{Process: 1, Time: strace.TimeOfDay})
//
// gives, on the clock of the captures,
//
//	00:00:05.030000 close(4)                = 0
//	00:00:05.030000 exit_group(0)           = ?
//	00:00:05.030000 +++ exited with 0 +++
//
// The system calls are those that the C library makes of the functions: send
// is sendto, recv is recvfrom, fork is clone, and the end of main is exit_group.
// A child's number stands for its process id. There is no
// memory here, so where strace prints an address, of a buffer that a call has
// not filled, it is always the same one. A process that is not in a call when
// it sleeps here would call clock_nanosleep; a trace holds no such call.
package strace
