// Package linux is a machine on which a real Linux runs, in virtual time and
// without privileges, as a program of its own: hosts that are network
// namespaces, processes that make real system calls, frames that go out of and
// into each host at an instant that the caller chooses, and the kernel's own
// word for changes of state, resets and drops.
//
// A [Machine] is booted from a kernel that the package
// [github.com/tcpsim/tcpsim/stack/linux/kernel] built. Its clock stands while
// anything in it can run, and while it waits to be told what to do. It moves
// only in [Machine.Advance], to the next thing that happens by itself (a timer
// of TCP's fires, a call returns) and never further than asked. So the caller
// is the network, and the master of time:
//
//	m, err := linux.Boot(ctx, linux.Options{Kernel: k.Path, Seed: 1})
//	client, err := m.NewHost(linux.HostConfig{Addrs: ...})
//	p, step, err := client.Spawn()
//	step, err = p.Do(linux.Connect(3, server))
//	for _, e := range step.Events {
//		switch e := e.(type) {
//		case linux.Frame:    // to be injected into the other host, later
//		case linux.Returned: // a call has returned
//		...
//
// Everything random in the machine follows from the seed, and nothing in it
// depends on the computer: the same calls at the same instants give the same
// bytes. A machine boots in some hundredths of a second, and a run that wants to
// be the same whatever ran before boots its own: initial sequence numbers and
// timer wheels depend on how long a kernel has been up.
//
// A machine is used by one goroutine at a time. When it fails (a panic, a hang,
// the end of its process), it is taken down, and the error says what it was
// doing and what was last on its console.
package linux
