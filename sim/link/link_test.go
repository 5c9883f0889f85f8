package link

import (
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func newLink(c Config) *Link {
	return New(c, func(name string) *rand.PCG {
		h := fnv.New64a()
		h.Write([]byte(name))
		return rand.NewPCG(1, h.Sum64())
	})
}

func offered(l *Link, from trace.Side, seg *wire.Segment) Verdict {
	return l.Offer(&Offered{From: from, Seg: seg, Seq: seg.Seq})
}

var tuple = wire.Tuple{Src: netip.MustParseAddrPort("10.0.0.1:40000"), Dst: netip.MustParseAddrPort("10.0.0.2:80")}

var (
	syn    = wire.Segment{Flags: wire.SYN}
	synAck = wire.Segment{Flags: wire.SYN | wire.ACK}
	ack    = wire.Segment{Flags: wire.ACK}
	data   = wire.Segment{Flags: wire.ACK | wire.PSH, Payload: []byte("x")}
	fin    = wire.Segment{Flags: wire.FIN | wire.ACK}
	rst    = wire.Segment{Flags: wire.RST | wire.ACK}
	finned = wire.Segment{Flags: wire.FIN | wire.ACK, Payload: []byte("x")}
)

func TestRuleMatchesItsKind(t *testing.T) {
	segments := []struct {
		name  string
		s     wire.Segment
		kinds string
	}{
		{"SYN", syn, "SYN ANY"},
		{"SYN,ACK", synAck, "SYNACK ANY"},
		{"ACK", ack, "ACK ANY"},
		{"data", data, "DATA ANY"},
		{"FIN", fin, "FIN ANY"},
		{"RST", rst, "RST ANY"},
		{"data with FIN", finned, "DATA FIN ANY"},
	}
	for _, seg := range segments {
		for _, kind := range Kinds() {
			want := strings.Contains(" "+seg.kinds+" ", " "+kind+" ")
			for from, rule := range map[trace.Side]string{trace.Client: "client:" + kind, trace.Server: "any:" + kind} {
				r := parse(t, rule)
				l := newLink(Config{Drop: []Rule{r}})
				if got := offered(l, from, &seg.s).Lost; got != want {
					t.Errorf("%s drops %s from %s: %t, want %t", rule, seg.name, from, got, want)
				}
				if r.From != FromAny && offered(l, from.Peer(), &seg.s).Lost {
					t.Errorf("%s drops %s from %s", rule, seg.name, from.Peer())
				}
			}
		}
	}
}

func TestParseRule(t *testing.T) {
	for text, want := range map[string]Rule{
		"server:FIN:1":   {From: FromServer, What: "FIN", Nth: 1},
		"client:data":    {From: FromClient, What: "DATA"},
		"any:RST:20":     {What: "RST", Nth: 20},
		"client:SynAck":  {From: FromClient, What: "SYNACK"},
		"server:any:003": {From: FromServer, What: "ANY", Nth: 3},
	} {
		if got := parse(t, text); got != want {
			t.Errorf("%q parses as %+v", text, got)
		}
	}
	for text, say := range map[string]string{
		"":                `"" has 1 of the 2 or 3 parts`,
		"server":          `"server" has 1 of the 2 or 3 parts`,
		"server:FIN:1:2":  `"server:FIN:1:2" has 4 of the 2 or 3 parts`,
		"router:FIN":      `FROM must be client, server or any, not "router"`,
		"Server:FIN":      `FROM must be client, server or any, not "Server"`,
		"server:NAK":      `WHAT must be SYN, SYNACK, FIN, RST, ACK, DATA or ANY, not "NAK"`,
		"server: FIN":     `WHAT must be SYN, SYNACK, FIN, RST, ACK, DATA or ANY, not " FIN"`,
		"server:":         `WHAT must be `,
		":FIN":            `FROM must be `,
		"server:FIN:0":    `NTH must be a number from 1, not "0"`,
		"server:FIN:-1":   `NTH must be a number from 1, not "-1"`,
		"server:FIN:":     `NTH must be a number from 1, not ""`,
		"server:FIN:last": `NTH must be a number from 1, not "last"`,
	} {
		if _, err := ParseRule(text); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%q: error %v, want one that says %s", text, err, say)
		}
	}
}

