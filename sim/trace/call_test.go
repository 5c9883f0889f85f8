package trace_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/capture"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
	"github.com/tcpsim/tcpsim/stack"
)

func TestACallIsPrintedAsStraceDoes(t *testing.T) {
	addr := netip.MustParseAddrPort("10.0.0.2:80")
	linger := stack.Value{Kind: stack.KindLinger, Linger: stack.Linger{On: true, Time: 5 * time.Second}}
	long := []byte("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz")
	for _, c := range []struct {
		op   trace.Op
		args trace.Args
		gave trace.Result
		want string
	}{
		{trace.OpSocket, trace.Args{}, trace.Result{Value: 3}, "socket(AF_INET, SOCK_STREAM) = 3"},
		{trace.OpSocket, trace.Args{IPv6: true}, trace.Result{Value: 3}, "socket(AF_INET6, SOCK_STREAM) = 3"},
		{trace.OpBind, trace.Args{FD: 3, Addr: addr}, trace.Result{}, "bind(3, 10.0.0.2:80) = 0"},
		{trace.OpBind, trace.Args{FD: 3, Addr: netip.AddrPortFrom(netip.Addr{}, 80)}, trace.Result{}, "bind(3, *:80) = 0"},
		{trace.OpListen, trace.Args{FD: 3, Backlog: 5}, trace.Result{}, "listen(3, 5) = 0"},
		{trace.OpAccept, trace.Args{FD: 3}, trace.Result{Value: 4, Addr: addr}, "accept(3) = 4 from 10.0.0.2:80"},
		{trace.OpConnect, trace.Args{FD: 3, Addr: addr, Timeout: time.Second}, trace.Result{Value: -1, Errno: stack.EINPROGRESS}, "connect(3, 10.0.0.2:80) = -1 EINPROGRESS"},
		{trace.OpSend, trace.Args{FD: 3, Data: []byte("hi"), Len: 2}, trace.Result{Value: 2}, `send(3, "hi", 2) = 2`},
		{
			trace.OpSend,
			trace.Args{FD: 3, Data: long, Len: 1000, Flags: stack.MsgDontWait | stack.MsgNoSignal},
			trace.Result{Value: -1, Errno: stack.EAGAIN},
			`send(3, "abcdefghijklmnopqrstuvwxyzabcdef"..., 1000, MSG_DONTWAIT|MSG_NOSIGNAL) = -1 EAGAIN`,
		},
		{trace.OpRecv, trace.Args{FD: -1, Len: 10}, trace.Result{Value: -1, Errno: stack.EBADF}, "recv(-1, 10) = -1 EBADF"},
		{trace.OpRecv, trace.Args{FD: 3, Len: 10, Flags: stack.MsgPeek}, trace.Result{Value: 2, Data: []byte("hi")}, `recv(3, 10, MSG_PEEK) = 2 "hi"`},
		{trace.OpRecv, trace.Args{FD: 3, Len: 10}, trace.Result{}, "recv(3, 10) = 0 (EOF)"},
		{trace.OpShutdown, trace.Args{FD: 3, How: stack.ShutWrite}, trace.Result{}, "shutdown(3, SHUT_WR) = 0"},
		{trace.OpClose, trace.Args{FD: 3}, trace.Result{}, "close(3) = 0"},
		{trace.OpDup, trace.Args{FD: 3}, trace.Result{Value: 4}, "dup(3) = 4"},
		{trace.OpFcntl, trace.Args{FD: 3, Nonblock: true}, trace.Result{}, "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0"},
		{trace.OpFcntl, trace.Args{FD: 3}, trace.Result{}, "fcntl(3, F_SETFL, O_RDWR) = 0"},
		{trace.OpSetsockopt, trace.Args{FD: 3, Option: "SO_LINGER", OptVal: linger}, trace.Result{}, "setsockopt(3, SO_LINGER, {l_onoff=1, l_linger=5}) = 0"},
		{trace.OpGetsockopt, trace.Args{FD: 3, Option: "SO_LINGER"}, trace.Result{OptVal: &linger}, "getsockopt(3, SO_LINGER) = 0 [{l_onoff=1, l_linger=5}]"},
		{trace.OpGetsockopt, trace.Args{FD: 3, Option: "SO_ERROR"}, trace.Result{OptVal: &stack.Value{Int: int(stack.ECONNRESET)}}, "getsockopt(3, SO_ERROR) = 0 [ECONNRESET]"},
		{trace.OpGetsockopt, trace.Args{FD: 3, Option: "SO_ERROR"}, trace.Result{OptVal: &stack.Value{}}, "getsockopt(3, SO_ERROR) = 0 [0]"},
		{trace.OpGetsockname, trace.Args{FD: 3}, trace.Result{Addr: addr}, "getsockname(3) = 0 [10.0.0.2:80]"},
		{trace.OpGetpeername, trace.Args{FD: 3}, trace.Result{Value: -1, Errno: stack.ENOTCONN}, "getpeername(3) = -1 ENOTCONN"},
		{
			trace.OpPoll,
			trace.Args{Poll: []trace.PollFD{{FD: 3, Events: stack.PollIn}, {FD: 4, Events: stack.PollOut}}, Timeout: 5 * time.Second},
			trace.Result{Value: 1, Revents: []stack.PollEvents{0, stack.PollOut}},
			"poll({fd=3, events=POLLIN}, {fd=4, events=POLLOUT}, 5s) = 1 {fd=4, revents=POLLOUT}",
		},
		{trace.OpPoll, trace.Args{Poll: []trace.PollFD{{FD: 3, Events: stack.PollIn}}, Timeout: -1}, trace.Result{}, "poll({fd=3, events=POLLIN}, -1) = 0"},
		{trace.OpFork, trace.Args{Child: "kid"}, trace.Result{Value: 2}, "fork() = 2 [kid]"},
		{trace.OpExit, trace.Args{Status: 9}, trace.Result{}, "exit(9) = 0"},
	} {
		call := trace.Call{Op: c.op, Args: &c.args, Result: c.gave, Returned: true}
		if got := call.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		call.Returned, call.Result = false, trace.Result{}
		if got, want := call.String(), call.Begun()+" never returns"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestACallIsAboutTheDescriptorOfItsArguments(t *testing.T) {
	for _, c := range []struct {
		op   trace.Op
		args trace.Args
		want int
	}{
		{trace.OpRecv, trace.Args{FD: 3}, 3},
		{trace.OpClose, trace.Args{FD: -1}, -1},
		{trace.OpSocket, trace.Args{}, trace.NoFD},
		{trace.OpFork, trace.Args{}, trace.NoFD},
		{trace.OpExit, trace.Args{}, trace.NoFD},
		{trace.OpPoll, trace.Args{}, trace.NoFD},
		{trace.OpPoll, trace.Args{Poll: []trace.PollFD{{FD: 7}, {FD: 8}}}, 7},
	} {
		if got := (&trace.Call{Op: c.op, Args: &c.args}).FD(); got != c.want {
			t.Errorf("%s is about %d, want %d", c.op, got, c.want)
		}
	}
}

func TestASendHasMovedWhatItReturned(t *testing.T) {
	c := trace.Call{Op: trace.OpSend, Args: &trace.Args{Data: []byte("hello"), Len: 5}}
	for _, s := range []struct {
		returned bool
		value    int
		want     string
	}{{false, 0, ""}, {true, -1, ""}, {true, 2, "he"}, {true, 5, "hello"}, {true, 1000, "hello"}} {
		c.Returned, c.Value = s.returned, s.value
		if got := string(c.Moved()); got != s.want {
			t.Errorf("returned %t with %d: %q, want %q", s.returned, s.value, got, s.want)
		}
	}
}

func TestEveryNameIsReadBack(t *testing.T) {
	for _, o := range trace.Ops() {
		if got, ok := trace.ParseOp(o.String()); !ok || got != o {
			t.Errorf("%s is read as %s", o, got)
		}
	}
	for k := trace.NoteCrash; k <= trace.NoteEnding; k++ {
		if got, ok := trace.ParseNoteKind(k.String()); !ok || got != k {
			t.Errorf("%s is read as %s", k, got)
		}
	}
	for _, name := range []string{"", "none", "read", "Op(99)"} {
		if o, ok := trace.ParseOp(name); ok {
			t.Errorf("%q is read as %s", name, o)
		}
	}
	if k, ok := trace.ParseNoteKind("kill"); ok {
		t.Errorf("kill is read as %s", k)
	}
}

// A trace that was put together wrongly has to be printed too.
func TestANumberWithoutANameIsPrinted(t *testing.T) {
	for _, c := range []struct {
		is   fmt.Stringer
		want string
	}{
		{trace.Op(99), "Op(99)"},
		{trace.Kind(99), "Kind(99)"},
		{trace.NoteKind(99), "NoteKind(99)"},
		{trace.Side(2), "Side(2)"},
		{pcap.Format(99), "Format(99)"},
		{pcap.Vantage(99), "Vantage(99)"},
		{link.Act(99), "Act(99)"},
		{link.Distribution(99), "Distribution(99)"},
		{link.Field(99), "Field(99)"},
		{stack.How(99), "How(99)"},
		{stack.State(99), "UNKNOWN"},
		{capture.Vantage(99), "unknown"},
	} {
		if got := c.is.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestATraceIsPrintedAsItsText(t *testing.T) {
	tr := runs.Unread(t)
	var b strings.Builder
	if err := tr.WriteText(&b, trace.Style{}); err != nil {
		t.Fatal(err)
	}
	if got := tr.String(); got != b.String() || !strings.Contains(got, "client saw: ") {
		t.Errorf("got\n%s\nwant\n%s", got, b.String())
	}
}
