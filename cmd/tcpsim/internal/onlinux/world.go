package onlinux

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/program"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/linux"
	"github.com/tcpsim/tcpsim/stack/linux/kernel"
	"github.com/tcpsim/tcpsim/stack/wire"
)

const (
	// begin is when a run begins by the machine's clock: everything is up.
	begin = time.Second

	// patience is for how long nothing has to happen, with nothing due on the link
	// and no process that sleeps, for a run to be over: longer than the idle time
	// of a keepalive (tcp_keepalive_time, two hours).
	patience = 130 * time.Minute

	// nearly is how far beyond an instant the machine's clock may be that was told
	// to go there: each look at it takes some time of its own.
	nearly = 2 * time.Microsecond
)

// World is a run on Linux.
type World struct {
	config sim.Config
	kernel kernel.Kernel
	m      *linux.Machine
	zero   time.Duration // the machine's clock at the begin of the run
	now    time.Duration
	link   *link.Link
	hosts  [2]*host
	rec    recorder
	tasks  []*task
	ready  []*task
	later  queue
	made   int // events that were made, to order those of one instant
	done   map[string]bool
	held   map[string][]arrival
	err    error
}

// New boots a machine for a run. It returns an error when there is no such
// machine to be had, and when the configuration asks for what Linux cannot be
// told.
func New(ctx context.Context, k kernel.Kernel, c sim.Config) (*World, error) {
	if c.Link.Judge != nil || len(c.Stalls) > 0 {
		return nil, notHere("a run that follows a recording")
	}
	if err := c.Link.Validate(); err != nil {
		return nil, err
	}
	w := &World{config: c, kernel: k, done: map[string]bool{}, held: map[string][]arrival{}}
	for side, hc := range []*sim.HostConfig{&c.Client, &c.Server} {
		h := &host{w: w, side: trace.Side(side), addr: hc.Addr}
		if !h.addr.IsValid() {
			h.addr = usual(h.side, c.IPv6)
		}
		var err error
		if h.mtu, h.settings, err = settings(hc.Settings); err != nil {
			return nil, fmt.Errorf("%s: %w", h.side, err)
		}
		w.hosts[side] = h
	}
	w.link = link.New(c.Link, func(name string) *rand.PCG { return link.Stream(c.Seed, name) })
	m, err := linux.Boot(ctx, linux.Options{Kernel: k.Path, Seed: c.Seed})
	if err != nil {
		return nil, err
	}
	w.m = m
	for _, h := range w.hosts {
		if err := h.boot(); err != nil {
			m.Close()
			return nil, err
		}
	}
	for m.Now() < begin {
		if _, err := m.Advance(begin); err != nil {
			m.Close()
			return nil, err
		}
	}
	w.zero = m.Now()
	w.rec.init(w)
	return w, nil
}

// usual is the address of a host that has none of its own.
func usual(side trace.Side, v6 bool) netip.Addr {
	last := byte(side) + 1
	if v6 {
		return netip.AddrFrom16([16]byte{0: 0xfd, 15: last})
	}
	return netip.AddrFrom4([4]byte{10, 0, 0, last})
}

// Address implements [program.World].
func (w *World) Address(side trace.Side) netip.Addr { return w.hosts[side].addr }

// Start implements [program.World].
func (w *World) Start(side trace.Side, name string, at time.Duration, body func(program.Process)) {
	w.at(at, event{task: w.process(w.hosts[side], name, body, nil).task})
}

// StartOnBoot implements [program.World].
func (w *World) StartOnBoot(side trace.Side, name string, body func(program.Process)) {
	h := w.hosts[side]
	h.onBoot = append(h.onBoot, func() { w.ready = append(w.ready, w.process(h, name, body, nil).task) })
}

// Experiment implements [program.World].
func (w *World) Experiment(body func(program.Network)) {
	t := w.task("network")
	t.body = func() { body(&network{w, t}) }
	w.at(0, event{task: t})
}

