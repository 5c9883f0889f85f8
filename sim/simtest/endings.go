package simtest

import (
	"fmt"
	"slices"
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
// first connection in every way, at up to 8 places.
type Endings struct {
	Config
	Client  bool     // the client ends the connection, not the server
	Nth     int      // which connection of that side, in the order of connect and accept; 0 is the first, as 1 is
	Endings []Ending // nil is All
	Points  int      // at how many places at most; 0 is 8, negative is after each byte
	After   []int    // the places themselves, in bytes that the side has written
}

// EveryEnding runs f once undisturbed, to see how much the ending side writes
// on that connection, and then once for each ending at each of a number
// of places: from before the first byte to after the last, spread evenly. Each
// run is a subtest in a bubble and on a network of its own, with the name of
// the ending and the place:
//
//	TestClient/undisturbed
//	TestClient/graceful-close/after_0_of_190_bytes
//	TestClient/linger-zero/after_27_of_190_bytes
//
// f starts client and server and checks whatever has to hold, however the
// connection ends: that nothing hangs, that a truncated answer is not taken
// for a whole one, that a retry succeeds. Code whose connection was ended
// under it by its own side gets net.ErrClosed. Everything that f waits for
// needs a time limit, on the side that ends the connection too: after Silence
// nothing ever comes, and nothing that side does has an effect.
func EveryEnding(t *testing.T, e Endings, f func(t *testing.T, nw *Network)) {
	t.Helper()
	side := trace.Server
	if e.Client {
		side = trace.Client
	}
	total := -1
	ok := t.Run("undisturbed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			nw := New(t, e.Config)
			f(t, nw)
			nw.close()
			nth := max(e.Nth, 1)
			for _, s := range nw.socks {
				if s.host.sim.Side() != side || s.remote == nil {
					continue
				}
				if nth--; nth == 0 {
					total = s.written
				}
			}
			if nth > 0 {
				t.Errorf("the %s has %d connections too few for number %d to be ended", side, nth, max(e.Nth, 1))
			}
		})
	})
	if !ok {
		return
	}
	endings := e.Endings
	if endings == nil {
		endings = All
	}
	places := e.places(total)
	for _, ending := range endings {
		t.Run(string(ending), func(t *testing.T) {
			for _, after := range places {
				t.Run(fmt.Sprintf("after %d of %d bytes", after, total), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						nw := New(t, e.Config)
						nw.plan = &plan{ending: ending, side: side, nth: max(e.Nth, 1), after: after}
						f(t, nw)
					})
				})
			}
		})
	}
}

// places are the numbers of bytes after which the connection is ended.
func (e *Endings) places(total int) []int {
	if e.After != nil {
		return e.After
	}
	n := e.Points
	switch {
	case n == 0:
		n = 8
	case n < 0:
		n = total + 1
	}
	var places []int
	for i := range n {
		places = append(places, total*i/max(1, n-1))
	}
	return slices.Compact(places)
}
