package story

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

func (r *reader) fired(i int, e trace.Event) {
	f := &r.Trace.Timers[e.Index]
	t := Timer{Index: e.Index, Host: f.Host, Name: ASCII(f.Name), From: micro(e.At), To: micro(e.At)}
	from := r.latest
	if f.Name == "2MSL" || f.Name == "FIN_WAIT_2" {
		from = r.entered
	}
	if id, ok := from[flowKey{f.Host, f.Conn}]; ok {
		t.start = id
	}
	// A FIN that comes again starts TIME_WAIT's timer anew (RFC 9293 section 3.10.7.4).
	if id := r.finished[flowKey{f.Host, f.Conn}]; f.Name == "2MSL" && id > t.start {
		t.start = id
	}
	if t.start > 0 {
		t.From = r.atOf(t.start)
	}
	r.Timers = append(r.Timers, t)
	r.timerOf[e.Index] = len(r.Timers) - 1
	r.moment(Moment{At: micro(e.At), Kind: Fires, Index: len(r.Timers) - 1, Side: f.Host, event: i})
}

// ended names a timer that ends a connection by what has run out. There is one
// timer for the next retransmission, for the next probe of a closed window and
// for TCP_USER_TIMEOUT. It was the last if it fires just so long after a segment
// that was sent, and that of the probes if one was sent before.
func (r *reader) ended(t *Timer, tr *trace.Transition, at time.Duration) {
	if t.Name != "RTO" || tr.To != stack.Closed {
		return
	}
	for i := len(r.Moments) - 1; i >= 0; i-- {
		if m := &r.Moments[i]; m.id == t.start && m.Kind == Sends && r.Trace.Segments[m.Index].Probe {
			t.Name = "persist"
		}
	}
	for i := range r.Trace.Calls {
		limit, ok := userTimeoutOf(&r.Trace.Calls[i])
		if !ok || r.Trace.Calls[i].Host != tr.Host {
			continue
		}
		for m := len(r.Moments) - 1; m >= 0 && r.Moments[m].At >= micro(at-limit); m-- {
			// The moments of segments do not point at arrows yet.
			if m := &r.Moments[m]; m.Kind == Sends && m.Side == tr.Host && m.At == micro(at-limit) && r.Trace.Segments[m.Index].Conn == tr.Conn {
				t.Name, t.From, t.start = "user timeout", m.At, m.id
				return
			}
		}
	}
}

// userTimeoutOf reads the call that sets TCP_USER_TIMEOUT, in milliseconds.
func userTimeoutOf(c *trace.Call) (time.Duration, bool) {
	if c.Op != trace.OpSetsockopt || c.Args.Option != "TCP_USER_TIMEOUT" || c.Errno != stack.OK {
		return 0, false
	}
	limit := time.Duration(c.Args.OptVal.Int) * time.Millisecond
	return limit, limit > 0
}
