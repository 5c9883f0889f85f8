package link

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// Direction is what one direction of the link does to segments.
type Direction struct {
	Latency time.Duration // one way
	Loss    float64       // probability that a segment is lost, 0 to 1, each by itself
}

// Config describes a link. The zero value is an ideal cable: no latency, no
// loss.
type Config struct {
	From [2]Direction // by the side that sends
	Drop []Rule
}

// Symmetric is a link with the same latency and loss in both directions.
func Symmetric(latency time.Duration, loss float64) Config {
	d := Direction{latency, loss}
	return Config{From: [2]Direction{d, d}}
}

// Validate reports a latency below zero and a loss that is no probability.
func (c *Config) Validate() error {
	for side, d := range c.From {
		if d.Latency < 0 {
			return fmt.Errorf("latency from %s: %v is negative", trace.Side(side), d.Latency)
		}
		if !(d.Loss >= 0 && d.Loss <= 1) {
			return fmt.Errorf("loss from %s: %v is not between 0 and 1", trace.Side(side), d.Loss)
		}
	}
	return nil
}

// String describes the link in one line, for captions.
func (c *Config) String() string {
	a, b := c.From[trace.Client], c.From[trace.Server]
	parts := []string{describe(a)}
	if a != b {
		parts = []string{"from client " + describe(a), "from server " + describe(b)}
	}
	for _, r := range c.Drop {
		parts = append(parts, "drop "+r.String())
	}
	return strings.Join(parts, ", ")
}

func describe(d Direction) string {
	s := "latency " + d.Latency.String()
	if d.Loss > 0 {
		s += ", loss " + strconv.FormatFloat(d.Loss*100, 'f', -1, 64) + "%"
	}
	return s
}

// Verdict is what becomes of a segment.
type Verdict struct {
	Lost  bool
	Rule  string // what lost it
	Delay time.Duration
}

// Link is a cable in use. It is not safe for concurrent use.
type Link struct {
	config Config
	rules  []active
	loss   [2]*rand.Rand
	cut    [2]bool // by the host whose interface is down
}

type active struct {
	Rule
	seen int
}

// New makes a link. Each direction draws its losses from a stream of its own.
func New(c Config, loss [2]*rand.PCG) *Link {
	l := &Link{config: c}
	for side := range loss {
		l.loss[side] = rand.New(loss[side])
	}
	for _, r := range c.Drop {
		l.Add(r)
	}
	return l
}

// Add starts to drop what a rule matches. The rule counts from then on.
func (l *Link) Add(r Rule) { l.rules = append(l.rules, active{Rule: r}) }

// Remove ends the rules of that text, or all when text is "all", and reports
// how many that were.
func (l *Link) Remove(text string) int {
	kept := l.rules[:0]
	for _, r := range l.rules {
		if text != "all" && r.String() != text {
			kept = append(kept, r)
		}
	}
	n := len(l.rules) - len(kept)
	l.rules = kept
	return n
}

// Unplug takes the interface of side down, Plug brings it up. A segment is
// lost when either interface is down as it is sent.
func (l *Link) Unplug(side trace.Side) { l.cut[side] = true }

// Plug brings the interface of side up again.
func (l *Link) Plug(side trace.Side) { l.cut[side] = false }

// Cut reports whether the interface of side is down.
func (l *Link) Cut(side trace.Side) bool { return l.cut[side] }

// Offer gives the verdict on a segment that from sends now. The first rule
// that matches decides; loss is drawn only for what no rule has dropped, and
// for every such segment.
func (l *Link) Offer(from trace.Side, seg *wire.Segment) Verdict {
	for _, side := range [...]trace.Side{from, from.Peer()} {
		if l.cut[side] {
			return Verdict{Lost: true, Rule: "cable of " + side.String() + " unplugged"}
		}
	}
	dropped := ""
	for i := range l.rules {
		r := &l.rules[i]
		if !r.matches(from, seg) {
			continue
		}
		r.seen++
		if dropped == "" && (r.Nth == 0 || r.seen == r.Nth) {
			dropped = "drop " + r.String()
		}
	}
	if dropped != "" {
		return Verdict{Lost: true, Rule: dropped}
	}
	d := l.config.From[from]
	if d.Loss > 0 && l.loss[from].Float64() < d.Loss {
		return Verdict{Lost: true, Rule: "loss " + strconv.FormatFloat(d.Loss*100, 'f', -1, 64) + "%"}
	}
	return Verdict{Delay: d.Latency}
}

// Latency is the time that a segment from that side is under way.
func (l *Link) Latency(from trace.Side) time.Duration { return l.config.From[from].Latency }
