package fuzz

import (
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
)

// link makes the path between the hosts: mostly a plain one, sometimes with a
// fault of each kind that there is.
func (g *generator) link() (l model.Link) {
	l.ClientToServer.Latency = pick(&g.source, latencies)
	l.ServerToClient.Latency = l.ClientToServer.Latency
	if g.one(4) {
		l.ServerToClient.Latency = pick(&g.source, latencies)
	}
	if g.one(4) {
		l.ClientToServer.Loss = pick(&g.source, losses)
		l.ServerToClient.Loss = pick(&g.source, losses)
	}
	if g.one(6) {
		g.faults(&l.ClientToServer)
	}
	if g.one(6) {
		g.faults(&l.ServerToClient)
	}
	for g.one(4) && len(l.Drop) < 3 {
		l.Drop = append(l.Drop, g.rule())
	}
	for g.one(8) && len(l.Rules) < 3 {
		l.Rules = append(l.Rules, g.linkRule(len(l.Rules)))
	}
	if g.one(24) {
		l.Middlebox = link.Middlebox{
			Name: "firewall", Stateful: g.one(2), Idle: pick(&g.source, []time.Duration{time.Second, 0, 30 * time.Second}), Reset: g.one(2),
		}
	}
	return l
}

// faults makes one direction do one thing more.
func (g *generator) faults(d *model.Direction) {
	share := func() float64 { return pick(&g.source, []float64{0.1, 0.5, 1, 0.02}) }
	switch g.below(8) {
	case 0:
		d.Duplicate = share()
	case 1:
		d.Reorder = share()
	case 2:
		d.Jitter, d.Distribution = pick(&g.source, latencies), pick(&g.source, []link.Distribution{link.Uniform, link.Normal})
	case 3:
		d.Corrupt, d.Field = share(), pick(&g.source, fields)
	case 4:
		d.Burst = link.GilbertElliott{
			ToBad: share(), ToGood: share(), InBad: pick(&g.source, []float64{0.8, 1, 0.5}), InGood: pick(&g.source, []float64{0, 0, 0.1}),
		}
	case 5:
		d.Rate = pick(&g.source, []int64{1_000_000, 56_000, 10_000_000})
		switch g.below(4) {
		case 2:
			d.Queue.Packets = 1 + g.below(4)
		case 3:
			d.Queue.Bytes = pick(&g.source, []int{3000, 1500, 10_000})
		}
	case 6:
		d.MTU = pick(&g.source, []int{1280, 1400})
	case 7:
		d.Distribution, d.Delays = link.Recorded, []time.Duration{pick(&g.source, pauses), pick(&g.source, pauses), pick(&g.source, pauses)}
	}
}

// linkRule makes a rule that does something else than to drop.
func (g *generator) linkRule(n int) link.Rule {
	r := link.Rule{Name: "rule " + string(rune('a'+n)), What: pick(&g.source, dropWhat), From: g.sender()}
	if n := g.below(5); n < 4 {
		r.Nth = n + 1
	}
	if g.one(4) {
		r.After = pick(&g.source, pauses)
		r.Before = r.After + max(time.Millisecond, pick(&g.source, pauses))
	}
	if g.one(6) {
		r.LenMin = pick(&g.source, smallSizes)
	}
	switch g.below(5) {
	case 0:
		r.Act, r.Delay = link.ActDelay, max(time.Millisecond, pick(&g.source, pauses))
	case 1:
		r.Act, r.Delay = link.ActDuplicate, pick(&g.source, pauses)
	case 2:
		r.Act, r.Field = link.ActCorrupt, pick(&g.source, fields)
	case 3:
		r.Act, r.Forge = link.ActForge, g.answer()
	default:
		r.Act, r.Forge = link.ActDropAndForge, g.answer()
	}
	return r
}

func (g *generator) sender() link.Sender {
	s, err := link.ParseSender(pick(&g.source, dropFrom))
	if err != nil {
		panic("fuzz: " + err.Error())
	}
	return s
}

// answer says who gets the RST that a middlebox forges.
func (g *generator) answer() link.Forge {
	n := g.below(3)
	return link.Forge{ToSender: n != 1, ToReceiver: n != 0}
}
