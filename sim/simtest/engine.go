package simtest

import (
	"cmp"
	"net"
	"slices"
	"testing/synctest"
	"time"
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

	sock *socket       // that it is about
	done chan struct{} // closed when the caller may go on; nil when it did not wait
	over bool
	n    int
	err  error
}

// rank orders calls that were made at the same time by goroutines that ran at
// the same time: by what they are about, because which came first is chance.
type rank struct {
	kind kind
	conn int    // numbered in the order of connect and accept
	side int    // client, then server
	name string // the address, for calls that make a connection or a listener
	seq  uint64 // the order of making, for calls of one goroutine
}

type kind int

const (
	kindControl kind = iota // of the test: crash, unplug
	kindOpen                // listen, dial
	kindWrite               // write, shutdown, close: in the order in which they were made
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
		nw.mu.Lock()
		next, more := nw.work()
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
	err := nw.driver.Do(nw.Now(), func() {
		for !nw.down {
			nw.collect()
			if !nw.advance() {
				break
			}
		}
	})
	if err != nil && !nw.down {
		nw.t.Errorf("simtest: %v", err)
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

// collect takes over the calls that were made since.
func (nw *Network) collect() {
	slices.SortFunc(nw.inbox, func(a, b *op) int { return a.rank.compare(b.rank) })
	for _, o := range nw.inbox {
		if o.rank.kind == kindWait {
			nw.idle = append(nw.idle, o)
			continue
		}
		nw.parked = append(nw.parked, o)
	}
	nw.inbox = nw.inbox[:0]
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
	if at, ok := nw.driver.Next(); ok && at <= now {
		nw.driver.Step()
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
	if o.done != nil {
		nw.wakes = append(nw.wakes, o)
	}
}

// fail ends a call that cannot go on.
func (nw *Network) fail(o *op, err error) {
	if o.abort != nil {
		o.abort(err)
	} else {
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
		nw.trace = nw.driver.Finish()
	}
}

// sleep waits for the next event, the next deadline or a call.
func (nw *Network) sleep() {
	nw.mu.Lock()
	at := never
	if next, ok := nw.driver.Next(); ok {
		at = next
	}
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
