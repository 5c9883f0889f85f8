// Package drive is the door by which sim/simtest runs a sim.Sim from outside,
// one event at a time, for code that is not written as processes: whoever drives
// decides when time passes and when a call is tried again.
//
// It is a package of its own, with interfaces over the types of sim, so that the
// door is not one of sim's own names: sim hangs it in with [Provide] as it is
// initialised, and simtest opens it with [Of].
package drive

import (
	"net/netip"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Driver runs a Sim, whose hosts, processes and experimenters are H, P and N.
// Everything must happen inside Do.
type Driver[H, P, N any] interface {
	// Do runs f at an instant of virtual time, which must not lie before the one
	// of the last Do. It returns the error that ended the run, if any has.
	Do(now time.Duration, f func()) error

	// Next is the instant of the next event; false when there is none.
	Next() (at time.Duration, ok bool)

	// Step executes the next event.
	Step()

	// Network gives what an experimenter can do, but for what waits.
	Network() N

	// Process makes a process without a function of its own: its calls are made
	// through Begin, and those of its methods that never block.
	Process(host H, name string) P

	// Kill ends a process with a signal: its descriptors are closed as the kernel
	// closes them.
	Kill(p P, signal stack.Signal)

	// Begin records the start of a call on a descriptor. The beginning of the
	// data that it sends is copied.
	Begin(p P, op trace.Op, args trace.Args) Pending

	// Socket is the socket of a descriptor, nil for none.
	Socket(p P, fd int) *stack.Socket

	// Release gives a descriptor back; it is for the call close, which closes the
	// socket itself.
	Release(p P, fd int)

	// Ending records that whoever drives ends a connection of a host.
	Ending(host H, text string)

	// Snapshot is the trace so far: a copy that does not change while the run goes
	// on.
	Snapshot() *trace.Trace

	// Finish ends the run and gives its trace.
	Finish() *trace.Trace
}

// Pending is a call that has begun and not returned.
type Pending interface {
	// Try tries the call and settles the host. EAGAIN says that nothing was done.
	Try(f func(*stack.Socket) stack.Errno) stack.Errno

	// Stirred reports whether something has happened to the socket since the last
	// Try: another may succeed.
	Stirred() bool

	// Retry makes Stirred report true: the last Try has done a part of what the
	// call is to do.
	Retry()

	// Block notes that the call waits.
	Block()

	// Return records the end of the call: what it returned, and the data that a
	// recv has got.
	Return(value int, data []byte, errno stack.Errno)

	// ReturnConn records that accept has taken a connection, and gives that a
	// descriptor.
	ReturnConn(conn *stack.Socket, peer netip.AddrPort) (fd int)
}

// start is what Provide was given. It is set once, before anything runs.
var start any

// Provide hangs the door in: start takes the place of a Sim's Run.
func Provide[S, H, P, N any](f func(S) Driver[H, P, N]) { start = f }

// Of drives a Sim. Its caller ends the run with Finish. The types are those that
// sim gave to Provide.
func Of[H, P, N, S any](s S) Driver[H, P, N] { return start.(func(S) Driver[H, P, N])(s) }
