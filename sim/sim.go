package sim

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Config describes a run. The zero value is two IPv4 hosts on an ideal cable.
type Config struct {
	Seed   uint64
	Link   link.Config
	Client HostConfig
	Server HostConfig
	IPv6   bool          // the default addresses are of IPv6
	Until  time.Duration // end the run here even if something is pending; 0 is never
	Limits Limits

	// Stalls are when both machines stand still, as suspended guests do. Where
	// they overlap the first counts.
	Stalls []Stall
}

// Stall is a time in which TCP's timers do not fire. One that falls due after
// From and before To fires at To, in the order of the deadlines. Segments are
// taken and processes go on: what they do is not TCP's to put off.
type Stall struct{ From, To time.Duration }

// HostConfig describes one host. The zero value is 10.0.0.1 for the client and
// 10.0.0.2 for the server (fd00::1 and fd00::2 with Config.IPv6).
type HostConfig struct {
	Addr     netip.Addr
	Settings []stack.Setting
}

// Sim is one run. It is not safe for concurrent use; runs do not know of each
// other, and any number of them may go on at once.
type Sim struct {
	config  Config
	entropy entropy
	now     time.Duration
	heap    heap
	budget  budget
	link    *link.Link
	hosts   [2]*Host
	tasks   []*task
	done    map[string]bool // labels that were reached
	held    map[string][]held
	forged  []forgery
	rec     recorder
	ctx     context
	scratch scratch
	err     error
	ran     bool
	left    []Leftover
}

// New makes a run. It returns an error for a link or a host that cannot be:
// a negative latency, an unknown setting, addresses of two families, a stall
// that ends before it begins.
func New(c Config) (*Sim, error) {
	if err := c.Link.Validate(); err != nil {
		return nil, err
	}
	for _, stall := range c.Stalls {
		if stall.From < 0 || stall.To <= stall.From {
			return nil, fmt.Errorf("a stall from %s to %s: want it to end after it begins", stall.From, stall.To)
		}
	}
	s := &Sim{
		config: c, entropy: entropy(c.Seed), done: make(map[string]bool),
		budget: budget{limits: c.Limits.withDefaults()},
	}
	s.link = link.New(c.Link, s.entropy.Stream)
	defaults := [2]string{"10.0.0.1", "10.0.0.2"}
	if c.IPv6 {
		defaults = [2]string{"fd00::1", "fd00::2"}
	}
	for side, hc := range [2]HostConfig{c.Client, c.Server} {
		if !hc.Addr.IsValid() {
			hc.Addr = netip.MustParseAddr(defaults[side])
		}
		s.hosts[side] = &Host{sim: s, side: trace.Side(side), config: hc}
	}
	client, server := s.hosts[0], s.hosts[1]
	if client.Addr().Is4() != server.Addr().Is4() || client.Addr() == server.Addr() {
		return nil, fmt.Errorf("client %s and server %s: want two different addresses of one family", client.Addr(), server.Addr())
	}
	s.rec.init(s)
	var err error
	stack.Together(func() {
		for _, h := range s.hosts {
			if e := h.boot(); e != nil && err == nil {
				err = fmt.Errorf("host %s: %w", h.side, e)
			}
		}
	})
	if err != nil {
		s.teardown()
		return nil, err
	}
	return s, nil
}

// Client is the host that usually connects.
func (s *Sim) Client() *Host { return s.hosts[trace.Client] }

// Server is the host that usually listens.
func (s *Sim) Server() *Host { return s.hosts[trace.Server] }

// Host is the host of a side.
func (s *Sim) Host(side trace.Side) *Host { return s.hosts[side] }

// Run runs everything and returns the record. It ends when nothing is left to
// happen, or at Config.Until. With an error, which is a LimitError or says
// what went wrong inside, the trace is what was recorded until then.
//
// A Sim runs once. Close is called on the way out. When the function of a
// process panics, so does Run, with a [*Panic].
func (s *Sim) Run() (*trace.Trace, error) {
	if s.ran {
		return nil, errors.New("a Sim runs once; make a new one")
	}
	s.ran = true
	defer func() {
		r := recover()
		if p, ok := r.(*Panic); ok {
			p.Test = replay()
		}
		if r != nil {
			panic(r)
		}
	}()
	defer s.teardown()
	for _, t := range s.tasks {
		s.heap.push(event{at: t.start, task: t})
	}
	for s.err == nil && s.step() {
	}
	s.look()
	tr := s.rec.finish(s.now)
	return tr, s.err
}

