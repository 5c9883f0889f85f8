// Package simassert runs a simulation in a test and says what has to have
// happened. Each assertion is one line; when one fails it says what was there
// instead, and the test logs the whole run as a ladder, once, with its seed.
//
//	func TestUnreadData(t *testing.T) {
//		s, err := sim.New(sim.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)})
//		...
//		r := simassert.Run(t, s)
//		r.Results("client", "recv", "ECONNRESET")
//		r.Reset(trace.Server, "unread-data")
//		r.States(trace.Client, stack.SynSent, stack.Established, stack.Closed)
//		r.NothingLeft()
//	}
//
// Assertions do not end the test: one run is often wrong in several ways that
// explain each other. What they do not cover is in the trace, which a [Record] is.
package simassert
