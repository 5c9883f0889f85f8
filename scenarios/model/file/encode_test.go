package file

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack"
)

// Everything that a file can say survives: the whole catalogue, the file with
// every verb, and the variants that inherit.
func TestWhatIsEncodedDecodesToTheSameFile(t *testing.T) {
	catalogue, err := filepath.Glob("../../catalogue/*.yaml")
	if err != nil || len(catalogue) == 0 {
		t.Fatalf("no catalogue: %v", err)
	}
	for _, name := range append(catalogue, "testdata/every-verb.yaml", "testdata/unread-data.yaml") {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, name, src)
	}
	roundTrip(t, "inheriting", []byte(inheriting))
	roundTrip(t, "repeating", []byte(repeating))
	roundTrip(t, "ending", []byte(ending))
}

func roundTrip(t *testing.T, name string, src []byte) {
	t.Helper()
	want, err := Decode(name, src, Options{Scenario: repeated})
	if err != nil {
		t.Fatal(err)
	}
	out, err := Encode(want)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	got, err := Decode(name, out, Options{Scenario: repeated})
	if err != nil {
		t.Errorf("%s does not decode any more:\n%v\n%s", name, err, out)
		return
	}
	if !same(*want, *got) {
		t.Errorf("%s reads back as another file:\n%s", name, out)
	}
}

func TestDataThatIsNotTextIsRefused(t *testing.T) {
	f := mustDecode(t, processWith("- socket: a\n- {send: a, data: x}"))
	f.Base.Client.Processes[0].Steps[1].Data = []byte{0xff}
	if _, err := Encode(f); err == nil {
		t.Error("encoded")
	}
}

// FuzzEncode: whatever decodes can be written and reads back the same.
func FuzzEncode(f *testing.F) {
	f.Add([]byte(readFile(f, "every-verb.yaml")))
	f.Add([]byte(inheriting))
	f.Add([]byte(repeating))
	f.Add([]byte(ending))
	f.Fuzz(func(t *testing.T, src []byte) {
		if _, err := Decode("x.yaml", src, Options{Scenario: repeated}); err == nil {
			roundTrip(t, "x.yaml", src)
		}
	})
}

// A scenario of the package's tests is valid as it is, and invalid once a step
// of it is not: Check says the same as Decode of what is written, without a
// place.
func TestCheckSaysWhatDecodeSaysOfTheFile(t *testing.T) {
	for _, r := range []struct {
		change func(c *model.Case)
		want   string
	}{
		{func(*model.Case) {}, ""},
		{func(c *model.Case) { c.Client.Processes[0].Steps[1].Socket = "nothing" }, `x.yaml: no step before this one creates socket "nothing"; sockets so far: c`},
		{func(c *model.Case) { c.Client.Processes[0].Steps[1].Flags = stack.MsgPeek }, `x.yaml: "flags" is an argument of send, recv, inject, not of connect, which takes address, nonblock, timeout, label, expect`},
		{func(c *model.Case) { c.Network[0].Duration = -1 }, `x.yaml: "sleep" must be a duration such as 500ms, 20s or 1m30s; found "-1ns"; it must not be negative`},
		{func(c *model.Case) { c.Seed, c.IP = 3, 5 }, `x.yaml: "ip" must be 4 or 6; found the number 5`},
		{func(c *model.Case) { c.Client.Processes[0].Steps[2].Data = []byte{0xff} }, "bytes that are not UTF-8"},
	} {
		f := mustDecode(t, readFile(t, "unread-data.yaml"))
		r.change(&f.Base)
		err := Check(f, Options{})
		switch {
		case r.want == "":
			if err != nil {
				t.Error(err)
			}
		case err == nil || !strings.Contains(err.Error(), r.want):
			t.Errorf("got %v\nwant %s", err, r.want)
		}
	}
}
