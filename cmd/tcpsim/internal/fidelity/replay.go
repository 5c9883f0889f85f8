package fidelity

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// replay is the run of one case.
type replay struct {
	c        *Case
	sim      *sim.Sim
	trace    *trace.Trace
	path     *cable
	recorded bases
	seen     []outcome          // by call
	plans    []plan             // by call
	doomed   map[int]wire.Tuple // by call of ss -K: the connection
	done     time.Duration      // when the last call returned
	err      error
}

// outcome is what a call came to in the run.
type outcome struct {
	begun, returned bool
	begin, end      time.Duration
	result          string
	ss              [2][]string // of ss: the sockets as the call began and as it ended
}

// patience is how much later than in the recording a call may return before
// those that came after it in the recording go on without it.
const patience = 30 * time.Second

// run replays a case and returns when every call has returned and the
// recording is over, or when that has taken far too long.
func (c *Case) run(still []cut) (*replay, error) {
	r := &replay{c: c, seen: make([]outcome, len(c.Calls))}
	r.plans, _ = c.decode()
	r.path = newCable(c, r.plans)
	_, r.recorded = c.recorded()
	cfg := sim.Config{
		Link: link.Symmetric(c.Latency, 0), Until: 2*c.end() + 4*patience,
		Limits: sim.Limits{Segments: 200_000},
	}
	cfg.Link.Judge = r.path.judge
	for _, stall := range still {
		cfg.Stalls = append(cfg.Stalls, sim.Stall{From: stall.from + lead, To: stall.to + lead})
	}
	cfg.Client.Settings, _ = translate(c.Settings[trace.Client])
	cfg.Server.Settings, _ = translate(c.Settings[trace.Server])
	addr := r.addresses()
	cfg.Client.Addr, cfg.Server.Addr = addr[trace.Client], addr[trace.Server]
	s, err := sim.New(cfg)
	if err != nil {
		return nil, err
	}
	r.sim = s
	r.start()
	r.trace, err = s.Run()
	return r, errors.Join(err, r.err)
}

// addresses are those of the two hosts, as far as calls show them: what a host
// binds is its own, and what it connects to, unless it is its own, its peer's.
func (r *replay) addresses() (out [2]netip.Addr) {
	for i := range r.plans {
		p := &r.plans[i].step
		if p.Verb != model.VerbBind && p.Verb != model.VerbConnect {
			continue
		}
		side, addr := r.c.Calls[i].By.Side(), p.Address.IP
		if p.Verb == model.VerbConnect {
			side = side.Peer()
		}
		if !addr.IsUnspecified() && !out[side].IsValid() && addr != out[side.Peer()] {
			out[side] = addr
		}
	}
	return out
}

// end is when the recording ends.
func (c *Case) end() (end time.Duration) {
	for i := range c.Calls {
		end = max(end, c.Calls[i].End)
	}
	for i := range c.Segments {
		end = max(end, c.Segments[i].Sent, c.Segments[i].Received)
	}
	return end
}

// start sets up the processes, one on each host, and the experimenter.
func (r *replay) start() {
	for side := range trace.Side(2) {
		boots := map[int][]int{}
		for i := range r.c.Calls {
			if c := &r.c.Calls[i]; c.By == Actor(side) {
				boots[c.Boot] = append(boots[c.Boot], i)
			}
		}
		host, calls, boot := r.sim.Host(side), boots, 0
		host.Go(sideName(side), func(p *sim.Process) { r.process(p, calls[0]) })
		host.GoOnBoot(sideName(side), func(p *sim.Process) {
			boot++
			r.process(p, calls[boot])
		})
	}
	r.sim.Network(r.experimenter)
	r.sim.Network(r.watch)
	r.killers()
	r.administrators()
}

// process makes the calls of one boot of a host, each when the recording says
// and after everything that had returned by then. A call that others of the
// same host overlap gets a thread of its own.
func (r *replay) process(p *sim.Process, calls []int) {
	a := &player{program.New(program.On(p), program.Environment{}), map[string]bool{}}
	p.IgnoreSIGPIPE(true) // the recording's programs did
	for _, i := range calls {
		c := &r.c.Calls[i]
		r.await(p.Now, p.Sleep, p.WaitFor, i, c.Begin)
		if r.overlapped(calls, i) {
			p.Thread(fmt.Sprintf("%s-%d", p.Name(), i+1), func(t *sim.Process) {
				t.IgnoreSIGPIPE(true)
				r.call(&player{a.Thread(program.On(t)), a.open}, t.Host(), i)
			})
			continue
		}
		r.call(a, p.Host(), i)
	}
	p.SetStep(-1)
	p.WaitFor("the end of the run")
}

