package sim

import (
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// context is what the engine is doing, and what was true just before it
// began: from it come the triggers of segments and transitions and the causes
// of RSTs.
type context struct {
	host    *Host
	trigger trace.Trigger
	conn    int    // of what is being done, noConn when unknown
	timer   *timer // set until the timer is recorded: one without effect is not

	op       trace.Op // the call that is being made, OpNone for none
	listener bool     // the call is about a listening socket
	owner    *cause.Owner
	past     *cause.Past
	heard    *cause.Listener
	arrived  *wire.Segment
	number   int
}

// scratch is what a context points to. There is one context at a time, and an
// allocation for each is a tenth of a long run.
type scratch struct {
	owner cause.Owner
	past  cause.Past
	heard cause.Listener
	in    wire.Segment // that has arrived
	out   wire.Segment // that is being sent

	event   event // that is executed
	offered link.Offered
}

// noConn is the connection of what has none.
const noConn = -1

// activeConn is the connection of whatever is going on.
func (s *Sim) activeConn() int {
	if s.ctx.host == nil {
		return noConn
	}
	return s.ctx.conn
}

func (s *Sim) ownerOf(e *stack.Endpoint, sock *stack.Socket) *cause.Owner {
	if e == nil {
		return nil
	}
	o := &s.scratch.owner
	*o = cause.Owner{
		State: e.State(), Orphan: e.Orphan(),
		ReadShut: e.ReadShut(), Accepted: e.Accepted(),
	}
	if sock != nil {
		o.Unread, o.Linger, o.Linger2 = e.Unread(), sock.Linger(), sock.Linger2()
		o.Unsent = s.rec.unsent(s.hosts[s.ctx.host.side], e, sock)
	}
	return o
}

// situation is the context as package cause wants it, for a RST of one
// 4-tuple that host h has just sent.
func (s *Sim) situation() *cause.Situation {
	c := &s.ctx
	sit := &cause.Situation{
		Trigger: c.trigger.Kind, Call: c.op, OnListener: c.listener,
		Arrived: c.arrived, Number: c.number,
		Owner: c.owner, Past: c.past, Listener: c.heard,
	}
	if c.trigger.Kind == trace.ByNote {
		sit.Note = s.rec.trace.Notes[c.trigger.Index].Kind
	}
	if c.trigger.Kind == trace.ByTimer && c.timer == nil { // it is recorded by now
		sit.Timer = s.rec.trace.Timers[c.trigger.Index].Name
	}
	return sit
}
