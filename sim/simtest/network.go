package simtest

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/internal/drive"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// Config describes a network. The zero value is two IPv4 hosts on a cable that
// loses nothing and takes a millisecond.
type Config struct {
	Seed   uint64
	Link   link.Config // without a latency in either direction: 1 ms in both, unless Ideal is set
	Ideal  bool        // a Link without latency has none; an exchange without an end then never gets to a deadline
	Client sim.HostConfig
	Server sim.HostConfig
	IPv6   bool // the default addresses are of IPv6

	// KeepAlive is the idle time before keep-alive probes and the interval
	// between them, as in net.Dialer: 15 s when zero, none when negative.
	KeepAlive time.Duration

	Limits sim.Limits
}

// driver is what moves one run.
type driver = drive.Driver[*sim.Host, *sim.Process, *sim.Network]

// Network is two hosts and the link between them. Its methods and those of
// what it makes may be called by any goroutine of the bubble.
type Network struct {
	Client *Host // 10.0.0.1, "client"
	Server *Host // 10.0.0.2, "server"

	t      testing.TB
	keep   time.Duration
	seed   uint64
	driver driver
	began  time.Time

	mu        sync.Mutex
	signal    chan struct{} // something is in inbox
	over      chan struct{} // the engine has ended
	rounds    atomic.Uint64 // how often the bubble has come to rest
	stream    *stream       // where the trace is kept while it grows; nil for nowhere
	inbox     []*op         // made since the engine last looked
	parked    []*op         // in the order in which they are tried
	wakes     []*op         // over, and nobody was told yet
	idle      []*op         // wait until nothing is left to do at this instant
	socks     []*socket
	drivers   []driver // of the network, and of the loopbacks
	listeners []*Listener
	loops     []looped
	calls     uint64
	down      bool // the test is over
	plan      *plan
	trace     *trace.Trace
}

// grace is how much virtual time goroutines have to end once the network is
// gone. A server of net/http, for one, sleeps half a second before it closes,
// and a bubble does not wait for those who sleep.
const grace = time.Minute

// New makes a network for the bubble of [testing/synctest] that it is called
// in. One bubble has one network. It ends, with everything that is still open,
// in a cleanup of t; when the test has failed, the cleanup logs the whole
// exchange and the command that repeats it.
func New(t testing.TB, c Config) *Network {
	t.Helper()
	checkBubble(t)
	c.Link = c.withLatency()
	s, err := sim.New(sim.Config{
		Seed: c.Seed, Link: c.Link, Client: c.Client, Server: c.Server, IPv6: c.IPv6, Limits: c.Limits,
	})
	if err != nil {
		t.Fatalf("simtest: %v", err)
	}
	nw := &Network{
		t: t, keep: c.KeepAlive, seed: c.Seed, driver: drive.Of[*sim.Host, *sim.Process, *sim.Network](s), began: time.Now(),
		signal: make(chan struct{}, 1), over: make(chan struct{}),
	}
	if nw.keep == 0 {
		nw.keep = 15 * time.Second
	}
	nw.drivers = []driver{nw.driver}
	nw.Client = &Host{nw: nw, sim: s.Client(), driver: nw.driver, process: nw.driver.Process(s.Client(), "client")}
	nw.Server = &Host{nw: nw, sim: s.Server(), driver: nw.driver, process: nw.driver.Process(s.Server(), "server")}
	nw.stream = streamed()
	go nw.run()
	t.Cleanup(func() {
		nw.close()
		if t.Failed() {
			t.Log(nw.report())
		}
		time.Sleep(grace)
	})
	return nw
}

// usualLatency is that of a network in one building.
const usualLatency = time.Millisecond

// withLatency is the link, with the usual latency where none is set: time only
// passes while something is under way, and code that goes on for as long as it
// gets answers would otherwise never get to its own deadline.
func (c *Config) withLatency() link.Config {
	l := c.Link
	if c.Ideal {
		return l
	}
	for _, d := range l.From {
		if d.Latency != 0 || d.Rate != 0 || len(d.Delays) > 0 {
			return l
		}
	}
	l.From[0].Latency, l.From[1].Latency = usualLatency, usualLatency
	return l
}

// checkBubble ends the test with a reason where the runtime would end the
// process.
func checkBubble(t testing.TB) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("simtest: a network lives in a synctest bubble of its own, in synctest.Test: %v", r)
		}
	}()
	synctest.Wait()
}

// Now is the virtual time since the network was made.
func (nw *Network) Now() time.Duration { return time.Since(nw.began) }

// Wait returns when every other goroutine of the bubble is blocked and nothing
// is left to happen at this instant, on the link either. It stands in for
// [synctest.Wait], which the network uses itself and which panics when two
// goroutines call it at once.
func (nw *Network) Wait() {
	nw.block(&op{rank: rank{kind: kindWait}})
}

// Trace is the record of everything that has happened on the network so far:
// every segment, call and change of state. It does not change any more; the
// network goes on. Once the network has ended it is the record of all of it.
func (nw *Network) Trace() *trace.Trace {
	var tr *trace.Trace
	nw.control(func() error {
		tr = nw.driver.Snapshot()
		return nil
	})
	if tr == nil { // the network has ended
		<-nw.over
		return nw.trace
	}
	return tr
}

// close ends everything. What is blocked in a call gets net.ErrClosed.
func (nw *Network) close() {
	nw.mu.Lock()
	nw.down = true
	nw.mu.Unlock()
	nw.poke()
	<-nw.over
	synctest.Wait() // whoever got an error from this goes on
}

// report is what a failed test shows.
func (nw *Network) report() string {
	var b strings.Builder
	b.WriteString("what happened on the network:\n" + story(nw.trace))
	for _, l := range nw.loops {
		fmt.Fprintf(&b, "and on the loopback of the %s:\n%s", l.side, story(l.trace))
	}
	b.WriteString(replay(nw.t.Name()) + "\n")
	return b.String()
}
