package simtest

import (
	"fmt"
	"math"
	"net"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// plan ends one connection of one side at a place in what its code writes. A
// nil plan ends nothing.
type plan struct {
	ending Ending
	side   trace.Side
	nth    int // which connection, counted down from the first, which is 1
	place  place
	sock   *socket
	fired  bool
	all    bool   // every other connection of the side that is open ends with it
	moot   string // why the ending was not what it is called
}

// allows is how many bytes the socket may send before the plan has its turn.
func (p *plan) allows(s *socket) int {
	if p == nil || p.sock != s || p.fired {
		return math.MaxInt
	}
	return p.place.Bytes - s.written
}

// begins looks whether it is time, before a Write sends something.
func (p *plan) begins(s *socket) {
	if p != nil && p.sock == s && !p.fired && p.place.Next && s.written >= p.place.Bytes {
		p.fire()
	}
}

// wrote looks whether it is time, after something was written.
func (p *plan) wrote(s *socket) {
	if p != nil && p.sock == s && !p.fired && !p.place.Next && s.written >= p.place.Bytes {
		p.fire()
	}
}

func (p *plan) fire() {
	p.fired = true
	p.sock.finale(p.ending)
	if !p.all || !ofConnection[p.ending] {
		return
	}
	for _, s := range p.sock.nw.socks {
		if s != p.sock && s.host == p.sock.host && s.remote != nil && s.alive() {
			s.finale(p.ending)
		}
	}
}

// ofConnection are the endings that are about one connection. The others take
// the program, the host or the link, and all its connections with it.
var ofConnection = map[Ending]bool{FIN: true, Reset: true, UnreadData: true, HalfClose: true, Silence: true}

func (s *socket) alive() bool { return !s.closed && s.lost == nil && !s.hung }

// End ends the connection in one of the ways that [EveryEnding] tries, as its
// own side: the code that has it open learns of it as it would there. It
// returns an error that is net.ErrClosed when the connection is closed or gone,
// and one for an ending that there is not.
func (c *Conn) End(e Ending) error {
	if enders[e] == nil {
		return fmt.Errorf("simtest: no ending is called %q; there are %q", e, All)
	}
	return c.opError("end", c.nw.control(func() error {
		if !c.alive() {
			return net.ErrClosed
		}
		c.finale(e)
		return nil
	}))
}

// missed says why the plan did not end the connection as it should; empty when
// it did.
func (p *plan) missed() string {
	switch {
	case p.sock == nil:
		return fmt.Sprintf("the %s had no such connection", p.side)
	case !p.fired:
		return fmt.Sprintf("the %s wrote only %d bytes on the connection", p.side, p.sock.written)
	}
	return p.moot
}

// finale ends the connection. The trace says that it was not its own code.
func (s *socket) finale(e Ending) {
	s.host.driver.Ending(s.host.sim, fmt.Sprintf("simtest ends the connection of %s here: %s", s.local, e))
	enders[e](s)
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
		o.late = func() {
			if p := s.nw.plan; p != nil && p.sock == s {
				p.moot = fmt.Sprintf("within %v nothing arrived that could be left unread, so the connection was closed with a FIN", patience)
			}
			o.try()
		}
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
