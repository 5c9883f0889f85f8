package simtest

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/simtest/internal/goid"
)

// op is one call of the code under test, from when it is made to when it
// returns. Only the engine runs ready, try and late, and only while every
// goroutine of the bubble is blocked.
type op struct {
	rank  rank
	ready func() bool          // whether try is worth it; nil is always
	due   func() time.Duration // when late has to come; nil is never
	try   func()               // ends the op, or leaves it parked
	late  func()
	abort func(error) // the host is gone, or the test over; nil: err becomes the error

	// interrupt lets the caller go on at once with an error; nil for a call
	// that nothing interrupts. told says that it has: n and err stay what they
	// are.
	interrupt func(error)
	told      bool

	sock *socket       // that it is about
	done chan struct{} // closed when the caller may go on; nil when it did not wait
	over bool
	n    int
	err  error
}

// rank orders calls that were made at the same time by goroutines that ran at
// the same time: by what they are about, because which came first is chance.
// Those of one goroutine keep their order, whatever they are about.
type rank struct {
	by   uintptr // the goroutine
	kind kind
	conn int    // numbered in the order of connect and accept
	side int    // client, then server
	name string // the address, for calls that make a connection or a listener
	seq  uint64 // the order of making, for calls of one goroutine
}

type kind int

const (
	kindWrite   kind = iota // write, shutdown, close: in the order in which they were made
	kindControl             // of the test: crash, unplug
	kindOpen                // listen, dial
	kindRead                // read, accept
	kindWait
)

func (a rank) compare(b rank) int {
	return cmp.Or(
		cmp.Compare(a.kind, b.kind), cmp.Compare(a.side, b.side), cmp.Compare(a.conn, b.conn),
		cmp.Compare(a.name, b.name), cmp.Compare(a.seq, b.seq),
	)
}

// never is the deadline of what has none.
const never = time.Duration(1<<63 - 1)

// submit hands a call to the engine. The caller holds mu.
func (nw *Network) submit(o *op) {
	nw.calls++
	o.rank.seq = nw.calls
	o.rank.by = goid.Current()
	nw.inbox = append(nw.inbox, o)
	nw.poke()
}

func (nw *Network) poke() {
	select {
	case nw.signal <- struct{}{}:
	default:
	}
}

// block hands a call to the engine and waits for its end.
func (nw *Network) block(o *op) {
	nw.mu.Lock()
	nw.blockLocked(o)
}

// blockLocked is block for a caller that holds mu, and gives it up.
func (nw *Network) blockLocked(o *op) {
	if nw.down {
		o.err = net.ErrClosed
		nw.mu.Unlock()
		return
	}
	o.done = make(chan struct{})
	nw.submit(o)
	nw.mu.Unlock()
	<-o.done
}

// run is the engine: the only goroutine that moves the hosts. It works while
// everything else in the bubble is blocked, lets one caller go on at a time,
// and waits until that one and all whom it sets in motion are blocked again.
func (nw *Network) run() {
	defer close(nw.over)
	for {
		synctest.Wait()
		nw.rounds.Add(1)
		nw.mu.Lock()
		next, more := nw.work()
		nw.stream.keep(nw)
		nw.mu.Unlock()
		switch {
		case next != nil:
			close(next.done)
		case !more:
			return
		default:
			nw.sleep()
		}
	}
}

// work does what can be done at this instant until a caller can go on, or
// nothing is left. It reports false when the network has ended.
func (nw *Network) work() (next *op, more bool) {
	err := do(nw.drivers, nw.Now(), func() {
		for !nw.down {
			nw.collect()
			if !nw.advance() {
				break
			}
		}
	})
	if err != nil && !nw.down {
		nw.t.Errorf("simtest: %v", limited(err))
		nw.down = true
	}
	if nw.down {
		nw.end()
	}
	if len(nw.wakes) == 0 && len(nw.idle) > 0 {
		nw.wakes, nw.idle = nw.idle[:1:1], nw.idle[1:]
	}
	if len(nw.wakes) > 0 {
		next, nw.wakes = nw.wakes[0], nw.wakes[1:]
		return next, true
	}
	return nil, !nw.down
}

// limited says of a limit what helps against it. What the engine knows of
// processes is nothing here: the code under test is none of its own.
func limited(err error) error {
	var limit *sim.LimitError
	if !errors.As(err, &limit) {
		return err
	}
	return fmt.Errorf("the run reached its limit of %s at %v of virtual time. An exchange that never ends gets to no deadline "+
		"on a link without latency (Config.Ideal); Config.Limits sets the limits", limit.Limit, limit.At)
}

// do runs f inside all of the drivers.
func do(drivers []driver, now time.Duration, f func()) (err error) {
	if len(drivers) == 0 {
		f()
		return nil
	}
	outer := drivers[0].Do(now, func() { err = do(drivers[1:], now, f) })
	return cmp.Or(outer, err)
}

