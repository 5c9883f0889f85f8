package cause

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func arrived(flags wire.Flags, payload string) *wire.Segment {
	return &wire.Segment{
		Src: netip.MustParseAddrPort("10.0.0.1:40001"), Dst: netip.MustParseAddrPort("10.0.0.2:8080"),
		Flags: flags, Payload: []byte(payload),
	}
}

var (
	anACK    = arrived(wire.ACK, "")
	aSYN     = arrived(wire.SYN, "")
	aSYNACK  = arrived(wire.SYN|wire.ACK, "")
	aFIN     = arrived(wire.FIN|wire.ACK, "")
	someData = arrived(wire.ACK, "hello")
	oneByte  = arrived(wire.ACK, "x")
	crossed  = arrived(wire.FIN|wire.ACK, "hello")
)

var causes = []struct {
	name string
	s    Situation
	id   string
	text string
}{
	{
		"close with unread bytes",
		Situation{Trigger: trace.ByCall, Call: trace.OpClose, Owner: &Owner{Unread: 5}},
		UnreadData, "close() with 5 bytes unread: the peer must learn that they were lost",
	},
	{
		"one byte",
		Situation{Trigger: trace.ByCall, Call: trace.OpClose, Owner: &Owner{Unread: 1}},
		UnreadData, "close() with 1 byte unread",
	},
	{
		"with unsent bytes too",
		Situation{Trigger: trace.ByCall, Call: trace.OpExit, Owner: &Owner{Unread: 5, Unsent: 9}},
		UnreadData, "the exit of the process with 5 bytes unread: the peer must learn that they were lost; 9 bytes unsent are thrown away",
	},
	{
		"killed",
		Situation{Trigger: trace.ByNote, Note: trace.NoteSignal, Owner: &Owner{Unread: 5}},
		UnreadData, "the death of the process with 5 bytes unread",
	},
	{
		"shutdown",
		Situation{Trigger: trace.ByCall, Call: trace.OpShutdown, Owner: &Owner{Unread: 5}},
		UnreadData, "shutdown() with 5 bytes unread",
	},
	{
		"SO_LINGER zero",
		Situation{Trigger: trace.ByCall, Call: trace.OpClose, Owner: &Owner{Linger: stack.Linger{On: true}}},
		LingerZero, "close() with SO_LINGER {on, 0 s} aborts the connection",
	},
	{
		"SO_LINGER zero comes before unread bytes",
		Situation{Trigger: trace.ByCall, Call: trace.OpClose, Owner: &Owner{Linger: stack.Linger{On: true}, Unread: 2, Unsent: 3}},
		LingerZero, "aborts the connection; 3 bytes unsent and 2 bytes unread are thrown away; Linux takes the unread data for the reason",
	},
	{
		"a positive SO_LINGER is not zero",
		Situation{Trigger: trace.ByCall, Call: trace.OpClose, Owner: &Owner{Linger: stack.Linger{On: true, Time: time.Second}, Unread: 2}},
		UnreadData, "2 bytes unread",
	},
	{
		"close of a listener",
		Situation{Trigger: trace.ByCall, Call: trace.OpClose, OnListener: true},
		ListenerClosed, "close() closes the listening socket",
	},
	{
		"death of a listener's process",
		Situation{Trigger: trace.ByNote, Note: trace.NoteSignal, OnListener: true},
		ListenerClosed, "the death of the process closes the listening socket",
	},
	{
		"shutdown of a listener",
		Situation{Trigger: trace.ByCall, Call: trace.OpShutdown, OnListener: true},
		ListenerShutdown, "shutdown() of the listening socket resets",
	},
	{
		"SYN to a listener that was shut down",
		Situation{Trigger: trace.BySegment, Arrived: aSYN, Listener: &Listener{Shut: true}},
		ListenerShutdown, "a SYN (#7) arrived at a listening socket that was shut down",
	},
	{
		"SYN to a port nobody listens on",
		Situation{Trigger: trace.BySegment, Arrived: aSYN},
		PortNotListening, "a SYN (#7) arrived at port 8080, where nobody listens",
	},
	{
		"SYN to a port that had a connection",
		Situation{Trigger: trace.BySegment, Arrived: aSYN, Past: &Past{}},
		PortNotListening, "port 8080",
	},
	{
		"data after the host rebooted",
		Situation{Trigger: trace.BySegment, Arrived: someData, Past: &Past{Crashed: true, At: 3 * time.Second}},
		HostRebooted, "data (#7) arrived for a connection that this host forgot when it lost power at 3s",
	},
	{
		"FIN after the connection had ended",
		Situation{Trigger: trace.BySegment, Arrived: aFIN, Past: &Past{How: "close(), from LAST_ACK", At: time.Second}},
		ConnectionClosed, "a FIN (#7) arrived for a connection that this host had ended at 1s (close(), from LAST_ACK)",
	},
	{
		"the past comes before the listener",
		Situation{Trigger: trace.BySegment, Arrived: someData, Past: &Past{}, Listener: &Listener{}},
		ConnectionClosed, "had ended",
	},
	{
		"SYN,ACK to a listener",
		Situation{Trigger: trace.BySegment, Arrived: aSYNACK, Listener: &Listener{}},
		ListenerGotSynAck, "a SYN,ACK (#7) arrived at a listening socket, which has sent no SYN",
	},
	{
		"ACK to a listener",
		Situation{Trigger: trace.BySegment, Arrived: anACK, Listener: &Listener{}},
		ListenerGotAck, "an ACK (#7) arrived at a listening socket",
	},
	{
		"ACK out of nowhere",
		Situation{Trigger: trace.BySegment, Arrived: anACK},
		NoConnection, "an ACK (#7) arrived for a connection that this host has never had",
	},
	{
		"a bad ACK in SYN_SENT",
		Situation{Trigger: trace.BySegment, Arrived: aSYNACK, Owner: &Owner{State: stack.SynSent}},
		SynSentBadAck, "a SYN,ACK (#7) arrived in SYN_SENT",
	},
	{
		"a bad ACK in SYN_RECEIVED",
		Situation{Trigger: trace.BySegment, Arrived: anACK, Owner: &Owner{State: stack.SynReceived}},
		SynReceivedBadAck, "an ACK (#7) arrived in SYN_RECEIVED",
	},
	{
		"another SYN in SYN_RECEIVED",
		Situation{Trigger: trace.BySegment, Arrived: aSYN, Owner: &Owner{State: stack.SynReceived}},
		SynReceivedNewSyn, "a SYN (#7) arrived in SYN_RECEIVED with another initial sequence number",
	},
	{
		"data for an orphan",
		Situation{Trigger: trace.BySegment, Arrived: oneByte, Owner: &Owner{State: stack.FinWait2, Orphan: true}},
		DataAfterClose, "data (#7) with 1 byte arrived in FIN_WAIT_2 after close()",
	},
	{
		"data with a FIN for an orphan",
		Situation{Trigger: trace.BySegment, Arrived: crossed, Owner: &Owner{State: stack.FinWait1, Orphan: true}},
		DataAfterClose, "data (#7) with 5 bytes arrived in FIN_WAIT_1",
	},
	{
		"data after shutdown of both directions",
		Situation{Trigger: trace.BySegment, Arrived: someData, Owner: &Owner{State: stack.FinWait2, ReadShut: true}},
		DataAfterShutdown, "after shutdown() of both directions",
	},
	{
		"close in FIN_WAIT_2 with TCP_LINGER2 below zero",
		Situation{Trigger: trace.ByCall, Call: trace.OpClose, Owner: &Owner{State: stack.FinWait2, Linger2: -1}},
		LingerTwo, "close() in FIN_WAIT_2 with TCP_LINGER2 below zero",
	},
	{
		"keepalive",
		Situation{Trigger: trace.ByTimer, Timer: KeepaliveTimer},
		KeepaliveTimeout, "has answered nothing for as long as keepalive or TCP_USER_TIMEOUT allows",
	},
	{
		"ss -K",
		Situation{Trigger: trace.ByNote, Note: trace.NoteDestroy},
		Destroyed, "an administrator ended the connection",
	},
	{
		"forged",
		Situation{Injector: "a firewall", Trigger: trace.BySegment, Arrived: anACK},
		Forged, "a firewall forged it",
	},
	{
		"close with nothing unread",
		Situation{Trigger: trace.ByCall, Call: trace.OpClose, Owner: &Owner{}},
		Unexplained, `call "close"`,
	},
	{"a call on nothing", Situation{Trigger: trace.ByCall, Call: trace.OpClose}, Unexplained, `call "close"`},
	{"a send", Situation{Trigger: trace.ByCall, Call: trace.OpSend, Owner: &Owner{Unread: 5}}, Unexplained, `call "send"`},
	{"a timer", Situation{Trigger: trace.ByTimer, Timer: "RTO"}, Unexplained, `timer "RTO"`},
	{"nothing", Situation{}, Unexplained, "please report this"},
	{
		"an ACK for a connection that goes on",
		Situation{Trigger: trace.BySegment, Arrived: anACK, Owner: &Owner{State: stack.Established}},
		Unexplained, "no rule explains it",
	},
}

