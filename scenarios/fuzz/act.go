package fuzz

import (
	"bytes"
	"slices"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack/wire"
)

// flags of forged segments: resets first, for they are what people forge.
var forgedFlags = []wire.Flags{
	wire.RST, wire.RST | wire.ACK, wire.FIN | wire.ACK, wire.ACK, wire.SYN, wire.SYN | wire.ACK,
	wire.PSH | wire.ACK, wire.FIN | wire.PSH | wire.ACK, wire.SYN | wire.FIN, wire.FIN | wire.RST,
}

// againFlags are those of segments that a host sends again.
var againFlags = []wire.Flags{
	wire.FIN | wire.PSH | wire.ACK, wire.PSH | wire.ACK, wire.FIN | wire.ACK, wire.FIN | wire.PSH | wire.ACK,
}

// forgedNumbers are relative sequence numbers: around the ends of a handshake
// and of small data, in the window, and far from it.
var forgedNumbers = []uint32{1, 0, 2, 6, 14, 1000, 100_000, 3_000_000_000, 4_294_967_295}

// network makes the experimenter's steps. Hosts crash only while they are up
// and rules end only while they are in force: an experimenter whose step makes
// no sense ends the experiment.
func (g *generator) network() []model.Step {
	var steps []model.Step
	add := func(s model.Step) { steps = append(steps, s) }
	down, slept := map[string]bool{}, false
	var rules []model.DropRule // in force, of those that are made here
	for n := g.below(mostActs + 1); n > 0; n-- {
		host := pick(&g.source, hostNames)
		switch g.weighted([]int{10, 6, 6, 4, 4, 6}) {
		case 0:
			d := pick(&g.source, pauses)
			slept = slept || d > 0
			add(model.Step{Verb: model.VerbSleep, Duration: d})
		case 1:
			add(model.Step{Verb: model.VerbInject, Target: host, Inject: g.forged(host, slept)})
		case 2:
			add(model.Step{Verb: pick(&g.source, []model.Verb{model.VerbUnplug, model.VerbPlug}), Target: host})
		case 3:
			verb := model.VerbCrash
			if down[host] {
				verb = model.VerbBoot
			}
			down[host] = !down[host]
			add(model.Step{Verb: verb, Target: host})
		case 4:
			add(model.Step{Verb: model.VerbKill, Target: pick(&g.source, g.processes), Signal: pick(&g.source, signals)})
		case 5:
			switch {
			case len(rules) > 0 && g.one(4):
				add(model.Step{Verb: model.VerbPass, Rule: model.DropRule{Text: model.AllRules}})
				rules = nil
			case len(rules) > 0 && g.one(2):
				at := g.below(len(rules))
				add(model.Step{Verb: model.VerbPass, Rule: rules[at]})
				rules = slices.Delete(rules, at, at+1)
			default:
				r := g.rule()
				if !slices.ContainsFunc(rules, func(o model.DropRule) bool { return o.Text == r.Text }) {
					rules = append(rules, r)
					add(model.Step{Verb: model.VerbDrop, Rule: r})
				}
			}
		}
	}
	return steps
}

// forged makes a segment. Its ports are those of the latest connection, where
// there may be one, or those at which somebody may listen.
func (g *generator) forged(to string, connected bool) *model.Inject {
	if g.one(6) {
		return g.again()
	}
	in := &model.Inject{Flags: pick(&g.source, forgedFlags), By: "middlebox"}
	in.Seq = new(pick(&g.source, forgedNumbers))
	in.Ack = new(pick(&g.source, forgedNumbers))
	in.Win = new(pick(&g.source, []uint16{65535, 0, 1, 1000}))
	if g.one(4) {
		in.Data = []byte("FORGED FORGED"[:pick(&g.source, []int{5, 1, 2, 13})])
	}
	if g.one(4) || !connected {
		in.SourcePort, in.DestinationPort = new(pick(&g.source, localPorts)), new(pick(&g.source, ports))
		if to == "client" {
			in.SourcePort, in.DestinationPort = in.DestinationPort, in.SourcePort
		}
	}
	return in
}

// again makes a segment like one that a host sends again: with the first bytes
// of its stream, which have arrived before, and perhaps with its FIN behind them
// this time.
func (g *generator) again() *model.Inject {
	in := &model.Inject{Flags: pick(&g.source, againFlags), By: "middlebox"}
	n := 1
	if len(g.sent) > 0 {
		n = pick(&g.source, g.sent)
	}
	in.Seq, in.Ack, in.Win = new(uint32(1)), new(uint32(1)), new(uint16(65535))
	if g.one(3) {
		*in.Seq, n = 0, 1
	}
	in.Data = bytes.Repeat([]byte("A"), n)
	return in
}
