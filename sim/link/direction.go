package link

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/stack/words"
)

// Direction is what one direction of the link does to every segment, in
// netem's terms. The zero value is an ideal cable.
type Direction struct {
	Latency      time.Duration   // one way
	Jitter       time.Duration   // how far the delay strays from Latency; see Distribution
	Distribution Distribution    // of the jitter
	Delays       []time.Duration // with Recorded: the delays themselves, in turn and again from the start

	Loss      float64        // probability that a segment is lost, 0 to 1, each by itself
	Burst     GilbertElliott // losses that come in bursts; the zero value loses nothing
	Duplicate float64        // probability that a segment arrives twice
	Reorder   float64        // probability that a segment is not delayed, and so overtakes
	Corrupt   float64        // probability that Field of a segment is changed under way
	Field     Field          // what Corrupt changes

	Rate  int64 // bits per second of IP datagrams; 0 is no limit
	Queue Queue // what waits for a link that Rate makes busy
	MTU   int   // bytes of an IP datagram that passes; 0 is any
}

// Distribution is how jitter is distributed.
type Distribution uint8

// The distributions. A delay is never negative.
const (
	Uniform  Distribution = iota // evenly between Latency-Jitter and Latency+Jitter
	Normal                       // around Latency with the standard deviation Jitter
	Recorded                     // Delays, one after the other
)

var distributions = []string{"uniform", "normal", "recorded"}

// String is the name that ParseDistribution reads.
func (d Distribution) String() string { return words.Constant(distributions, "Distribution", d) }

// ParseDistribution finds a distribution by its name.
func ParseDistribution(name string) (Distribution, error) {
	for i, n := range distributions {
		if n == name {
			return Distribution(i), nil
		}
	}
	return 0, fmt.Errorf("distribution must be %s, not %q", words.Either(distributions), name)
}

// Distributions lists the names.
func Distributions() []string { return distributions }

// GilbertElliott is the loss model with a good and a bad state (netem: loss
// gemodel). Every segment first moves the state, then is lost with the
// probability of the state that it finds.
type GilbertElliott struct {
	ToBad  float64 // p: from good to bad
	ToGood float64 // r: from bad to good
	InBad  float64 // 1-h: loss in the bad state
	InGood float64 // 1-k: loss in the good state
}

// Rate is the share of segments that the model loses in the long run.
func (g GilbertElliott) Rate() float64 {
	if g.ToBad+g.ToGood == 0 {
		return g.InGood
	}
	bad := g.ToBad / (g.ToBad + g.ToGood)
	return bad*g.InBad + (1-bad)*g.InGood
}

// Queue bounds what waits in front of a busy link. What does not fit is lost.
// Zero is no bound.
type Queue struct {
	Packets int
	Bytes   int
}

// String describes the direction in one line.
func (d *Direction) String() string {
	parts := []string{"latency " + d.Latency.String()}
	switch {
	case d.Distribution == Recorded:
		parts[0] = fmt.Sprintf("%d recorded delays", len(d.Delays))
	case d.Jitter > 0:
		parts[0] += fmt.Sprintf(" +/- %s %s", d.Jitter, d.Distribution)
	}
	for _, p := range []struct {
		name  string
		value float64
	}{{"loss", d.Loss}, {"duplicate", d.Duplicate}, {"reorder", d.Reorder}} {
		if p.value > 0 {
			parts = append(parts, p.name+" "+percent(p.value))
		}
	}
	if d.Burst.ToBad > 0 || d.Burst.InGood > 0 {
		parts = append(parts, "loss in bursts "+percent(d.Burst.Rate()))
	}
	if d.Corrupt > 0 {
		parts = append(parts, fmt.Sprintf("corrupt %s %s", d.Field, percent(d.Corrupt)))
	}
	if d.Rate > 0 {
		parts = append(parts, "rate "+FormatRate(d.Rate))
	}
	switch q := d.Queue; {
	case q.Packets > 0 && q.Bytes > 0:
		parts = append(parts, fmt.Sprintf("queue of %d packets and %d bytes", q.Packets, q.Bytes))
	case q.Packets > 0:
		parts = append(parts, fmt.Sprintf("queue of %d packets", q.Packets))
	case q.Bytes > 0:
		parts = append(parts, fmt.Sprintf("queue of %d bytes", q.Bytes))
	}
	if d.MTU > 0 {
		parts = append(parts, "mtu "+strconv.Itoa(d.MTU))
	}
	return strings.Join(parts, ", ")
}

func percent(p float64) string { return strconv.FormatFloat(p*100, 'f', -1, 64) + "%" }
