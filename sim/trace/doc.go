// Package trace is the record of one run: what was sent, received and lost,
// which calls the processes made and what they got, every change of state,
// every timer that did something, and why each RST was sent.
//
// The engine writes a [Trace] while it runs. Everything that shows a run reads
// it and knows nothing of the engine: the text form ([Trace.WriteText]), JSON
// Lines (package jsonl), the check of a scenario's expectations, pictures.
//
// [Trace.Events] is the run in order. Each event points into one of the other
// slices: a segment appears there when it is sent and again when it is
// received or lost, a call when it begins and when it returns.
package trace
