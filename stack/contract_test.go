package stack

import (
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// What the rest of tcpsim believes of gVisor, so that a newer one that behaves
// differently is found here and not in a trace.

// processors counts the TCP processors of a host.
func processors(h *Host) int {
	protocol := reflect.ValueOf(h.ns.TransportProtocolInstance(tcp.ProtocolNumber)).Elem()
	return protocol.FieldByName("dispatcher").FieldByName("processors").Len()
}

func TestHostHasOneProcessorWhateverGOMAXPROCS(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(n)
		h := newHost(t, &testClock{}, clientAddr)
		if got := processors(h); got != 1 {
			t.Errorf("GOMAXPROCS %d: %d processors", n, got)
		}
	}
}

func TestConstructionRestoresGOMAXPROCS(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer func() {
		if os.Getenv("GOMAXPROCS") == "" {
			runtime.SetDefaultGOMAXPROCS()
			return
		}
		runtime.GOMAXPROCS(before)
	}()
	t.Run("set explicitly", func(t *testing.T) {
		runtime.GOMAXPROCS(7)
		newHost(t, &testClock{}, clientAddr)
		if n := runtime.GOMAXPROCS(0); n != 7 {
			t.Errorf("GOMAXPROCS is %d after construction, was 7", n)
		}
	})
	t.Run("the runtime's choice", func(t *testing.T) {
		if os.Getenv("GOMAXPROCS") != "" {
			t.Skip("GOMAXPROCS is in the environment")
		}
		runtime.SetDefaultGOMAXPROCS()
		was := runtime.GOMAXPROCS(0)
		newHost(t, &testClock{}, clientAddr)
		if n := runtime.GOMAXPROCS(0); n != was {
			t.Errorf("GOMAXPROCS is %d after construction, was %d", n, was)
		}
	})
}

func TestSegmentIsNotProcessedBeforeSettle(t *testing.T) {
	n := newNet(t)
	l := n.socket(n.server)
	n.must(l.Bind(serverPort))
	n.must(l.Listen(1))
	if e := n.socket(n.client).Connect(serverPort); e != EINPROGRESS {
		t.Fatal(e)
	}
	frames := n.drain(n.client)
	if len(frames) != 1 {
		t.Fatalf("connect sent %d frames", len(frames))
	}
	n.server.Inject(buffer.MakeWithData(frames[0]))
	// Long enough for a processor that runs to take the SYN.
	time.Sleep(20 * time.Millisecond)
	if got := n.drain(n.server); len(got) != 0 {
		t.Fatal("the SYN was answered before Settle")
	}
	n.server.Settle()
	if got := n.drain(n.server); len(got) != 1 {
		t.Fatalf("after Settle there are %d frames, want the SYN,ACK", len(got))
	}
}

func TestDestroyWhilePausedReturns(t *testing.T) {
	within(t, 10*time.Second, func() {
		n := newNet(t)
		n.connect()
		n.client.Destroy()
		n.server.Destroy()
		n.server.Destroy() // a second time does nothing
	})
}

func TestDestroyLeavesNothing(t *testing.T) {
	eventually(t, "endpoints of earlier tests dangle", func() bool { return len(tcpip.GetDanglingEndpoints()) == 0 })
	before := runtime.NumGoroutine()
	for range 10 {
		n := newNet(t)
		client, server, _ := n.connect()
		client.Send([]byte("hello"), 0)
		n.deliver()
		client.Close() // FIN_WAIT_2 and CLOSE_WAIT
		n.deliver()
		_ = server
		n.client.Destroy()
		n.server.Destroy()
	}
	eventually(t, "goroutines are left", func() bool { return runtime.NumGoroutine() <= before })
	eventually(t, "endpoints dangle", func() bool { return len(tcpip.GetDanglingEndpoints()) == 0 })
}

func TestIdleHostArmsNoTimer(t *testing.T) {
	for _, addr := range []string{"10.0.0.1", "fd00::1"} {
		clock := &testClock{}
		h := newHost(t, clock, parseAddr(addr))
		h.Settle()
		if clock.calls != 0 {
			t.Errorf("%s: AfterFunc was called %d times", addr, clock.calls)
		}
	}
}

