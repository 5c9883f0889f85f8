// Package layout turns the story of a trace into positioned marks: lines,
// areas and texts with their places, in whole numbers, without drawing
// anything. Renderers draw a [Picture] mark by mark and decide nothing.
//
// Lengths are in 1/64 of a point, times in nanoseconds, and y grows downwards.
// Whole numbers make a picture the same on every processor; they become
// floating point in the renderer, once, at the end.
//
//	p := layout.Ladder(story.Of(t, story.Window{}), layout.Options{})
//	for _, m := range p.Marks { ... }
//
// A ladder's rows are the story's moments. Each row gets a height from a few
// rules of the form "row b stands at least c below row a": the scale of time,
// the slope of each line, the order of events, and for every two labels that
// would touch, what it takes to part them.
package layout
