package fidelity_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tcpsim/tcpsim/cmd/tcpsim/internal/fidelity"
)

func unzip(t testing.TB, dir fs.FS, name string) []byte {
	t.Helper()
	raw, err := fs.ReadFile(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestNothingDependsOnTheNameOfACase: recordings that tcpsim has never seen
// are recordings under other names.
func TestNothingDependsOnTheNameOfACase(t *testing.T) {
	dir := fidelity.Recordings()
	ledger, err := fidelity.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range ledger {
		raw := unzip(t, dir, name+".json.gz")
		raw = bytes.ReplaceAll(raw, []byte(name), []byte("another name"))
		cases := load(t, fstest.MapFS{"x.json": {Data: raw}, "notes.txt": {Data: []byte("no case")}})
		if len(cases) != 1 || cases[0].Name != "x" {
			t.Fatalf("%s: loaded as %d cases", name, len(cases))
		}
		o, err := fidelity.Run(cases[0])
		if err != nil {
			t.Error(err)
		} else if got := o.Entry(); got != want {
			t.Errorf("%s under another name\n got %+v\nwant %+v", name, got, want)
		}
	}
}

const (
	bindCall = `{"t": 0, "t_end": 0, "host": "A", "sock": "c", "call": "bind", "args": ["10.0.0.1", 40001], "result": 0, "errno": null}`
	synSent  = `{"t": 0, "t_rx": 0.005, "from": "A", "conn": "40001>80", "flags": "S", "seq": 0, "ack": null, "len": 0, "win": 1}`
)

func caseWith(calls, segments string) string {
	return `{"one_way_delay_s": 0.005, "calls": [` + calls + `], "segments": [` + segments + `]}`
}

// TestMalformedCasesSayWhatIsWrong: with the file, the call or segment and the
// field.
func TestMalformedCasesSayWhatIsWrong(t *testing.T) {
	swap := func(s, old, new string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("%q is not in %s", old, s)
		}
		return strings.Replace(s, old, new, 1)
	}
	call := func(old, new string) string { return caseWith(swap(bindCall, old, new), "") }
	segment := func(old, new string) string { return caseWith(bindCall, swap(synSent, old, new)) }
	for _, test := range []struct{ what, file, want string }{
		{"nothing", "", "the file ends in the middle"},
		{"half a file", caseWith(bindCall, "")[:60], "the file ends in the middle"},
		{"no JSON", "hello", "bad.json:1: invalid character 'h'"},
		{"two cases", caseWith(bindCall, "") + "{}", "there is more after the case"},
		{"a list", "[]", "bad.json:1: the case is an array: want an object"},
		{"nothing in it", caseWith("", ""), "no calls and no segments"},
		{"a latency below zero", swap(caseWith(bindCall, ""), "0.005", "-1"), "one_way_delay_s: -1 is no time"},
		{"an unknown host in sysctl", swap(caseWith(bindCall, ""), `{"one`, `{"sysctl": {"C": {}}, "one`), `sysctl: no host "C"`},
		{"a list as sysctl", swap(caseWith(bindCall, ""), `{"one`, `{"sysctl": {"A": {"x": [1]}}, "one`), "sysctl x of A: want a number or a text"},
		{"a text as time", call(`"t": 0`, `"t": "now"`), "bad.json:1: calls.t is a string: want a number"},
		{"no time", call(`"t": 0, `, ``), "bad.json:1: call 1: t or t_end is missing"},
		{"an end before the beginning", call(`"t": 0`, `"t": 1`), "call 1: t_end 0 is before t 1"},
		{"a time of days", call(`"t_end": 0`, `"t_end": 1e9`), "call 1: t_end: 1e+09 is no time"},
		{"a third host", call(`"A"`, `"C"`), `call 1: host "C": want A, B or net`},
		{"a host that boots a thousand times", call(`"A"`, `"B1000"`), `call 1: host "B1000"`},
		{"no call", call(`"bind"`, `""`), "call 1: call is missing"},
		{"a list as an argument", call(`"10.0.0.1"`, `[]`), "call 1: bind: argument 1 is []"},
		{"half a port", call(`40001`, `1.5`), "call 1: bind: argument 2 is 1.5"},
		{"no result", call(`"result": 0, `, ``), "call 1: bind: result: it is missing, and so is errno"},
		{"data without a length", call(`"result": 0`, `"result": {"data": "x"}`), "call 1: bind: result: n is missing"},
		{"a segment from the network", segment(`"from": "A"`, `"from": "net"`), `segment 1: from "net": want A or B`},
		{"no ports", segment(`40001>80`, `40001`), `segment 1: conn "40001": want the two ports`},
		{"a port out of range", segment(`40001>80`, `40001>80000`), `segment 1: conn "40001>80000"`},
		{"no flags", segment(`"flags": "S", `, ``), "segment 1: flags or seq is missing"},
		{"unknown flags", segment(`"S"`, `"SX"`), `segment 1: flags "SX"`},
		{"ACK without a number", segment(`"S"`, `"SA"`), `segment 1: flags "SA": an ack number belongs to A`},
		{"a negative length", segment(`"len": 0`, `"len": -1`), "segment 1: len -1: want 0 to 65535"},
		{"an arrival before the sending", segment(`"t": 0`, `"t": 1`), "segment 1: t_rx 0.005 is before t 1"},
		{"the line of a call", caseWith(bindCall+",\n\n"+swap(bindCall, `"A"`, `"C"`), ""), "bad.json:3: call 2: host"},
		{"the line of a segment", caseWith(bindCall, "\n"+synSent+",\n"+swap(synSent, `"A"`, `"net"`)), "bad.json:3: segment 2: from"},
	} {
		t.Run(test.what, func(t *testing.T) {
			_, err := fidelity.Load(fstest.MapFS{"bad.json": {Data: []byte(test.file)}})
			if err == nil || !strings.HasPrefix(err.Error(), "bad.json:") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want bad.json:...%s...", err, test.want)
			}
		})
	}
}

