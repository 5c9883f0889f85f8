package file

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func everyStep(t *testing.T) []model.Step {
	c := mustDecode(t, readFile(t, "every-verb.yaml")).Base
	return append(slices.Clone(c.Client.Processes[0].Steps), c.Network...)
}

func TestStepsPrintAsCalls(t *testing.T) {
	var got []string
	for _, s := range everyStep(t) {
		line := s.String()
		for i, r := range s.Expect {
			line += map[bool]string{true: " -> ", false: " or "}[i == 0] + r.String()
		}
		got = append(got, line)
	}
	want := strings.Split(strings.TrimSpace(readFile(t, "every-verb.calls")), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEveryVerbHasAnExample(t *testing.T) {
	seen := map[model.Verb]bool{}
	for _, s := range everyStep(t) {
		seen[s.Verb] = true
	}
	for _, v := range verbTable() {
		if !seen[v.name] {
			t.Errorf("testdata/every-verb.yaml lacks %s", v.name)
		}
	}
}

// Each line of every-verb.yaml is one step: what the fields hold where the
// printed call does not show it.
func TestStepsHoldTheirArguments(t *testing.T) {
	for _, r := range []struct {
		yaml string
		want model.Step
	}{
		{"{socket: c, label: l, expect: ok}", model.Step{Verb: model.VerbSocket, Socket: "c", Label: "l", Expect: []model.Result{{Kind: model.ResultOK}}}},
		{"{listen: a}", model.Step{Verb: model.VerbListen, Socket: "a", Backlog: 128}},
		{
			"{connect: a, address: \":1\", nonblock: true, timeout: 5s}",
			model.Step{Verb: model.VerbConnect, Socket: "a", Address: model.Address{Port: 1}, Nonblock: new(true), Timeout: 5 * time.Second},
		},
		{"{send: a, data: \"\"}", model.Step{Verb: model.VerbSend, Socket: "a", Data: []byte{}}},
		{
			"{send: a, bytes: 9, until: error, total: 27}",
			model.Step{Verb: model.VerbSend, Socket: "a", Bytes: 9, Until: "error", Total: new(27)},
		},
		{
			"{recv: a, flags: [MSG_WAITALL, MSG_PEEK]}",
			model.Step{Verb: model.VerbRecv, Socket: "a", Size: 4096, Flags: stack.MsgPeek | stack.MsgWaitAll},
		},
		{
			"{recv: a, expect: [{data: x}, {bytes: 0}, 3]}",
			model.Step{Verb: model.VerbRecv, Socket: "a", Size: 4096, Expect: []model.Result{
				{Kind: model.ResultData, Data: []byte("x")}, {Kind: model.ResultBytes}, {Kind: model.ResultValue, Value: 3},
			}},
		},
		{"{shutdown: a, how: SHUT_RDWR}", model.Step{Verb: model.VerbShutdown, Socket: "a", How: stack.ShutBoth}},
		{
			"{setsockopt: a, option: SO_LINGER, value: {onoff: 1, linger: 2}}",
			model.Step{Verb: model.VerbSetsockopt, Socket: "a", Option: "SO_LINGER", Value: stack.Value{Kind: stack.KindLinger, Linger: stack.Linger{On: true, Time: 2 * time.Second}}},
		},
		{
			"{setsockopt: a, option: SO_RCVBUF, value: 0x10}",
			model.Step{Verb: model.VerbSetsockopt, Socket: "a", Option: "SO_RCVBUF", Value: stack.Value{Int: 16}},
		},
		{
			"{getsockopt: a, option: TCP_INFO, expect: ESTABLISHED}",
			model.Step{Verb: model.VerbGetsockopt, Socket: "a", Option: "TCP_INFO", Expect: []model.Result{{Kind: model.ResultState, State: stack.Established}}},
		},
		{
			"{poll: a, expect: POLLHUP|POLLIN}",
			model.Step{Verb: model.VerbPoll, Socket: "a", Events: stack.PollIn | stack.PollOut | stack.PollRdHup, Expect: []model.Result{
				{Kind: model.ResultEvents, Events: stack.PollIn | stack.PollHup},
			}},
		},
		{"{poll: a, events: [POLLIN], expect: 0}", model.Step{Verb: model.VerbPoll, Socket: "a", Events: stack.PollIn, Expect: []model.Result{{Kind: model.ResultEvents}}}},
		{"{fcntl: a, nonblock: false}", model.Step{Verb: model.VerbFcntl, Socket: "a", Nonblock: new(false)}},
		{"{sigpipe: ignore}", model.Step{Verb: model.VerbSigpipe, IgnoreSIGPIPE: true}},
		{"{exit: 137}", model.Step{Verb: model.VerbExit, Status: 137}},
	} {
		f := mustDecode(t, processWith("- socket: a\n- "+r.yaml))
		if diff := cmp.Diff(r.want, f.Base.Client.Processes[0].Steps[1], without); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.yaml, diff)
		}
	}
}

