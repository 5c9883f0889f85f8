package jsonl_test

import (
	"bytes"
	"math"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/golden"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
	"github.com/tcpsim/tcpsim/stack"
)

func write(t testing.TB, tr *trace.Trace) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jsonl.Write(&b, tr); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var byValue = cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})

func TestEveryRunSurvivesTheRoundTrip(t *testing.T) {
	all := runs.All()
	all["middlebox"] = runs.Middlebox
	for name, f := range all {
		t.Run(name, func(t *testing.T) {
			tr := f(t)
			file := write(t, tr)
			got, err := jsonl.Read(bytes.NewReader(file), "run.jsonl")
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(tr, got) {
				t.Errorf("read back (-want +got):\n%s", cmp.Diff(tr, got, byValue))
			}
			if again := write(t, got); !bytes.Equal(file, again) {
				t.Errorf("written again:\n%s", cmp.Diff(string(file), string(again)))
			}
		})
	}
}

// gave is a call that returns at 8 ns, when it begins.
func gave(op trace.Op, a trace.Args, r trace.Result) trace.Call {
	c := began(op, a)
	c.Returned, c.End, c.Result = true, c.Begin, r
	return c
}

func began(op trace.Op, a trace.Args) trace.Call {
	return trace.Call{Process: 1, Host: trace.Server, Op: op, Args: &a, Conn: -1, Begin: 8 * time.Nanosecond, Step: -1}
}

func set(v stack.Value) trace.Call {
	return began(trace.OpSetsockopt, trace.Args{FD: 3, Option: "SO_ANY", OptVal: v})
}

func got(v stack.Value) trace.Call {
	return gave(trace.OpGetsockopt, trace.Args{FD: 3, Option: "SO_ANY"}, trace.Result{OptVal: &v})
}

// full is a trace in which every field differs from its zero value.
func full() *trace.Trace {
	addr := func(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }
	const ns = time.Nanosecond
	linger := stack.Value{Kind: stack.KindLinger, Linger: stack.Linger{On: true, Time: time.Second}}
	t := &trace.Trace{
		Scenario: "a/b", Title: "ends <in> \"RST\" & \u2028 \ufffd", Seed: math.MaxUint64, Stack: "Linux 6.12.117", Start: time.Date(2024, 1, 31, 12, 0, 0, 123456789, time.UTC),
		Links:    []trace.Link{{A: trace.Client, B: trace.Server}, {A: trace.Server, B: trace.Client, Text: "latency 1ms", Middlebox: "nat"}},
		Passages: []trace.Passage{{Segment: 2, At: 5 * ns}},
		Hosts:    []trace.Host{{Name: "client", Addr: netip.MustParseAddr("fd00::1")}, {Name: "server", Addr: netip.MustParseAddr("fd00::2")}},
		End:      99 * ns, Stopped: "until 99ns",
		Events: []trace.Event{
			{At: 1 * ns, Kind: trace.CallBegin},
			{At: 1 * ns, Kind: trace.Sent},
			{At: 2 * ns, Kind: trace.Received},
			{At: 2 * ns, Kind: trace.Changed},
			{At: 3 * ns, Kind: trace.Fired},
			{At: 4 * ns, Kind: trace.Sent, Index: 1},
			{At: 4 * ns, Kind: trace.Lost, Index: 1},
			{At: 5 * ns, Kind: trace.Noted},
			{At: 6 * ns, Kind: trace.Changed, Index: 1},
			{At: 6 * ns, Kind: trace.Sent, Index: 2},
			{At: 6 * ns, Kind: trace.Changed, Index: 2},
			{At: 7 * ns, Kind: trace.CallEnd},
		},
		Segments: []trace.Segment{{
			Number: 1, From: trace.Server, To: trace.Client, Link: 1, Conn: 1, Flags: 0xff, Seq: 1, Ack: 2, RawSeq: math.MaxUint32, RawAck: 4, Len: 1, Window: 65535,
			Frame: []byte{0, 1, 2}, SentAt: 1 * ns, ReceivedAt: 2 * ns, Arrived: true, Injected: "somebody",
			Acts: []string{"later"}, Damaged: []byte{3},
			Retransmission: true, Probe: true, Trigger: trace.Trigger{Kind: trace.ByCall},
			Cause: &trace.Cause{ID: "id", Text: "text", Source: "source", Confidence: trace.Possible, Or: []string{"other"}},
		}, {
			Number: 2, To: trace.Server, Link: 1, CopyOf: 1, SentAt: 4 * ns, Lost: "loss 1%", Trigger: trace.Trigger{Kind: trace.BySegment},
		}, {
			Number: 3, To: trace.Server, SentAt: 6 * ns, Trigger: trace.Trigger{Kind: trace.BySegment, Index: 1},
		}},
		Calls: []trace.Call{
			{
				Process: 1, Host: trace.Server, Op: trace.OpRecv, Args: &trace.Args{FD: 3, Len: 5, Flags: stack.MsgPeek | stack.MsgWaitAll},
				Conn: 1, Begin: 1 * ns, End: 7 * ns, Returned: true, Blocked: true, Result: trace.Result{Value: -1, Errno: 77}, Step: 4,
			},
		},
		Transitions: []trace.Transition{
			{Host: trace.Server, Endpoint: 3, Conn: 1, From: stack.SynSent, To: stack.FinWait1, Trigger: trace.Trigger{Kind: trace.BySegment}, Orphan: true, Unread: 5},
			{Conn: -1, Trigger: trace.Trigger{Kind: trace.ByTimer}, From: stack.TimeWait},
			{Trigger: trace.Trigger{Kind: trace.BySegment, Index: 1}},
		},
		Timers: []trace.Timer{{Host: trace.Server, Conn: 1, Name: "keepalive"}},
		Notes:  []trace.Note{{Kind: trace.NoteSignal, Host: trace.Server, Text: "gone"}},
		Conns: []trace.Conn{
			{B: trace.End{Host: trace.Server}},
			{
				A: trace.End{Host: trace.Server, Addr: addr("[fd00::1]:1"), ISN: 7, Known: true},
				B: trace.End{Addr: addr("[fd00::2%eth0]:2"), ISN: math.MaxUint32, Known: true},
			},
		},
		Processes: []trace.Process{{}, {Name: "p", Host: trace.Server, Ended: true, EndAt: 8 * ns, Status: 141, Signal: "SIGPIPE"}},
	}
	t.Calls = append(t.Calls,
		gave(trace.OpRecv, trace.Args{FD: 3, Len: 5}, trace.Result{Value: 1, Data: []byte{0xff}}),
		gave(trace.OpAccept, trace.Args{FD: -1}, trace.Result{Value: 4, Addr: addr("[fd00::1]:1")}),
		gave(trace.OpPoll, trace.Args{Poll: []trace.PollFD{{FD: 3, Events: stack.PollIn | stack.PollRdHup}, {FD: 4}}, Timeout: -1},
			trace.Result{Value: 1, Revents: []stack.PollEvents{stack.PollHup | stack.PollRdHup, 0}}),
		began(trace.OpSend, trace.Args{FD: 3, Len: 300, Data: []byte("hi"), Flags: stack.MsgNoSignal}),
		began(trace.OpSocket, trace.Args{IPv6: true}),
		began(trace.OpBind, trace.Args{FD: 3, Addr: netip.AddrPortFrom(netip.Addr{}, 80)}),
		began(trace.OpListen, trace.Args{FD: 3, Backlog: 5}),
		began(trace.OpConnect, trace.Args{FD: 3, Addr: addr("[fd00::2]:80"), Timeout: 7}),
		began(trace.OpShutdown, trace.Args{FD: 3, How: stack.ShutBoth}),
		set(stack.Value{Int: 1}), set(linger), set(stack.Value{Kind: stack.KindText, Text: "reno"}),
		set(stack.Value{Kind: stack.KindTime, Time: time.Second}),
		got(stack.Value{Int: 1}), got(linger), got(stack.Value{Kind: stack.KindText, Text: "FIN_WAIT1"}),
		got(stack.Value{Kind: stack.KindTime, Time: time.Second}),
		began(trace.OpFcntl, trace.Args{FD: 3, Nonblock: true}),
		began(trace.OpFork, trace.Args{Child: "kid"}),
		began(trace.OpExit, trace.Args{Status: 9}),
	)
	for i := 1; i < len(t.Calls); i++ {
		t.Events = append(t.Events, trace.Event{At: t.Calls[i].Begin, Kind: trace.CallBegin, Index: i})
		if t.Calls[i].Returned {
			t.Events = append(t.Events, trace.Event{At: t.Calls[i].End, Kind: trace.CallEnd, Index: i})
		}
	}
	return t
}

