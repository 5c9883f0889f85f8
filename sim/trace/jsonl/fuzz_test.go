package jsonl_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
)

// Whatever the file holds: no panic, an error with the file's name, or a trace
// that can be written and read again; and what Read accepts, the schema does.
func FuzzRead(f *testing.F) {
	f.Add(head + aCall + aSent + aNote + aTime + aMove + aBack + tail)
	f.Add(strings.Replace(head, `"2.0"`, `"2.7"`, 1) + tail)
	f.Add(head + aSent + `{"type":"lost","at":5,"segment":1,"rule":"x"}` + "\n" + tail)
	f.Add(string(write(f, full())))
	f.Add("")
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, file string) {
		tr, err := jsonl.Read(strings.NewReader(file), "x.jsonl")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x.jsonl:") {
				t.Errorf("no file in %q", err)
			}
			return
		}
		if err := conforms(schema, []byte(file)); err != nil && strings.Contains(file, `"2.0"`) {
			t.Errorf("Read accepts what the schema refuses: %v", err)
		}
		again, err := jsonl.Read(bytes.NewReader(write(t, tr)), "again.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(tr, again) {
			t.Errorf("(-first +again):\n%s", cmp.Diff(tr, again, byValue))
		}
	})
}