func TestCauseOfEachSituation(t *testing.T) {
	seen := map[string]bool{}
	for _, test := range causes {
		test.s.Number = 7
		got := Of(&test.s)
		seen[got.ID] = true
		if got.ID != test.id || !strings.Contains(got.Text, test.text) {
			t.Errorf("%s: %s: %q, want %s: %q", test.name, got.ID, got.Text, test.id, test.text)
		}
		if (got.Source == "") != (got.ID == Unexplained) {
			t.Errorf("%s: source %q", test.name, got.Source)
		}
	}
	for _, id := range All() {
		if !seen[id] {
			t.Errorf("no situation gives %s", id)
		}
		delete(seen, id)
	}
	delete(seen, Unexplained)
	for id := range seen {
		t.Errorf("%s is not in All", id)
	}
}

func TestAllNamesEachCauseOnce(t *testing.T) {
	ids := slices.Sorted(slices.Values(All()))
	if len(slices.Compact(slices.Clone(ids))) != len(ids) || slices.Contains(ids, Unexplained) {
		t.Errorf("All gives %v", ids)
	}
}

func TestEachCauseHasASource(t *testing.T) {
	for _, id := range All() {
		if Source(id) == Source("") {
			t.Errorf("%s: only what says when RSTs are sent at all", id)
		}
	}
}
