package layout

import (
	"time"

	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// The sequence graph's measures.
const (
	panelFull = 220 * PointUnit // a direction that carries data
	panelBare = 64 * PointUnit  // one that carries none
	panelGap  = 30 * PointUnit
	panelPad  = 10 * PointUnit // between the frame and the lowest number
	panelHead = 20 * PointUnit // above the highest: for the words on it
	timeBreak = 20 * PointUnit
	// Breaks are made wider as long as a trip is longer than tripWide.
	timeBreakWide = 120 * PointUnit
	tripWide      = 90 * PointUnit
	ribbonHeight  = 9 * PointUnit
	// detailed is how many segments are drawn one by one; more are drawn as
	// what they cover.
	detailed = 1500
)

// sequence is a sequence graph that is being laid out.
type sequence struct {
	canvas
	*story.Story
	options Options
	width   Unit
	left    Unit // of the plots
	right   Unit
	times   *TimeMap
	shifts  story.Shifts
	taken   map[Unit][]Quad // labels and glyphs, by stripe
	later   []func()        // labels that wait until the glyphs stand
	panels  [2]panel
	y       Unit
	frame   int // the group of axes
	rest    int // the group of what is summed up, -1 when nothing is
	strip   []string
	many    bool // segments, so that the picture sums up
}

// Sequence lays out a time-sequence graph: both directions above each other,
// beneath them a ribbon with the states of each host.
func Sequence(s *story.Story, o Options) *Picture {
	if o.Width == 0 {
		o.Width = DefaultWidth
	}
	q := &sequence{Story: s, options: o, width: Pt(o.Width), shifts: s.Shifts(), rest: -1, taken: make(map[Unit][]Quad)}
	q.many = q.tooMany()
	q.frame = q.group(Group{Kind: Frame})
	q.y = q.heading(s, o, q.width, q.frame) + 6*PointUnit
	q.scales()
	q.legend()
	q.place()
	q.axes()
	if q.many {
		q.summary()
	} else {
		q.segments()
	}
	q.breaks()
	q.rules()
	q.ribbons()
	q.timeAxis()
	q.causes()
	for _, f := range q.later {
		f()
	}
	p := q.picture(q.width, whole(q.y+edge))
	p.Title = chooseTitle(s, o)
	p.Description = append(describe(s, p.Title), vantage[o.View])
	return p
}

var vantage = [...]string{
	FromSender:   "data at the sender's clock, ACKs on arrival",
	FromReceiver: "data on arrival, ACKs at the receiver's clock",
	FromClient:   "as seen at the client",
	FromServer:   "as seen at the server",
}

// inside reports whether a segment is in the window.
func (q *sequence) inside(s *trace.Segment) bool { return s.SentAt >= q.From && s.SentAt <= q.To }

// tooMany reports whether there are more segments than are drawn one by one.
func (q *sequence) tooMany() bool {
	n := 0
	for i := range q.Trace.Segments {
		if q.inside(&q.Trace.Segments[i]) {
			n++
		}
	}
	return n > detailed
}

// seenAt is when the vantage sees a segment: that of the data's sender for
// data of one direction and for the ACKs that it gets.
func (q *sequence) seenAt(s *trace.Segment, sender trace.Side) time.Duration {
	var at trace.Side
	switch q.options.View {
	case FromReceiver:
		at = sender.Peer()
	case FromClient:
		at = trace.Client
	case FromServer:
		at = trace.Server
	default:
		at = sender
	}
	if s.From == at && s.Injected == "" {
		return s.SentAt
	}
	if s.Arrived {
		return s.ReceivedAt
	}
	return min(s.SentAt+q.Trip, max(q.To, s.SentAt))
}

func (q *sequence) x(at time.Duration) Unit { return q.left + q.times.Place(at) }

// scales finds the range of each direction's numbers and the map of time.
func (q *sequence) scales() {
	for side := range q.panels {
		q.panels[side].from = trace.Side(side)
		q.panels[side].low = -1
	}
	for i := range q.Trace.Segments {
		s := &q.Trace.Segments[i]
		if !q.inside(s) {
			continue
		}
		p := &q.panels[s.From]
		if story.KindOf(s) != story.Rst { // their numbers may be anything
			p.extend(int64(s.Seq), int64(s.Seq)+int64(s.Len))
			p.data = p.data || s.Len > 0
		}
	}
	widest := Width("0", Sans, sizeText)
	for side := range q.panels {
		p := &q.panels[side]
		p.round()
		for _, v := range p.ticks() {
			widest = max(widest, Width(number(v), Sans, sizeText))
		}
	}
	q.left = edge + slack(widest) + 10*PointUnit
	q.right = q.width - edge - 26*PointUnit
	scale := ladderScale(q.Story)
	q.times = scale.Map(q.instants())
	q.times.Stretch(q.right-q.left, q.gap())
}

// gap is how wide a break of the axis is. Where little happens between long
// waits, they get the room that would only draw a trip out.
func (q *sequence) gap() Unit {
	width, n := q.right-q.left, Unit(len(q.times.Breaks))
	if n == 0 {
		return 0
	}
	scaled := q.times.scaled() * tripWide / tripSize
	return max(min(timeBreak, width/2/n), min(timeBreakWide, (width-scaled)/n))
}

// instants lists when anything happens, without what a block of the ladder
// leaves out: here every segment has its place.
func (q *sequence) instants() []Instant {
	var list []Instant
	flying := 0
	add := func(at time.Duration) {
		at = at.Round(time.Microsecond)
		if n := len(list); n > 0 && list[n-1].At >= at {
			return
		}
		list = append(list, Instant{At: at, Flying: flying > 0})
	}
	for _, e := range q.Trace.Events {
		if e.At < q.From || e.At > q.To {
			continue
		}
		switch e.Kind {
		case trace.Sent:
			add(e.At)
			flying++
		case trace.Received:
			add(e.At)
			flying = max(0, flying-1)
		case trace.Lost:
			add(e.At)
			flying = max(0, flying-1)
		case trace.Changed, trace.Fired, trace.Noted:
			add(e.At)
		}
	}
	// Where lost segments would have arrived belongs to the picture too.
	if n := len(list); n > 0 {
		list = append(list, Instant{At: list[n-1].At + q.Trip})
	}
	q.words(list)
	return list
}

// words says what the long gaps wait for.
func (q *sequence) words(list []Instant) {
	next := 0
	for i := 1; i < len(list); i++ {
		for next < len(q.Moments) && q.Moments[next].At < list[i].At {
			next++
		}
		if gap := list[i].At - list[i-1].At; gap > 2*q.Trip {
			if next < len(q.Moments) && q.Moments[next].At == list[i].At {
				list[i].Wait = q.Wait(next)
			} else {
				list[i].Wait = "idle: " + story.Span(gap)
			}
		}
	}
}
