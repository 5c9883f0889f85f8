package simtest

import (
	"math"
	"net"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// plan ends one connection of one side once its code has written a
// number of bytes. A nil plan ends nothing.
type plan struct {
	ending Ending
	side   trace.Side
	nth    int // which connection, counted down from the first, which is 1
	after  int
	sock   *socket
	fired  bool
}

// allows is how many bytes the socket may send before the plan has its turn.
func (p *plan) allows(s *socket) int {
	if p == nil || p.sock != s || p.fired {
		return math.MaxInt
	}
	return p.after - s.written
}

// wrote looks whether it is time.
func (p *plan) wrote(s *socket) {
	if p == nil || p.sock != s || p.fired || s.written < p.after {
		return
	}
	p.fired = true
	enders[p.ending](s)
}

// patience is how long the ending UnreadData waits for data that it leaves
// unread.
const patience = time.Second

// enders do to a connection what the endings say. They run in the engine.
var enders = map[Ending]func(*socket){
	FIN:   closeNow,
	Reset: func(s *socket) { s.reset() },
	UnreadData: func(s *socket) {
		s.drop(net.ErrClosed)
		end := s.nw.Now() + patience
		o := s.op(kindControl, nil, nil)
		o.ready = func() bool { return s.sock.Endpoint().Unread() > 0 }
		o.due = func() time.Duration { return end }
		o.try = func() {
			closeNow(s)
			s.nw.finish(o)
		}
		o.late = o.try
		s.nw.parked = append(s.nw.parked, o)
	},
	HalfClose: func(s *socket) { s.host.process.Shutdown(s.fd, stack.ShutWrite) },
	Silence:   func(s *socket) { s.hung = true },
	Kill:      func(s *socket) { s.host.kill() },
	Crash:     func(s *socket) { s.host.crash() },
	Reboot: func(s *socket) {
		s.host.crash()
		s.host.boot()
	},
	Timeout:   func(s *socket) { s.nw.driver.Network().Unplug(s.host.sim.Side()) },
	Middlebox: func(s *socket) { s.nw.driver.Network().AddRule(forgedReset()) },
}

func (s *socket) reset() {
	s.host.process.SetSockOpt(s.fd, "SO_LINGER", stack.Value{Kind: stack.KindLinger, Linger: stack.Linger{On: true}})
	s.linger = stack.Linger{}
	closeNow(s)
}

// closeNow closes the socket as if its own code had: that code gets
// net.ErrClosed from now on.
func closeNow(s *socket) {
	s.drop(net.ErrClosed)
	call := s.host.driver.Begin(s.host.process, trace.OpClose, trace.Args{FD: s.fd})
	call.Try(func(sock *stack.Socket) stack.Errno {
		sock.Close()
		return stack.OK
	})
	s.host.driver.Release(s.host.process, s.fd)
	s.sock.Forget()
	call.Return(0, nil, stack.OK)
}