// Run implements [program.World]. The machine is switched off at its end.
func (w *World) Run() (*trace.Trace, error) {
	defer w.m.Close()
	defer w.unwind()
	limit := cmp.Or(w.config.Limits.Time, 24*time.Hour)
	last := time.Duration(0) // when something happened
	for w.err == nil {
		for len(w.ready) > 0 && w.err == nil {
			t := w.ready[0]
			w.ready = w.ready[1:]
			w.run(t)
			last = w.now
		}
		next, ending := w.next(last)
		if w.config.Until > 0 && next > w.config.Until {
			next, ending = w.config.Until, true
		}
		if next > limit {
			w.rec.trace.Stopped = fmt.Sprintf("limit of %s of virtual time", limit)
			w.now = limit
			w.fail(&sim.LimitError{Limit: limit.String() + " of virtual time", At: limit, Stood: w.stood()})
			break
		}
		if w.err != nil {
			break
		}
		if happened, err := w.advance(next); err != nil {
			w.fail(err)
		} else if happened {
			last = w.now
			continue
		}
		if ending {
			break
		}
		e := heap.Pop(&w.later).(event)
		w.happen(&e)
		last = w.now
	}
	end := last
	if w.config.Until > 0 || w.err != nil {
		end = w.now
	}
	w.rec.trace.End = end
	return w.rec.trace, w.err
}

// next is until when the machine may go on by itself, and whether the run is
// over when it has.
func (w *World) next(last time.Duration) (at time.Duration, ending bool) {
	if len(w.later) > 0 {
		return w.later[0].at, false
	}
	return last + patience, true
}

// advance lets time go by until an instant, or until something happens.
func (w *World) advance(until time.Duration) (happened bool, err error) {
	for w.now < until {
		step, err := w.m.Advance(w.zero + until)
		if err != nil {
			return false, err
		}
		w.now = max(w.now, step.At-w.zero)
		if w.now > until-nearly {
			w.now = until
		}
		w.take(step, trace.Trigger{})
		if len(step.Events) > 0 {
			return true, nil
		}
	}
	return false, nil
}

func (w *World) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// stood says what the processes were doing.
func (w *World) stood() (text string) {
	for _, t := range w.tasks {
		if !t.over && t.doing != "" {
			text += fmt.Sprintf("    process %s is in %s\n", t.name, t.doing)
		}
	}
	return text
}

// event is something that is due on the link or in a process.
type event struct {
	at      time.Duration
	order   int
	task    *task
	arrival *arrival
	forged  *forgery
	icmp    *icmp
}

// arrival is a segment under way.
type arrival struct {
	number int
	frame  []byte
	delay  time.Duration // since it was sent
	rest   time.Duration // from where a rule keeps it
}

// queue is a heap of events by instant, and by the order in which they were made.
type queue []event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, k int) bool {
	return q[i].at < q[k].at || q[i].at == q[k].at && q[i].order < q[k].order
}
func (q queue) Swap(i, k int) { q[i], q[k] = q[k], q[i] }
func (q *queue) Push(e any)   { *q = append(*q, e.(event)) }
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	*q = old[:len(old)-1]
	return e
}

func (w *World) at(at time.Duration, e event) {
	w.made++
	e.at, e.order = at, w.made
	heap.Push(&w.later, e)
}

func (w *World) happen(e *event) {
	switch {
	case e.task != nil:
		w.ready = append(w.ready, e.task)
	case e.arrival != nil:
		w.arrive(e.arrival)
	case e.forged != nil:
		w.forge(e.forged)
	case e.icmp != nil:
		w.arriveICMP(e.icmp)
	}
}

// task is a coroutine: a process, or an experimenter.
type task struct {
	name    string
	body    func()
	resume  func() (struct{}, bool)
	stop    func()
	yield   func(struct{}) bool
	doing   string // a call that has not returned, or what it waits for
	label   string // that it waits for
	over    bool
	killed  bool
	process *process
}

// unwound ends a task from inside.
type unwound struct{}

func (w *World) task(name string) *task {
	t := &task{name: name}
	w.tasks = append(w.tasks, t)
	return t
}

// run lets a task go on until it waits or ends.
func (w *World) run(t *task) {
	if t.over {
		return
	}
	if t.resume == nil {
		t.resume, t.stop = iter.Pull(func(yield func(struct{}) bool) {
			t.yield = yield
			defer func() {
				t.over = true
				if r := recover(); r != nil && r != any(unwound{}) {
					panic(r)
				}
			}()
			t.body()
		})
	}
	t.resume()
}

// park gives way to others. It does not come back in a task that has been ended.
func (t *task) park() {
	if !t.yield(struct{}{}) || t.killed {
		panic(unwound{})
	}
}

// unwind ends what has not ended, so that no coroutine is left.
func (w *World) unwind() {
	for _, t := range w.tasks {
		if t.stop != nil {
			t.killed = true
			t.stop()
		}
	}
}

