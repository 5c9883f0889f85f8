package match_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/match"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// segment is one with a value in every field.
func segment() trace.Segment {
	return trace.Segment{
		Number: 7, From: trace.Server, Flags: wire.RST | wire.ACK, Seq: 1, Ack: 14, Len: 5, Window: 512, Frame: []byte("headerhello"),
		Cause: &trace.Cause{ID: "unread-data"}, Lost: "loss", Injected: "firewall", Retransmission: true, SentAt: 40*time.Millisecond + 1,
	}
}

func TestEveryFieldOfAPatternCounts(t *testing.T) {
	s := segment()
	for _, tt := range []struct {
		fits, other match.Segment // they name nothing but this field
		has         string
	}{
		{match.Segment{From: new(trace.Server)}, match.Segment{From: new(trace.Client)}, "from server"},
		{match.Segment{Flags: new(wire.RST | wire.ACK)}, match.Segment{Flags: new(wire.RST)}, "flags R."},
		{match.Segment{Seq: new(uint32(1))}, match.Segment{Seq: new(uint32(0))}, "seq 1"},
		{match.Segment{Ack: new(uint32(14))}, match.Segment{Ack: new(uint32(1))}, "ack 14"},
		{match.Segment{Len: new(uint32(5))}, match.Segment{Len: new(uint32(0))}, "len 5"},
		{match.Segment{Win: new(uint32(512))}, match.Segment{Win: new(uint32(0))}, "win 512"},
		{match.Segment{Data: new("hello")}, match.Segment{Data: new("hullo")}, `data "hello"`},
		{match.Segment{Cause: "unread-data"}, match.Segment{Cause: "linger-zero"}, "cause unread-data"},
		{match.Segment{Lost: new(true)}, match.Segment{Lost: new(false)}, "lost true"},
		{match.Segment{Injected: new(true)}, match.Segment{Injected: new(false)}, "injected true"},
		{match.Segment{Retransmission: new(true)}, match.Segment{Retransmission: new(false)}, "retransmission true"},
		{match.Segment{At: new(40 * time.Millisecond)}, match.Segment{At: new(41 * time.Millisecond)}, "at 40ms"},
	} {
		if !tt.fits.Fits(&s) || tt.fits.Differs(&s) != nil {
			t.Errorf("%s does not fit %s", tt.fits, match.Describe(&s))
		}
		if got := tt.other.Differs(&s); tt.other.Fits(&s) || !slices.Equal(got, []string{tt.has}) {
			t.Errorf("%s differs from %s by %q, want %q", tt.other, match.Describe(&s), got, tt.has)
		}
	}
	if open := (match.Segment{}); !open.Fits(&s) {
		t.Error("a pattern that names nothing does not fit")
	}
	var quiet trace.Segment
	for want, p := range map[string]match.Segment{
		"no cause":             {Cause: "unread-data"},
		"lost false":           {Lost: new(true)},
		"injected false":       {Injected: new(true)},
		"retransmission false": {Retransmission: new(true)},
	} {
		if got := p.Differs(&quiet); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: a segment without it differs by %q, want %q", p, got, want)
		}
	}
}

func TestPSHCountsOnlyWhereItIsAskedFor(t *testing.T) {
	for _, tt := range []struct {
		want, got wire.Flags
		fits      bool
	}{
		{wire.ACK, wire.ACK | wire.PSH, true},
		{wire.ACK | wire.PSH, wire.ACK, false},
		{wire.ACK | wire.PSH, wire.ACK | wire.PSH, true},
		{0, 0, true},
		{0, wire.ACK, false},
	} {
		p := match.Segment{Flags: &tt.want}
		if got := p.Fits(&trace.Segment{Flags: tt.got}); got != tt.fits {
			t.Errorf("%s fits %s: %t", tt.want, tt.got, got)
		}
	}
}

func TestPatternsPrintTheirFields(t *testing.T) {
	for want, p := range map[string]match.Segment{
		"any segment": {},
		"server R. seq 0 ack 1 len 2 win 3 data \"a\\nb\" cause unread-data lost not injected retransmission at 1s": {
			From: new(trace.Server), Flags: new(wire.RST | wire.ACK), Seq: new(uint32(0)), Ack: new(uint32(1)), Len: new(uint32(2)),
			Win: new(uint32(3)), Data: new("a\nb"), Cause: "unread-data", Lost: new(true), Injected: new(false), Retransmission: new(true), At: new(time.Second),
		},
		"none": {Flags: new(wire.Flags(0))},
		`data "` + strings.Repeat("x", 40) + `"...`: {Data: new(strings.Repeat("x", 41))},
	} {
		if got := p.String(); got != want {
			t.Errorf("printed as %q, want %q", got, want)
		}
	}
}

// list are segments with these flags and rising numbers.
func list(flags ...wire.Flags) (segs []trace.Segment) {
	for i, f := range flags {
		segs = append(segs, trace.Segment{Number: i + 1, Flags: f, Seq: uint32(i)})
	}
	return segs
}

func patterns(flags ...wire.Flags) (all []match.Segment) {
	for _, f := range flags {
		all = append(all, match.Segment{Flags: &f})
	}
	return all
}

func TestPatternsAreFoundInTheirOrder(t *testing.T) {
	segs := list(wire.SYN, wire.ACK, wire.FIN, wire.ACK)
	for _, tt := range []struct {
		patterns []match.Segment
		at       []int
		missing  int
	}{
		{nil, nil, -1},
		{patterns(wire.SYN, wire.FIN), []int{0, 2}, -1},
		{patterns(wire.ACK, wire.ACK), []int{1, 3}, -1},
		{patterns(wire.ACK, wire.ACK, wire.ACK), []int{1, 3}, 2},
		{patterns(wire.FIN, wire.SYN), []int{2}, 1},
		{patterns(wire.RST), nil, 0},
	} {
		if at, missing := match.InOrder(tt.patterns, segs); !slices.Equal(at, tt.at) || missing != tt.missing {
			t.Errorf("%v: found at %v, missing %d; want %v, %d", tt.patterns, at, missing, tt.at, tt.missing)
		}
	}
}

