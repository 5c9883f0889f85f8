package story

import (
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// failureKey is what makes failed calls on a closed connection the same to a
// reader: whoever goes on trying gets the same answer for ever.
type failureKey struct {
	flow    flowKey
	process int
	op      trace.Op
	errno   stack.Errno
}

// failure is where such a call is told first, and how often it came.
type failure struct {
	remark int // into Remarks, -1 when a state's cause tells it
	state  int // into States, else
	line   int // of either
	times  int
}

// mostCauses is how many lines say why a connection ended.
const mostCauses = 3

// fail tells a call that returned an error: as the cause of a connection's end
// where it comes with one, as a remark elsewhere. Of the calls on a connection
// that has ended each kind is told once, and counted.
func (r *reader) fail(i int, e trace.Event, c *trace.Call) {
	k := failureKey{flowKey{c.Host, c.Conn}, c.Process, c.Op, c.Errno}
	f := r.failures[k]
	if f != nil {
		f.times++
		return
	}
	f = &failure{remark: -1, times: 1}
	if n, ok := r.ending(e, c); ok {
		s := &r.States[n]
		if s.reset {
			s.Cause, s.reset = s.Cause[:0], false
		}
		f.state, f.line = n, len(s.Cause)
		s.Cause = append(s.Cause, failed(c))
	} else {
		f.remark, f.line = r.say(i, e, Remark{Port: r.port(c.Conn), flow: k.flow}, failed(c))
	}
	if c.Conn >= 0 && r.closed[k.flow] {
		r.failures[k] = f
	}
}

// ending finds the end of a connection that a failed call belongs to: the last
// thing that was told, of the same connection, in the same instant.
func (r *reader) ending(e trace.Event, c *trace.Call) (state int, ok bool) {
	n := len(r.States) - 1
	if n < 0 {
		return 0, false
	}
	s := &r.States[n]
	last := &r.Moments[len(r.Moments)-1]
	tr := &r.Trace.Transitions[s.Index]
	return n, last.Kind == Changes && last.Index == n && last.At == micro(e.At) &&
		s.Host == c.Host && (c.Conn < 0 || tr.Conn < 0 || c.Conn == tr.Conn) &&
		s.To == stack.Closed && !s.Listener && tr.Trigger.Kind != trace.ByCall && len(s.Cause) < mostCauses
}

// settle writes what is known only in the end: how often calls failed, and the
// ports of states, which stand last.
func (r *reader) settle() {
	for _, f := range r.failures {
		if f.remark >= 0 {
			r.Remarks[f.remark].Parts[f.line].Times += f.times - 1
		} else {
			line := &r.States[f.state].Cause[f.line]
			*line = times(*line, f.times)
		}
	}
	for i := range r.States {
		if s := &r.States[i]; s.port != "" {
			s.Cause = withPort(s.Cause, s.port)
		}
	}
}

// shortCause is how long the last line of a cause is at most that has a port
// too: as much as there is room for beside a lifeline.
const shortCause = 20

// withPort adds the port that tells a connection from others, in a line of its
// own if need be.
func withPort(cause []string, port string) []string {
	if n := len(cause) - 1; n >= 0 && len(cause[n])+len(" :")+len(port) <= shortCause {
		cause[n] += " :" + port
		return cause
	}
	return append(cause, "port "+port)
}
