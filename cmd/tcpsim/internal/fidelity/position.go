package fidelity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// positioned is an error at a line of a file.
type positioned struct {
	line int // counted from 1; 0 when it is about the whole file
	err  error
}

// Error names the line.
func (p *positioned) Error() string {
	if p.line == 0 {
		return p.err.Error()
	}
	return fmt.Sprintf("line %d: %s", p.line, p.err)
}

// Unwrap gives what is wrong.
func (p *positioned) Unwrap() error { return p.err }

// inFile puts the name of a file before an error, and the line behind it.
func inFile(name string, err error) error {
	var p *positioned
	if errors.As(err, &p) && p.line > 0 {
		return fmt.Errorf("%s:%d: %w", name, p.line, p.err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// lineOf is the line that an offset lies in.
func lineOf(raw []byte, offset int64) int {
	return 1 + bytes.Count(raw[:min(int(offset), len(raw))], []byte("\n"))
}

// elementLine is the line on which the nth element of a list of the case
// begins, or of the list, or 0: raw has been decoded before, so that nothing
// unexpected is met on the way.
func elementLine(raw []byte, list string, n int) int {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return 0
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return 0
		}
		if key != list {
			var skipped json.RawMessage
			if d.Decode(&skipped) != nil {
				return 0
			}
			continue
		}
		if _, err := d.Token(); err != nil {
			return 0
		}
		var element json.RawMessage
		for range n + 1 {
			if d.Decode(&element) != nil {
				return 0
			}
		}
		return lineOf(raw, d.InputOffset()-int64(len(element)))
	}
	return 0
}
