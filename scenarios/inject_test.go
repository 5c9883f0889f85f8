package scenarios_test

import (
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model/file"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

const forgery = `name: forgery
title: t
hosts:
  client:
    processes:
      - name: client
        steps:
          - {socket: c}
          - {connect: c, address: "server:80", expect: ok}
          - {send: c, data: abc}
          - {sleep: 2s}
  server:
    processes:
      - name: server
        steps:
          - {socket: l}
          - {bind: l, address: ":80"}
          - {listen: l}
          - {accept: l, as: s}
          - {recv: s, expect: {data: abc}}
          - {recv: s}
          - {sleep: 2s}
network:
  - {sleep: 1s}
  - {inject: server, flags: none, seq: 4, ack: 1}
  - {inject: server, flags: ., seq: 4, ack: 1, win: 1000, data: xy, options: {timestamp: -5000}}
  - {inject: server, flags: ., seq: 4, ack: 1, win: 1000, data: de, options: {timestamp: 7, echo: -1}}
  - {inject: server, flags: S, seq: 99, sport: 1234, dport: 80, options: {mss: 700, window-scale: 3, sack-permitted: true, timestamp: 5}}
expect:
  contains:
    - {from: client, flags: none, seq: 4, injected: true}
`

// TestForgedSegmentsBearOptions: timestamps count from those of the hosts, so
// that a file can say "older" without knowing them.
func TestForgedSegmentsBearOptions(t *testing.T) {
	f, err := file.Decode("forgery.yaml", []byte(forgery), file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	res, err := scenarios.Run(&f.Base, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		t.Error(p)
	}
	var forged []wire.Segment
	var latest [2]wire.Timestamps // of each host, before the first is forged
	for i := range res.Trace.Segments {
		s := &res.Trace.Segments[i]
		seg, err := wire.Parse(s.Frame)
		if err != nil {
			t.Fatal(err)
		}
		if s.Injected != "" {
			forged = append(forged, seg)
		} else if ts, ok := wire.TimestampsOf(seg.Options); ok && len(forged) == 0 {
			latest[s.From] = ts
		}
	}
	if len(forged) != 4 {
		t.Fatalf("%d segments are forged", len(forged))
	}
	if forged[0].Flags != 0 || len(forged[0].Options) != 0 {
		t.Errorf("the first has the flags %s and options % x", forged[0].Flags, forged[0].Options)
	}
	client, server := latest[trace.Client].Value, latest[trace.Server].Value
	for i, want := range map[int]wire.Timestamps{1: {Value: client - 5000, Echo: server}, 2: {Value: client + 7, Echo: server - 1}} {
		if got, ok := wire.TimestampsOf(forged[i].Options); !ok || got != want {
			t.Errorf("forged segment %d has the timestamps %v, want %v", i, got, want)
		}
	}
	syn := header.ParseSynOptions(forged[3].Options, false)
	if syn.MSS != 700 || syn.WS != 3 || !syn.SACKPermitted || !syn.TS || syn.TSVal != 5 {
		t.Errorf("the SYN has the options %+v", syn)
	}
}