// next is the driver of the next event, and its instant; nil when there is none.
func (nw *Network) next() (first driver, at time.Duration) {
	at = never
	for _, d := range nw.drivers {
		if next, ok := d.Next(); ok && next < at {
			first, at = d, next
		}
	}
	return first, at
}

// collect takes over the calls that were made since.
func (nw *Network) collect() {
	for _, o := range arrange(nw.inbox) {
		if o.rank.kind == kindWait {
			nw.idle = append(nw.idle, o)
			continue
		}
		nw.parked = append(nw.parked, o)
	}
	nw.inbox = nw.inbox[:0]
}

// arrange puts calls into the order in which they are carried out: again and
// again the one of the least rank among the first of every goroutine. What a
// goroutine does in one go does not depend on chance, so neither does this.
func arrange(calls []*op) []*op {
	if len(calls) < 2 {
		return calls
	}
	var by []uintptr
	queues := make(map[uintptr][]*op)
	for _, o := range calls {
		if _, ok := queues[o.rank.by]; !ok {
			by = append(by, o.rank.by)
		}
		queues[o.rank.by] = append(queues[o.rank.by], o)
	}
	arranged := make([]*op, 0, len(calls))
	for len(arranged) < len(calls) {
		var least *op
		for _, g := range by {
			if q := queues[g]; len(q) > 0 && (least == nil || q[0].rank.compare(least.rank) < 0) {
				least = q[0]
			}
		}
		queues[least.rank.by] = queues[least.rank.by][1:]
		arranged = append(arranged, least)
	}
	return arranged
}

// advance takes one step. It reports false when there is nothing to do before
// a caller goes on or time passes.
func (nw *Network) advance() bool {
	now := nw.Now()
	for _, o := range nw.parked {
		if o.ready == nil || o.ready() {
			o.try()
			return true
		}
		if o.due != nil && o.due() <= now {
			o.late()
			return true
		}
	}
	if len(nw.wakes) > 0 {
		return false
	}
	if d, at := nw.next(); at <= now {
		d.Step()
		return true
	}
	return false
}

// finish ends a call.
func (nw *Network) finish(o *op) {
	if o.over {
		return
	}
	o.over = true
	if i := slices.Index(nw.parked, o); i >= 0 {
		nw.parked = slices.Delete(nw.parked, i, i+1)
	}
	if o.done != nil && !o.told {
		nw.wakes = append(nw.wakes, o)
	}
}

// tell lets the caller of a call go on at once with an error, as the kernel
// wakes whoever a close or a deadline interrupts. The engine ends the call, and
// records that, when it gets to it. The caller of tell holds mu.
func (nw *Network) tell(o *op, n int, err error) {
	if o.over || o.told || o.done == nil {
		return
	}
	o.n, o.err, o.told = n, err, true
	close(o.done)
}

// fail ends a call that cannot go on.
func (nw *Network) fail(o *op, err error) {
	switch {
	case o.abort != nil:
		o.abort(err)
	case !o.told:
		o.err = err
	}
	nw.finish(o)
}

// end ends every call and the run.
func (nw *Network) end() {
	nw.collect()
	for len(nw.parked) > 0 {
		nw.fail(nw.parked[0], net.ErrClosed)
	}
	for _, o := range nw.idle {
		nw.finish(o)
	}
	nw.idle = nil
	for _, s := range nw.socks {
		s.lost = net.ErrClosed
	}
	if nw.trace == nil {
		nw.Client.unloop(net.ErrClosed)
		nw.Server.unloop(net.ErrClosed)
		nw.trace = nw.driver.Finish()
	}
}

// sleep waits for the next event, the next deadline or a call.
func (nw *Network) sleep() {
	nw.mu.Lock()
	_, at := nw.next()
	for _, o := range nw.parked {
		if o.due != nil {
			at = min(at, o.due())
		}
	}
	waiting := len(nw.parked)
	nw.mu.Unlock()
	if at == never && waiting == 0 {
		<-nw.signal
		return
	}
	timer := time.NewTimer(min(at-nw.Now(), stall))
	defer timer.Stop()
	select {
	case <-nw.signal:
	case <-timer.C:
		if at == never {
			nw.stalled(waiting)
		}
	}
}

// stall is how long calls may wait for nothing. Without an end the bubble
// would end the whole test binary, and nobody would see what had happened.
const stall = 24 * time.Hour

// stalled ends a test in which calls wait and nothing is to come.
func (nw *Network) stalled(waiting int) {
	nw.t.Errorf("simtest: %d calls wait, and nothing has happened for %v: no segment is under way, no timer and no deadline is set", waiting, stall)
	nw.mu.Lock()
	nw.down = true
	nw.mu.Unlock()
}