func TestDamagedFilesAreNamedAndTheOthersAreLoaded(t *testing.T) {
	cases, err := fidelity.Load(fstest.MapFS{
		"a.json":       {Data: []byte(caseWith(bindCall, ""))},
		"b.json.gz":    {Data: []byte("no gzip")},
		"c.json":       {Data: []byte("{")},
		"sub/d.json":   {Data: []byte("{")},
		"README.md":    {Data: []byte("# Cases")},
		".json":        {Data: []byte("{")},
		"e.json.orig":  {Data: []byte("{")},
		"f/dir.json/x": {Data: []byte("{")},
	})
	if len(cases) != 1 || cases[0].Name != "a" {
		t.Errorf("%d cases", len(cases))
	}
	if err == nil || !strings.Contains(err.Error(), "b.json.gz: ") || !strings.Contains(err.Error(), "c.json: ") {
		t.Errorf("error %v", err)
	}
	if _, err := fidelity.Load(fstest.MapFS{"README.md": {}}); err == nil {
		t.Error("a directory without cases is fine")
	}
}

// TestWhatCannotBeReplayedIsUnsupported: and says which call it is.
func TestWhatCannotBeReplayedIsUnsupported(t *testing.T) {
	call := func(host, name, args string) string {
		return `{"t": 1, "t_end": 1, "host": "` + host + `", "sock": "c", "call": "` + name + `", "args": [` + args + `], "result": 0, "errno": null}`
	}
	for _, test := range []struct{ call, want string }{
		{call("A", "sendfile", ""), "sendfile: tcpsim has no such call"},
		{call("A", "kill -STOP", ""), "kill -STOP: tcpsim has no such call"},
		{call("A", "setsockopt", `"TCP_MD5SIG", 1`), "option TCP_MD5SIG"},
		{call("A", "setsockopt", `"SO_LINGER", 1`), "want l_onoff and l_linger"},
		{call("A", "setsockopt", ``), "want an option and a value"},
		{call("A", "send", `"x", "MSG_OOB"`), "flag MSG_OOB"},
		{call("A", "send", `"x...<99999999999 bytes>"`), "more data than can be held"},
		{call("A", "recv", `-1`), "want a size"},
		{call("A", "bind", `"localhost", 80`), "want an IP address"},
		{call("A", "connect", `"10.0.0.2", 80, "SOCK_CLOEXEC"`), "argument SOCK_CLOEXEC"},
		{call("A", "listen", ``), "want a number"},
		{call("A", "shutdown", `"SHUT_ALL"`), "want SHUT_RD"},
		{call("net", "hail", ""), "tcpsim's experimenter has nothing like it"},
		{call("B2", "listen", "1"), "boot 2 of a host that has booted 1 times"},
	} {
		c := load(t, fstest.MapFS{"x.json": {Data: []byte(caseWith(bindCall+","+test.call, ""))}})[0]
		o, err := fidelity.Run(c)
		if err != nil {
			t.Error(err)
		}
		if o.Verdict != fidelity.Unsupported || !strings.HasPrefix(o.Difference, "call 2, ") || !strings.Contains(o.Difference, test.want) {
			t.Errorf("%s: %s, %q", test.call, o.Verdict, o.Difference)
		}
	}
}

// FuzzParse: no file breaks the reader, and what it takes can be run.
func FuzzParse(f *testing.F) {
	dir := fidelity.Recordings()
	for _, name := range []string{"01-port-not-listening--blocking", "31-process-exit--kill9-unread", "10-half-open-server-reboot--listener-back"} {
		f.Add(unzip(f, dir, name+".json.gz"))
	}
	f.Add([]byte(caseWith(bindCall, synSent)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := fidelity.Parse(raw)
		if err != nil || len(c.Calls) > 50 || len(c.Segments) > 50 {
			return
		}
		o, err := fidelity.Run(c)
		if err != nil {
			return
		}
		if o.Verdict != fidelity.Same && o.Difference == "" {
			t.Errorf("%s, and nothing differs", o.Verdict)
		}
	})
}
