package link

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/words"
)

// Longest is the longest time that a link takes or that a rule speaks of: as
// long as a run lasts at most, unless it is told otherwise.
const Longest = 24 * time.Hour

// minMTU is what every IPv4 link must carry (RFC 791 section 3.2).
const minMTU = 68

// Invalid is a value that no link can have.
type Invalid struct {
	Key    string // as a scenario file calls it
	Of     string // whose: "client", a rule's name; empty is the link's own
	Reason string
}

// Error names the value and says why it cannot be.
func (e *Invalid) Error() string {
	if e.Of == "" {
		return e.Key + ": " + e.Reason
	}
	return e.Key + " " + e.Of + ": " + e.Reason
}

// claim is what must hold of a value.
type claim struct {
	holds  bool
	key    string
	reason string
	args   []any
}

func first(claims []claim) *Invalid {
	for _, c := range claims {
		if !c.holds {
			return &Invalid{Key: c.key, Reason: fmt.Sprintf(c.reason, c.args...)}
		}
	}
	return nil
}

// of says whose value it is. It keeps a nil from becoming an error.
func (e *Invalid) of(whose string) error {
	if e == nil {
		return nil
	}
	e.Of = whose
	return e
}

// Validate reports what no link can have: a negative latency, a loss that is
// no probability, a rule that asks for what there is not. The error is an *Invalid.
func (c *Config) Validate() error {
	for side := range c.From {
		if err := c.From[side].check().of("from " + trace.Side(side).String()); err != nil {
			return err
		}
	}
	for _, rules := range [][]Rule{c.Drop, c.Rules} {
		for i := range rules {
			if err := rules[i].check().of("of rule " + fmt.Sprintf("%q", rules[i].forger())); err != nil {
				return err
			}
		}
	}
	return c.Middlebox.check().of("of the middlebox")
}

// Validate reports what no direction can have. The error is an *Invalid.
func (d *Direction) Validate() error { return d.check().of("") }

// Validate reports what no rule can ask or do. The error is an *Invalid.
func (r *Rule) Validate() error { return r.check().of("") }

// Validate reports what no middlebox can be. The error is an *Invalid.
func (m *Middlebox) Validate() error { return m.check().of("") }

func share(key string, p float64) claim {
	return claim{p >= 0 && p <= 1, key, "%v is not between 0 and 1", []any{p}} // a NaN is not
}

// span checks a time.
func span(key string, d time.Duration) []claim {
	return []claim{
		{d >= 0, key, "%v is negative", []any{d}},
		{d <= Longest, key, "%v is longer than %v", []any{d, Longest}},
	}
}

func (d *Direction) check() *Invalid {
	claims := append(span("latency", d.Latency), span("jitter", d.Jitter)...)
	for _, delay := range d.Delays {
		claims = append(claims, span("delays", delay)...)
	}
	return first(append(claims, []claim{
		{int(d.Distribution) < len(distributions), "distribution", "there is no number %d", []any{d.Distribution}},
		{d.Distribution != Recorded || len(d.Delays) > 0, "distribution", "recorded needs delays", nil},
		{d.Distribution == Recorded || len(d.Delays) == 0, "delays", "they need the distribution recorded, not %s", []any{d.Distribution}},
		share("loss", d.Loss),
		share("loss-burst", d.Burst.ToBad),
		share("loss-burst", d.Burst.ToGood),
		share("loss-burst", d.Burst.InBad),
		share("loss-burst", d.Burst.InGood),
		share("duplicate", d.Duplicate),
		share("reorder", d.Reorder),
		share("corrupt", d.Corrupt),
		{int(d.Field) < len(fields), "corrupt-field", "there is no number %d", []any{d.Field}},
		{d.Rate >= 0, "rate", "%d bit/s is negative", []any{d.Rate}},
		{d.Queue.Packets >= 0 && d.Queue.Bytes >= 0, "queue", "a negative bound", nil},
		{d.Queue == Queue{} || d.Rate > 0, "queue", "nothing waits without a rate", nil},
		{d.MTU == 0 || d.MTU >= minMTU, "mtu", "%d bytes; the smallest that IPv4 allows is %d", []any{d.MTU, minMTU}},
	}...))
}

func (r *Rule) check() *Invalid {
	claims := append(span("after", r.After), span("before", r.Before)...)
	claims = append(claims, span("by", r.Delay)...)
	forges := r.Act == ActForge || r.Act == ActDropAndForge
	return first(append(claims, []claim{
		{int(r.Act) < len(acts), "do", "there is no number %d", []any{r.Act}},
		{int(r.Field) < len(fields), "field", "there is no number %d", []any{r.Field}},
		{int(r.From) < len(senders), "from", "there is no number %d", []any{uint8(r.From)}},
		{r.matcher() != nil, "what", "it must be %s, not %q", []any{words.Either(Kinds()), r.What}},
		{r.Nth >= 0, "nth", "%d is negative", []any{r.Nth}},
		{r.LenMin >= 0, "len-min", "%d is negative", []any{r.LenMin}},
		{r.LenMax >= 0, "len-max", "%d is negative", []any{r.LenMax}},
		{r.LenMax == 0 || r.LenMin <= r.LenMax, "len-max", "%d is less than len-min, %d", []any{r.LenMax, r.LenMin}},
		{r.SeqMax == 0 || r.SeqMin <= r.SeqMax, "seq-max", "%d is less than seq-min, %d", []any{r.SeqMax, r.SeqMin}},
		{r.Before == 0 || r.After < r.Before, "before", "the rule ends at %v, not after it begins at %v", []any{r.Before, r.After}},
		{r.Act != ActDelay || r.Delay > 0, "by", "a rule that does delay needs to know by how much", nil},
		{r.Act != ActHold || r.Label != "", "until", "a rule that does hold needs a label to wait for", nil},
		{!forges || r.Forge.ToSender || r.Forge.ToReceiver, "to", "a rule that does %s needs to know to whom", []any{r.Act}},
	}...))
}

func (m *Middlebox) check() *Invalid {
	return first(append(span("idle", m.Idle), []claim{
		{m.Name != "" || *m == Middlebox{}, "name", "it needs one", nil},
		{m.At >= 0 && m.At < 1, "at", "%v is not between 0 and 1", []any{m.At}},
	}...))
}
