package sim

import (
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// epoch is the wall clock at the start of every run. Not the Unix epoch:
// tcptrace takes a timestamp of zero for one that is not set.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// uptime is the monotonic clock at the start of every run. gVisor takes the
// zero of its monotonic time for "never" in several places, so no run starts
// there.
const uptime = time.Minute

// timerLag is how much later than its deadline a timer fires. gVisor compares
// strictly with > where a real clock has always moved on; at exactly the
// deadline TCP_DEFER_ACCEPT fires after 7 s instead of 3 s. No output shows
// single nanoseconds.
const timerLag = time.Nanosecond

// hostClock is the clock of one boot of one host. It implements tcpip.Clock.
type hostClock struct {
	host *Host
	boot int
}

// Now implements tcpip.Clock.
func (c *hostClock) Now() time.Time { return epoch.Add(c.host.sim.now) }

// NowMonotonic implements tcpip.Clock.
func (c *hostClock) NowMonotonic() tcpip.MonotonicTime {
	return tcpip.MonotonicTime{}.Add(uptime + c.host.sim.now)
}

// AfterFunc implements tcpip.Clock. f never runs before AfterFunc returns,
// also for a duration of zero: callers hold the lock that f takes.
func (c *hostClock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	t := &timer{clock: c, f: f, name: timerName(f), conn: c.host.sim.activeConn()}
	t.Reset(d)
	return t
}

// timer is one timer of a netstack. It implements tcpip.Timer.
type timer struct {
	clock *hostClock
	f     func()
	name  string
	conn  int
	live  bool

	// A timer has at most one entry in the heap that counts, and that comes at
	// or before its deadline: TCP pushes its timers back with every segment,
	// and an entry for each time would fill the heap with stale ones.
	at    time.Duration
	order uint64        // the place among the entries of one instant that the last Reset has earned
	entry uint64        // the entry that counts, by its seq; 0 for none
	due   time.Duration // when that entry comes
}

// Stop implements tcpip.Timer.
func (t *timer) Stop() bool {
	was := t.live
	t.live = false
	return was
}

// Reset implements tcpip.Timer.
func (t *timer) Reset(d time.Duration) {
	s := t.clock.host.sim
	t.live = true
	t.at = s.now + max(d, 0) + timerLag
	t.order = s.heap.next()
	if t.entry == 0 || t.at < t.due {
		t.push(&s.heap)
	}
}

// put moves the deadline to an instant, behind everything that is there.
func (t *timer) put(at time.Duration) {
	h := &t.clock.host.sim.heap
	t.at, t.order = at, h.next()
	t.push(h)
}

func (t *timer) push(h *heap) {
	t.entry, t.due = t.order, t.at
	h.put(event{at: t.at, seq: t.order, timer: t, host: t.clock.host, boot: t.clock.boot})
}

// popped reports whether the entry that has come is the timer's deadline. An
// entry that came before the deadline makes way for one at the deadline.
func (t *timer) popped(e *event, h *heap) bool {
	if e.seq != t.entry {
		return false
	}
	t.entry = 0
	if t.live && t.order != e.seq {
		t.push(h)
		return false
	}
	return t.live
}
