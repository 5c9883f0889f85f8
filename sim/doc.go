// Package sim runs two hosts, a link and the processes on them in virtual
// time, and records everything.
//
// There is one clock and one heap of events, ordered by instant and then by
// the order in which the events were made. An event is a segment that arrives,
// a timer of one of the netstacks, or a process that goes on. After each, the
// host it concerns is settled, what it sent is recorded and offered to the
// link, and the processes that can go on do so, one at a time. Nothing runs at
// once and nothing depends on the machine: the same configuration and seed
// give the same [trace.Trace], byte for byte.
//
// gVisor starts as many processors for TCP as GOMAXPROCS says, and with more
// than one a run would depend on the machine. So the hosts are made, by [New] and
// at every boot, with GOMAXPROCS at 1, for the whole process, and it is set back
// when nobody makes hosts any more. Other goroutines of the program share one
// processor meanwhile, and the world stops twice, for some microseconds: a
// profile of tests that run in parallel shows it.
//
// A process is a function with blocking calls, as socket programs are written:
//
//	s, err := sim.New(sim.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)})
//	s.Server().Go("server", func(p *sim.Process) {
//		l, _ := p.Socket()
//		p.Bind(l, netip.AddrPortFrom(s.Server().Addr(), 8080))
//		p.Listen(l, 16)
//		c, _, _ := p.Accept(l)
//		p.Sleep(20 * time.Second)
//		p.Close(c)
//	})
//	tr, err := s.Run()
package sim
