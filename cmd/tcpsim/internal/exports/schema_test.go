package exports_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
	"github.com/tcpsim/tcpsim/sim/trace/pcap"
)

// TestEveryLineConformsToTheSchema checks every line of saved traces with the
// schema that tcpsim schema trace prints.
func TestEveryLineConformsToTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(jsonl.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("trace.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("trace.json")
	if err != nil {
		t.Fatal(err)
	}
	list := sample(t, 10)
	if *all { // a trace has no vantage point
		list = slices.DeleteFunc(list, func(e export) bool { return e.vantage != pcap.Wire })
	}
	inParallel(t, list, func(e export, tr *trace.Trace) error {
		var file bytes.Buffer
		if err := jsonl.Write(&file, tr); err != nil {
			return err
		}
		n := 0
		for line := range bytes.Lines(file.Bytes()) {
			n++
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
			if err != nil {
				return err
			}
			if err := schema.Validate(v); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
		}
		return nil
	})
}
