package simtest

import (
	"net"
	"os"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/internal/drive"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// The two deadlines of a socket.
const (
	toRead = iota
	toWrite
)

// socket is what connections and listeners have in common. Its fields are
// guarded by the network's mu.
type socket struct {
	nw     *Network
	host   *Host
	id     int
	fd     int
	sock   *stack.Socket
	local  net.Addr
	remote net.Addr

	closed   bool
	lost     error // why no call works any more, though nobody has closed it
	hung     bool  // its process does not run: nothing that is called has an effect; deadlines let its goroutines go
	deadline [2]time.Duration
	linger   stack.Linger
	shut     bool // CloseWrite was called

	readers []*op // of these, and of those in chain, only the first is tried
	chain   []*op // what changes the sending side or the socket, in the order of the calls
	owed    int   // bytes that Write has taken and that the socket has not
	written int
	starts  []int // where each Write began, in bytes
	turns   []int // where the first began after something was read
	heard   bool  // something was read since the last Write began
}

// newSocket wraps a descriptor. The engine calls it, so that the numbers do
// not depend on who runs first.
func (h *Host) newSocket(fd int) *socket {
	s := &socket{
		nw: h.nw, host: h, id: len(h.nw.socks) + 1, fd: fd, sock: h.driver.Socket(h.process, fd),
		deadline: [2]time.Duration{never, never},
	}
	h.nw.socks = append(h.nw.socks, s)
	return s
}

func (s *socket) op(k kind, ready func() bool, try func()) *op {
	return &op{rank: rank{kind: k, side: int(s.host.sim.Side()), conn: s.id}, sock: s, ready: ready, try: try}
}

// usable is the error of a call on a socket that is closed or gone.
func (s *socket) usable() error {
	if s.closed || s.nw.down {
		return net.ErrClosed
	}
	return s.lost
}

func (s *socket) setDeadline(t time.Time, which ...int) error {
	s.nw.mu.Lock()
	defer s.nw.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	at := never
	if !t.IsZero() {
		at = t.Sub(s.nw.began)
	}
	for _, w := range which {
		s.deadline[w] = at
		if at <= s.nw.Now() {
			s.interrupt(kindOf[w], os.ErrDeadlineExceeded)
		}
	}
	s.nw.poke()
	return nil
}

// kindOf is the kind of the calls that a deadline is about.
var kindOf = [...]kind{toRead: kindRead, toWrite: kindWrite}

// interrupt lets those go on at once who wait in calls of a kind. The engine
// would do so only when the bubble rests, and a program may spin until it sees
// that a reader is gone. The caller holds mu.
func (s *socket) interrupt(k kind, err error) {
	for _, waiting := range [...][]*op{s.nw.parked, s.nw.inbox} {
		for _, o := range waiting {
			if o.sock == s && o.rank.kind == k && o.interrupt != nil && o.done != nil && !o.over && !o.told {
				o.interrupt(err)
			}
		}
	}
}

// stuck reports whether a write waits for room.
func (s *socket) stuck() bool {
	return slices.ContainsFunc(s.chain, func(o *op) bool { return o.done != nil })
}

// enqueue has the engine do f after what was written before. The caller holds
// mu and does not wait.
func (s *socket) enqueue(f func()) {
	o := s.op(kindWrite, nil, nil)
	o.ready = func() bool { return s.chain[0] == o && !s.hung }
	o.try = func() {
		f()
		s.unchain(o)
	}
	o.abort = func(error) { s.unchain(o) }
	s.chain = append(s.chain, o)
	s.nw.submit(o)
}

func (s *socket) unchain(o *op) {
	s.chain = slices.DeleteFunc(s.chain, func(c *op) bool { return c == o })
	s.nw.finish(o)
}

// close marks the socket closed at once, lets those go on with net.ErrClosed
// who wait in a call on it, and closes it when the engine gets to it.
func (s *socket) close() error {
	s.nw.mu.Lock()
	if s.closed || s.nw.down {
		s.nw.mu.Unlock()
		return net.ErrClosed
	}
	s.closed = true
	s.interrupt(kindRead, net.ErrClosed)
	s.interrupt(kindWrite, net.ErrClosed)
	if s.lost != nil {
		s.nw.mu.Unlock()
		return nil
	}
	c := &closing{socket: s, due: never}
	c.op = s.op(kindWrite, c.ready, c.try)
	c.op.due = func() time.Duration { return c.due }
	c.op.late = c.end
	c.op.abort = func(error) { s.unchain(c.op) }
	s.chain = append(s.chain, c.op)
	if s.linger.On && s.linger.Time > 0 {
		s.nw.blockLocked(c.op)
		return nil
	}
	s.nw.submit(c.op)
	s.nw.mu.Unlock()
	return nil
}

// closing is a close that goes on: until what was written is taken, and with
// SO_LINGER until it is acknowledged.
type closing struct {
	*socket
	op   *op
	call drive.Pending
	due  time.Duration
}

func (c *closing) ready() bool {
	switch {
	case c.hung:
		return false
	case c.call != nil:
		return !c.sock.Lingering()
	}
	return c.chain[0] == c.op
}

func (c *closing) try() {
	if c.call != nil {
		c.end()
		return
	}
	c.call = c.host.driver.Begin(c.host.process, trace.OpClose, trace.Args{FD: c.fd})
	c.call.Try(func(s *stack.Socket) stack.Errno {
		s.Close()
		return stack.OK
	})
	c.host.driver.Release(c.host.process, c.fd)
	if c.linger.On && c.linger.Time > 0 && c.sock.Lingering() {
		c.call.Block()
		c.due = c.nw.Now() + c.linger.Time
		return
	}
	c.end()
}

func (c *closing) end() {
	c.sock.Forget()
	c.call.Return(0, nil, stack.OK)
	c.unchain(c.op)
}

// drop ends every call on the socket, those that are to come too.
func (s *socket) drop(err error) {
	s.lost = err
	for _, o := range slices.Clone(s.nw.parked) {
		if o.sock == s {
			s.nw.fail(o, err)
		}
	}
}
