package linux_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/linux"
	"github.com/tcpsim/tcpsim/stack/linux/kernel"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// kernelPath is the newest kernel that is built, or the one of the version in
// TCPSIM_KERNEL; a test that needs one is skipped where there is none.
func kernelPath(t testing.TB) string {
	t.Helper()
	cache, err := kernel.DefaultCache()
	if err != nil {
		t.Skip(err)
	}
	k, err := cache.Find(os.Getenv("TCPSIM_KERNEL"))
	if err != nil {
		t.Skip(err)
	}
	return k.Path
}

// latency is what a frame takes from one host to the other.
const latency = 10 * time.Millisecond

// begin is when a run begins, by the machine's clock: everything is up.
const begin = time.Second

// lab is two hosts of a machine, with a link between them, and what was seen.
type lab struct {
	t              testing.TB
	m              *linux.Machine
	client, server *linux.Host
	wire           []arrival
	returned       map[*linux.Process][]linux.Result
	log            strings.Builder
	segments       []seen
	kernel         []linux.Event
	exits          []linux.Exited
}

type arrival struct {
	at    time.Duration
	to    *linux.Host
	frame []byte
}

type seen struct {
	from *linux.Host
	at   time.Duration
	wire.Segment
}

var (
	clientAddr = netip.MustParsePrefix("10.0.0.1/24")
	serverAddr = netip.MustParsePrefix("10.0.0.2/24")
)

func boot(t testing.TB, seed uint64, settings ...[2]string) *lab {
	t.Helper()
	m, err := linux.Boot(context.Background(), linux.Options{Kernel: kernelPath(t), Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	l := &lab{t: t, m: m, returned: map[*linux.Process][]linux.Result{}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(l.log.String())
		}
	})
	l.client = l.host(clientAddr, settings)
	l.server = l.host(serverAddr, settings)
	l.until(begin)
	return l
}

func (l *lab) host(addr netip.Prefix, settings [][2]string) *linux.Host {
	l.t.Helper()
	h, err := l.m.NewHost(linux.HostConfig{Addrs: []netip.Prefix{addr}, Settings: settings})
	if err != nil {
		l.t.Fatal(err)
	}
	return h
}

func (l *lab) name(h *linux.Host) string {
	if h == l.client {
		return "client"
	}
	return "server"
}

// take notes what has happened and puts frames on the link.
func (l *lab) take(s linux.Step, err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, e := range s.Events {
		switch e := e.(type) {
		case linux.Frame:
			to := l.server
			if e.Host == l.server {
				to = l.client
			}
			l.wire = append(l.wire, arrival{s.At + latency, to, e.Data})
			seg, err := wire.Parse(e.Data)
			if err != nil {
				l.t.Fatal(err)
			}
			l.segments = append(l.segments, seen{e.Host, s.At, seg})
			fmt.Fprintf(&l.log, "%v %s sends %x\n", s.At, l.name(e.Host), e.Data)
		case linux.Returned:
			l.returned[e.Process] = append(l.returned[e.Process], e.Result)
			fmt.Fprintf(&l.log, "%v %s returns %d %v\n", s.At, e.Result.Call, e.Result.Value, e.Result.Errno)
		case linux.Exited:
			l.exits = append(l.exits, e)
			fmt.Fprintf(&l.log, "%v exit %d signal %d\n", s.At, e.Status, e.Signal)
		default:
			l.kernel = append(l.kernel, e)
			fmt.Fprintf(&l.log, "%T %+v\n", e, strip(e))
		}
	}
}

// strip takes out of an event what is an address of this process.
func strip(e linux.Event) linux.Event {
	switch e := e.(type) {
	case linux.StateChange:
		e.Host = nil
		return e
	case linux.ResetSent:
		e.Host = nil
		return e
	case linux.ResetReceived:
		e.Host = nil
		return e
	}
	return e
}

// until lets time go by until an instant and carries the frames.
func (l *lab) until(at time.Duration) {
	l.t.Helper()
	for {
		next := at
		if len(l.wire) > 0 && l.wire[0].at < next {
			next = l.wire[0].at
		}
		if l.m.Now() < next {
			l.take(l.m.Advance(next))
			continue // something may have happened before
		}
		if len(l.wire) == 0 || l.wire[0].at > at {
			return
		}
		a := l.wire[0]
		l.wire = l.wire[1:]
		l.take(a.to.Inject(a.frame))
	}
}

