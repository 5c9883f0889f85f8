package sim_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/link"
)

// TestRulesAtRunTime: a rule that is put in force while the run goes on is
// checked as one of Config is; the trace says what it does, and what ends.
func TestRulesAtRunTime(t *testing.T) {
	s := newSim(t, sim.Config{Link: link.Config{Drop: []link.Rule{{What: "RST"}}}})
	s.Network(func(n *sim.Network) {
		add := func(r link.Rule) func() {
			remove, err := n.AddRule(r)
			if err != nil {
				t.Error(err)
			}
			return remove
		}
		var invalid *link.Invalid
		if _, err := n.AddRule(link.Rule{What: "NAK"}); !errors.As(err, &invalid) || invalid.Key != "what" {
			t.Errorf("a rule that matches nothing: %v", err)
		}
		slow := add(link.Rule{Name: "slow", What: "DATA", Act: link.ActDelay, Delay: time.Second})
		add(link.Rule{From: link.FromServer, What: "FIN", Act: link.ActDropAndForge, Forge: link.Forge{ToSender: true}})
		add(link.Rule{What: "SYN"})
		slow()
		slow() // it is gone
		if err := n.RemoveRule("any:NAK"); err == nil {
			t.Error("a rule that is not there was removed")
		}
		if err := n.RemoveRule("server:FIN"); err != nil {
			t.Error(err)
		}
		if err := n.RemoveRule("all"); err != nil {
			t.Error(err)
		}
		if err := n.RemoveRule("all"); err != nil {
			t.Error(err)
		}
	})
	var got []string
	for _, n := range run(t, s).Notes {
		got = append(got, n.Kind.String()+" "+n.Host.String()+": "+n.Text)
	}
	want := []string{
		"add-rule client: the link starts delaying any:DATA by 1s (slow)",
		"add-rule server: the link starts dropping and forging at server:FIN",
		"add-rule client: the link starts dropping any:SYN",
		"remove-rule client: the link stops delaying any:DATA by 1s (slow)",
		"remove-rule server: the link stops dropping and forging at server:FIN",
		"remove-rule client: the link stops dropping any:RST",
		"remove-rule client: the link stops dropping any:SYN",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the notes are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestARuleThatIsTakenAwayDoesNoMore: to the segments that are sent from then on.
func TestARuleThatIsTakenAwayDoesNoMore(t *testing.T) {
	s := newSim(t, sim.Config{Link: link.Symmetric(10*time.Millisecond, 0)})
	s.Server().Go("server", func(p *sim.Process) { p.Accept(listen(p)) })
	connected := time.Duration(0)
	s.Client().Go("client", func(p *sim.Process) {
		p.Sleep(time.Millisecond)
		c, _ := p.Socket()
		p.Connect(c, serverOf(p))
		connected = p.Now()
	})
	s.Network(func(n *sim.Network) {
		remove, _ := n.AddRule(link.Rule{From: link.FromClient})
		n.Sleep(2 * time.Second) // the SYN and its first retransmission, a second later, are lost
		remove()
	})
	tr := run(t, s)
	if connected.Truncate(time.Millisecond) != 3021*time.Millisecond {
		t.Errorf("connected at %s:\n%s", connected, tr)
	}
}
