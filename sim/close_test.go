package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Scripts of close, shutdown and dup. Recorded on Linux 6.18.

func TestLastCloseCloses(t *testing.T) {
	for name, script := range map[string]string{
		"dup: the first close sends nothing": opened + `
c.dup d
c.close
s.recv = EAGAIN
d.send hello = 5
s.recv = 5:hello
d.close
s.recv = 0
s.close`,
		"dup: SO_LINGER zero waits for the last close": opened + `
c.dup d
c.linger 0
c.close
s.poll = POLLOUT
d.close
s.poll = ` + allEvents + `
s.recv = ECONNRESET`,
		"shutdown works through any descriptor": opened + `
c.dup d
d.shutdown WR
s.recv = 0
c.state = FIN_WAIT2
c.send x = EPIPE`,
		"a closed descriptor is EBADF": opened + `
c.close
c.close = EBADF
c.send x = EBADF
c.recv = EBADF
c.shutdown WR = EBADF
c.poll = POLLNVAL
c.error = EBADF`,
	} {
		t.Run(name, func(t *testing.T) { play(t, script) })
	}
}

func TestShutdown(t *testing.T) {
	for name, script := range map[string]string{
		"half close: the other direction works on": opened + `
c.send req = 3
c.shutdown WR
c.send x = EPIPE
c.state = FIN_WAIT2
s.poll = POLLIN|POLLOUT|POLLRDHUP
s.recv = 3:req
s.recv = 0
s.state = CLOSE_WAIT
s.send reply = 5
c.recv = 5:reply
s.close
c.poll = ` + pollQuiet + `
c.recv = 0
c.state = CLOSE
c.peer = ENOTCONN
c.close`,
		"both directions with unread data: the data stays readable, the close resets": opened + `
s.send hello = 5
c.shutdown RDWR
c.state = FIN_WAIT2
c.poll = ` + pollQuiet + `
c.recv 2 = 2:he
c.close
s.poll = ` + allEvents + `
s.recv = 0
s.recv = 0
s.send x = EPIPE`,
		"SHUT_RD alone sends nothing and reads end of file": opened + `
c.shutdown RD
c.poll = POLLIN|POLLOUT|POLLRDHUP
c.recv = 0
c.state = ESTABLISHED
c.send x = 1
s.recv = 1:x`,
		"twice is allowed": opened + `
c.shutdown WR
c.shutdown WR
c.shutdown RD`,
		"never connected": `
c.socket
c.shutdown WR = ENOTCONN
c.shutdown RD = ENOTCONN`,
		"after a RST; the socket keeps its name and cannot connect again": greeted + reset + `
c.recv = ECONNRESET
c.shutdown WR = ENOTCONN
c.shutdown RD = ENOTCONN
c.peer = ENOTCONN
c.name = 10.0.0.1:40001
c.connect = EISCONN
c.state = CLOSE`,
		"getpeername while connected": opened + `
c.peer = 10.0.0.2:8080
s.peer = 10.0.0.1:40001
l.peer = ENOTCONN`,
	} {
		t.Run(name, func(t *testing.T) { play(t, script) })
	}
}

func TestCloseLingers(t *testing.T) {
	for name, script := range map[string]string{
		"until the FIN is acknowledged": greeted + `
c.linger 1
c.close
+c.now = 910ms
s.recv = 0`,
		"until the time has passed; the data goes on": opened + `
n.unplug
+c.send hello = 5
+c.linger 3
+c.close
+c.now = 3.4s
@5s n.plug
s.read = 5:hello
s.read = 0`,
		"also on a nonblocking socket": opened + `
c.nonblock
n.unplug
+c.send hello = 5
+c.linger 2
+c.close
+c.now = 2.5s
@5s n.plug`,
		"not with two descriptors": opened + `
c.dup d
n.unplug
+c.send hello = 5
+c.linger 2
+c.close
+c.now = 500ms
n.plug`,
		"not at the exit of the process": opened + `
n.unplug
+c.send hello = 5
+c.linger 2
+c.exit = did not return
n.plug
s.read = 5:hello
s.read = 0`,
	} {
		t.Run(name, func(t *testing.T) { play(t, script) })
	}
}

func TestUnsentDataIsDelivered(t *testing.T) {
	// Both buffers are full. A close, with or without SO_LINGER, loses nothing
	// as long as nothing is unread; with something unread it is a RST.
	const sent = 60000
	full := `
l.set SO_RCVBUF 8192
l.listen
c.set SO_SNDBUF 131072
c.connect
l.accept s
c.write 60000 = 60000
`
	drained := strings.Repeat("s.read 65536 = *\n", 20) + "s.close = *\n"
	for _, test := range []struct {
		name, script string
		received     int
		reset        bool
	}{
		{"close", "c.close\n" + drained, sent, false},
		{"close with SO_LINGER that times out", "c.linger 1\nc.close\n@4s s.peer = 10.0.0.1:40001\n" + drained, sent, false},
		{"close with unread data", "s.send unread = 6\nc.close\n" + drained, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := play(t, full+test.script)
			received, reset := 0, false
			for _, c := range tr.Calls {
				if c.Op == trace.OpRecv && c.Host == trace.Server {
					received += max(c.Value, 0)
				}
			}
			for _, s := range tr.Segments {
				reset = reset || s.Flags.Has(wire.RST)
			}
			if reset != test.reset || !reset && received != test.received {
				t.Errorf("received %d bytes of %d, reset %t", received, test.received, reset)
			}
		})
	}
}