func (l *lab) spawn(h *linux.Host) *linux.Process {
	l.t.Helper()
	p, err := h.Spawn()
	if err != nil {
		l.t.Fatal(err)
	}
	return p
}

// start makes a call that may block.
func (l *lab) start(p *linux.Process, c linux.Call) {
	l.t.Helper()
	l.take(p.Do(c))
}

// do makes a call that must not block, and returns its result.
func (l *lab) do(p *linux.Process, c linux.Call) linux.Result {
	l.t.Helper()
	n := len(l.returned[p])
	l.take(p.Do(c))
	if len(l.returned[p]) == n {
		l.t.Fatalf("%s blocks", c.Name)
	}
	return l.last(p)
}

// ok makes a call that must succeed at once.
func (l *lab) ok(p *linux.Process, c linux.Call) linux.Result {
	l.t.Helper()
	r := l.do(p, c)
	if r.Errno != 0 {
		l.t.Fatalf("%s: %v", c.Name, r.Errno)
	}
	return r
}

func (l *lab) last(p *linux.Process) linux.Result {
	l.t.Helper()
	all := l.returned[p]
	if len(all) == 0 {
		l.t.Fatal("no call has returned")
	}
	return all[len(all)-1]
}

// connected makes a connection between a process of each host: the client's is
// descriptor 3, the server's 4.
func (l *lab) connected() (client, server *linux.Process) {
	l.t.Helper()
	server, client = l.spawn(l.server), l.spawn(l.client)
	l.ok(server, linux.Socket(false))
	l.ok(server, linux.Bind(3, netip.MustParseAddrPort("0.0.0.0:8080")))
	l.ok(server, linux.Listen(3, 128))
	l.start(server, linux.Accept(3))
	l.ok(client, linux.Socket(false))
	l.start(client, linux.Connect(3, netip.MustParseAddrPort("10.0.0.2:8080")))
	l.until(l.m.Now() + 100*time.Millisecond)
	if r := l.last(client); r.Call != "connect" || r.Errno != 0 {
		l.t.Fatalf("connect: %+v", r)
	}
	if r := l.last(server); r.Call != "accept" || r.Value != 4 || r.Addr.Addr() != clientAddr.Addr() {
		l.t.Fatalf("accept: %+v", r)
	}
	return client, server
}

// unread is the exchange of the scenario unread-data: the server is sent 13
// bytes, never reads them, and closes after 20 s.
func unread(l *lab) {
	l.t.Helper()
	client, server := l.connected()
	l.ok(client, linux.Send(3, []byte("Hello, world!"), 0))
	l.start(client, linux.Recv(3, 4096, 0))
	l.until(begin + 20*time.Second)
	l.ok(server, linux.Close(4))
	l.until(begin + 21*time.Second)
	if r := l.last(client); r.Call != "recv" || r.Errno != stack.ECONNRESET {
		l.t.Errorf("the client's recv: %+v; want ECONNRESET", r)
	}
}

func (l *lab) resets() (list []seen) {
	for _, s := range l.segments {
		if s.Flags.Has(wire.RST) {
			list = append(list, s)
		}
	}
	return list
}

// isn is the first sequence number of a host.
func (l *lab) isn(h *linux.Host) uint32 {
	l.t.Helper()
	for _, s := range l.segments {
		if s.from == h && s.Flags.Has(wire.SYN) {
			return s.Seq
		}
	}
	l.t.Fatal("no SYN")
	return 0
}

