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

// The endings, under the names of the subtests.
const (
	FIN        Ending = "fin"         // close, with nothing unread: a FIN
	Reset      Ending = "rst"         // close with SO_LINGER {1, 0}: a RST
	UnreadData Ending = "unread-data" // no more reads, and a close over what arrives then: a RST
	HalfClose  Ending = "half-close"  // shutdown(SHUT_WR): a FIN, and it goes on to read
	Silence    Ending = "silence"     // the process hangs; its kernel acknowledges
	Reboot     Ending = "reboot"      // power loss; after the boot nothing listens
	Timeout    Ending = "timeout"     // the cable is pulled, and stays so
	Middlebox  Ending = "middlebox"   // a middlebox resets both sides at the next segment
)

// All are the endings that EveryEnding tries when it is not told which.
var All = []Ending{FIN, Reset, UnreadData, HalfClose, Silence, Reboot, Timeout, Middlebox}

// Endings says what EveryEnding tries. The zero value has the server end the
// first connection in every way, at up to 8 places.
type Endings struct {
	Config
	Client  bool     // the client ends the connection, not the server
	Endings []Ending // nil is All
	Points  int      // at how many places at most; 0 is 8, negative is after each byte
	After   []int    // the places themselves, in bytes that the side has written
}

// EveryEnding runs f once undisturbed, to see how much the ending side writes
// on its first connection, and then once for each ending at each of a number
// of places: from before the first byte to after the last, spread evenly. Each
// run is a subtest in a bubble and on a network of its own, with the name of
// the ending and the place:
//
//	TestClient/undisturbed
//	TestClient/fin/after_0_of_190_bytes
//	TestClient/rst/after_27_of_190_bytes
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
	total := 0
	ok := t.Run("undisturbed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			nw := New(t, e.Config)
			f(t, nw)
			nw.close()
			for _, s := range nw.socks {
				if s.host.sim.Side() == side && s.remote != nil {
					total = s.written
					break
				}
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
						nw.plan = &plan{ending: ending, side: side, after: after}
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