func TestSIGPIPE(t *testing.T) {
	script := func(ignore string) string {
		return greeted + ignore + reset + "c.recv = ECONNRESET\n"
	}
	status := func(tr *trace.Trace) (int, string) { return tr.Processes[0].Status, tr.Processes[0].Signal }
	t.Run("kills with status 141", func(t *testing.T) {
		tr := play(t, script("c.sigpipe\n")+"c.send x = did not return\nc.recv = not reached\n")
		if n, s := status(tr); n != 141 || s != "SIGPIPE" {
			t.Errorf("status %d, signal %q", n, s)
		}
		last := tr.Calls[len(tr.Calls)-2] // before the server's exit
		if last.Op != trace.OpSend || !last.Returned || last.Errno.String() != "EPIPE" {
			t.Errorf("the last call is %s with %s", last.Op, last.Errno)
		}
	})
	t.Run("ignored", func(t *testing.T) {
		if n, s := status(play(t, script("")+"c.send x = EPIPE\nc.recv = 0\n")); n != 0 || s != "" {
			t.Errorf("status %d, signal %q", n, s)
		}
	})
	t.Run("not with ECONNRESET", func(t *testing.T) {
		tr := play(t, greeted+"c.sigpipe\n"+reset+"c.send x = ECONNRESET\nc.recv = 0\n")
		if n, s := status(tr); n != 0 || s != "" {
			t.Errorf("status %d, signal %q", n, s)
		}
	})
}

func TestProcessExitClosesLikeClose(t *testing.T) {
	unread := greeted + "s.send hello = 5\n"
	after := `
s.poll = ` + allEvents + `
s.recv = ECONNRESET
s.recv = 0
s.send x = EPIPE
s.poll = ` + pollQuiet + `
s.send y = EPIPE`
	for name, script := range map[string]string{
		"exit with unread data":    unread + "c.exit = did not return\n" + after,
		"SIGKILL with unread data": unread + "n.kill client SIGKILL\n" + after,
		"SIGABRT with unread data": unread + "n.kill client SIGABRT\n" + after,
		"SIGTERM with unread data": unread + "n.kill client SIGTERM\n" + after,
		"SIGTERM with nothing unread is a FIN": greeted + `
n.kill client SIGTERM
s.poll = POLLIN|POLLOUT|POLLRDHUP
s.recv = 0
s.recv = 0
s.send x = 1
s.poll = ` + allEvents + `
s.send y = EPIPE`,
	} {
		t.Run(name, func(t *testing.T) { play(t, script) })
	}
}

func TestShutdownWakesConnect(t *testing.T) {
	// Recorded on Linux 6.18: a connect that blocks gets ECONNRESET when
	// somebody shuts its socket down.
	s := newSim(t, sim.Config{})
	var err error
	s.Client().Go("client", func(p *sim.Process) {
		c, _ := p.Socket()
		p.Fork("child", func(p *sim.Process) {
			p.Sleep(time.Second)
			p.Shutdown(c, 2)
		})
		err = p.Connect(c, server(s))
	})
	s.Network(func(n *sim.Network) { n.Unplug(trace.Server) })
	tr := run(t, s)
	if result("0", err) != "ECONNRESET" {
		t.Errorf("connect gave %v", err)
	}
	if tr.End > 2*time.Second {
		t.Errorf("something went on until %s: another handshake?", tr.End)
	}
}

func TestBlockingSendSendsAtOnce(t *testing.T) {
	// What fits goes out at the instant of the call, though the call goes on.
	tr := play(t, "l.set SO_RCVBUF 8192\nl.listen\nc.set SO_SNDBUF 8192\nc.connect\nl.accept s\n"+
		"c.write 60000 = 60000\n"+strings.Repeat("s.read 65536 = *\n", 30)+"s.close\n")
	for i, c := range tr.Calls {
		if c.Op != trace.OpSend {
			continue
		}
		if !c.Blocked || c.End == c.Begin {
			t.Error("the call did not block")
		}
		for _, s := range tr.Segments {
			if s.Len > 0 {
				if s.SentAt != c.Begin || s.Trigger != (trace.Trigger{Kind: trace.ByCall, Index: i}) {
					t.Errorf("the first data were sent at %v by %v, the call began at %v", s.SentAt, s.Trigger, c.Begin)
				}
				return
			}
		}
	}
}
