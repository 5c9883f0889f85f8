package link

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// fault is one thing that the link can do, in the strengths in which it is
// tried, and how to see what it did to a segment.
type fault struct {
	name   string
	levels []func(*Config)
	// sees tells what the fault has done to a segment, or that it cannot be
	// seen because something else has lost it.
	sees func(v *Verdict) (did string, ok bool)
}

func client(c *Config) *Direction { return &c.From[trace.Client] }

// has tells whether something that bears that name was done to a segment that
// is not lost.
func has(name string) func(*Verdict) (string, bool) {
	return func(v *Verdict) (string, bool) {
		for _, done := range v.Done {
			if strings.HasPrefix(done, name) {
				return "yes", !v.Lost
			}
		}
		return "no", !v.Lost
	}
}

// lostBy tells whether a segment was lost in that way: one that was lost in
// another way might have been lost in this way too.
func lostBy(rule string) func(*Verdict) (string, bool) {
	return func(v *Verdict) (string, bool) {
		if strings.HasPrefix(v.Rule, rule) {
			return "lost", true
		}
		return "not lost", !v.Lost
	}
}

func flaw(field Field) func(*Verdict) (string, bool) {
	return func(v *Verdict) (string, bool) {
		for _, f := range v.Flaws {
			if f.Field == field {
				return fmt.Sprint(f.Bit), !v.Lost
			}
		}
		return "none", !v.Lost
	}
}

// independents are the faults that chance decides about.
var independents = []fault{
	{"loss", []func(*Config){
		func(c *Config) { client(c).Loss = 0.3 },
		func(c *Config) { client(c).Loss = 0.1 },
	}, lostBy("loss 1")}, // of the second level
	{"loss in bursts", []func(*Config){
		func(c *Config) { client(c).Burst = GilbertElliott{ToBad: 0.2, ToGood: 0.3, InBad: 0.9, InGood: 0.1} },
		func(c *Config) { client(c).Burst = GilbertElliott{ToBad: 0.1, ToGood: 0.5, InBad: 1} },
	}, lostBy("loss in a burst")},
	{"jitter", []func(*Config){
		func(c *Config) { client(c).Jitter = 9 * time.Millisecond },
		func(c *Config) { client(c).Jitter, client(c).Distribution = 5*time.Millisecond, Normal },
		func(c *Config) {
			client(c).Distribution, client(c).Delays = Recorded, []time.Duration{1e6, 2e6, 3e6, 5e6, 8e6}
		},
	}, func(v *Verdict) (string, bool) { return fmt.Sprint(v.Delay), !v.Lost }},
	{"reordering", []func(*Config){
		func(c *Config) { client(c).Reorder = 0.5 },
		func(c *Config) { client(c).Reorder = 0.2 },
	}, has("reorder")},
	{"duplication", []func(*Config){
		func(c *Config) { client(c).Duplicate = 0.5 },
		func(c *Config) { client(c).Duplicate = 0.2 },
	}, has("duplicate 20%")},
	{"corruption", []func(*Config){
		func(c *Config) { client(c).Corrupt, client(c).Field = 0.5, Payload },
		func(c *Config) { client(c).Corrupt, client(c).Field = 0.2, Window },
	}, flaw(Window)},
	{"rule that corrupts", []func(*Config){
		func(c *Config) {
			c.Rules = append(c.Rules, Rule{Name: "spoil", What: "DATA", Act: ActCorrupt, Field: SeqNum})
		},
		func(c *Config) {
			c.Rules = append(c.Rules, Rule{Name: "spoil", Nth: 7, Act: ActCorrupt, Field: SeqNum})
		},
	}, nil},
}

