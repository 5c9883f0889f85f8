package file

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/match"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// without leaves positions out of a comparison.
var without = cmp.Options{cmpopts.IgnoreTypes(model.Pos{}), addresses}

// addresses lets IP addresses be compared.
var addresses = cmpopts.EquateComparable(netip.Addr{})

func TestCompleteExampleIsDecoded(t *testing.T) {
	f := mustDecode(t, readFile(t, "unread-data.yaml"))
	if f.Path != "x.yaml" || f.Name != "unread-data" || f.Group != "first" {
		t.Errorf("file is %q %q %q", f.Path, f.Name, f.Group)
	}
	want := model.Case{
		Path:     "x.yaml",
		Scenario: "unread-data", Group: "first",
		Title: "close() with unread data sends a RST",
		Shows: "A socket that is closed with unread data sends a RST, not a FIN.\n",
		Claims: []model.Claim{
			{Source: "[1]", Text: "The client gets ECONNRESET.", Verdict: model.Holds},
			{Source: "[2]", Text: "It always does.", Verdict: model.Partly, Because: "Not when the data was read."},
		},
		Linux:      "Linux does the same.\n",
		References: []string{"RFC 2525 section 2.17"},
		TellApart:  "The RST acknowledges the data.\n",
		IP:         4, Seed: 7, Until: 2 * time.Minute,
		Link: model.Link{
			ClientToServer: model.Direction{Latency: 15 * time.Millisecond},
			ServerToClient: model.Direction{Latency: 20 * time.Millisecond, Loss: 0.1},
			Drop:           []model.DropRule{{Rule: link.Rule{From: link.FromServer, What: "FIN", Nth: 1}, Text: "server:FIN:1"}},
		},
		Client: model.Host{
			Name: "client",
			Settings: []model.Setting{
				{Name: "tcp_retries2", Value: "5"},
				{Name: "tcp_sack", Value: "true"},
				{Name: "tcp_rmem", Value: "4096 131072 6291456"},
			},
			Processes: []model.Process{{
				Name: "client", IgnoreSIGPIPE: true, Start: time.Second, Exits: new(0),
				Steps: []model.Step{
					{Verb: model.VerbSocket, Socket: "c"},
					{Verb: model.VerbConnect, Socket: "c", Address: model.Address{Host: "server", Port: 8080}},
					{
						Verb: model.VerbSend, Socket: "c", Data: []byte("Hello world.\r"), Label: "greeting",
						Expect: []model.Result{{Kind: model.ResultValue, Value: 13}},
					},
					{
						Verb: model.VerbRecv, Socket: "c", Size: 4096,
						Expect: []model.Result{{Kind: model.ResultErrno, Errno: stack.ECONNRESET}, {Kind: model.ResultEOF}},
					},
				},
			}},
		},
		Server: model.Host{
			Name: "server",
			Processes: []model.Process{
				{Name: "server", Steps: []model.Step{
					{Verb: model.VerbSocket, Socket: "l"},
					{Verb: model.VerbBind, Socket: "l", Address: model.Address{Port: 8080}},
					{Verb: model.VerbListen, Socket: "l", Backlog: 128},
					{Verb: model.VerbAccept, Socket: "l", As: "s"},
					{Verb: model.VerbWaitFor, Target: "greeting"},
					{Verb: model.VerbClose, Socket: "s"},
				}},
				{Name: "server-2", AtBoot: true, Steps: []model.Step{{Verb: model.VerbExit, Status: 1}}},
			},
		},
		Network: []model.Step{
			{Verb: model.VerbSleep, Duration: time.Second},
			{Verb: model.VerbCrash, Target: "server"},
			{Verb: model.VerbKill, Target: "server-2", Signal: stack.SIGKILL},
		},
		Expect: model.Wire{
			Segments: []model.SegmentPattern{
				{Segment: match.Segment{From: new(trace.Client), Flags: new(wire.SYN), Seq: new(uint32(0))}},
				{Segment: match.Segment{From: new(trace.Server), Flags: new(wire.SYN | wire.ACK), Seq: new(uint32(0)), Ack: new(uint32(1))}},
				{Segment: match.Segment{From: new(trace.Server), Flags: new(wire.RST | wire.ACK), Seq: new(uint32(1)), Ack: new(uint32(14)), Cause: "unread-data"}},
			},
			Contains: []model.SegmentPattern{{Segment: match.Segment{
				Len: new(uint32(13)), Win: new(uint32(65535)), Data: new("Hello world.\r"),
				At: new(1020 * time.Millisecond),
			}}},
			Absent: []model.SegmentPattern{{Segment: match.Segment{
				Flags: new(wire.FIN), Lost: new(false), Injected: new(true), Retransmission: new(true),
			}}},
		},
	}
	if diff := cmp.Diff(want, f.Base, without); diff != "" {
		t.Errorf("base case (-want +got):\n%s", diff)
	}
}

func TestEveryPartKeepsItsPosition(t *testing.T) {
	f := mustDecode(t, readFile(t, "unread-data.yaml"))
	client, steps := f.Base.Client, f.Base.Client.Processes[0].Steps
	for what, p := range map[string]struct{ got, want model.Pos }{
		"file":            {f.Base.Pos, model.Pos{Line: 1, Column: 1}},
		"claim":           {f.Base.Claims[1].Pos, model.Pos{Line: 10, Column: 5}},
		"setting":         {client.Settings[1].Pos, model.Pos{Line: 28, Column: 33}},
		"process":         {client.Processes[0].Pos, model.Pos{Line: 30, Column: 9}},
		"step":            {steps[1].Pos, model.Pos{Line: 36, Column: 13}},
		"value of a verb": {steps[1].ValuePos, model.Pos{Line: 36, Column: 22}},
		"segment":         {f.Base.Expect.Segments[0].Pos, model.Pos{Line: 65, Column: 7}},
		"case":            {f.Variants[0].Pos, model.Pos{Line: 73, Column: 5}},
	} {
		if p.got != p.want {
			t.Errorf("%s at %v, want %v", what, p.got, p.want)
		}
	}
}

func TestScenarioHasDefaults(t *testing.T) {
	c := mustDecode(t, scenarioHead+"hosts: {}\n").Base
	way := model.Direction{Latency: 10 * time.Millisecond}
	want := model.Case{
		Path:     "x.yaml",
		Scenario: "x", Title: "t", IP: 4, Seed: 1,
		Link:   model.Link{ClientToServer: way, ServerToClient: way},
		Client: model.Host{Name: "client"}, Server: model.Host{Name: "server"},
	}
	if diff := cmp.Diff(want, c, without); diff != "" {
		t.Error(diff)
	}
}

func TestSegmentsMayBeExpectedNotToExist(t *testing.T) {
	if s := mustDecode(t, scenarioWith("expect: {segments: []}\n")).Base.Expect.Segments; s == nil {
		t.Error("an empty list of segments is not checked")
	}
	if s := mustDecode(t, scenarioWith("expect: {absent: []}\n")).Base.Expect.Segments; s != nil {
		t.Error("no list of segments is checked")
	}
}