func sleepUntil(now func() time.Duration, sleep func(time.Duration), at time.Duration) {
	if d := at - now(); d > 0 {
		sleep(d)
	}
}

// overlapped reports whether another call of these began before i returned.
func (r *replay) overlapped(calls []int, i int) bool {
	return slices.ContainsFunc(calls, func(k int) bool {
		return k > i && r.c.Calls[k].Begin < r.c.Calls[i].End && r.plans[k].special != listsSockets
	})
}

func label(i int) string { return fmt.Sprintf("call %d", i+1) }

// await waits until it is time for call i: an instant of the recording, or as
// long after the calls that had returned before as it was then. So where the
// run is slower than the recording was, what follows is later, and nothing
// overtakes anything.
func (r *replay) await(now func() time.Duration, sleep func(time.Duration), wait func(string), i int, at time.Duration) {
	sleepUntil(now, sleep, at+lead)
	late := time.Duration(0)
	for k := range r.c.Calls[:i] {
		if c := &r.c.Calls[k]; c.End <= r.c.Calls[i].Begin {
			wait(label(k))
			late = max(late, r.seen[k].end-c.End-lead)
		}
	}
	sleepUntil(now, sleep, at+lead+late)
}

// watch lets the run go on when a call does not return that did in the
// recording.
func (r *replay) watch(n *sim.Network) {
	order := make([]int, len(r.c.Calls))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(r.c.Calls[a].End - r.c.Calls[b].End) })
	now := time.Duration(0)
	for _, i := range order {
		at := r.c.Calls[i].End + lead + patience
		n.Sleep(at - now)
		now = at
		n.Mark(label(i))
	}
}

// call makes one call and notes what came of it.
func (r *replay) call(p *player, host *sim.Host, i int) {
	c := &r.c.Calls[i]
	o := &r.seen[i]
	o.begun, o.begin = true, p.Now()
	p.SetStep(i)
	if r.plans[i].special == listsSockets {
		o.ss[0] = sockets(host)
		sleepUntil(p.Now, p.Sleep, c.End+lead)
		o.ss[1] = sockets(host)
	} else {
		o.result = r.perform(p, i)
	}
	p.SetStep(-1)
	o.returned, o.end = true, p.Now()
	r.done = max(r.done, o.end)
	p.Mark(label(i))
}

// experimenter does what the recording's did: to the cable, to the hosts, and
// with forged segments.
func (r *replay) experimenter(n *sim.Network) {
	var forged []*Segment
	for i := range r.c.Segments {
		if s := &r.c.Segments[i]; s.Injected {
			forged = append(forged, s)
		}
	}
	for i := range r.c.Calls {
		c := &r.c.Calls[i]
		if c.By != Experimenter {
			continue
		}
		at := c.Begin
		var s *Segment
		if r.plans[i].special == forges && len(forged) > 0 {
			s, forged = forged[0], forged[1:]
			at = s.Sent - r.c.Latency/2
			if s.Arrived {
				at = s.Received - r.c.Latency/2
			}
		}
		r.await(n.Now, n.Sleep, n.WaitFor, i, at)
		if err := r.intervene(n, &r.plans[i], s); err != nil && r.err == nil {
			r.err = fmt.Errorf("call %d, %s: %w", i+1, c.Name, err)
		}
		r.seen[i] = outcome{begun: true, returned: true, begin: n.Now(), end: n.Now()}
		n.Mark(label(i))
	}
}

func (r *replay) intervene(n *sim.Network, p *plan, s *Segment) error {
	switch {
	case p.special == forges && s != nil:
		return r.path.inject(n, s, r.recorded)
	case p.special == cutsCable:
		r.path.down = p.cuts(r.path.down)
	case p.special == reboots:
		if err := n.Crash(p.host); err != nil {
			return err
		}
		return n.Boot(p.host)
	}
	return nil
}

// sockets lists the sockets of a host as ss does, without what changes from
// one moment to the next.
func sockets(h *sim.Host) (out []string) {
	h.Endpoints(func(e *stack.Endpoint) {
		if e.State() == stack.Closed {
			return
		}
		t := e.Tuple()
		peer := "*"
		if t.Dst.IsValid() {
			peer = t.Dst.String()
		}
		out = append(out, fmt.Sprintf("%s %s %s", e.State().Linux(), t.Src, peer))
	})
	slices.Sort(out)
	return out
}
