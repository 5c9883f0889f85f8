package jsonl

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of one line. What no schema of a
// line can say is the order of the lines and that references point somewhere:
// Read checks both.
func Schema() []byte { return slices.Clone(schema) }
