package simassert_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/simassert"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
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

func TestUnreadDataIsReset(t *testing.T) {
	r := simassert.Run(t, unread(t))
	r.Results("client", "connect", "ok")
	r.Results("client", "send", "13")
	r.Results("client", "recv", "ECONNRESET", "EOF")
	r.Sent(trace.Client, "S", ".", "P.")
	r.Sent(trace.Server, "S.", ".", "R.")
	r.States(trace.Client, stack.SynSent, stack.Established, stack.Closed)
	r.NothingLeft()
	if s := r.Reset(trace.Server, "unread-data"); s != nil && s.Seq != 1 {
		t.Errorf("the RST has the sequence number %d", s.Seq)
	}
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

func TestFailedAssertionsSayWhatWasThereAndShowTheLadder(t *testing.T) {
	f := &failing{TB: t}
	r := simassert.Run(f, unread(t))
	r.Results("client", "recv", "13", "EOF")
	r.Results("proxy", "recv")
	r.Reset(trace.Client, "linger-zero")
	r.NoReset()
	r.Sent(trace.Server, "S.", "F.")
	r.States(trace.Server, stack.Listen)
	for _, c := range f.cleanup {
		c()
	}
	for _, want := range []string{
		"recv of client gave ECONNRESET, EOF, want 13, EOF\n",
		"no process proxy has made a call; there are server, client\n",
		"no RST of the client has the cause linger-zero; there are #6 of the server (unread-data)\n",
		"there are RSTs: #6 of the server (unread-data)\n",
		"the server has sent S., ., R., want S., F.\n",
		"the server went through SYN_RECEIVED, ESTABLISHED, CLOSED, want LISTEN\n",
		"seed 1\n", "C < S #6 [R.] seq 1, ack 14",
	} {
		if !strings.Contains(f.said.String(), want) {
			t.Errorf("%q is not in\n%s", want, f.said.String())
		}
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
	simassert.Run(f, s).NothingLeft()
	for _, want := range []string{"server: endpoint 1, 10.0.0.2:8080, in LISTEN, registered", "server: port 8080"} {
		if !strings.Contains(f.said.String(), want) {
			t.Errorf("%q is not in %q", want, f.said.String())
		}
	}
}
