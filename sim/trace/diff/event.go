package diff

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// event is what happened, in words that are the same in two runs where the same
// happened.
type event struct {
	at      time.Duration
	text    string
	segment int // its number, which depends on what else there is
	payload string
}

func (e *event) same(f *event, times bool) bool {
	return e.text == f.text && e.payload == f.payload && (!times || e.at == f.at)
}

func (e *event) line(side int) Line {
	l := Line{Text: e.text}
	l.In[side], l.At[side], l.Segment[side] = true, e.at, e.segment
	return l
}

// reader reads the events of a trace.
type reader struct {
	t     *trace.Trace
	bare  bool // only what hosts send
	names *strings.Replacer
	out   [len(lanes)][]event
}

const link = len(lanes) - 1

func read(t *trace.Trace, bare bool) [len(lanes)][]event {
	r := reader{t: t, names: replacer(t), bare: bare}
	for _, e := range t.Events {
		if !bare || e.Kind == trace.Sent {
			r.event(e)
		}
	}
	if bare {
		return r.out
	}
	for i := range t.Processes {
		r.process(&t.Processes[i])
	}
	if t.Stopped != "" {
		r.add(link, event{at: t.End, text: "the run is ended: " + t.Stopped})
	}
	return r.out
}

func (r *reader) add(lane int, e event) {
	e.text = r.names.Replace(e.text)
	r.out[lane] = append(r.out[lane], e)
}

// event notes what happened. That a segment is lost is told where it is sent,
// so that it stands among what led to it and what comes of it.
func (r *reader) event(e trace.Event) {
	t := r.t
	switch e.Kind {
	case trace.Sent:
		s := &t.Segments[e.Index]
		lane := int(s.From)
		if s.Injected != "" || s.CopyOf != 0 {
			lane = link // the host does not know of it
		}
		what := ""
		if s.Lost != "" && !r.bare {
			what = " is lost: " + s.Lost
		}
		r.segment(lane, e.At, s, what)
	case trace.Received:
		s := &t.Segments[e.Index]
		what := " arrives"
		if len(s.Damaged) > 0 {
			what += " damaged"
		}
		r.segment(int(s.To), e.At, s, what)
	case trace.CallBegin:
		if c := &t.Calls[e.Index]; !immediate(c) {
			r.add(int(c.Host), event{at: e.At, text: r.who(c.Process) + c.Begun() + " ..."})
		}
	case trace.CallEnd:
		c := &t.Calls[e.Index]
		r.add(int(c.Host), event{at: e.At, text: r.who(c.Process) + c.String(), payload: string(c.Moved())})
	case trace.Changed:
		c := &t.Transitions[e.Index]
		text := fmt.Sprintf("%s > %s", c.From, c.To)
		if c.Unread > 0 {
			text += fmt.Sprintf(", %d bytes unread", c.Unread)
		}
		r.add(int(c.Host), event{at: e.At, text: text + r.conn(c.Conn)})
	case trace.Fired:
		f := &t.Timers[e.Index]
		r.add(int(f.Host), event{at: e.At, text: "timer: " + f.Name + r.conn(f.Conn)})
	case trace.Noted:
		n := &t.Notes[e.Index]
		r.add(int(n.Host), event{at: e.At, text: "* " + n.Text})
	}
}

// immediate reports that a call returned at once, so that it is one event.
func immediate(c *trace.Call) bool { return c.Returned && c.Begin == c.End && !c.Blocked }

func (r *reader) segment(lane int, at time.Duration, s *trace.Segment, what string) {
	_, summary, _ := strings.Cut(s.Summary(), " ") // without its number
	if s.CopyOf != 0 {
		summary, _, _ = strings.Cut(summary, " (copy of")
		summary += " (copy made by the link)"
	}
	if s.Cause != nil && !r.bare && s.From == trace.Side(lane) {
		summary += " because of " + s.Cause.Label()
	}
	r.add(lane, event{
		at: at, segment: s.Number, payload: string(s.Payload()),
		text: arrows[s.From] + " " + summary + what + r.conn(s.Conn),
	})
}

var arrows = [2]string{trace.Client: "C > S", trace.Server: "C < S"}

func (r *reader) process(p *trace.Process) {
	e := event{at: r.t.End, text: p.Name + " is running at the end"}
	switch {
	case strings.HasPrefix(p.Signal, "SIG"):
		e = event{at: p.EndAt, text: p.Name + " is killed by " + p.Signal}
	case p.Signal != "":
		e = event{at: p.EndAt, text: p.Name + " is lost with its host"}
	case p.Ended:
		e = event{at: p.EndAt, text: fmt.Sprintf("%s has exited with status %d", p.Name, p.Status)}
	}
	r.add(int(p.Host), e)
}

// who names the process where a host has several.
func (r *reader) who(process int) string {
	p, n := &r.t.Processes[process], 0
	for i := range r.t.Processes {
		if r.t.Processes[i].Host == p.Host {
			n++
		}
	}
	if n < 2 {
		return ""
	}
	return "[" + p.Name + "] "
}

// conn tells the connections of a run apart.
func (r *reader) conn(i int) string {
	if i < 0 || len(r.t.Conns) < 2 {
		return ""
	}
	return fmt.Sprintf(" [connection %d]", i+1)
}
