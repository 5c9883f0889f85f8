package simassert_test

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simassert"
	"github.com/tcpsim/tcpsim/sim/simtest"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/match"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// unread is a server that closes with 13 bytes unread.
func unread(t testing.TB) *sim.Sim {
	t.Helper()
	s, err := sim.New(sim.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0)})
	if err != nil {
		t.Fatal(err)
	}
	addr := netip.AddrPortFrom(s.Server().Addr(), 8080)
	s.Server().Go("server", func(p *sim.Process) {
		l, _ := p.Socket()
		p.Bind(l, addr)
		p.Listen(l, 16)
		c, _, _ := p.Accept(l)
		p.Sleep(time.Second)
		p.Close(c)
	})
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Connect(c, addr)
		p.Send(c, []byte("Hello world.\r"), 0)
		p.Recv(c, make([]byte, 100), 0)
		p.Recv(c, make([]byte, 100), 0)
	})
	return s
}

// The segments of it.
var (
	syn    = match.Segment{From: new(trace.Client), Flags: new(wire.SYN)}
	synAck = match.Segment{From: new(trace.Server), Flags: new(wire.SYN | wire.ACK)}
	ack    = match.Segment{Flags: new(wire.ACK), Len: new(uint32(0))}
	hello  = match.Segment{From: new(trace.Client), Data: new("Hello world.\r")}
	rst    = match.Segment{From: new(trace.Server), Flags: new(wire.RST | wire.ACK), Seq: new(uint32(1)), Cause: "unread-data"}
	fin    = match.Segment{Flags: new(wire.FIN | wire.ACK)}
)

func TestUnreadDataIsReset(t *testing.T) {
	r := simassert.Run(t, unread(t))
	r.Results("the handshake is whole", "client", trace.OpConnect, "ok")
	r.Results("all data are taken", "client", trace.OpSend, "13")
	r.Results("who reads learns of the reset once", "client", trace.OpRecv, "ECONNRESET", "EOF")
	r.Wire("nothing else is sent", syn, synAck, ack, hello, ack, rst)
	r.Sent("the client sends nothing after its data", trace.Client, syn, ack, hello)
	r.Sent("the server sends no FIN", trace.Server, synAck, ack, rst)
	r.Absent("no side says that it is done", fin, match.Segment{Lost: new(true)})
	r.States("the client goes straight to CLOSED", trace.Client, stack.SynSent, stack.Established, stack.Closed)
	r.NothingLeft("a reset leaves nothing behind")
	if s := r.Reset("the server answers unread data with a RST", trace.Server, "unread-data"); s == nil || s.Number != 6 {
		t.Errorf("the RST is %v", s)
	}
	found := r.Contains("the RST follows the data", hello, rst)
	if len(found) != 2 || found[0].Number != 4 || found[1].Number != 6 {
		t.Fatalf("found %v", found)
	}
	r.Idle("the process sleeps for a second", found[0].SentAt+10*time.Millisecond, found[1].SentAt-1)
	r.Idle("a RST is the end", found[1].SentAt, r.End)
}

func TestAnyTraceCanBeAsserted(t *testing.T) {
	tr, err := unread(t).Run()
	if err != nil {
		t.Fatal(err)
	}
	r := simassert.Of(t, tr)
	r.Contains("the server answers unread data with a RST", hello, rst)
	r.Results("who reads learns of it", "client", trace.OpRecv, "ECONNRESET", "EOF")

	f := &failing{TB: t}
	r = simassert.Of(f, tr)
	r.NothingLeft("nothing is left")
	f.end()
	f.check(t, "nothing is left: a trace does not tell what the hosts still hold; only a run does\n", "seed 1\n")

	f = &failing{TB: t}
	simassert.Of(f, tr).Contains("the server answers", rst)
	f.Errorf("another claim does not hold")
	if f.end(); strings.Contains(f.said.String(), "seed") {
		t.Errorf("a trace is logged about which all is right:\n%s", f.said.String())
	}
}

func TestTheOtherEngineCanBeAsserted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nw := simtest.New(t, simtest.Config{Seed: 1})
		l, err := nw.Server.Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if c, err := l.Accept(); err == nil {
				c.Close()
			}
		}()
		c, err := nw.Client.Dial("tcp", "server:80")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := c.Read(make([]byte, 1)); n > 0 || err != io.EOF {
			t.Errorf("read %d bytes, %v", n, err)
		}
		c.Close()
		time.Sleep(time.Second)
		r := simassert.Of(t, nw.Trace())
		r.NoReset("both sides close in good order")
		r.Contains("the server closes first, and the client after it",
			match.Segment{From: new(trace.Server), Flags: new(wire.FIN | wire.ACK)},
			match.Segment{From: new(trace.Client), Flags: new(wire.FIN | wire.ACK)})
	})
}

