package jsonl_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/tcpsim/tcpsim/sim/trace/internal/runs"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
)

func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(jsonl.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	const name = "trace.json"
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// conforms reports the first line that the schema refuses.
func conforms(s *jsonschema.Schema, file []byte) error {
	for line := range bytes.Lines(file) {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			return err
		}
		if err := s.Validate(v); err != nil {
			return err
		}
	}
	return nil
}

func TestEveryLineConformsToTheSchema(t *testing.T) {
	s := compileSchema(t)
	for name, f := range runs.All() {
		if err := conforms(s, write(t, f(t))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := conforms(s, write(t, full())); err != nil {
		t.Error(err)
	}
}

func TestSchemaRefusesWhatReadRefuses(t *testing.T) {
	s := compileSchema(t)
	for _, bad := range []string{
		strings.Replace(aSent, `"at":5,`, ``, 1),
		strings.Replace(aSent, `"at"`, `"when":5,"at"`, 1),
		strings.Replace(aSent, `"sent"`, `"send"`, 1),
		strings.Replace(aSent, `"S"`, `".S"`, 1),
		strings.Replace(aSent, `"S"`, `""`, 1),
		strings.Replace(aSent, `}`, `,"trigger":{}}`, 1),
		strings.Replace(head, `"2.0"`, `"3.0"`, 1),
		strings.Replace(aBack, `}`, `,"errno":"nope"}`, 1),
	} {
		if err := conforms(s, []byte(bad)); err == nil {
			t.Errorf("conforms: %s", bad)
		}
	}
}

// The comment and the schema name every field that the file can have: the
// fields are taken from the trace in which all of them are set.
func TestEveryFieldIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{"type": true}
	for line := range strings.Lines(string(doc)) {
		if rest, ok := strings.CutPrefix(line, "//\t"); ok {
			for _, name := range strings.Fields(strings.ReplaceAll(rest, ",", " ")) {
				documented[name] = true
			}
		}
	}
	var names func(v any)
	names = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				names(e)
			}
		case map[string]any:
			for name, e := range v {
				if !documented[name] {
					t.Errorf("%q is not in doc.go", name)
				}
				names(e)
			}
		}
	}
	for line := range bytes.Lines(write(t, full())) {
		var v any
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		names(v)
	}
}
