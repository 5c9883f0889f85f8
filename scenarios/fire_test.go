package scenarios_test

import (
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// lossless is a scenario with outcomes on a link that does nothing, so that
// what happens is known; its processes and outcomes are to be filled in.
func lossless(t *testing.T, client, server, outcomes string) *scenarios.Result {
	t.Helper()
	src := "name: x\ntitle: x\nlevels: [{name: clean}]\nhosts:\n" +
		"  client: {processes: [{sigpipe: ignore, steps: [{socket: c}, " + client + "]}]}\n" +
		"  server: {processes: [{sigpipe: ignore, steps: [{socket: l}, {bind: l, address: \":80\"}, {listen: l}, " + server + "]}]}\n" +
		"outcomes:\n" + outcomes
	f, err := scenarios.Decode("x.yaml", []byte(src))
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	res, err := scenarios.Run(&f.Base, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func outcomeName(r *scenarios.Result) string {
	if r.Outcome == nil {
		return ""
	}
	return r.Outcome.Name
}

// made lists the calls of the client after its socket.
func made(tr *trace.Trace) string {
	var names []string
	for i := range tr.Calls {
		if c := &tr.Calls[i]; c.Host == trace.Client && c.Op != trace.OpSocket {
			names = append(names, c.Op.String())
		}
	}
	return strings.Join(names, " ")
}

const anything = "  - {name: any, says: x, sees: {client: {connect: [ok, ECONNREFUSED]}}}\n"

func TestAProcessGivesUpAtTheFirstFailureThatItDoesNotExpect(t *testing.T) {
	const connect, accept = "{connect: c, address: \"server:80\"}", "{accept: l, as: s}"
	for _, c := range []struct {
		name, client, server string
		calls                string
		status               int
	}{
		{
			"connect is refused", "{connect: c, address: \"server:81\", expect: 0}, {send: c, data: x}", accept,
			"connect exit", 1,
		},
		{
			"connect fails and nobody says what it should", "{connect: c, address: \"server:81\"}, {send: c, data: x}", accept,
			"connect exit", 1,
		},
		{
			"connect is to be refused", "{connect: c, address: \"server:81\", expect: ECONNREFUSED}, {recv: c, expect: ENOTCONN}", accept,
			"connect recv exit", 0,
		},
		{
			"it expects another error", connect + ", {recv: c, expect: ETIMEDOUT}, {send: c, data: x, expect: EPIPE}",
			accept + ", {setsockopt: s, option: SO_LINGER, value: {onoff: 1, linger: 0}}, {close: s}",
			"connect recv send exit", 0,
		},
		{
			"the end of file where data should be", connect + ", {recv: c, expect: {bytes: 3}}, {send: c, data: x}", accept + ", {close: s}",
			"connect recv exit", 1,
		},
		{
			"the end of file where anything will do", connect + ", {recv: c}, {close: c}", accept + ", {close: s}",
			"connect recv close exit", 0,
		},
		{
			"less data than expected", connect + ", {recv: c, expect: {bytes: 3}}, {close: c}", accept + ", {send: s, data: x}",
			"connect recv close exit", 0,
		},
		{
			"a call that is not essential", connect + ", {poll: c, expect: POLLIN}, {close: c}", accept,
			"connect poll close exit", 0,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := lossless(t, c.client, c.server, anything).Trace
			if got := made(tr); got != c.calls {
				t.Errorf("the client called %q, want %q", got, c.calls)
			}
			for _, p := range tr.Processes {
				if p.Host == trace.Client && (!p.Ended || p.Status != c.status) {
					t.Errorf("it ended: %v, with status %d, want %d", p.Ended, p.Status, c.status)
				}
			}
		})
	}
}

func TestTheFirstOutcomeThatFitsIsTheOutcome(t *testing.T) {
	const client = "{connect: c, address: \"server:80\"}, {recv: c, expect: {data: ab}}, {recv: c, expect: EOF}"
	const server = "{accept: l, as: s}, {send: s, data: ab}, {close: s}"
	const eof, data = "{recv: EOF}", "{recv: {data: ab}}"
	for _, c := range []struct{ name, sees, want string }{
		{"one call", "{client: " + eof + "}", "it"},
		{"calls in their order", "{client: [" + data + ", " + eof + "]}", "it"},
		{"calls in another order", "{client: [" + eof + ", " + data + "]}", "else"},
		{"one call is not two", "{client: [" + eof + ", " + eof + "]}", "else"},
		{"one of several results", "{client: {recv: [ECONNRESET, EOF]}}", "it"},
		{"a result that nobody got", "{client: {recv: never}}", "else"},
		{"both processes", "{client: " + eof + ", server: {send: 2}}", "it"},
		{"both processes, one otherwise", "{client: " + eof + ", server: {send: 3}}", "else"},
		{"an exit", "{client: {exit: 0}}", "it"},
		{"another exit", "{client: {exit: 1}}", "else"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := lossless(t, client, server, "  - {name: it, says: x, sees: "+c.sees+"}\n"+
				"  - {name: else, says: x, sees: {client: {connect: 0}}}\n")
			if got := outcomeName(res); got != c.want || !res.OK() {
				t.Errorf("the outcome is %q, want %q; problems: %v", got, c.want, res.Problems)
			}
		})
	}
}

func TestOptionsAreToldApart(t *testing.T) {
	const client = "{connect: c, address: \"server:80\"}, {getsockopt: c, option: SO_ERROR}, {getsockopt: c, option: TCP_INFO}"
	res := lossless(t, client, "{accept: l, as: s}", "  - {name: error, says: x, sees: {client: {getsockopt: ECONNRESET, option: SO_ERROR}}}\n"+
		"  - {name: state, says: x, sees: {client: {getsockopt: ESTABLISHED, option: TCP_INFO}}}\n")
	if got := outcomeName(res); got != "state" {
		t.Errorf("the outcome is %q", got)
	}
}

func TestARunWithoutAnOutcomeIsAProblem(t *testing.T) {
	res := lossless(t, "{connect: c, address: \"server:80\"}, {recv: c}", "{accept: l, as: s}, {close: s}",
		"  - {name: one, says: x, sees: {client: {recv: never}}}\n  - {name: two, says: x, sees: {client: {recv: ECONNRESET}}}\n")
	if len(res.Problems) != 1 || res.Outcome != nil {
		t.Fatalf("outcome %v, problems %v", res.Outcome, res.Problems)
	}
	p := res.Problems[0]
	if want := (model.Pos{Line: 8, Column: 5}); p.Pos != want || p.Want != "one of one, two" {
		t.Errorf("the problem is at %v and wants %s", p.Pos, p.Want)
	}
	for _, want := range []string{"\n    client: connect = 0, recv = 0 (EOF), exit 0", "\n    server: accept = 4 from 10.0.0.1:17880, close = 0, exit 0"} {
		if !strings.Contains(p.Got, want) {
			t.Errorf("it has no %q: %s", want, p.Got)
		}
	}
}

// TestAFileOfOnesOwnRepeatsTheCatalogue reads a file of one's own that
// repeats a case of the catalogue.
func TestAFileOfOnesOwnRepeatsTheCatalogue(t *testing.T) {
	f, err := scenarios.Decode("mine.yaml", []byte("name: mine\ntitle: mine\nof: unread-data/all-read\n"+
		"outcomes: [{name: eof, says: x, sees: {client: {recv: EOF}}}]\nlevels: [{name: clean}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := scenarios.Run(&f.Base, scenarios.Options{})
	if err != nil || outcomeName(res) != "eof" {
		t.Errorf("outcome %q, error %v", outcomeName(res), err)
	}
	_, err = scenarios.Decode("mine.yaml", []byte("name: mine\ntitle: mine\nof: unread-dat\noutcomes: []\n"))
	if err == nil || !strings.Contains(err.Error(), `mine.yaml:3:5: "of": no scenario "unread-dat"; did you mean "unread-data"?`) {
		t.Errorf("error %v", err)
	}
}