// failing notes what a test would say.
type failing struct {
	testing.TB
	said    strings.Builder
	failed  bool
	cleanup []func()
}

func (f *failing) Helper()                        {}
func (f *failing) Failed() bool                   { return f.failed }
func (f *failing) Cleanup(c func())               { f.cleanup = append(f.cleanup, c) }
func (f *failing) Logf(format string, a ...any)   { fmt.Fprintf(&f.said, format+"\n", a...) }
func (f *failing) Errorf(format string, a ...any) { f.failed = true; f.Logf(format, a...) }

func (f *failing) end() {
	for _, c := range f.cleanup {
		c()
	}
}

func (f *failing) check(t *testing.T, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(f.said.String(), want) {
			t.Errorf("%q is not in\n%s", want, f.said.String())
		}
	}
}

func TestFailedAssertionsSayWhatWasThereAndShowTheLadder(t *testing.T) {
	f := &failing{TB: t}
	r := simassert.Run(f, unread(t))
	r.Results("all is read", "client", trace.OpRecv, "13", "EOF")
	r.Results("the proxy reads", "proxy", trace.OpRecv)
	r.Reset("the client aborts", trace.Client, "linger-zero")
	r.NoReset("nobody aborts")
	r.Wire("nothing is read", syn, synAck, ack, hello, fin, rst)
	r.Sent("the server closes", trace.Server, synAck, fin)
	if got := r.Contains("the server closes after the data", hello, match.Segment{From: new(trace.Server), Flags: new(wire.FIN | wire.ACK), Seq: new(uint32(1))}); got != nil {
		t.Errorf("found %v", got)
	}
	r.Absent("nobody aborts", fin, match.Segment{Flags: new(wire.RST | wire.ACK)})
	r.Idle("the server is silent", 0, r.End)
	r.States("the server listens", trace.Server, stack.Listen)
	f.end()
	f.check(t,
		"all is read: recv of client gave ECONNRESET, EOF, want 13, EOF\n",
		"the proxy reads: no process proxy has made a call; there are server, client\n",
		"the client aborts: no RST of the client has the cause linger-zero; there are #6 of the server (unread-data)\n",
		"nobody aborts: there are RSTs: #6 of the server (unread-data)\n",
		"nothing is read: 6 segments on the wire, want these 6 (- expected and not seen, + seen and not expected):\n",
		"\n  - F.\n  + {from: server, flags: ., seq: 1, ack: 14}\n    {from: server, flags: R., seq: 1, ack: 14, cause: unread-data}\n",
		"the server closes: 3 segments of the server, want these 2 ",
		"the server closes after the data: want server F. seq 1 after client data \"Hello world.\\r\", "+
			"got no such segment; the nearest, #5 at 0.030000, has flags .: {from: server, flags: ., seq: 1, ack: 14}\n",
		"nobody aborts: want none like R., got #6 {from: server, flags: R., seq: 1, ack: 14, cause: unread-data}\n",
		"the server is silent: want no segment after 0.000000, up to ",
		"got #2 at 0.010000: {from: server, flags: S., seq: 0, ack: 1}\n",
		"the server listens: the server went through SYN_RECEIVED, ESTABLISHED, CLOSED, want LISTEN\n",
		"seed 1\n", "C < S #6 [R.] seq 1, ack 14",
	)
	if n := strings.Count(f.said.String(), "client saw:"); n != 1 {
		t.Errorf("the run is logged %d times", n)
	}
}

func TestWhatIsLeftIsTold(t *testing.T) {
	s, err := sim.New(sim.Config{Seed: 1, Until: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s.Server().Go("server", func(p *sim.Process) {
		l, _ := p.Socket()
		p.Bind(l, netip.AddrPortFrom(s.Server().Addr(), 8080))
		p.Listen(l, 16)
		p.Sleep(time.Hour)
	})
	f := &failing{TB: t}
	simassert.Run(f, s).NothingLeft("all is gone")
	f.check(t, "all is gone: the hosts still hold ", "server: endpoint 1, 10.0.0.2:8080, in LISTEN, registered", "server: port 8080")
}