// others are the faults that no chance decides about: they must leave the
// draws alone as well.
var others = []fault{
	{name: "rate", levels: []func(*Config){
		func(c *Config) { client(c).Rate = 800_000 },
		func(c *Config) { client(c).Rate, client(c).Queue = 600_000, Queue{Packets: 1} },
		func(c *Config) { client(c).Rate, client(c).Queue = 600_000, Queue{Bytes: 200} },
	}},
	{name: "MTU", levels: []func(*Config){func(c *Config) { client(c).MTU = 99 }}},
	{name: "rule that drops", levels: []func(*Config){
		func(c *Config) { c.Drop = append(c.Drop, Rule{What: "ACK"}) },
		func(c *Config) { c.Drop = append(c.Drop, Rule{What: "DATA", Nth: 3}) },
	}},
	{name: "rule that delays", levels: []func(*Config){
		func(c *Config) {
			c.Rules = append(c.Rules, Rule{Name: "late", What: "ACK", Act: ActDelay, Delay: time.Hour})
		},
	}},
	{name: "rule that duplicates", levels: []func(*Config){
		func(c *Config) { c.Rules = append(c.Rules, Rule{Name: "twice", What: "DATA", Act: ActDuplicate}) },
	}},
	{name: "rule that forges", levels: []func(*Config){
		func(c *Config) {
			c.Rules = append(c.Rules, Rule{Name: "answer", What: "DATA", Act: ActDropAndForge, Forge: Forge{ToSender: true}})
		},
	}},
	{name: "middlebox", levels: []func(*Config){
		func(c *Config) { c.Middlebox = Middlebox{Name: "firewall", Stateful: true, Reset: true} },
		func(c *Config) { c.Middlebox = Middlebox{Name: "firewall", At: 0.9, Idle: 5 * time.Millisecond} },
	}},
	{name: "the other direction", levels: []func(*Config){
		func(c *Config) {
			c.From[trace.Server] = Direction{
				Loss: 0.2, Burst: GilbertElliott{0.2, 0.2, 1, 0}, Jitter: 1e6, Reorder: 0.2, Duplicate: 0.2, Corrupt: 0.2,
			}
		},
	}},
}

// traffic offers the same segments to a link: from the client one each
// millisecond, of three kinds, and from the server some in between.
func traffic(c Config, unplugged bool) (all []Verdict) {
	l := newLink(c)
	for i := range 4000 {
		at := time.Duration(i) * time.Millisecond
		if unplugged && i == 1000 {
			l.Unplug(trace.Server)
		}
		if unplugged && i == 1100 {
			l.Plug(trace.Server)
		}
		seg := []*wire.Segment{&data, &ack, &fin, &syn}[i*7%4]
		all = append(all, l.Offer(&Offered{From: trace.Client, Seg: seg, At: at, Size: 97 + i%4}))
		if i%3 == 0 {
			l.Offer(&Offered{From: trace.Server, Seg: seg, At: at, Size: 100})
		}
	}
	return all
}

// lasts is how much longer segments are under way because of the rate alone.
func lasts(c Config) []Verdict {
	d := c.From[trace.Client]
	return traffic(Config{From: [2]Direction{{Rate: d.Rate, Queue: d.Queue, MTU: d.MTU}}}, false)
}

// TestFaultsDrawIndependently: for every pair of faults, what one does to the
// nth segment of a host is the same without the other and with it, at any of
// its levels; wherever both let it be seen.
func TestFaultsDrawIndependently(t *testing.T) {
	for i := range independents {
		one := &independents[i]
		if one.sees == nil {
			continue
		}
		for _, level := range one.levels[1:] {
			base := Config{From: [2]Direction{{Latency: 20 * time.Millisecond}}}
			level(&base)
			alone := traffic(base, false)
			for _, other := range append(independents, others...) {
				if other.name == one.name || other.name == "rule that delays" && one.name == "jitter" {
					continue
				}
				for n, with := range other.levels {
					c := Config{From: base.From}
					with(&c)
					t.Run(fmt.Sprintf("%s beside %s %d", one.name, other.name, n), func(t *testing.T) {
						same(t, one, alone, traffic(c, false), c)
					})
				}
			}
			t.Run(one.name+" beside a cable that is cut", func(t *testing.T) { same(t, one, alone, traffic(base, true), base) })
		}
	}
}

