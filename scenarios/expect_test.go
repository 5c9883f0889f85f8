package scenarios_test

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
)

// exchange is a connection on which the client's first data is lost, so that it
// is sent again, and somebody forges a RST.
const exchange = `name: exchange
title: t
hosts:
  client:
    processes:
      - name: client
        steps:
          - {socket: c}
          - {connect: c, address: "server:80"}
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
          - {recv: s}
          - {recv: s}
link: {drop: ["client:DATA:1"]}
network:
  - {sleep: 1s}
  - {inject: server, flags: R, seq: 4, win: 1000}
`

func problemsOf(t *testing.T, src string) string {
	t.Helper()
	f, err := scenarios.Decode("x.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	res, err := scenarios.Run(&f.Base, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range res.Problems {
		all = append(all, p.String())
	}
	return strings.Join(all, "\n")
}

// Each field of a pattern keeps a segment from fitting that differs in it alone.
func TestEveryFieldOfAPatternCounts(t *testing.T) {
	const again = "from: client, flags: P., seq: 1, ack: 1, len: 3, data: abc, lost: false, retransmission: true"
	const forged = "from: client, flags: R, seq: 4, win: 1000, injected: true"
	const first = "from: client, flags: S, seq: 0, win: 29184, at: 0s"
	for _, fits := range []string{again, forged, first} {
		if got := problemsOf(t, exchange+"expect: {contains: [{"+fits+"}]}\n"); got != "" {
			t.Fatalf("{%s} fits no segment: %s", fits, got)
		}
	}
	for _, r := range []struct{ pattern, field, other, differs string }{
		{again, "from: client", "from: server", "ack 1"},
		{forged, "flags: R", "flags: F", "flags R:"},
		{again, "seq: 1", "seq: 2", "seq 1:"},
		{again, "ack: 1", "ack: 2", "ack 1:"},
		{again, "len: 3", "len: 2", "len 3:"},
		{again, "data: abc", "data: abd", `data "abc":`},
		{again, "lost: false", "lost: true", "lost false"},
		{again, "retransmission: true", "retransmission: false", "lost true:"},
		{forged, "win: 1000", "win: 1001", "win 1000:"},
		{forged, "injected: true", "injected: false", "injected true:"},
		{forged, "injected: true", "injected: true, cause: linger-zero", "cause forged:"},
		{first, "at: 0s", "at: 1s", "at 0s:"},
	} {
		pattern := strings.Replace(r.pattern, r.field, r.other, 1)
		got := problemsOf(t, exchange+"expect: {contains: [{"+pattern+"}]}\n")
		if !strings.Contains(got, "the nearest, #") || r.field != "from: client" && r.field != "lost: false" && !strings.Contains(got, ", has "+r.differs) {
			t.Errorf("{%s}: %s", pattern, got)
		}
		if got := problemsOf(t, exchange+"expect: {absent: [{"+pattern+"}]}\n"); got != "" {
			t.Errorf("absent {%s}: %s", pattern, got)
		}
	}
}

func TestASegmentThatComesTooEarlyIsSaidToBeThere(t *testing.T) {
	got := problemsOf(t, exchange+"expect: {contains: [{injected: true}, {from: client, flags: S}]}\n")
	if want := "got one only before that, #1 at 0.000000: {from: client, flags: S, seq: 0}"; !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// ending is a server that ends somehow, and what is said of it.
const ending = `name: ending
title: t
hosts:
  server:
    processes:
      - name: server
        exits: EXITS
        steps:
          - sleep: 1h
  client:
    processes:
      - steps:
          - sleep: 2s
until: 10s
network:
  - sleep: 1s
  - NETWORK
`

// A process that has not ended, or that was lost with its machine, has not
// exited with status 0.
func TestAnExitStatusIsThatOfAProcessThatHasExited(t *testing.T) {
	for _, r := range []struct{ network, exits, want string }{
		{"unplug: server", "0", "want status 0, got it is still running"},
		{"crash: server", "0", "want status 0, got it was lost with its host"},
		{"kill: server", "0", "want status 0, got status 137"},
		{"kill: server", "137", ""},
	} {
		src := strings.NewReplacer("EXITS", r.exits, "NETWORK", r.network).Replace(ending)
		got := problemsOf(t, src)
		if _, said, _ := strings.Cut(got, "exit of process server: "); said != r.want {
			t.Errorf("%s, exits: %s: got %q, want %q", r.network, r.exits, got, r.want)
		}
		outcome := strings.Replace(src, "        exits: "+r.exits+"\n", "", 1) +
			"outcomes: [{name: o, says: s, sees: {server: {exit: " + r.exits + "}}}]\n"
		if got := problemsOf(t, outcome); (got == "") != (r.want == "") {
			t.Errorf("%s, seen exit %s: %q", r.network, r.exits, got)
		}
	}
}

// The process that runs is killed, and not one of its name that was lost in a
// crash before.
func TestKillAfterASecondBootEndsTheProcessThatRuns(t *testing.T) {
	got := problemsOf(t, `name: reboots
title: t
hosts:
  server:
    processes:
      - {name: daemon, start: boot, steps: [{sleep: 1h}]}
  client:
    processes:
      - {name: client, steps: [{sleep: 10s}]}
network: [{sleep: 1s}, {crash: server}, {boot: server}, {sleep: 1s}, {crash: server}, {boot: server}, {sleep: 1s}, {kill: daemon}]
`)
	if got != "" {
		t.Error(got)
	}
}

// An option that counts time takes a duration, and a number in its own unit.
func TestOptionsTakeDurationsInTheirOwnUnit(t *testing.T) {
	for option, units := range map[string]string{
		"TCP_KEEPIDLE": "5", "TCP_KEEPINTVL": "5", "TCP_USER_TIMEOUT": "5000", "TCP_LINGER2": "5", "TCP_DEFER_ACCEPT": "7",
	} {
		span := "5s"
		if option == "TCP_DEFER_ACCEPT" {
			span = "7s" // the kernel counts it in retransmissions, of which this is three
		}
		for _, value := range []string{span, units} {
			got := problemsOf(t, `name: option
title: t
hosts:
  client:
    processes:
      - name: client
        steps:
          - {socket: c}
          - {setsockopt: c, option: `+option+`, value: `+value+`, expect: 0}
          - {getsockopt: c, option: `+option+`, expect: `+units+`}
`)
			if got != "" {
				t.Errorf("%s %s: %s", option, value, got)
			}
		}
	}
}

// TestAProcessIsKilledAfterTheSecondBoot: of the processes of a name the one that
// runs is killed, and the one that lost its machine's power before, and came
// again, owes no exit status.
func TestAProcessIsKilledAfterTheSecondBoot(t *testing.T) {
	const src = `name: again
title: t
hosts:
  server:
    processes:
      - {name: daemon, start: boot, exits: 137, steps: [{sleep: 1h}]}
  client:
    processes: [{steps: [{sleep: 10s}]}]
network: [sleep: 1s, crash: server, sleep: 1s, boot: server, sleep: 1s, crash: server, sleep: 1s, boot: server, sleep: 1s, KILL]
`
	if got := problemsOf(t, strings.Replace(src, "KILL", "{kill: daemon}", 1)); got != "" {
		t.Error(got)
	}
	if got := problemsOf(t, strings.Replace(src, "KILL", "{sleep: 1s}", 1)); !strings.Contains(got, "want status 137, got status 0") {
		t.Errorf("a daemon that nobody kills: %q", got)
	}
}