// Close gives up a Sim that is not going to run.
func (s *Sim) Close() {
	s.ran = true
	s.teardown()
}

// step executes the next event. It reports whether there may be more.
func (s *Sim) step() bool {
	e := &s.scratch.event
	if !s.heap.pop(e) {
		return false
	}
	if s.stale(e) || s.postponed(e) {
		return true
	}
	if s.config.Until > 0 && e.at > s.config.Until {
		s.now = s.config.Until
		s.rec.trace.Stopped = "until " + s.config.Until.String()
		return false
	}
	s.now = e.at
	if !s.spend() {
		return false
	}
	switch {
	case e.timer != nil:
		s.fire(e.timer)
	case e.task != nil:
		s.expire(e.task)
	case e.icmp:
		s.arriveICMP(e)
	case e.segment < 0:
		s.begin(&s.forged[-e.segment-1])
	default:
		s.arrive(e)
	}
	s.runTasks()
	return true
}

func (s *Sim) stale(e *event) bool {
	switch {
	case e.timer != nil:
		return e.boot != e.host.boots || e.host.stack == nil || !e.timer.popped(e, &s.heap)
	case e.task != nil:
		return e.task.over || e.task.slept != e.slept
	}
	return false
}

// postponed puts a timer off that falls due while the machines stand still.
func (s *Sim) postponed(e *event) bool {
	if e.timer == nil || s.config.Stalls == nil {
		return false
	}
	until := standing(s.config.Stalls, e.at)
	if until == e.at {
		return false
	}
	e.timer.put(until)
	return true
}

// standing gives the end of the stall that an instant lies in, or the instant
// itself.
func standing(stalls []Stall, at time.Duration) time.Duration {
	for _, s := range stalls {
		if at > s.From && at < s.To {
			return s.To
		}
	}
	return at
}

// spend counts a step and ends the run when a limit is reached.
func (s *Sim) spend() bool {
	if limit := s.budget.step(s.now); limit != "" {
		err := &LimitError{Limit: limit, At: s.now, Stood: s.stood(), time: s.budget.timeUp(s.now)}
		if err.time {
			// What would have come next, and when, is not part of the run.
			s.now = s.budget.limits.Time
			err.At = s.now
		}
		s.rec.trace.Stopped = "limit of " + limit
		s.fail(err)
		return false
	}
	return true
}

func (s *Sim) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// stood says what every process and every socket was at.
func (s *Sim) stood() string {
	var b strings.Builder
	for _, t := range s.tasks {
		state := "has not started"
		switch {
		case t.over:
			state = "has ended"
		case t.started:
			state = "is in " + t.doing
			if t.call != trace.OpNone {
				state = "is in " + (&trace.Call{Op: t.call, Args: t.args}).Begun()
			}
		}
		fmt.Fprintf(&b, "  process %s %s\n", t.name, state)
	}
	for _, h := range s.hosts {
		b.WriteString(h.Sockets())
	}
	return strings.TrimRight(b.String(), "\n")
}

// fire runs a timer of a netstack.
func (s *Sim) fire(t *timer) {
	t.live = false
	h := t.clock.host
	s.ctx = context{host: h, trigger: trace.Trigger{Kind: trace.ByTimer}, conn: t.conn, timer: t}
	t.f()
	s.settle(h, nil)
}

// teardown ends processes and hosts. Nothing is recorded any more: a stack
// that is destroyed aborts its endpoints in the order of a map.
func (s *Sim) teardown() {
	s.rec.frozen = true
	for _, t := range s.tasks {
		t.unwind()
	}
	for _, h := range s.hosts {
		if h != nil && h.stack != nil {
			h.stack.Destroy()
			h.stack = nil
		}
	}
	s.heap.clear()
	for _, waiting := range s.held {
		for _, h := range waiting {
			h.frame.Release()
		}
	}
}