func TestFullQueueIsNoticed(t *testing.T) {
	h := newHost(t, &testClock{}, clientAddr)
	for range queueLen + 1 {
		s, e := h.Socket()
		if e != OK {
			t.Fatal(e)
		}
		if e := s.Connect(serverPort); e != EINPROGRESS {
			t.Fatal(e)
		}
	}
	n := 0
	err := h.Drain(func(b buffer.Buffer) { n++; b.Release() })
	if err != ErrQueueFull || n != queueLen {
		t.Errorf("drained %d frames with error %v, want %d and ErrQueueFull", n, err, queueLen)
	}
	if !strings.Contains(ErrQueueFull.Error(), "4096 frames") {
		t.Errorf("the error does not name the limit: %v", ErrQueueFull)
	}
}

func TestTwoSegmentsInOneSettleGetOneACK(t *testing.T) {
	// Why a host is settled after every frame: gVisor answers a batch once.
	for _, test := range []struct{ perSettle, acks int }{{2, 1}, {1, 2}} {
		n := newNet(t)
		client, _, _ := n.connect()
		n.must(client.SetOption("TCP_NODELAY", Value{Int: 1}))
		for range 2 {
			if _, _, e := client.Send([]byte("data"), 0); e != OK {
				t.Fatal(e)
			}
		}
		n.client.Settle()
		frames := n.drain(n.client)
		if len(frames) != 2 {
			t.Fatalf("two sends made %d frames", len(frames))
		}
		for i, f := range frames {
			n.server.Inject(buffer.MakeWithData(f))
			if (i+1)%test.perSettle == 0 {
				n.server.Settle()
			}
		}
		if got := len(n.drain(n.server)); got != test.acks {
			t.Errorf("%d frames per settle: %d ACKs, want %d", test.perSettle, got, test.acks)
		}
	}
}

func TestTimerFiresPastItsDeadline(t *testing.T) {
	// gVisor compares with > where a real clock has moved on: at exactly the
	// deadline TCP_DEFER_ACCEPT 3 waits for one more retransmission.
	for _, test := range []struct {
		lag    time.Duration
		accept time.Duration // when the connection can be accepted
	}{{time.Nanosecond, 3 * time.Second}, {0, 7 * time.Second}} {
		n := newNet(t)
		n.clock.lag = test.lag
		l := n.socket(n.server)
		n.must(l.SetOption("TCP_DEFER_ACCEPT", Value{Int: 3}))
		n.must(l.Bind(serverPort))
		n.must(l.Listen(1))
		if e := n.socket(n.client).Connect(serverPort); e != EINPROGRESS {
			t.Fatal(e)
		}
		var got time.Duration
		for n.clock.now < 30*time.Second {
			if _, _, e := l.Accept(); e == OK {
				got = n.clock.now
				break
			}
			n.advance(100 * time.Millisecond)
		}
		if got < test.accept || got > test.accept+200*time.Millisecond {
			t.Errorf("lag %v: accepted after %v, want %v", test.lag, got, test.accept)
		}
	}
}

// resent loses the first of ten segments sent in one instant and counts the
// retransmissions.
func resent(t *testing.T, recovery string) int {
	n := newNet(t, Setting{"tcp_recovery", recovery})
	client, _, _ := n.connect()
	lost := false
	first := map[uint32]bool{}
	resent := 0
	n.lose = func(s *wire.Segment) bool {
		if !isData(s) {
			return false
		}
		if first[s.Seq] {
			resent++
		}
		first[s.Seq] = true
		if !lost {
			lost = true
			return true
		}
		return false
	}
	if written, _, e := client.Send(make([]byte, 10*1420), 0); e != OK || written != 10*1420 {
		t.Fatal(written, e)
	}
	n.advance(10 * time.Second)
	if len(first) != 10 {
		t.Fatalf("%d segments, want ten", len(first))
	}
	return resent
}

func TestRACKIsOffByDefault(t *testing.T) {
	h := newHost(t, &testClock{}, clientAddr)
	var o tcpip.TCPRecovery
	if err := h.ns.TransportProtocolOption(tcp.ProtocolNumber, &o); err != nil {
		t.Fatal(err)
	}
	if o != 0 {
		t.Errorf("tcp_recovery is %d", o)
	}
}

func TestRACKResendsTooMuch(t *testing.T) {
	if n := resent(t, "0"); n != 1 {
		t.Errorf("without RACK one loss in a burst gave %d retransmissions, want 1", n)
	}
	// This pin of gVisor orders segments with equal transmit times backwards.
	if n := resent(t, "1"); n <= 1 {
		t.Errorf("with RACK one loss in a burst gave %d retransmission: upstream fixed it, "+
			"so make tcp_recovery = 1 the default and turn this test round", n)
	}
}
