package cause

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Situation is what was true when a host sent a RST, just before the event
// that made it do so.
type Situation struct {
	Trigger  trace.TriggerKind
	Injector string // who forged the RST; empty when the host sent it

	// For a RST that a call, the end of a process or a timer brought about.
	Call       trace.Op
	Note       trace.NoteKind // with trace.ByNote: NoteSignal, NoteDestroy
	OnListener bool           // the call was on a listening socket
	Timer      string

	// For a RST that answers a segment.
	Arrived *wire.Segment
	Number  int // of the segment that arrived

	Owner    *Owner // who owned the RST's 4-tuple; nil when nobody did
	Listener *Listener
	Past     *Past // the last endpoint that had owned it; nil when there was none
}

// Owner is the endpoint that owned the RST's 4-tuple.
type Owner struct {
	State    stack.State
	Unread   int // bytes that had arrived and that no recv had taken
	Unsent   int // bytes that send had taken and that were never sent
	Linger   stack.Linger
	Linger2  int  // TCP_LINGER2, in seconds
	Orphan   bool // its process had closed it
	ReadShut bool
	Accepted bool
}

// Listener is the socket that listened on the RST's port.
type Listener struct{ Shut bool }

// Past is what became of an endpoint.
type Past struct {
	Crashed bool // its host lost it with everything else
	How     string
	At      time.Duration
}