// FuzzParseRule: what a rule prints parses as that rule.
func FuzzParseRule(f *testing.F) {
	for _, s := range []string{"server:FIN:1", "any:rst", "client:SYNACK:12", "a:b:c", "", "any:ANY:9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRule(s)
		if err != nil {
			return
		}
		again, err := ParseRule(r.String())
		if err != nil || again != r {
			t.Errorf("%q parses as %+v, which prints as %q and parses as %+v, %v", s, r, r, again, err)
		}
	})
}

func TestNthCountsOnlyWhatMatches(t *testing.T) {
	l := newLink(Config{Drop: []Rule{parse(t, "client:DATA:2")}})
	for i, offer := range []struct {
		from trace.Side
		s    wire.Segment
		lost bool
	}{
		{trace.Client, data, false},
		{trace.Client, ack, false},
		{trace.Server, data, false},
		{trace.Client, data, true},
		{trace.Client, data, false},
	} {
		if got := offered(l, offer.from, &offer.s); got.Lost != offer.lost {
			t.Errorf("segment %d: lost %t, want %t", i, got.Lost, offer.lost)
		}
	}
}

func TestNthCountsWhatAnotherRuleDrops(t *testing.T) {
	l := newLink(Config{Drop: []Rule{parse(t, "any:DATA:1"), parse(t, "any:DATA:2")}})
	want := []string{"drop any:DATA:1", "drop any:DATA:2", ""}
	for i, rule := range want {
		if v := offered(l, trace.Client, &data); v.Rule != rule || v.Lost != (rule != "") {
			t.Errorf("segment %d: %+v, want rule %q", i, v, rule)
		}
	}
}

func TestRulesComeAndGo(t *testing.T) {
	l := newLink(Config{})
	lost := func(want bool) {
		t.Helper()
		if got := offered(l, trace.Client, &data).Lost; got != want {
			t.Errorf("lost %t, want %t", got, want)
		}
	}
	lost(false)
	l.Add(parse(t, "client:DATA"))
	l.Add(parse(t, "client:DATA"))
	l.Add(parse(t, "any:FIN"))
	lost(true)
	if n := len(l.RemoveNamed("client:DATA")); n != 2 {
		t.Errorf("removed %d rules, want 2", n)
	}
	lost(false)
	if n := len(l.RemoveNamed("client:DATA")); n != 0 {
		t.Errorf("removed %d rules that are not there", n)
	}
	if n := len(l.RemoveNamed("all")); n != 1 {
		t.Errorf("removed %d rules, want the last", n)
	}
}

func TestCableIsCutInBothDirections(t *testing.T) {
	l := newLink(Config{})
	l.Unplug(trace.Server)
	for _, from := range []trace.Side{trace.Client, trace.Server} {
		if v := offered(l, from, &data); !v.Lost || v.Rule != "cable of server unplugged" {
			t.Errorf("from %s: %+v", from, v)
		}
	}
	if !l.Cut(trace.Server) || l.Cut(trace.Client) {
		t.Error("Cut does not tell which cable it is")
	}
	l.Plug(trace.Server)
	if offered(l, trace.Client, &data).Lost {
		t.Error("lost on a cable that is plugged in")
	}
}

func TestDirectionsDrawFromTheirOwnStreams(t *testing.T) {
	// How much the server sends must not change what the client loses.
	losses := func(serverSends int) (lost []bool) {
		l := newLink(Symmetric(0, 0.5))
		for range 100 {
			for range serverSends {
				offered(l, trace.Server, &data)
			}
			lost = append(lost, offered(l, trace.Client, &data).Lost)
		}
		return lost
	}
	alone, beside := losses(0), losses(3)
	for i := range alone {
		if alone[i] != beside[i] {
			t.Fatalf("segment %d: lost %t alone, %t beside", i, alone[i], beside[i])
		}
	}
}

func TestLatencyIsTheDirections(t *testing.T) {
	l := newLink(Config{From: [2]Direction{{Latency: time.Millisecond}, {Latency: time.Second}}})
	if d := offered(l, trace.Client, &data).Delay; d != time.Millisecond || l.Latency(trace.Client) != d {
		t.Errorf("from client: %v", d)
	}
	if d := offered(l, trace.Server, &data).Delay; d != time.Second || l.Latency(trace.Server) != d {
		t.Errorf("from server: %v", d)
	}
}

