// Package simtest tests code that was written for real sockets: it gives it
// net.Conn and net.Listener over two simulated hosts, in the virtual time of a
// [testing/synctest] bubble.
//
//	func TestClientGivesUp(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			nw := simtest.New(t, simtest.Config{Seed: 1, Link: link.Symmetric(20*time.Millisecond, 0.01)})
//			l, _ := nw.Server.Listen("tcp", ":80")
//			go http.Serve(l, handler)
//			client := http.Client{
//				Transport: &http.Transport{DialContext: nw.Client.DialContext},
//				Timeout:   30 * time.Second,
//			}
//			nw.Server.Unplug()
//			_, err := client.Get("http://server/")
//			...
//		})
//	}
//
// Dial functions and listeners with a Control function or keep-alive settings
// of their own are made with [Dialer] and [ListenConfig].
//
// [EveryEnding] runs such a test once for each way in which a connection can
// end, at each of several places.
//
// Behind a connection is a socket of package stack, with Linux's semantics and
// the options that package net sets: TCP_NODELAY, and keep-alive probes every
// 15 s. Errors are those of package net: *net.OpError around *os.SyscallError
// around the [syscall.Errno] of the system that the test runs on, io.EOF by
// itself, os.ErrDeadlineExceeded, net.ErrClosed. When a test fails, it logs
// what happened on the network and the command that repeats it.
//
// # How it works
//
// One goroutine, the engine, moves the hosts. It waits until every other
// goroutine of the bubble is blocked, takes the calls that were made since in
// an order of its own, that of each goroutine kept, then the next event, and lets one caller go on at a
// time. Read, Accept, Dial and Listen wait for it always; Write waits when the
// send buffer is full, and Close only with a positive linger time.
//
// # What a run depends on
//
// With one seed, one configuration and one version of tcpsim, every byte of
// every segment and the instant of each are the same in every run, at every
// GOMAXPROCS and under the race detector, provided that what each goroutine
// asks of its connections depends only on what its calls returned, on time and
// on what it got from other goroutines. In particular:
//
//   - Goroutines that run at the same time may use different connections, or
//     one may read a connection and another write it, in any order: calls that
//     several goroutines have made between two rests of the bubble are carried
//     out by kind and connection, not in the order in which they happened to be
//     made. Those of one goroutine keep their order.
//   - Timers of the code under test that fire at one instant may do so too.
//     At each instant the code runs first, then the network.
//
// It is not the same in every run where the code leaves to chance
//
//   - which of several goroutines dials, listens or accepts first on one
//     address at one instant: who gets which connection is chance. The link
//     does not show it as long as they do the same with what they get. Dial in
//     one goroutine, or at different instants.
//   - which of several goroutines writes, shuts down or closes one connection
//     first, or reads it.
//   - what it does next: a select with several channels ready, the order of a
//     map, math/rand and crypto/rand (and so TLS), addresses of memory, and
//     time outside the bubble.
//
// # Limits
//
// A host reaches itself over a loopback of its own, which is not in the
// network's trace.
//
// One bubble has one network, and nobody else may call [synctest.Wait] there:
// the engine does, and the runtime panics when two goroutines do at once. Use
// [Network.Wait].
//
// A goroutine that waits for a sync.Mutex keeps the bubble from resting. While
// one is held across a Read, an Accept, a Dial or a Write into a full buffer,
// and another goroutine waits for it, time stands still and the test hangs, as
// it does in any bubble. Package database/sql does that with every query that
// has a context. [EveryEnding] notices, fails the one subtest and says who
// waits for what; any other test ends when go test loses its patience.
//
// A Write of up to 64 KiB returns at once when the socket has room for a part
// of it, so that a program gets as much more into a send buffer as that.
//
// There is no [net.TCPConn] behind a connection: code that asks for that type,
// or for File, does not find them. What low-level code does with a descriptor
// works on Linux, with one that stands in for the connection: see
// [Conn.SyscallConn]. Listeners are of TCP over IPv4,
// or over IPv6, as the hosts are: there is no host with both, no UDP, and no
// Unix socket.
package simtest
