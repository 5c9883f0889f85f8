package simtest

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// Ending is a way in which one side ends a connection.
type Ending string

// The endings, under the names of the subtests: those of the scenarios of the
// catalogue that show them.
const (
	FIN        Ending = "graceful-close"      // close, with nothing unread: a FIN
	Reset      Ending = "linger-zero"         // close with SO_LINGER {1, 0}: a RST
	UnreadData Ending = "unread-data"         // no more reads, and a close over what arrives then: a RST
	HalfClose  Ending = "half-close"          // shutdown(SHUT_WR): a FIN, and it goes on to read
	Silence    Ending = "rst-missing"         // the process hangs; its kernel acknowledges until its buffer is full
	Kill       Ending = "process-exit"        // kill -9, with all that the process has open; another one takes its place
	Reboot     Ending = "half-open-reboot"    // power loss; after the boot nothing listens
	Crash      Ending = "silent-peer"         // power loss, for good
	Timeout    Ending = "half-open-cable"     // the cable is pulled, and stays so
	Middlebox  Ending = "firewall-forges-rst" // a middlebox resets both sides at the next segment
)

// All are the endings that EveryEnding tries when it is not told which.
var All = []Ending{FIN, Reset, UnreadData, HalfClose, Silence, Kill, Reboot, Crash, Timeout, Middlebox}

// Endings says what EveryEnding tries. The zero value has the server end its
// first connection in every way, at up to 10 places.
type Endings struct {
	Config
	Client  bool     // the client ends the connection, not the server
	Nth     int      // which connection of that side, in the order of connect and accept; 0 is the first, as 1 is
	AtOnce  bool     // all connections that the side has open then are ended with it, not that one alone
	Endings []Ending // nil is All
	Points  int      // at how many places at most; 0 is 10, negative is after each byte
	After   []int    // the places themselves, in bytes that the side has written

	// InProcess keeps the test in its own process. A crash or a hang then ends
	// it with everything else, as that of any test does.
	InProcess bool
}

// EveryEnding runs f once undisturbed, to see what the ending side writes on
// that connection, and then once for each ending at each of a number of places:
// where the connection begins and ends, before, inside and after whatever is
// said between two things that the peer says, around each Write, and evenly in
// between. Each run is a subtest in a bubble and on a network of its own, with
// the name of the ending and the place:
//
//	TestClient/undisturbed
//	TestClient/graceful-close/after_0_bytes
//	TestClient/linger-zero/before_byte_28
//
// A place is skipped, with the reason, where the connection does not get that
// far, and where the ending cannot be what it is called.
//
// f starts client and server and checks whatever has to hold, however the
// connection ends: that nothing hangs, that a truncated answer is not taken
// for a whole one, that a retry succeeds. Code whose connection was ended
// under it by its own side gets net.ErrClosed. Everything that f waits for
// needs a time limit, on the side that ends the connection too: after Silence
// nothing ever comes, and nothing that side does has an effect.
//
// What f cannot survive is one failed subtest, and the others run: a panic in
// any goroutine, a lock that is held across a Read while others wait for it, a
// loop without an end, goroutines that are left. For that, every run is tried
// first in another process, which begins the test again from its start and
// runs a little ahead; what does not end there is not run here, and what it
// left behind is in the log. Where package-level state of the code under test
// belongs to one bubble, each run gets a process for itself, and what f does
// to variables outside of it is not seen by the test. There is no other
// process while fuzzing and under a debugger.
func EveryEnding(t *testing.T, e Endings, f func(t *testing.T, nw *Network)) {
	t.Helper()
	r := &round{t: t, e: e, f: f, side: trace.Server, call: countCall(t)}
	if e.Client {
		r.side = trace.Client
	}
	if given != nil {
		r.obey(given)
		return
	}
	r.run()
}

// undisturbed is the name of the subtest that nothing is done to.
const undisturbed = "undisturbed"

// round is one call of EveryEnding.
type round struct {
	t    *testing.T
	e    Endings
	f    func(*testing.T, *Network)
	side trace.Side
	call int // which one of the test

	ahead *process // runs before this one does; nil when there is none
	alone bool     // each run gets a process for itself

	matrix matrix
}

// each makes the subtests of all endings at all places, numbered from 1.
func (r *round) each(places []place, f func(t *testing.T, index int, e Ending, p place)) {
	endings := r.e.Endings
	if endings == nil {
		endings = All
	}
	index := 0
	for _, ending := range endings {
		first := index
		index += len(places)
		r.t.Run(string(ending), func(t *testing.T) {
			for i, p := range places {
				t.Run(p.String(), func(t *testing.T) {
					t.Cleanup(func() { r.matrix.enter(t, ending, p) })
					f(t, first+i+1, ending, p)
				})
			}
		})
	}
}

// measure is the run that nothing is done to.
func (r *round) measure(t *testing.T) (w written) {
	r.bubble(t, func(t *testing.T, nw *Network) {
		r.f(t, nw)
		nw.close()
		nth := max(r.e.Nth, 1)
		for _, s := range nw.socks {
			if s.host.outer != nil || s.host.sim.Side() != r.side || s.remote == nil {
				continue
			}
			if nth--; nth == 0 {
				w = written{Total: s.written, Writes: s.starts, Turns: s.turns}
			}
		}
		if nth > 0 {
			t.Errorf("the %s has %d connections too few for number %d to be ended", r.side, nth, max(r.e.Nth, 1))
		}
	})
	return w
}

// disturb is a run with an ending.
func (r *round) disturb(t *testing.T, e Ending, at place) {
	r.bubble(t, func(t *testing.T, nw *Network) {
		nw.plan = &plan{ending: e, side: r.side, nth: max(r.e.Nth, 1), place: at, all: r.e.AtOnce}
		r.f(t, nw)
		nw.mu.Lock()
		why := nw.plan.missed()
		nw.mu.Unlock()
		if why != "" && !t.Failed() {
			t.Skip(why)
		}
	})
}

// bubble runs f on a network of its own. Goroutines that are left in the end
// fail the test, where the runtime would end the process; whatever keeps the
// bubble from resting is seen from outside of it.
func (r *round) bubble(t *testing.T, f func(*testing.T, *Network)) {
	w := watch(t)
	defer w.stop()
	defer func() {
		reason := recover()
		if reason == nil {
			return
		}
		err, ok := reason.(error)
		if !ok || !strings.HasPrefix(err.Error(), "deadlock: ") {
			panic(reason)
		}
		nw := w.network.Load()
		r.matrix.word = "leak"
		t.Errorf("%v. They are:\n%s", err, leakReport(inBubble(w.number())))
		if nw != nil {
			t.Log(nw.report())
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		w.enter()
		nw := New(t, r.e.Config)
		w.network.Store(nw)
		f(t, nw)
	})
}
