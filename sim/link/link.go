package link

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Config describes a link. The zero value is an ideal cable: no latency, no
// loss.
type Config struct {
	From      [2]Direction // by the side that sends
	Drop      []Rule       // rules that drop, as ParseRule reads them
	Rules     []Rule       // applied in order, after Drop
	Middlebox Middlebox

	// Judge, when it is set, has the last word on every segment that a host
	// sends: it is given the segment and the verdict of everything else, and
	// gives its own. What it is given is a copy that nobody changes, and may be
	// kept; the bytes that Seg points to must not be written. A run is as
	// deterministic as Judge is, and runs at once call it at once.
	Judge func(Offered, Verdict) Verdict
}

// Symmetric is a link with the same latency and loss in both directions.
func Symmetric(latency time.Duration, loss float64) Config {
	d := Direction{Latency: latency, Loss: loss}
	return Config{From: [2]Direction{d, d}}
}

// String describes the link in one line, for captions.
func (c *Config) String() string {
	a, b := c.From[trace.Client].String(), c.From[trace.Server].String()
	parts := []string{a}
	if a != b {
		parts = []string{"from client " + a, "from server " + b}
	}
	for _, r := range c.Drop {
		parts = append(parts, "drop "+r.String())
	}
	for i := range c.Rules {
		parts = append(parts, c.Rules[i].label())
	}
	if c.Middlebox.Name != "" {
		parts = append(parts, "middlebox "+c.Middlebox.Name)
	}
	return strings.Join(parts, ", ")
}

// Verdict is what becomes of a segment.
type Verdict struct {
	Lost   bool
	Rule   string          // what lost it
	Delay  time.Duration   // until it arrives
	Reach  time.Duration   // until it gets to the middlebox, or to the middle of a link that has none
	Unseen bool            // it is lost before it gets there
	Done   []string        // what else was done to it, by the names of the rules
	Copies []time.Duration // that follow it, each so much later
	Flaws  []Flaw          // what is changed in it and in its copies
	Hold   string          // the label that it waits for
	Forged []Forged
	TooBig int // it is lost because it exceeds this MTU, and the router says so
}

// Forged is a segment that a rule or a middlebox makes up.
type Forged struct {
	To       trace.Side
	By       string
	Flags    wire.Flags
	Seq, Ack uint32 // absolute
}

func (v *Verdict) lose(rule string) {
	if !v.Lost {
		v.Lost, v.Rule = true, rule
	}
}

// forge makes up the segments of f for the connection of o.
func (v *Verdict) forge(f Forge, o *Offered, by string) {
	flags := f.Flags
	if flags == 0 {
		flags = wire.RST
	}
	if f.ToReceiver {
		v.Forged = append(v.Forged, Forged{To: o.From.Peer(), By: by, Flags: flags, Seq: o.Seg.Seq, Ack: o.Seg.Ack})
	}
	if f.ToSender {
		back := Forged{To: o.From, By: by, Flags: flags, Seq: o.Seg.Ack, Ack: o.Seg.End()}
		if !o.Seg.Flags.Has(wire.ACK) {
			back.Flags |= wire.ACK // nothing to take a sequence number from
		}
		v.Forged = append(v.Forged, back)
	}
}

// Link is a cable in use. It is not safe for concurrent use.
type Link struct {
	config Config
	rules  []active
	added  int // how many rules were ever added
	ways   [2]way
	cut    [2]bool // by the host whose interface is down
	table  map[wire.Tuple]session
	stream func(name string) *rand.PCG
}

// active is a rule in force.
type active struct {
	Rule
	id     int
	seen   int
	random *rand.Rand // made when it is first needed
}

// New makes a link. stream gives the random numbers of one fault by its name:
// each has a stream of its own, so that turning one on moves no other's draws.
func New(c Config, stream func(name string) *rand.PCG) *Link {
	l := &Link{config: c, table: make(map[wire.Tuple]session), stream: stream}
	for side := range l.ways {
		l.ways[side] = way{d: &l.config.From[side], side: trace.Side(side).String(), source: stream}
	}
	for _, rules := range [][]Rule{c.Drop, c.Rules} {
		for _, r := range rules {
			l.Add(r)
		}
	}
	return l
}

// Add puts a rule in force, and gives what Remove takes. It counts from then on.
func (l *Link) Add(r Rule) (id int) {
	l.added++
	l.rules = append(l.rules, active{Rule: r, id: l.added})
	return l.added
}

// Remove ends one rule. It gives the rule, and reports whether that was still in
// force.
func (l *Link) Remove(id int) (r Rule, was bool) {
	i := slices.IndexFunc(l.rules, func(a active) bool { return a.id == id })
	if i < 0 {
		return Rule{}, false
	}
	r = l.rules[i].Rule
	l.rules = slices.Delete(l.rules, i, i+1)
	return r, true
}

