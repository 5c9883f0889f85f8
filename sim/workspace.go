package sim

import (
	"sync"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// workspace is where a run records. A trace that grows where it is to stay
// costs two to four times its own size of memory, so it is recorded where there
// is room from earlier runs, and copied once, when its size is known.
type workspace struct {
	events   []trace.Event
	segments []trace.Segment
	calls    []trace.Call
}

// workspaces are empty, but for the room. Runs learn nothing of each other
// through them.
var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// open gives a trace the room of a workspace.
func (w *workspace) open(t *trace.Trace) {
	t.Events, t.Segments, t.Calls = w.events, w.segments, w.calls
}

// close moves what was recorded to where it stays, and gives the room back.
// Nobody else may keep a pointer to it.
func (w *workspace) close(t *trace.Trace) {
	t.Events, w.events = move(t.Events)
	t.Segments, w.segments = move(t.Segments)
	t.Calls, w.calls = move(t.Calls)
	workspaces.Put(w)
}

// move copies the elements, and returns the copy and the room that they took.
func move[T any](s []T) (copied, room []T) {
	copied = append([]T(nil), s...)
	clear(s)
	return copied, s[:0]
}
