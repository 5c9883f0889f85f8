package story

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// reset is a trace of connections that all end with a RST, one per client port.
func reset(clients ...uint16) *trace.Trace {
	t := &trace.Trace{Processes: []trace.Process{{Name: "client"}}}
	for i, port := range clients {
		t.Conns = append(t.Conns, trace.Between(netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), port), netip.MustParseAddrPort("10.0.0.2:8080")))
		t.Transitions = append(t.Transitions, trace.Transition{Endpoint: i + 1, Conn: i, From: stack.Established, To: stack.Closed})
		t.Events = append(t.Events, trace.Event{Kind: trace.Changed, Index: i})
	}
	return t
}

func fails(t *trace.Trace, at time.Duration, conn int, op trace.Op, e stack.Errno) {
	t.Calls = append(t.Calls, trace.Call{Op: op, Args: &trace.Args{}, Conn: conn, Begin: at, End: at, Returned: true, Result: trace.Result{Value: -1, Errno: e}})
	t.Events = append(t.Events, trace.Event{At: at, Kind: trace.CallEnd, Index: len(t.Calls) - 1})
	t.End = at
}

func remarks(s *Story) (lines [][]string) {
	for i := range s.Remarks {
		lines = append(lines, s.Remarks[i].Lines())
	}
	return lines
}

func TestOfCallsOnAClosedConnectionEachKindIsToldOnce(t *testing.T) {
	tr := reset(1000)
	fails(tr, 0, 0, trace.OpRecv, stack.ECONNRESET)
	for i := range 50 {
		fails(tr, time.Duration(i)*time.Millisecond, 0, trace.OpSend, stack.EPIPE)
	}
	s := Of(tr, Window{})
	if got, want := s.States[0].Cause, []string{"recv(): ECONNRESET", "send(): EPIPE (50x)"}; !slices.Equal(got, want) {
		t.Errorf("the end's causes are %q, want %q", got, want)
	}
	if len(s.Remarks) != 0 {
		t.Errorf("and there are remarks: %q", remarks(s))
	}
}

func TestAFailedCallIsToldWithItsOwnConnection(t *testing.T) {
	tr := reset(1000, 2000)
	fails(tr, 0, 0, trace.OpRecv, stack.ECONNRESET) // not of the connection that ended last
	fails(tr, time.Second, 0, trace.OpSend, stack.EPIPE)
	fails(tr, time.Second, 1, trace.OpSend, stack.EPIPE)
	fails(tr, time.Minute, 1, trace.OpSend, stack.EPIPE)
	s := Of(tr, Window{})
	want := [][]string{
		{"recv(): ECONNRESET", "port 1000"},
		{"send(): EPIPE", "port 1000"},
		{"send(): EPIPE (2x)", "port 2000"},
	}
	if got := remarks(s); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("remarks %q, want %q", got, want)
	}
	if got, want := s.States[1].Cause, []string{"port 2000"}; !slices.Equal(got, want) {
		t.Errorf("the second end's causes are %q, want %q", got, want)
	}
}

func TestCallsThatFailBeforeTheEndAreToldEachTime(t *testing.T) {
	tr := reset(1000)
	tr.Transitions[0].To = stack.CloseWait
	fails(tr, time.Second, 0, trace.OpSend, stack.EPIPE)
	fails(tr, time.Minute, 0, trace.OpSend, stack.EPIPE)
	if got := remarks(Of(tr, Window{})); len(got) != 2 {
		t.Errorf("remarks %q, want two", got)
	}
}

func TestConnectionsAreToldApartByTheServersPortWhereItTells(t *testing.T) {
	tr := reset(1000, 2000)
	tr.Conns[1].At(trace.Server).Addr = netip.MustParseAddrPort("10.0.0.2:139")
	s := Of(tr, Window{})
	if got, want := s.States[1].Cause, []string{"port 139"}; !slices.Equal(got, want) {
		t.Errorf("causes %q, want %q", got, want)
	}
}
