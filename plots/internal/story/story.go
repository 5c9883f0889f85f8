package story

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
)

// Window is the part of a trace that is told. The zero value is all of it.
type Window struct {
	From, To time.Duration // To of zero is the end
	// Arrows is how many arrows may be told one by one; beyond, stretches of
	// plain transfer are told in one block each. Zero is 160.
	Arrows int
}

// Story is a trace as a picture tells it.
type Story struct {
	Trace   *trace.Trace
	Title   string
	Caption string
	Headers [2]string
	From    time.Duration
	To      time.Duration
	Before  [2][]Endpoint // who was alive when the window opens
	Arrows  []Arrow
	States  []State
	Timers  []Timer
	Remarks []Remark
	Bulks   []Bulk
	Moments []Moment
	Trip    time.Duration // the median one-way trip
	Ended   string        // why the run was ended, else empty
}

// Endpoint is one endpoint of a host and its state.
type Endpoint struct {
	ID    int
	State stack.State
	// Served is set of a listener once its host has had a connection beside
	// it. From then on the connections tell the story: a listener that came to
	// light after a connection's end would look like a state of it.
	Served bool
}

// MomentKind is the kind of a Moment, and says into which slice its Index
// points.
type MomentKind uint8

// The kinds of moments.
const (
	Sends      MomentKind = iota // Arrows; Part is the position in Segments
	Arrives                      // Arrows
	Vanishes                     // Arrows: where a segment would have arrived that did not
	Changes                      // States
	Fires                        // Timers
	Says                         // Remarks
	BulkBegins                   // Bulks
	BulkEnds                     // Bulks
)

// Moment is one row of the story.
type Moment struct {
	At    time.Duration
	Kind  MomentKind
	Index int
	Part  int
	Side  trace.Side // of the host where it happens
	event int        // into Trace.Events, -1 for what is no event
	id    int
}

// Timer is a timer that fired, from when it was set.
type Timer struct {
	Index  int // into Trace.Timers
	Host   trace.Side
	Name   string
	From   time.Duration
	To     time.Duration
	Start  int  // the moment when it was set, -1 when that is not told
	Merged bool // a state's cause names it
	start  int
}

// Label is the timer's name and how long it ran.
func (t *Timer) Label() string {
	if t.To <= t.From {
		return t.Name
	}
	return t.Name + ": " + Span(t.To-t.From)
}

// Remark is something worth a line beside a lifeline that is no change of
// state: what was done to a host, or an error that a call returned.
type Remark struct {
	Host   trace.Side
	Parts  []Part
	Port   string // that tells the connection from others, else empty
	Strong bool
	flow   flowKey
}

// Part is one line of a remark, and how often it came.
type Part struct {
	Text  string
	Times int
}

// Lines are the lines of a remark.
func (r *Remark) Lines() []string {
	var lines []string
	for _, p := range r.Parts {
		lines = append(lines, times(p.Text, p.Times))
	}
	if r.Port != "" {
		lines = append(lines, "port "+r.Port)
	}
	return lines
}

// Text is a remark in one line.
func (r *Remark) Text() string { return strings.Join(r.Lines(), ", ") }

// times says how often something came, if more than once.
func times(text string, n int) string {
	if n > 1 {
		return fmt.Sprintf("%s (%dx)", text, n)
	}
	return text
}

// Of reads a trace.
func Of(t *trace.Trace, w Window) *Story {
	if w.Arrows == 0 {
		w.Arrows = 160
	}
	s := &Story{Trace: t, From: w.From, To: w.To, Title: title(t), Caption: caption(t), Headers: headers(t)}
	if s.To == 0 {
		s.To = max(t.End, w.From)
	}
	if t.Stopped != "" && s.To >= t.End {
		s.Ended = "the run was ended at " + Clock(t.End)
		if !strings.HasPrefix(t.Stopped, "until ") { // that instant, once more
			s.Ended += ": " + ASCII(t.Stopped)
		}
	}
	r := newReader(s, w)
	r.survey()
	r.read()
	r.finish()
	return s
}

func title(t *trace.Trace) string {
	switch {
	case t.Title != "":
		return ASCII(t.Title)
	case t.Scenario != "":
		return ASCII(t.Scenario)
	}
	return "tcpsim run"
}

// headers names the lifelines, with the port where there is only one.
func headers(t *trace.Trace) (h [2]string) {
	for side := range h {
		h[side] = ASCII(t.Host(trace.Side(side)).Name)
		if h[side] == "" {
			h[side] = trace.Side(side).String()
		}
		addr := t.Host(trace.Side(side)).Addr
		if !addr.IsValid() {
			continue
		}
		if ports(t, trace.Side(side)) == 1 {
			h[side] += " " + t.Conns[0].At(trace.Side(side)).Addr.String()
		} else {
			h[side] += " " + addr.String()
		}
	}
	return h
}

// finish gives moments their arrows and finds the start of each timer.
func (r *reader) finish() {
	s := r.Story
	r.group()
	r.gather()
	r.settle()
	place := make(map[int]int, len(s.Moments))
	for i, m := range s.Moments {
		place[m.id] = i
	}
	for i := range s.Timers {
		t := &s.Timers[i]
		t.Start = -1
		if p, ok := place[t.start]; ok && t.start >= 0 {
			t.Start = p
		}
	}
}
