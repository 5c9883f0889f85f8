// Package plots draws a recorded trace: as a ladder, the primary picture, or as
// a time-sequence graph; as SVG, PNG, PDF, plain text or Mermaid.
//
// A trace flows through three steps. Package story reads it: arrows, states,
// timers and their names. Package layout turns the story into positioned marks
// in whole numbers. A renderer here draws the marks. The same trace and options
// give the same bytes on every machine.
//
//	var b bytes.Buffer
//	err := plots.Draw(&b, t, plots.Options{Kind: plots.Ladder, Format: plots.SVG})
package plots