// RemoveNamed ends the rules of that name or text, or all when text is "all",
// and gives them.
func (l *Link) RemoveNamed(text string) (removed []Rule) {
	l.rules = slices.DeleteFunc(l.rules, func(a active) bool {
		ends := text == "all" || a.String() == text || a.Name != "" && a.Name == text
		if ends {
			removed = append(removed, a.Rule)
		}
		return ends
	})
	return removed
}

// Unplug takes the interface of side down. A segment is lost when either
// interface is down as it is sent.
func (l *Link) Unplug(side trace.Side) { l.cut[side] = true }

// Plug brings the interface of side up again.
func (l *Link) Plug(side trace.Side) { l.cut[side] = false }

// Cut reports whether the interface of side is down.
func (l *Link) Cut(side trace.Side) bool { return l.cut[side] }

// Latency is the time that a segment from that side is under way when nothing
// delays it.
func (l *Link) Latency(from trace.Side) time.Duration { return l.config.From[from].Latency }

// Offer gives the verdict on a segment that is sent now. Rules come first, in
// order, and every one that matches acts, until one loses the segment; then
// what the direction does to all segments; then the middlebox.
//
// Where that happens on the link matters to a capture in the middle: what the
// direction does to all, and copies and damage that rules do, comes before the
// middlebox; what rules drop, delay, hold and forge is dropped, delayed, held
// and forged at the middlebox.
func (l *Link) Offer(o *Offered) (v Verdict) {
	l.offer(o, &v)
	if l.config.Judge != nil {
		given := *o
		seg := *o.Seg
		given.Seg = &seg
		v = l.config.Judge(given, v)
	}
	return v
}

func (l *Link) offer(o *Offered, v *Verdict) {
	way := &l.ways[o.From]
	luck := way.draw()
	v.Reach = l.toMiddle(o.From, luck.delay)
	for _, side := range [...]trace.Side{o.From, o.From.Peer()} {
		if l.cut[side] {
			v.lose("cable of " + side.String() + " unplugged")
			v.Unseen = side == o.From
			return
		}
	}
	for i := range l.rules {
		r := &l.rules[i]
		if !r.matches(o) {
			continue
		}
		r.seen++
		if !v.Lost && (r.Nth == 0 || r.seen == r.Nth) {
			l.apply(r, o, v)
		}
	}
	if v.Lost {
		return
	}
	travel := way.offer(o, &luck, v)
	if v.Lost {
		v.Unseen = true
		return
	}
	v.Delay += travel
	v.Reach = l.toMiddle(o.From, travel)
	l.config.Middlebox.pass(l.table, o, o.At+v.Reach, v)
}

// toMiddle is how much of the time that a segment is under way it takes to the
// middlebox.
func (l *Link) toMiddle(from trace.Side, travel time.Duration) time.Duration {
	share := l.config.Middlebox.share()
	if from == trace.Server {
		share = 1 - share
	}
	return time.Duration(float64(travel) * share)
}

// FromMiddle is how long a segment that begins at the middlebox, or in the
// middle of a link that has none, in the name of that side, is under way to
// the other.
func (l *Link) FromMiddle(from trace.Side) time.Duration {
	travel := l.Latency(from)
	return travel - l.toMiddle(from, travel)
}

func (l *Link) apply(r *active, o *Offered, v *Verdict) {
	switch r.Act {
	case ActDrop:
		v.lose(r.label())
	case ActDelay:
		v.Delay += r.Delay
		v.Done = append(v.Done, r.label()+" by "+r.Delay.String())
	case ActDuplicate:
		v.Copies = append(v.Copies, r.Delay)
		v.Done = append(v.Done, r.label())
	case ActCorrupt:
		if r.random == nil {
			r.random = rand.New(l.stream("link/rule/" + r.label()))
		}
		v.Flaws = append(v.Flaws, Flaw{r.Field, r.random.Uint64()})
		v.Done = append(v.Done, r.label())
	case ActHold:
		v.Hold = r.Label
		v.Done = append(v.Done, r.label()+" until "+r.Label)
	case ActForge:
		v.forge(r.Forge, o, r.forger())
		v.Done = append(v.Done, r.label())
	case ActDropAndForge:
		v.forge(r.Forge, o, r.forger())
		v.lose(r.label())
	}
}

// forger is whom a forged segment is said to come from.
func (r *Rule) forger() string {
	if r.Name != "" {
		return r.Name
	}
	return "rule " + r.String()
}