func TestConfigPrintsInOneLine(t *testing.T) {
	for want, c := range map[string]Config{
		"latency 0s":                 {},
		"latency 10ms, loss 1.5%":    Symmetric(10*time.Millisecond, 0.015),
		"latency 0s, drop any:FIN:1": {Drop: []Rule{{What: "FIN", Nth: 1}}},
		"from client latency 1s, from server latency 0s, loss 100%": {From: [2]Direction{{Latency: time.Second}, {Loss: 1}}},
	} {
		if got := c.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func parse(t testing.TB, s string) Rule {
	t.Helper()
	r, err := ParseRule(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWhereASegmentIsLost: what the link does to all segments, and the sender's
// own cable, comes before the middlebox; what rules do, the middlebox itself
// and the receiver's cable come there or after it.
func TestWhereASegmentIsLost(t *testing.T) {
	client := func(d Direction) Config {
		d.Latency = 8 * time.Millisecond
		return Config{From: [2]Direction{trace.Client: d}, Middlebox: Middlebox{Name: "box", At: 0.25}}
	}
	with := func(f func(*Config)) Config {
		c := client(Direction{})
		f(&c)
		return c
	}
	for name, test := range map[string]struct {
		c      Config
		unplug []trace.Side
		unseen bool
	}{
		"by chance":        {c: client(Direction{Loss: 1}), unseen: true},
		"in a burst":       {c: client(Direction{Burst: GilbertElliott{InGood: 1}}), unseen: true},
		"too large":        {c: client(Direction{MTU: 99}), unseen: true},
		"no room":          {c: client(Direction{Rate: 1, Queue: Queue{Bytes: 1}}), unseen: true},
		"sender's cable":   {unplug: []trace.Side{trace.Client}, c: client(Direction{}), unseen: true},
		"both cables":      {unplug: []trace.Side{trace.Client, trace.Server}, c: client(Direction{}), unseen: true},
		"receiver's cable": {unplug: []trace.Side{trace.Server}, c: client(Direction{})},
		"drop":             {c: with(func(c *Config) { c.Drop = []Rule{{What: "DATA"}} })},
		"rule": {c: with(func(c *Config) {
			c.Rules = []Rule{{Act: ActDropAndForge, Forge: Forge{ToSender: true}}}
		})},
		"unknown to it":     {c: with(func(c *Config) { c.Middlebox.Stateful = true })},
		"rule, and by loss": {c: with(func(c *Config) { c.From[trace.Client].Loss, c.Drop = 1, []Rule{{What: "DATA"}} })},
	} {
		l := newLink(test.c)
		for _, side := range test.unplug {
			l.Unplug(side)
		}
		o := Offered{From: trace.Client, Seg: &data, Size: 100}
		if name == "no room" {
			l.Offer(&o)
		}
		v := l.Offer(&o)
		if !v.Lost || v.Unseen != test.unseen {
			t.Errorf("%s: %+v, want unseen %t", name, v, test.unseen)
		}
		if !v.Unseen && v.Reach != 2*time.Millisecond {
			t.Errorf("%s: it gets to the middlebox after %v", name, v.Reach)
		}
	}
}

// TestMiddleboxIsWhereItIs: the time to it and the time from it are that under
// way, in both directions.
func TestMiddleboxIsWhereItIs(t *testing.T) {
	for at, want := range map[float64][2]time.Duration{
		0:    {5, 50}, // the middle
		0.5:  {5, 50},
		0.1:  {1, 90},
		0.75: {7, 25}, // 7.5 is cut to whole nanoseconds
	} {
		l := newLink(Config{From: [2]Direction{{Latency: 10}, {Latency: 100}}, Middlebox: Middlebox{Name: "box", At: at}})
		for side, reach := range want {
			from := trace.Side(side)
			v := offered(l, from, &data)
			if v.Reach != reach {
				t.Errorf("at %v a segment from %s gets there after %v, want %v", at, from, v.Reach, reach)
			}
			if sum := v.Reach + l.FromMiddle(from); sum != v.Delay {
				t.Errorf("at %v from %s: %v in all, want %v", at, from, sum, v.Delay)
			}
		}
	}
}
