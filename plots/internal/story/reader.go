package story

import (
	"math"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// reader makes a Story. It keeps a few bytes per segment and nothing of what
// is told in a block.
type reader struct {
	*Story
	window    Window
	facts     []fact
	ports     []string        // by which connections are told apart, nil when there is nothing to tell
	latest    map[flowKey]int // the moment of the last segment of a host on a connection
	entered   map[flowKey]int // the moment of the last change of state
	finished  map[flowKey]int // the moment of the last answer to a FIN
	ids       int
	runs      [2][]run    // of the instant that is being read
	timerOf   map[int]int // index into Trace.Timers to index into Timers
	live      [2][]Endpoint
	trips     [2]time.Duration
	pending   [2][]Moment // where segments would have arrived that did not
	closed    map[flowKey]bool
	failures  map[failureKey]*failure
	listeners map[listener]string // their ports
	held      map[int]bool        // calls of close that left a descriptor
}

// listener is a listening endpoint.
type listener struct {
	host     trace.Side
	endpoint int
}

// fact is what is known of a segment before it is told.
type fact struct {
	refused bool
	inside  bool  // sent in the window
	bulk    int32 // 1 plus the index of its block; 0 is none
}

type flowKey struct {
	side trace.Side
	conn int
}

// run is the segments of one key that a side has sent in one instant.
type run struct {
	key      key
	segments []int
}

func newReader(s *Story, w Window) *reader {
	return &reader{
		Story: s, window: w,
		facts:  make([]fact, len(s.Trace.Segments)),
		ports:  tellingPorts(s.Trace),
		latest: map[flowKey]int{}, entered: map[flowKey]int{}, finished: map[flowKey]int{}, timerOf: map[int]int{},
		closed: map[flowKey]bool{}, failures: map[failureKey]*failure{}, listeners: map[listener]string{}, held: map[int]bool{},
	}
}

// within reports whether an event is in the window.
func (r *reader) within(at time.Duration) bool {
	return at >= r.From && (r.window.To == 0 || at <= r.window.To)
}

// survey finds out what has to be known beforehand: which segments the
// receiver refused, how long a trip takes, and what is told in blocks.
func (r *reader) survey() {
	t := r.Trace
	moved := make([]bool, len(t.Segments))
	for i := range t.Transitions {
		if tr := t.Transitions[i].Trigger; tr.Kind == trace.BySegment {
			moved[tr.Index] = true
		}
	}
	var trips [2][]time.Duration
	for i := range t.Segments {
		s := &t.Segments[i]
		if s.Flags.Has(wire.RST) && s.Trigger.Kind == trace.BySegment {
			r.facts[s.Trigger.Index].refused = true
		}
		// A RST that changes nothing was not believed, or came too late.
		if s.Flags.Has(wire.RST) && s.Arrived && !moved[i] {
			r.facts[i].refused = true
		}
		// What the link has damaged fails its checksum.
		if s.Damaged != nil && s.Arrived && !moved[i] {
			r.facts[i].refused = true
		}
		r.facts[i].inside = r.within(s.SentAt)
		if s.Arrived && s.Injected == "" {
			trips[s.From] = append(trips[s.From], s.ReceivedAt-s.SentAt)
		}
	}
	r.Trip = median(slices.Concat(trips[0], trips[1]))
	if len(trips[0])+len(trips[1]) == 0 {
		r.Trip = supposed(t)
	}
	for side := range trips {
		r.trips[side] = r.Trip
		if len(trips[side]) > 0 {
			r.trips[side] = median(trips[side])
		}
	}
	r.chooseBulks()
	r.hold()
}

// supposed is the trip that is drawn where nothing ever arrived: less than any
// wait between two events, and ten milliseconds at most.
func supposed(t *trace.Trace) time.Duration {
	trip := 10 * time.Millisecond
	for i := 1; i < len(t.Events); i++ {
		if gap := micro(t.Events[i].At) - micro(t.Events[i-1].At); gap > 0 {
			trip = min(trip, micro(gap/2))
		}
	}
	return trip
}

func median(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return micro(d[len(d)/2])
}

// moment appends a row.
func (r *reader) moment(m Moment) int {
	r.ids++
	m.id = r.ids
	r.Moments = append(r.Moments, m)
	return m.id
}

// read tells the events one after the other.
func (r *reader) read() {
	t := r.Trace
	opened := false
	bulk := 0
	for i, e := range t.Events {
		if e.Kind == trace.Changed {
			r.track(&t.Transitions[e.Index])
		}
		if !r.within(e.At) && !(e.Kind == trace.Received && r.facts[e.Index].inside) {
			continue
		}
		if !opened {
			opened = true
			r.open(e)
		}
		r.vanish(e)
		for bulk < len(r.Bulks) && i > r.Bulks[bulk].end {
			bulk++
		}
		in := bulk < len(r.Bulks) && i >= r.Bulks[bulk].begin
		if in && i == r.Bulks[bulk].begin {
			r.flush(trace.Client)
			r.flush(trace.Server)
			r.moment(Moment{At: micro(e.At), Kind: BulkBegins, Index: bulk, event: i})
		}
		r.event(i, e, in, bulk)
		if in && i == r.Bulks[bulk].end {
			for side := range r.live {
				r.Bulks[bulk].After[side] = slices.Clone(r.live[side])
			}
			r.moment(Moment{At: micro(e.At), Kind: BulkEnds, Index: bulk, event: i})
		}
	}
	if !opened {
		r.open(trace.Event{})
	}
	r.vanish(trace.Event{At: math.MaxInt64 - time.Hour})
	r.flush(trace.Client)
	r.flush(trace.Server)
}

// open notes who is alive as the window opens. The event is the first inside.
func (r *reader) open(e trace.Event) {
	for side := range r.live {
		r.Before[side] = slices.Clone(r.live[side])
	}
	if e.Kind == trace.Changed { // it has been tracked already
		tr := &r.Trace.Transitions[e.Index]
		b := r.Before[tr.Host]
		b = slices.DeleteFunc(b, func(p Endpoint) bool { return p.ID == tr.Endpoint })
		if tr.From != stack.Closed && r.From > 0 {
			b = append(b, Endpoint{ID: tr.Endpoint, State: tr.From})
		}
		r.Before[tr.Host] = b
	}
}

// track follows which endpoints are alive.
func (r *reader) track(tr *trace.Transition) {
	r.live[tr.Host] = Follow(r.live[tr.Host], tr.Endpoint, tr.To)
	if tr.Conn >= 0 {
		r.closed[flowKey{tr.Host, tr.Conn}] = tr.To == stack.Closed
	}
}

// Follow gives the endpoints that are alive after one has changed.
func Follow(live []Endpoint, id int, to stack.State) []Endpoint {
	i := slices.IndexFunc(live, func(p Endpoint) bool { return p.ID == id })
	switch {
	case to == stack.Closed && i >= 0:
		return slices.Delete(live, i, i+1)
	case to == stack.Closed:
		return live
	case i >= 0:
		live[i].State = to
	default:
		live = append(live, Endpoint{ID: id, State: to})
	}
	if slices.ContainsFunc(live, func(p Endpoint) bool { return synchronized(p.State) }) {
		for i := range live {
			live[i].Served = live[i].Served || live[i].State == stack.Listen
		}
	}
	return live
}

// synchronized reports whether a connection has come about. What ends before,
// in SYN_RECEIVED, leaves a listener in LISTEN (RFC 9293 section 3.5).
func synchronized(s stack.State) bool {
	switch s {
	case stack.Closed, stack.Listen, stack.SynSent, stack.SynReceived:
		return false
	}
	return true
}

func (r *reader) event(i int, e trace.Event, in bool, bulk int) {
	t := r.Trace
	switch e.Kind {
	case trace.Sent:
		if in {
			r.Bulks[bulk].add(&t.Segments[e.Index])
			return
		}
		r.sent(i, e)
	case trace.Received:
		if f := r.facts[e.Index]; f.inside && f.bulk == 0 {
			r.moment(Moment{At: micro(e.At), Kind: Arrives, Index: e.Index, Side: t.Segments[e.Index].From.Peer(), event: i})
		}
	case trace.Changed:
		if in {
			r.Bulks[bulk].States++
			return
		}
		r.changed(i, e)
	case trace.Fired:
		if in {
			r.Bulks[bulk].Timers++
			return
		}
		r.fired(i, e)
	case trace.Noted, trace.CallEnd:
		r.remark(i, e, in, bulk)
	}
}
