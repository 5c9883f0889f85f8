package story

import (
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// hold finds the closes that closed nothing, because another descriptor of the
// socket was left: a later call of the host on the connection shows it. What
// they do not send is what a reader looks for.
func (r *reader) hold() {
	t := r.Trace
	closed := func(i int) bool {
		c := &t.Calls[i]
		return c.Op == trace.OpClose && c.Errno == stack.OK && c.Conn >= 0
	}
	last := map[flowKey]int{}
	for i := range t.Calls {
		if c := &t.Calls[i]; c.Conn >= 0 {
			last[flowKey{c.Host, c.Conn}] = i
		}
	}
	effect := map[int]bool{}
	for i := range t.Transitions {
		if by := t.Transitions[i].Trigger; by.Kind == trace.ByCall {
			effect[by.Index] = true
		}
	}
	for i := range t.Calls {
		c := &t.Calls[i]
		if closed(i) && !effect[i] && i < last[flowKey{c.Host, c.Conn}] {
			r.held[i] = true
		}
	}
}

// aside words a call that is worth a line though it neither fails nor changes
// anything on the wire; it gives nothing for others.
func (r *reader) aside(call int) string {
	switch c := &r.Trace.Calls[call]; {
	case c.Op == trace.OpFork && c.Errno == stack.OK:
		return "fork()"
	case r.held[call]:
		return "close(): not last"
	}
	return ""
}
