package stack

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"os"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
)

var (
	clientAddr = netip.MustParseAddr("10.0.0.1")
	serverAddr = netip.MustParseAddr("10.0.0.2")
	serverPort = netip.AddrPortFrom(serverAddr, 8080)
)

// testEntropy gives every stream the same seed and another sequence.
type testEntropy struct{ streams uint64 }

func (e *testEntropy) Stream(string) *rand.PCG {
	e.streams++
	return rand.NewPCG(1, e.streams)
}

// testClock is a virtual clock. Its timers fire lag after their deadlines.
type testClock struct {
	now    time.Duration
	lag    time.Duration
	timers []*testTimer
	calls  int // of AfterFunc
}

type testTimer struct {
	clock *testClock
	at    time.Duration
	f     func()
	live  bool
}

func (c *testClock) Now() time.Time { return time.Unix(1e9, 0).Add(c.now) }

func (c *testClock) NowMonotonic() tcpip.MonotonicTime {
	return tcpip.MonotonicTime{}.Add(time.Minute + c.now)
}

func (c *testClock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	c.calls++
	t := &testTimer{clock: c, f: f}
	c.timers = append(c.timers, t)
	t.Reset(d)
	return t
}

func (t *testTimer) Stop() bool {
	was := t.live
	t.live = false
	return was
}

func (t *testTimer) Reset(d time.Duration) {
	t.live, t.at = true, t.clock.now+max(d, 0)+t.clock.lag
}

// next takes the timer that is due first, at until or before.
func (c *testClock) next(until time.Duration) *testTimer {
	var first *testTimer
	for _, t := range c.timers {
		if t.live && t.at <= until && (first == nil || t.at < first.at) {
			first = t
		}
	}
	return first
}

// testNet is two hosts on a cable without latency.
type testNet struct {
	t              testing.TB
	clock          *testClock
	client, server *Host
	wire           []wire.Segment             // everything that was sent
	lose           func(s *wire.Segment) bool // nil loses nothing
}

func newNet(t testing.TB, settings ...Setting) *testNet {
	t.Helper()
	n := &testNet{t: t, clock: &testClock{lag: time.Nanosecond}}
	n.client = newHost(t, n.clock, clientAddr, settings...)
	n.server = newHost(t, n.clock, serverAddr, settings...)
	return n
}

func newHost(t testing.TB, clock tcpip.Clock, addr netip.Addr, settings ...Setting) *Host {
	t.Helper()
	h, err := New(Config{Addr: addr, Clock: clock, Entropy: &testEntropy{}, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Destroy)
	return h
}

// drain returns what h has sent.
func (n *testNet) drain(h *Host) (frames [][]byte) {
	if err := h.Drain(func(b buffer.Buffer) { frames = append(frames, b.Flatten()) }); err != nil {
		n.t.Fatal(err)
	}
	return frames
}

// deliver moves frames until both hosts are quiet, one per settle.
func (n *testNet) deliver() {
	n.client.Settle()
	n.server.Settle()
	for quiet := false; !quiet; {
		quiet = true
		for _, way := range [][2]*Host{{n.client, n.server}, {n.server, n.client}} {
			for _, f := range n.drain(way[0]) {
				quiet = false
				s, err := wire.Parse(bytes.Clone(f))
				if err != nil {
					n.t.Fatal(err)
				}
				n.wire = append(n.wire, s)
				if n.lose != nil && n.lose(&s) {
					continue
				}
				way[1].Inject(buffer.MakeWithData(f))
				way[1].Settle()
				way[1].Changes(&s, func(Change) {})
			}
			way[0].Changes(nil, func(Change) {})
		}
	}
}

// advance lets time pass.
func (n *testNet) advance(d time.Duration) {
	until := n.clock.now + d
	n.deliver()
	for t := n.clock.next(until); t != nil; t = n.clock.next(until) {
		n.clock.now, t.live = t.at, false
		t.f()
		n.deliver()
	}
	n.clock.now = until
}

// connect gives both ends of a connection, and the listener.
func (n *testNet) connect() (client, server, listener *Socket) {
	n.t.Helper()
	listener, client = n.socket(n.server), n.socket(n.client)
	n.must(listener.Bind(serverPort))
	n.must(listener.Listen(16))
	if e := client.Connect(serverPort); e != EINPROGRESS {
		n.t.Fatalf("connect: %s", e)
	}
	n.deliver()
	n.must(client.Connect(serverPort))
	server, _, e := listener.Accept()
	n.must(e)
	return client, server, listener
}

func (n *testNet) socket(h *Host) *Socket {
	n.t.Helper()
	s, e := h.Socket()
	n.must(e)
	return s
}

func (n *testNet) must(e Errno) {
	n.t.Helper()
	if e != OK {
		n.t.Fatal(e)
	}
}

// within runs f and, when it takes too long in real time, shows where every
// goroutine stands: a barrier that hangs says nothing by itself.
func within(t testing.TB, limit time.Duration, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		t.Fatalf("still running after %v", limit)
	}
}

// eventually waits until ok reports true, for what other goroutines do in
// their own time.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 400 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
	t.Fatal(what)
}

func isData(s *wire.Segment) bool { return len(s.Payload) > 0 }

func parseAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

// option finds a TCP option by its kind (RFC 9293 section 3.2).
func option(s *wire.Segment, kind byte) []byte {
	for o := s.Options; len(o) > 1; {
		switch {
		case o[0] == 1: // no operation
			o = o[1:]
		case o[0] == 0 || int(o[1]) > len(o) || o[1] < 2:
			return nil
		case o[0] == kind:
			return o[:o[1]]
		default:
			o = o[o[1]:]
		}
	}
	return nil
}

func mss(s *wire.Segment) int {
	if o := option(s, 2); len(o) == 4 {
		return int(o[2])<<8 | int(o[3])
	}
	return 0
}

func hasSACK(s *wire.Segment) bool { return option(s, 4) != nil }
