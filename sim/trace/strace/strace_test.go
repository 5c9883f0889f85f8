package strace_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/strace"
	"github.com/tcpsim/tcpsim/stack"
)

func text(t testing.TB, tr *trace.Trace, o strace.Options) string {
	t.Helper()
	var b strings.Builder
	if err := strace.Write(&b, tr, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// run is a client against a server that accepts and then does serve.
func run(t testing.TB, ipv6 bool, client func(*sim.Process, netip.AddrPort), serve func(*sim.Process, int), network func(*sim.Network)) *trace.Trace {
	t.Helper()
	s, err := sim.New(sim.Config{Seed: 1, Link: link.Symmetric(10*time.Millisecond, 0), IPv6: ipv6})
	if err != nil {
		t.Fatal(err)
	}
	at := netip.AddrPortFrom(s.Server().Addr(), 80)
	s.Client().Go("client", func(p *sim.Process) { client(p, at) })
	s.Server().Go("server", func(p *sim.Process) {
		l, _ := p.Socket()
		p.Bind(l, netip.AddrPortFrom(netip.Addr{}, 80))
		p.Listen(l, 4)
		fd, _, _ := p.Accept(l)
		serve(p, fd)
	})
	if network != nil {
		s.Network(network)
	}
	tr, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

const (
	client = 0
	server = 1
)

// The lines are what strace 6.1 printed of a program that did the same, but
// for the addresses in memory, SO_RCVTIMEO, which it prints as bytes, and the
// ids in siginfo.
func TestCallsLookAsStracePrintsThem(t *testing.T) {
	tr := run(t, false, func(p *sim.Process, at netip.AddrPort) {
		fd, _ := p.Socket()
		p.SetSockOpt(fd, "SO_LINGER", stack.Value{Kind: stack.KindLinger, Linger: stack.Linger{On: true, Time: time.Second}})
		p.SetSockOpt(fd, "TCP_NODELAY", stack.Value{Int: 1})
		p.SetSockOpt(fd, "SO_RCVTIMEO", stack.Value{Kind: stack.KindTime, Time: time.Second + 5*time.Microsecond})
		p.SetSockOpt(fd, "TCP_CONGESTION", stack.Value{Kind: stack.KindText, Text: "reno"})
		p.GetPeerName(fd)
		p.Connect(fd, at)
		p.GetSockOpt(fd, "SO_ERROR")
		p.GetSockOpt(fd, "SO_LINGER")
		p.GetPeerName(fd)
		p.Send(fd, []byte("Hello\r\n\xff\x00<>&\x001\"\\"+strings.Repeat("x", 50)), 0)
		p.Shutdown(fd, stack.ShutWrite)
		dup, _ := p.Dup(fd)
		p.Close(dup)
		p.SetNonblock(fd, true)
		p.Recv(fd, make([]byte, 10), 0)
		p.Send(fd, []byte("q"), stack.MsgNoSignal)
		p.Close(77)
		p.Exit(3)
	}, func(p *sim.Process, fd int) {
		p.SetNonblock(3, true)
		p.Accept(3)
		b := make([]byte, 200)
		p.Poll([]sim.PollFD{{FD: fd, Events: stack.PollIn}}, -1)
		p.Recv(fd, b[:5], 0)
		p.Recv(fd, b[:100], stack.MsgPeek)
		p.Recv(fd, b, 0)
		p.Recv(fd, b, 0)
		p.Poll([]sim.PollFD{{FD: 3, Events: stack.PollIn}}, 10*time.Millisecond)
	}, nil)
	port := strings.TrimPrefix(tr.Conns[0].At(trace.Client).Addr.String(), "10.0.0.1:")
	for who, want := range map[int]string{
		client: `
socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3
setsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=1}, 8) = 0
setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4) = 0
setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=5}, 16) = 0
setsockopt(3, SOL_TCP, TCP_CONGESTION, "reno", 4) = 0
getpeername(3, 0x7ffd00000000, [16])    = -1 ENOTCONN (Transport endpoint is not connected)
connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.2")}, 16) = 0
getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0
getsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=1}, [8]) = 0
getpeername(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.2")}, [16]) = 0
sendto(3, "Hello\r\n\377\0<>&\0001\"\\xxxxxxxxxxxxxxxx"..., 66, 0, NULL, 0) = 66
shutdown(3, SHUT_WR)                    = 0
dup(3)                                  = 4
close(4)                                = 0
fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)    = 0
recvfrom(3, 0x7ffd00000000, 10, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
sendto(3, "q", 1, MSG_NOSIGNAL, NULL, 0) = -1 EPIPE (Broken pipe)
close(77)                               = -1 EBADF (Bad file descriptor)
exit_group(3)                           = ?
+++ exited with 3 +++
`,
		server: `
socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3
bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = 0
listen(3, 4)                            = 0
accept(3, {sa_family=AF_INET, sin_port=htons(` + port + `), sin_addr=inet_addr("10.0.0.1")}, [16]) = 4
fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)    = 0
accept(3, 0x7ffd00000000, [16])         = -1 EAGAIN (Resource temporarily unavailable)
poll([{fd=4, events=POLLIN}], 1, -1)    = 1 ([{fd=4, revents=POLLIN}])
recvfrom(4, "Hello", 5, 0, NULL, NULL)  = 5
recvfrom(4, "\r\n\377\0<>&\0001\"\\xxxxxxxxxxxxxxxxxxxxx"..., 100, MSG_PEEK, NULL, NULL) = 61
recvfrom(4, "\r\n\377\0<>&\0001\"\\xxxxxxxxxxxxxxxxxxxxx"..., 200, 0, NULL, NULL) = 61
recvfrom(4, "", 200, 0, NULL, NULL)     = 0
poll([{fd=3, events=POLLIN}], 1, 10)    = 0 (Timeout)
exit_group(0)                           = ?
+++ exited with 0 +++
`,
	} {
		if diff := cmp.Diff(want[1:], text(t, tr, strace.Options{Process: who})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tr.Processes[who].Name, diff)
		}
	}
}

func TestAForkLooksAsStracePrintsIt(t *testing.T) {
	tr := run(t, false, func(p *sim.Process, at netip.AddrPort) {
		p.Fork("child", func(p *sim.Process) { p.Close(7) })
	}, func(*sim.Process, int) {}, nil)
	for who, want := range []string{
		client: "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7ffd00000000) = 2\nexit_group(0)",
		2:      "close(7)                                = -1 EBADF (Bad file descriptor)\nexit_group(0)",
	} {
		if got := text(t, tr, strace.Options{Process: who}); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got\n%s", tr.Processes[who].Name, got)
		}
	}
}

func TestIPv6AddressesLookAsStracePrintsThem(t *testing.T) {
	tr := run(t, true, func(p *sim.Process, at netip.AddrPort) {
		fd, _ := p.Socket()
		p.Connect(fd, at)
	}, func(*sim.Process, int) {}, nil)
	for who, want := range map[int]string{
		client: `connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "fd00::2", &sin6_addr), sin6_scope_id=0}, 28) = 0`,
		server: `bind(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::", &sin6_addr), sin6_scope_id=0}, 28) = 0`,
	} {
		if got := text(t, tr, strace.Options{Process: who}); !strings.Contains(got, want+"\n") {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
}

// How a process ends decides how its last call looks.
func TestTheEndLooksAsStracePrintsIt(t *testing.T) {
	kill := func(signal stack.Signal) func(*sim.Network) {
		return func(n *sim.Network) {
			n.Sleep(time.Second)
			n.Kill("client", signal)
		}
	}
	recv := func(p *sim.Process, fd int) { p.Recv(fd, make([]byte, 10), 0) }
	poll := func(p *sim.Process, fd int) { p.Poll([]sim.PollFD{{FD: fd, Events: stack.PollIn}}, 20*time.Second) }
	for _, c := range []struct {
		name string
		last func(*sim.Process, int)
		does func(*sim.Network)
		want string
	}{
		{"killed", recv, kill(stack.SIGKILL), `
recvfrom(3,  <unfinished ...>)          = ?
+++ killed by SIGKILL +++
`},
		{"killed in poll", poll, kill(stack.SIGKILL), `
poll([{fd=3, events=POLLIN}], 1, 20000 <unfinished ...>) = ?
+++ killed by SIGKILL +++
`},
		{"terminated", recv, kill(stack.SIGTERM), `
recvfrom(3, 0x7ffd00000000, 10, 0, NULL, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER} ---
+++ killed by SIGTERM +++
`},
		{"terminated in poll", poll, kill(stack.SIGTERM), `
poll([{fd=3, events=POLLIN}], 1, 20000) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)
--- SIGTERM {si_signo=SIGTERM, si_code=SI_USER} ---
+++ killed by SIGTERM +++
`},
		{"a broken pipe", func(p *sim.Process, fd int) {
			p.Shutdown(fd, stack.ShutWrite)
			p.Send(fd, []byte("x"), 0)
		}, nil, `
sendto(3, "x", 1, 0, NULL, 0)           = -1 EPIPE (Broken pipe)
--- SIGPIPE {si_signo=SIGPIPE, si_code=SI_USER} ---
+++ killed by SIGPIPE +++
`},
		{"a power failure", recv, func(n *sim.Network) {
			n.Sleep(time.Second)
			n.Crash(trace.Client)
		}, `
recvfrom(3,  <unfinished ...>
`},
		{"the end of the run", recv, nil, `
recvfrom(3,  <detached ...>
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := run(t, false, func(p *sim.Process, at netip.AddrPort) {
				fd, _ := p.Socket()
				p.Connect(fd, at)
				c.last(p, fd)
			}, func(p *sim.Process, fd int) { p.Recv(fd, make([]byte, 1), 0) }, c.does)
			got := text(t, tr, strace.Options{})
			if !strings.HasSuffix(got, c.want) {
				t.Errorf("got\n%s\nwant at the end%s", got, c.want)
			}
		})
	}
}

func TestTimesLookAsStracePrintsThem(t *testing.T) {
	tr := runs.Unread(t)
	last := func(o strace.Options) string {
		o.Process = 0
		lines := strings.Split(text(t, tr, o), "\n")
		return strings.Join(lines[:len(lines)-1][len(lines)-4:], "\n")
	}
	for _, c := range []struct {
		o    strace.Options
		want string
	}{
		{strace.Options{Took: true}, `
close(4)                                = 0 <0.000000>
exit_group(0)                           = ?
+++ exited with 0 +++`},
		{strace.Options{Time: strace.TimeOfDay}, `
00:00:05.030000 close(4)                = 0
00:00:05.030000 exit_group(0)           = ?
00:00:05.030000 +++ exited with 0 +++`},
		{strace.Options{Time: strace.Epoch}, `
946684805.030000 close(4)               = 0
946684805.030000 exit_group(0)          = ?
946684805.030000 +++ exited with 0 +++`},
		{strace.Options{Time: strace.Relative}, `
     5.030000 close(4)                  = 0
     0.000000 exit_group(0)             = ?
     0.000000 +++ exited with 0 +++`},
	} {
		if diff := cmp.Diff(c.want[1:], last(c.o)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.o, diff)
		}
	}
}

func TestAProcessThatIsNotThereIsAnError(t *testing.T) {
	for _, i := range []int{-1, 2} {
		if err := strace.Write(&strings.Builder{}, runs.Unread(t), strace.Options{Process: i}); err == nil {
			t.Errorf("process %d was printed", i)
		}
	}
}

// The real strace prints what cat reads; the trace holds the same as sent.
func TestBytesAreQuotedAsStraceDoes(t *testing.T) {
	path, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: apt-get install strace")
	}
	var all [256]byte
	for i := range all {
		all[i] = byte(i)
	}
	var samples []string
	for i := 0; i < len(all); i += 31 {
		samples = append(samples, string(all[i:min(i+31, len(all))]))
	}
	samples = append(samples, "\x008\x009\x00:\x00/\x7f7\x011\x1b[0m\"\\'", strings.Repeat("\x00", 40), strings.Repeat("é", 16), "\r\n\t\v\f\a\b")
	for _, data := range samples {
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
		if err := os.WriteFile(in, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(path, "-o", out, "-e", "trace=read", "cat", in)
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("strace can not trace here: %v: %s", err, msg)
		}
		printed, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		tr := &trace.Trace{Processes: make([]trace.Process, 1), Calls: []trace.Call{{
			Op: trace.OpSend, Args: &trace.Args{FD: 3, Data: []byte(data), Len: len(data)}, Returned: true,
		}}}
		got := text(t, tr, strace.Options{})
		quoted := strings.TrimPrefix(got[:strings.Index(got, fmt.Sprintf(", %d, 0, NULL", len(data)))], "sendto(3, ")
		if !strings.Contains(string(printed), "read(3, "+quoted+", ") {
			t.Errorf("%q is %s here; strace:\n%s", data, quoted, printed)
		}
	}
}