func TestCloseWithUnreadDataResets(t *testing.T) {
	l := boot(t, 1)
	unread(l)
	resets := l.resets()
	if len(resets) != 1 {
		t.Fatalf("%d RSTs:\n%s", len(resets), l.log.String())
	}
	r := resets[0]
	if r.from != l.server || r.Flags != wire.RST|wire.ACK || r.Seq-l.isn(l.server) != 1 || r.Ack-l.isn(l.client) != 14 || r.Window == 0 {
		t.Errorf("got %v from the %s, seq %d ack %d win %d; want R. seq 1 ack 14 with a window", r.Flags, l.name(r.from), r.Seq-l.isn(l.server), r.Ack-l.isn(l.client), r.Window)
	}
	if d := r.at - (begin + 20*time.Second); d < 0 || d > time.Microsecond {
		t.Errorf("sent at %v, want 21s", r.at)
	}
	var states []string
	for _, e := range l.kernel {
		switch e := e.(type) {
		case linux.ResetSent:
			if e.Host != l.server || e.Local != netip.MustParseAddrPort("10.0.0.2:8080") {
				t.Errorf("the kernel's word is of %v", e)
			}
			if e.Reason != "" && e.Reason != "TCP_ABORT_ON_CLOSE" {
				t.Errorf("the kernel's reason: %s, want TCP_ABORT_ON_CLOSE", e.Reason)
			}
		case linux.StateChange:
			if e.Host != l.server && e.Host != l.client {
				t.Errorf("whose change of state? %+v", e)
				continue
			}
			states = append(states, fmt.Sprintf("%s %v > %v", l.name(e.Host), e.From, e.To))
		}
	}
	want := `server CLOSED > LISTEN
client CLOSED > SYN_SENT
client SYN_SENT > ESTABLISHED
server LISTEN > SYN_RECEIVED
server SYN_RECEIVED > ESTABLISHED
server ESTABLISHED > CLOSED
client ESTABLISHED > CLOSED`
	if got := strings.Join(states, "\n"); got != want {
		t.Errorf("states:\n%s\nwant:\n%s", got, want)
	}
}

func TestDataAfterCloseDrawsABareReset(t *testing.T) {
	l := boot(t, 1)
	client, server := l.connected()
	l.ok(client, linux.Close(3))
	l.until(begin + time.Second)
	l.ok(server, linux.Send(4, []byte("late"), 0))
	l.until(begin + 2*time.Second)
	resets := l.resets()
	if len(resets) != 1 || resets[0].from != l.client || resets[0].Flags != wire.RST || resets[0].Seq-l.isn(l.client) != 2 {
		t.Errorf("RSTs: %+v; want a bare R of seq 2 from the client", resets)
	}
	// SIGPIPE ends the process that sends once more.
	l.start(server, linux.Send(4, []byte("late"), 0))
	if len(l.exits) != 1 || l.exits[0].Process != server || l.exits[0].Signal != 13 {
		t.Errorf("exits: %+v; want one by signal 13", l.exits)
	}
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	runs := 20
	if testing.Short() {
		runs = 5
	}
	log := func(seed uint64) string {
		l := boot(t, seed)
		unread(l)
		l.m.Close()
		return l.log.String()
	}
	first := log(7)
	for i := range runs {
		if got := log(7); got != first {
			t.Fatalf("run %d differs (%x, %x):\n%s\nfirst:\n%s", i+1, sha256.Sum256([]byte(got)), sha256.Sum256([]byte(first)), got, first)
		}
	}
	if log(8) == first {
		t.Error("another seed gives the same bytes")
	}
}

func TestForkKeepsAConnectionOpen(t *testing.T) {
	l := boot(t, 1)
	client, server := l.connected()
	child, err := client.Fork()
	if err != nil {
		t.Fatal(err)
	}
	l.ok(client, linux.Close(3))
	l.until(begin + time.Second)
	for _, s := range l.segments {
		if s.Flags.Has(wire.FIN) {
			t.Error("the first close() sent a FIN")
		}
	}
	l.ok(child, linux.Send(3, []byte("still"), 0))
	l.until(begin + 2*time.Second)
	if r := l.ok(server, linux.Recv(4, 100, 0)); !bytes.Equal(r.Data, []byte("still")) {
		t.Errorf("recv: %q", r.Data)
	}
	l.take(child.Kill(9))
	l.until(begin + 3*time.Second)
	if len(l.exits) != 1 || l.exits[0].Signal != 9 || !child.Ended() {
		t.Errorf("exits: %+v", l.exits)
	}
	if r := l.ok(server, linux.Recv(4, 100, 0)); r.Value != 0 {
		t.Errorf("recv after the last holder has died: %+v, want EOF", r)
	}
}

func TestAThreadBlocksBesideItsProcess(t *testing.T) {
	l := boot(t, 1)
	client, server := l.connected()
	thread, err := client.Thread()
	if err != nil {
		t.Fatal(err)
	}
	l.start(thread, linux.Recv(3, 100, 0))
	if !thread.Blocked() {
		t.Fatal("recv returned without data")
	}
	l.ok(client, linux.Send(3, []byte("ping"), 0))
	l.until(begin + time.Second)
	l.ok(server, linux.Send(4, []byte("pong"), 0))
	l.until(begin + 2*time.Second)
	if r := l.last(thread); string(r.Data) != "pong" {
		t.Errorf("the thread's recv: %+v", r)
	}
	l.start(client, linux.Exit(3))
	if len(l.exits) != 1 || l.exits[0].Status != 3 || !thread.Ended() {
		t.Errorf("exits: %+v, the thread has ended: %v", l.exits, thread.Ended())
	}
}