// same compares what a fault did in two runs.
func same(t *testing.T, f *fault, alone, beside []Verdict, c Config) {
	t.Helper()
	queued := lasts(c)
	seen, acted := 0, 0
	for i := range alone {
		a, b := alone[i], beside[i]
		b.Delay -= queued[i].Delay
		reordered, _ := has("reorder")(&b)
		if f.name == "jitter" && reordered == "yes" {
			continue // it is not delayed
		}
		x, okA := f.sees(&a)
		y, okB := f.sees(&b)
		if !okA || !okB {
			continue
		}
		seen++
		if x != y {
			t.Fatalf("segment %d: %s alone and %s here", i, x, y)
		}
		if none, _ := f.sees(&Verdict{}); x != none {
			acted++
		}
	}
	if seen < 500 || acted < 20 {
		t.Errorf("of %d segments that both show the fault hit %d: that proves nothing", seen, acted)
	}
}

// TestRulesOfOneKindDrawIndependently: two rules that corrupt have a stream
// each, so that the second hits the same bits without the first.
func TestRulesOfOneKindDrawIndependently(t *testing.T) {
	a := Rule{Name: "a", What: "DATA", Act: ActCorrupt, Field: SeqNum}
	b := Rule{Name: "b", Act: ActCorrupt, Field: AckNum}
	second := fault{sees: flaw(AckNum)}
	same(t, &second, traffic(Config{Rules: []Rule{b}}, false), traffic(Config{Rules: []Rule{a, b}}, false), Config{})
}

// TestNoTwoFaultsShareAStream: with the same probability, two faults do not hit
// the same segments more often than chance has it.
func TestNoTwoFaultsShareAStream(t *testing.T) {
	const n, p = 20_000, 0.5
	var hits [4][]bool
	send(Direction{Burst: GilbertElliott{InGood: p}}, n, func(_ int, v Verdict) { hits[0] = append(hits[0], v.Lost) })
	send(Direction{Loss: p}, n, func(_ int, v Verdict) { hits[1] = append(hits[1], v.Lost) })
	send(Direction{Latency: 1, Reorder: p, Duplicate: p}, n, func(_ int, v Verdict) {
		hits[2] = append(hits[2], v.Delay == 0)
		hits[3] = append(hits[3], len(v.Copies) > 0)
	})
	var spoiled []bool
	send(Direction{Corrupt: p}, n, func(_ int, v Verdict) { spoiled = append(spoiled, len(v.Flaws) > 0) })
	all := append(hits[:], spoiled)
	for i := range all {
		for k := range i {
			both := 0
			for s := range n {
				if all[i][s] && all[k][s] {
					both++
				}
			}
			likely(t, fmt.Sprintf("faults %d and %d together", k, i), both, n, p*p)
		}
	}
}

// TestEveryFaultHasAStreamOfItsOwn: two streams of one name would be the same
// numbers twice.
func TestEveryFaultHasAStreamOfItsOwn(t *testing.T) {
	d := Direction{
		Loss: 0.1, Burst: GilbertElliott{0.1, 0.5, 1, 0}, Jitter: time.Millisecond, Reorder: 0.1, Duplicate: 0.1, Corrupt: 0.1,
	}
	asked := map[string]int{}
	l := New(Config{From: [2]Direction{d, d}, Rules: []Rule{
		{Name: "a", Act: ActCorrupt},
		{Name: "b", Act: ActCorrupt},
	}}, func(name string) *rand.PCG {
		asked[name]++
		return rand.NewPCG(1, 2)
	})
	for range 100 {
		offered(l, trace.Client, &data)
		offered(l, trace.Server, &data)
	}
	for name, times := range asked {
		if times != 1 {
			t.Errorf("%s was asked for %d times", name, times)
		}
	}
	if want := 2*6 + 2; len(asked) != want {
		t.Errorf("%d streams for %d faults: %v", len(asked), want, asked)
	}
}
