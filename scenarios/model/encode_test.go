package model

import (
	"os"
	"path/filepath"
	"testing"
)

// Everything that a file can say survives: the whole catalogue, the file with
// every verb, and the variants that inherit.
func TestWhatIsEncodedDecodesToTheSameFile(t *testing.T) {
	catalogue, err := filepath.Glob("../catalogue/*.yaml")
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