func TestEveryFieldSurvivesTheRoundTrip(t *testing.T) {
	tr := full()
	everySet(t, "Trace", reflect.ValueOf(*tr))
	got, err := jsonl.Read(bytes.NewReader(write(t, tr)), "full.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(tr, got) {
		t.Errorf("read back (-want +got):\n%s", cmp.Diff(tr, got, byValue))
	}
}

// everySet fails when a field of the model is zero in all elements of v: then
// the round trip proves nothing about it, as happens when the model grows.
func everySet(t *testing.T, path string, vs ...reflect.Value) {
	t.Helper()
	switch typ := vs[0].Type(); {
	case strings.HasPrefix(typ.PkgPath(), "net/"):
	case typ.Kind() == reflect.Struct:
		for i := range typ.NumField() {
			var fields []reflect.Value
			for _, v := range vs {
				fields = append(fields, v.Field(i))
			}
			everySet(t, path+"."+typ.Field(i).Name, fields...)
		}
		return
	case typ.Kind() == reflect.Pointer:
		var elems []reflect.Value
		for _, v := range vs {
			if !v.IsNil() {
				elems = append(elems, v.Elem())
			}
		}
		if len(elems) > 0 {
			everySet(t, path, elems...)
		}
		return
	case typ.Kind() == reflect.Slice || typ.Kind() == reflect.Array:
		var elems []reflect.Value
		for _, v := range vs {
			for i := range v.Len() {
				elems = append(elems, v.Index(i))
			}
		}
		if len(elems) == 0 {
			t.Errorf("%s is empty: set it in full", path)
		} else {
			everySet(t, path+"[]", elems...)
		}
		return
	}
	for _, v := range vs {
		if !v.IsZero() {
			return
		}
	}
	t.Errorf("%s is nowhere set: set it in full", path)
}

func TestBytesAreTheSameEveryTime(t *testing.T) {
	for name, f := range runs.All() {
		t.Run(name, func(t *testing.T) {
			if a, b := write(t, f(t)), write(t, f(t)); !bytes.Equal(a, b) {
				t.Errorf("two runs:\n%s", cmp.Diff(string(a), string(b)))
			}
		})
	}
}

// The golden file is of a trace made by hand, so that only a change of the
// format can change it. Other programs read these files: a difference here
// needs a new version in the header.
func TestFormatDoesNotChangeByItself(t *testing.T) {
	const name = "testdata/full.jsonl"
	file := write(t, full())
	if golden.Update(t, "testdata") {
		if err := os.WriteFile(name, file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := golden.Difference(want, file); d != "" {
		t.Errorf("%s: %s", name, d)
	}
}