func TestAMissNamesTheNearestSegment(t *testing.T) {
	segs := list(wire.SYN, wire.RST|wire.ACK, wire.RST)
	for _, tt := range []struct {
		patterns []match.Segment
		want     string
	}{
		{
			[]match.Segment{{From: new(trace.Client), Flags: new(wire.RST), Seq: new(uint32(1))}},
			"no such segment; the nearest, #2 at 0.000000, has flags R.: {from: client, flags: R., seq: 1, ack: 0}",
		},
		{
			[]match.Segment{{Flags: new(wire.FIN), Seq: new(uint32(9)), Len: new(uint32(0))}},
			"no such segment; the nearest, #1 at 0.000000, has flags S, seq 0: {from: client, flags: S, seq: 0}",
		},
		{patterns(wire.FIN), "no such segment"}, // nothing about any is as it wants
		{patterns(wire.RST, wire.SYN), "one only before that, #1 at 0.000000: {from: client, flags: S, seq: 0}"},
		{
			// What an earlier pattern has taken, or comes before that, has to come nearer.
			[]match.Segment{{Flags: new(wire.RST | wire.ACK)}, {Flags: new(wire.FIN), Seq: new(uint32(2))}},
			"no such segment; the nearest, #3 at 0.000000, has flags R: {from: client, flags: R, seq: 2}",
		},
		{
			[]match.Segment{{Flags: new(wire.RST)}, {Flags: new(wire.SYN), Seq: new(uint32(7))}},
			"no such segment; the nearest, #1 at 0.000000, has seq 0: {from: client, flags: S, seq: 0}",
		},
		{patterns(wire.SYN), "all of them"},
	} {
		if got := match.Miss(tt.patterns, segs); got != tt.want {
			t.Errorf("%v:\n%s, want\n%s", tt.patterns, got, tt.want)
		}
	}
	if got := match.Miss(patterns(wire.SYN), nil); got != "no segment at all" {
		t.Errorf("where there is nothing: %s", got)
	}
}

func TestAListIsComparedAsAWhole(t *testing.T) {
	for _, tt := range []struct {
		name     string
		patterns []match.Segment
		segs     []trace.Segment
		diff     string
		first    int
	}{
		{"nothing", nil, nil, "", -1},
		{"the same", patterns(wire.SYN, wire.ACK), list(wire.SYN, wire.ACK), "", -1},
		{"one too few", patterns(wire.SYN, wire.ACK), list(wire.SYN), "\n    {from: client, flags: S, seq: 0}\n  - .", 1},
		{"one too many", patterns(wire.ACK), list(wire.SYN, wire.ACK), "\n  + {from: client, flags: S, seq: 0}\n    {from: client, flags: ., seq: 1, ack: 0}", -1},
		{"another", patterns(wire.SYN, wire.FIN), list(wire.SYN, wire.RST), "\n    {from: client, flags: S, seq: 0}\n  - F\n  + {from: client, flags: R, seq: 1}", 1},
	} {
		diff, first, same := match.Compare(tt.patterns, tt.segs)
		if diff != tt.diff || first != tt.first || same != (tt.diff == "") {
			t.Errorf("%s: %q, %d, %t; want %q, %d", tt.name, diff, first, same, tt.diff, tt.first)
		}
	}
}

// TestAlignPairsAsManyAsCanBe, against trying all ways. That two fit is no
// equality here, as between patterns and segments.
func TestAlignPairsAsManyAsCanBe(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		n, m := random.IntN(7), random.IntN(7)
		fits := make([]bool, n*m)
		for i := range fits {
			fits[i] = random.IntN(3) == 0
		}
		fit := func(a, b int) bool { return fits[a*m+b] }
		var most func(a, b int) int
		most = func(a, b int) int {
			if a == n || b == m {
				return 0
			}
			best := max(most(a+1, b), most(a, b+1))
			if fit(a, b) {
				best = max(best, 1+most(a+1, b+1))
			}
			return best
		}
		both, a, b := 0, 0, 0
		for _, p := range match.Align(n, m, fit) {
			if p.Both() {
				both++
				if !fit(p.A, p.B) {
					t.Fatalf("%v do not fit", p)
				}
			}
			if p.A >= 0 {
				if p.A != a {
					t.Fatalf("%d comes where %d has to", p.A, a)
				}
				a++
			}
			if p.B >= 0 {
				if p.B != b {
					t.Fatalf("%d comes where %d has to", p.B, b)
				}
				b++
			}
		}
		if a != n || b != m || both != most(0, 0) {
			t.Fatalf("%d pairs of %d and %d, want %d of %d and %d", both, a, b, most(0, 0), n, m)
		}
	}
}

func ExampleMiss() {
	segs := []trace.Segment{
		{Number: 1, From: trace.Client, Flags: wire.SYN},
		{Number: 2, From: trace.Server, Flags: wire.RST | wire.ACK, Ack: 1, Cause: &trace.Cause{ID: "port-not-listening"}},
	}
	refused := match.Segment{From: new(trace.Server), Flags: new(wire.RST), Cause: "port-not-listening"}
	fmt.Println("want", refused)
	fmt.Println(match.Miss([]match.Segment{refused}, segs))
	// Output:
	// want server R cause port-not-listening
	// no such segment; the nearest, #2 at 0.000000, has flags R.: {from: server, flags: R., seq: 0, ack: 1, cause: port-not-listening}
}