func (w *World) sleep(t *task, d time.Duration) {
	t.doing = fmt.Sprintf("sleep(%s)", d)
	w.at(w.now+max(d, 0), event{task: t})
	t.park()
	t.doing = ""
}

func (w *World) waitFor(t *task, label string) {
	t.doing, t.label = "wait-for("+label+")", label
	for !w.done[label] {
		t.park()
	}
	t.doing, t.label = "", ""
}

// mark reaches a label: who waits for it goes on, segments included.
func (w *World) mark(label string) {
	w.done[label] = true
	for _, t := range w.tasks {
		if t.label == label && !t.over && !slices.Contains(w.ready, t) {
			w.ready = append(w.ready, t)
		}
	}
	for _, a := range w.held[label] {
		sent := w.rec.trace.Segments[a.number-1].SentAt
		w.at(max(sent+a.delay, w.now+a.rest), event{arrival: &a})
	}
	delete(w.held, label)
}

// take records what a step of the machine has brought about. What its kernel
// says comes first: it belongs to the frames and results of the same step.
func (w *World) take(step linux.Step, by trace.Trigger) {
	var resets []linux.ResetSent
	for _, e := range step.Events {
		switch e := e.(type) {
		case linux.StateChange:
			if e.Local.Port() == 0 {
				e.Local = active(step.Events, &e) // connect changes the state before it chooses a port
			}
			w.rec.changed(w.hostOf(e.Host, e.Local), &e, by)
		case linux.ResetSent:
			resets = append(resets, e)
		}
	}
	for _, e := range step.Events {
		if f, ok := e.(linux.Frame); ok {
			w.transmit(w.hostOf(f.Host, netip.AddrPort{}), f.Data, by, &resets)
		}
	}
	for _, e := range step.Events {
		switch e := e.(type) {
		case linux.Returned:
			if p := w.processOf(e.Process); p != nil {
				p.result = &e.Result
				if p.waiting {
					p.waiting = false
					w.ready = append(w.ready, p.task)
				}
			}
		case linux.Exited:
			if p := w.processOf(e.Process); p != nil {
				p.exited(&e)
			}
		}
	}
}

// active is the local end of a connection that is being opened: that of the SYN.
func active(events []linux.Event, c *linux.StateChange) netip.AddrPort {
	for _, e := range events {
		f, ok := e.(linux.Frame)
		if !ok || f.Host != c.Host {
			continue
		}
		if seg, err := wire.Parse(f.Data); err == nil && seg.Flags == wire.SYN && seg.Dst == c.Remote {
			return seg.Src
		}
	}
	return c.Local
}

func (w *World) hostOf(h *linux.Host, local netip.AddrPort) *host {
	for _, known := range w.hosts {
		if known.lh != nil && known.lh == h || h == nil && known.addr == local.Addr() {
			return known
		}
	}
	return nil
}

func (w *World) processOf(p *linux.Process) *process {
	for _, t := range w.tasks {
		if t.process != nil && t.process.lp == p {
			return t.process
		}
	}
	return nil
}

// transmit puts a frame of a host on the link.
func (w *World) transmit(h *host, frame []byte, by trace.Trigger, resets *[]linux.ResetSent) {
	if h == nil {
		return // of a boot that is over
	}
	seg, err := wire.Parse(frame)
	if err != nil {
		return // not TCP: nothing on this link listens to it
	}
	number := w.rec.sent(h, &seg, frame, by)
	if seg.Flags.Has(wire.RST) {
		w.rec.why(number, &seg, by, reasonOf(resets, &seg))
	}
	w.dispose(number, &seg, frame)
}

// reasonOf takes the kernel's word for a RST out of what it said in this step.
func reasonOf(resets *[]linux.ResetSent, seg *wire.Segment) string {
	i := slices.IndexFunc(*resets, func(r linux.ResetSent) bool { return r.Local == seg.Src && r.Remote == seg.Dst })
	if i < 0 {
		// A listening socket that answers has no peer, and no address but its port.
		i = slices.IndexFunc(*resets, func(r linux.ResetSent) bool { return r.Local.Port() == seg.Src.Port() && r.Remote.Port() == 0 })
	}
	if i < 0 {
		return ""
	}
	reason := (*resets)[i].Reason
	*resets = slices.Delete(*resets, i, i+1)
	return reason
}