func TestForgedSegmentsHoldTheirFields(t *testing.T) {
	f := mustDecode(t, networkWith("- {inject: server, flags: R, seq: 4294967295, ack: 1, win: 3, data: x, sport: 1, dport: 2, by: a censor}\n- {inject: client, flags: .}"))
	want := []model.Step{
		{Verb: model.VerbInject, Target: "server", Inject: &model.Inject{
			Flags: wire.RST, Seq: new(uint32(4294967295)), Ack: new(uint32(1)), Win: new(uint16(3)), Data: []byte("x"),
			SourcePort: new(uint16(1)), DestinationPort: new(uint16(2)), By: "a censor",
		}},
		{Verb: model.VerbInject, Target: "client", Inject: &model.Inject{Flags: wire.ACK, By: "middlebox"}},
	}
	if diff := cmp.Diff(want, f.Base.Network, without); diff != "" {
		t.Error(diff)
	}
}

func TestClosedSocketMayBeUsedAndItsNameGivenAgain(t *testing.T) {
	mustDecode(t, processWith("- socket: c\n- close: c\n- recv: c\n- close: c\n- socket: c\n- {dup: c, as: d}"))
}

func TestDropRulesCount(t *testing.T) {
	for text, want := range map[string]model.DropRule{
		"any:ANY":         {Rule: link.Rule{What: "ANY"}, Text: "any:ANY"},
		"client:SYNACK:3": {Rule: link.Rule{From: link.FromClient, What: "SYNACK", Nth: 3}, Text: "client:SYNACK:3"},
	} {
		got, err := model.ParseDropRule(text)
		if err != nil || got != want {
			t.Errorf("ParseDropRule(%q) = %+v, %v", text, got, err)
		}
	}
}

func TestSegmentPatternsPrintTheirFields(t *testing.T) {
	c := mustDecode(t, readFile(t, "unread-data.yaml")).Base
	for got, want := range map[string]string{
		c.Expect.Segments[2].String(): "server R. seq 1 ack 14 cause unread-data",
		c.Expect.Contains[0].String(): `len 13 win 65535 data "Hello world.\r" at 1.02s`,
		c.Expect.Absent[0].String():   "F not lost injected retransmission",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A child has the sockets of its parent, and may close them and give their
// names to others without the parent's noticing.
func TestAChildHasTheSocketsOfItsParent(t *testing.T) {
	mustDecode(t, forkWith(`- steps:
  - socket: a
  - socket: b
  - close: b
  - fork: child
  - fork: another
  - close: a
  - socket: a
- name: another
  start: fork
  steps:
  - {close: a}
  - {recv: b, expect: EBADF}
- name: child
  start: fork
  steps:
  - {close: a}
  - {socket: a}
  - {socket: c}
  - {fork: grandchild}
- name: grandchild
  start: fork
  steps: [{close: c}]`))
}
