package link

import (
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// TestAZeroRuleLeavesEverythingOpen: it is valid and matches every segment of
// either host, and is called what that is.
func TestAZeroRuleLeavesEverythingOpen(t *testing.T) {
	c := Config{Rules: []Rule{{}}}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	l := newLink(c)
	for _, from := range []trace.Side{trace.Client, trace.Server} {
		for _, seg := range []wire.Segment{syn, synAck, ack, data, fin, rst, finned} {
			if v := offered(l, from, &seg); !v.Lost || v.Rule != "drop any:ANY" {
				t.Errorf("%s from %s: %+v", seg.Flags, from, v)
			}
		}
	}
}

// TestARuleSaysWhatItDoes: no rule but one that drops says that it drops.
func TestARuleSaysWhatItDoes(t *testing.T) {
	for want, r := range map[string]Rule{
		"dropping any:ANY":                                    {},
		"dropping server:FIN:1":                               {From: FromServer, What: "FIN", Nth: 1},
		"delaying client:DATA by 50ms (slow)":                 {Name: "slow", From: FromClient, What: "DATA", Act: ActDelay, Delay: 50 * time.Millisecond},
		"duplicating any:ACK":                                 {What: "ACK", Act: ActDuplicate},
		"corrupting any:ANY":                                  {Act: ActCorrupt},
		"holding any:RST until done":                          {What: "RST", Act: ActHold, Label: "done"},
		"forging at any:SYN":                                  {What: "SYN", Act: ActForge, Forge: Forge{ToSender: true}},
		"dropping and forging at server:DATA:3 (a middlebox)": {Name: "a middlebox", From: FromServer, What: "DATA", Nth: 3, Act: ActDropAndForge, Forge: Forge{ToSender: true}},
	} {
		if err := r.Validate(); err != nil {
			t.Error(err)
		}
		if got := r.Doing(); got != want {
			t.Errorf("%+v is %q, want %q", r, got, want)
		}
	}
}

// TestARuleIsTakenAwayByItself: not another of the same text.
func TestARuleIsTakenAwayByItself(t *testing.T) {
	l := newLink(Config{})
	first, second := l.Add(Rule{Nth: 1}), l.Add(Rule{Nth: 1})
	if _, was := l.Remove(first); !was {
		t.Error("the first was not in force")
	}
	if _, was := l.Remove(first); was {
		t.Error("it is taken away twice")
	}
	if !offered(l, trace.Client, &data).Lost {
		t.Error("the second is gone too")
	}
	if r, was := l.Remove(second); !was || r.Nth != 1 {
		t.Errorf("the second: %+v %t", r, was)
	}
}
