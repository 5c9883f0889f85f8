package story

import (
	"fmt"
	"strconv"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// State is a change of state.
type State struct {
	Index    int // into Trace.Transitions
	Host     trace.Side
	Endpoint int
	From, To stack.State
	Listener bool     // the end of a listening endpoint: less than a line of the story
	Cause    []string // lines
	reset    bool     // the first line says only which RST arrived
	port     string   // that tells the connection from others
}

// Name is the state's name.
func (s *State) Name() string { return s.To.String() }

// stateOf words a transition.
func (r *reader) stateOf(i int) State {
	t := &r.Trace.Transitions[i]
	s := State{Index: i, Host: t.Host, Endpoint: t.Endpoint, From: t.From, To: t.To}
	s.Listener = t.From == stack.Listen && t.To == stack.Closed
	switch t.Trigger.Kind {
	case trace.ByCall:
		c := &r.Trace.Calls[t.Trigger.Index]
		text := callName(c)
		if t.Unread > 0 {
			text += fmt.Sprintf(", %d B unread", t.Unread)
		}
		s.Cause = append(s.Cause, text)
	case trace.BySegment:
		seg := &r.Trace.Segments[t.Trigger.Index]
		s.Cause = append(s.Cause, fmt.Sprintf("#%d %s", seg.Number, shortName(seg)))
		s.reset = seg.Flags.Has(wire.RST)
	case trace.ByTimer:
		s.Cause = append(s.Cause, ASCII(r.Trace.Timers[t.Trigger.Index].Name))
	case trace.ByNote:
		n := &r.Trace.Notes[t.Trigger.Index]
		text := n.Kind.String()
		if t.Unread > 0 {
			text += fmt.Sprintf(", %d B unread", t.Unread)
		}
		s.Cause = append(s.Cause, ASCII(text))
	}
	if port := r.port(t.Conn); port != "" {
		s.port = port
	}
	if t.To == stack.Listen && t.Trigger.Kind == trace.ByCall && ports(r.Trace, t.Host) > 1 {
		s.port = r.bound(t.Trigger.Index)
		r.listeners[listener{t.Host, t.Endpoint}] = s.port
	}
	if s.Listener {
		s.port = r.listeners[listener{t.Host, t.Endpoint}]
	}
	return s
}

// callName prints a call without its descriptor: close(), shutdown(SHUT_WR).
func callName(c *trace.Call) string {
	if c.Op == trace.OpShutdown {
		return "shutdown(" + c.Args.How.String() + ")"
	}
	return c.Op.String() + "()"
}

func shortName(s *trace.Segment) string {
	name := [...]string{Ack: "ACK", Data: "data", Syn: "SYN", Fin: "FIN", Rst: "RST"}[KindOf(s)]
	if s.Flags.Has(wire.SYN | wire.ACK) {
		name = "SYN,ACK"
	}
	return name
}

// bound is the port that a call's socket was bound to before, if the trace
// tells.
func (r *reader) bound(call int) string {
	c := &r.Trace.Calls[call]
	for i := call - 1; i >= 0; i-- {
		b := &r.Trace.Calls[i]
		if b.Op == trace.OpBind && b.Process == c.Process && b.FD() == c.FD() && b.Errno == stack.OK {
			return strconv.Itoa(int(b.Args.Addr.Port()))
		}
	}
	return ""
}

// failed words a call that returned an error.
func failed(c *trace.Call) string { return c.Op.String() + "(): " + c.Errno.String() }

// worth reports whether a call's return is worth a line: an error that says
// more than "not yet".
func worth(c *trace.Call) bool {
	switch c.Errno {
	case stack.OK, stack.EINPROGRESS, stack.EALREADY:
		return false
	case stack.EAGAIN:
		return c.Blocked
	}
	return true
}