func TestSocketsAreListedAndDestroyed(t *testing.T) {
	l := boot(t, 1)
	client, _ := l.connected()
	l.ok(client, linux.Send(3, []byte("unread"), 0))
	l.until(l.m.Now() + time.Second)
	list, err := l.server.Sockets()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, fmt.Sprintf("%v %v %v recv %d send %d orphan %v", s.State, s.Local, s.Remote.Addr(), s.RecvQ, s.SendQ, s.Orphan))
	}
	want := "LISTEN 0.0.0.0:8080 0.0.0.0 recv 0 send 128 orphan false\nESTABLISHED 10.0.0.2:8080 10.0.0.1 recv 6 send 0 orphan false"
	if strings.Join(got, "\n") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if list, err = l.client.Sockets(); err != nil || len(list) != 1 {
		t.Fatalf("the client's: %v, %v", list, err)
	}
	l.start(client, linux.Recv(3, 100, 0))
	l.take(l.client.Destroy(list[0]))
	if r := l.last(client); r.Call != "recv" || r.Errno != stack.ECONNABORTED {
		t.Errorf("recv: %+v, want ECONNABORTED", r)
	}
	if resets := l.resets(); len(resets) != 1 || resets[0].from != l.client {
		t.Errorf("RSTs: %+v", resets)
	}
	if _, err := l.client.Destroy(list[0]); err == nil || !strings.Contains(err.Error(), "ENOENT") {
		t.Errorf("again: %v", err)
	}
}

func TestOptionsAndPoll(t *testing.T) {
	l := boot(t, 1)
	client, server := l.connected()
	l.ok(client, linux.SetsockoptLinger(3, stack.Linger{On: true, Time: 7 * time.Second}))
	if r := l.ok(client, linux.Getsockopt(3, 1, 13)); r.Linger != (stack.Linger{On: true, Time: 7 * time.Second}) {
		t.Errorf("SO_LINGER: %+v", r)
	}
	l.ok(client, linux.SetsockoptTime(3, 20, 1500*time.Millisecond))
	if r := l.ok(client, linux.Getsockopt(3, 1, 20)); r.Time != 1500*time.Millisecond {
		t.Errorf("SO_RCVTIMEO: %+v", r)
	}
	if r := l.ok(client, linux.Getsockopt(3, 6, 13)); string(bytes.TrimRight(r.Data, "\x00")) != "cubic" {
		t.Errorf("TCP_CONGESTION: %q", r.Data)
	}
	// The receive timeout passes in virtual time.
	before := l.m.Now()
	l.start(client, linux.Recv(3, 10, 0))
	l.until(before + 3*time.Second)
	if r := l.last(client); r.Call != "recv" || r.Errno != stack.EAGAIN {
		t.Errorf("recv: %+v, want EAGAIN", r)
	}
	l.ok(client, linux.Send(3, []byte("x"), 0))
	l.until(before + 4*time.Second)
	r := l.ok(server, linux.Poll([]linux.PollFD{{FD: 4, Events: stack.PollIn | stack.PollOut}, {FD: 3, Events: stack.PollIn}}, 0))
	if r.Value != 1 || len(r.Events) != 2 || r.Events[0] != stack.PollIn|stack.PollOut || r.Events[1] != 0 {
		t.Errorf("poll: %+v", r)
	}
	if r := l.ok(client, linux.Getpeername(3)); r.Addr != netip.MustParseAddrPort("10.0.0.2:8080") {
		t.Errorf("getpeername: %+v", r)
	}
	if r := l.do(client, linux.Close(9)); r.Errno != stack.EBADF || r.Value != -1 {
		t.Errorf("close(9): %+v", r)
	}
	l.ok(server, linux.IgnoreSIGPIPE(true))
	l.ok(server, linux.Shutdown(4, stack.ShutWrite))
	if r := l.do(server, linux.Send(4, []byte("x"), 0)); r.Errno != stack.EPIPE {
		t.Errorf("send after shutdown with SIGPIPE ignored: %+v", r)
	}
}
