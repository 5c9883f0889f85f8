package link

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// TestValidateNamesTheValueAndTheReason: whatever no link can have is refused,
// with its key as a scenario file calls it.
func TestValidateNamesTheValueAndTheReason(t *testing.T) {
	client := func(d Direction) Config { return Config{From: [2]Direction{trace.Client: d}} }
	server := func(d Direction) Config { return Config{From: [2]Direction{trace.Server: d}} }
	rule := func(r Rule) Config {
		if r.What == "" {
			r.What = "ANY"
		}
		return Config{Rules: []Rule{r}}
	}
	box := func(m Middlebox) Config { return Config{Middlebox: m} }
	for _, test := range []struct {
		want string
		c    Config
	}{
		{"latency from client: -1s is negative", client(Direction{Latency: -time.Second})},
		{"latency from server: 24h0m0.000000001s is longer than 24h0m0s", server(Direction{Latency: Longest + 1})},
		{"jitter from client: -1ns is negative", client(Direction{Jitter: -1})},
		{"jitter from client: 2562047h47m16.854775807s is longer than 24h0m0s", client(Direction{Jitter: math.MaxInt64})},
		{"distribution from client: there is no number 3", client(Direction{Distribution: 3})},
		{"distribution from server: recorded needs delays", server(Direction{Distribution: Recorded})},
		{"delays from client: they need the distribution recorded, not uniform", client(Direction{Delays: []time.Duration{1}})},
		{"delays from client: -1ns is negative", client(Direction{Distribution: Recorded, Delays: []time.Duration{1, -1}})},
		{"loss from client: -0.1 is not between 0 and 1", client(Direction{Loss: -0.1})},
		{"loss from server: 1.2 is not between 0 and 1", server(Direction{Loss: 1.2})},
		{"loss from client: NaN is not between 0 and 1", client(Direction{Loss: math.NaN()})},
		{"loss-burst from client: 1.1 is not between 0 and 1", client(Direction{Burst: GilbertElliott{ToBad: 1.1}})},
		{"loss-burst from client: -1 is not between 0 and 1", client(Direction{Burst: GilbertElliott{ToGood: -1}})},
		{"loss-burst from client: 2 is not between 0 and 1", client(Direction{Burst: GilbertElliott{InBad: 2}})},
		{"loss-burst from client: +Inf is not between 0 and 1", client(Direction{Burst: GilbertElliott{InGood: math.Inf(1)}})},
		{"duplicate from client: 1.5 is not between 0 and 1", client(Direction{Duplicate: 1.5})},
		{"reorder from client: -1 is not between 0 and 1", client(Direction{Reorder: -1})},
		{"corrupt from client: 7 is not between 0 and 1", client(Direction{Corrupt: 7})},
		{"corrupt-field from client: there is no number 7", client(Direction{Field: 7})},
		{"rate from client: -1 bit/s is negative", client(Direction{Rate: -1})},
		{"queue from client: a negative bound", client(Direction{Rate: 1, Queue: Queue{Packets: -1}})},
		{"queue from client: a negative bound", client(Direction{Rate: 1, Queue: Queue{Bytes: -1}})},
		{"queue from client: nothing waits without a rate", client(Direction{Queue: Queue{Packets: 1}})},
		{"mtu from client: 67 bytes; the smallest that IPv4 allows is 68", client(Direction{MTU: 67})},
		{"mtu from client: -1 bytes; the smallest that IPv4 allows is 68", client(Direction{MTU: -1})},

		{`from of rule "rule sender 3:ANY": there is no number 3`, Config{Drop: []Rule{{From: 3}}}},
		{`what of rule "x": it must be SYN, SYNACK, FIN, RST, ACK, DATA or ANY, not "NAK"`, rule(Rule{Name: "x", What: "NAK"})},
		{`from of rule "x": there is no number 3`, rule(Rule{Name: "x", From: 3})},
		{`do of rule "x": there is no number 7`, rule(Rule{Name: "x", Act: 7})},
		{`field of rule "x": there is no number 9`, rule(Rule{Name: "x", Act: ActCorrupt, Field: 9})},
		{`nth of rule "x": -1 is negative`, rule(Rule{Name: "x", Nth: -1})},
		{`len-min of rule "x": -1 is negative`, rule(Rule{Name: "x", LenMin: -1})},
		{`len-max of rule "x": -1 is negative`, rule(Rule{Name: "x", LenMax: -1})},
		{`len-max of rule "x": 4 is less than len-min, 5`, rule(Rule{Name: "x", LenMin: 5, LenMax: 4})},
		{`seq-max of rule "x": 4 is less than seq-min, 5`, rule(Rule{Name: "x", SeqMin: 5, SeqMax: 4})},
		{`after of rule "x": -1s is negative`, rule(Rule{Name: "x", After: -time.Second})},
		{`before of rule "x": -1s is negative`, rule(Rule{Name: "x", Before: -time.Second})},
		{`before of rule "x": the rule ends at 1s, not after it begins at 2s`, rule(Rule{Name: "x", After: 2 * time.Second, Before: time.Second})},
		{`before of rule "x": the rule ends at 1s, not after it begins at 1s`, rule(Rule{Name: "x", After: time.Second, Before: time.Second})},
		{`by of rule "x": a rule that does delay needs to know by how much`, rule(Rule{Name: "x", Act: ActDelay})},
		{`by of rule "x": -1ns is negative`, rule(Rule{Name: "x", Act: ActDuplicate, Delay: -1})},
		{`by of rule "x": 25h0m0s is longer than 24h0m0s`, rule(Rule{Name: "x", Act: ActDelay, Delay: 25 * time.Hour})},
		{`until of rule "x": a rule that does hold needs a label to wait for`, rule(Rule{Name: "x", Act: ActHold})},
		{`to of rule "x": a rule that does forge needs to know to whom`, rule(Rule{Name: "x", Act: ActForge})},
		{`to of rule "x": a rule that does drop-and-forge needs to know to whom`, rule(Rule{Name: "x", Act: ActDropAndForge})},

		{"name of the middlebox: it needs one", box(Middlebox{Stateful: true})},
		{"idle of the middlebox: -1s is negative", box(Middlebox{Name: "nat", Idle: -time.Second})},
		{"at of the middlebox: 1 is not between 0 and 1", box(Middlebox{Name: "nat", At: 1})},
		{"at of the middlebox: -0.5 is not between 0 and 1", box(Middlebox{Name: "nat", At: -0.5})},
		{"at of the middlebox: NaN is not between 0 and 1", box(Middlebox{Name: "nat", At: math.NaN()})},
	} {
		err := test.c.Validate()
		var invalid *Invalid
		if !errors.As(err, &invalid) || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

func TestValidateAcceptsTheExtremes(t *testing.T) {
	d := Direction{
		Latency: Longest, Jitter: Longest, Distribution: Recorded, Delays: []time.Duration{0, Longest},
		Loss: 1, Burst: GilbertElliott{1, 1, 1, 1}, Duplicate: 1, Reorder: 1, Corrupt: 1, Field: Checksum,
		Rate: math.MaxInt64, Queue: Queue{Packets: math.MaxInt, Bytes: math.MaxInt}, MTU: 68,
	}
	c := Config{
		From: [2]Direction{d, {}},
		Drop: []Rule{{What: "ANY", Nth: math.MaxInt}},
		Rules: []Rule{
			{What: "SYN", SeqMin: 5, SeqMax: 5, LenMin: 5, LenMax: 5, After: 0, Before: 1},
			{What: "ACK", SeqMin: 5, LenMin: 5, After: Longest, Act: ActDuplicate},
		},
		Middlebox: Middlebox{Name: "nat", At: 0.999, Idle: Longest},
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if err := (&Config{}).Validate(); err != nil {
		t.Error(err)
	}
	// Whatever is valid can be used.
	l := newLink(c)
	for range 100 {
		offered(l, trace.Client, &data)
		offered(l, trace.Server, &ack)
	}
	l = newLink(Config{From: [2]Direction{{Latency: Longest, Jitter: Longest, Distribution: Normal}, {Jitter: Longest}}})
	for range 1000 {
		offered(l, trace.Client, &data)
		offered(l, trace.Server, &ack)
	}
}
