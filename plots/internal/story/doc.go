// Package story reads a trace for a picture: which arrows there are, what each
// is called, which states the hosts pass through and why, and in which order
// all of it happens. It knows nothing of paper: no sizes, fonts or colours.
//
// [Of] walks once over the trace's events and gives a [Story], whose Moments
// are the rows of a ladder from top to bottom. The pictures, the plain text
// and the Mermaid diagram are all told from it, so that a segment has one name
// everywhere.
//
//	s := story.Of(t, story.Window{})
//	for _, m := range s.Moments { ... }
package story
