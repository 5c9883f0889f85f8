package fuzz

import (
	"slices"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
)

// order has something wait for a step: a segment on the link, the experimenter
// or a process. What it waits for may never come to pass, or depend on it.
func (g *generator) order(c *model.Case) {
	steps := stepCount(c)
	if steps == 0 || !g.one(8) {
		return
	}
	const label = "here"
	stepAt(c, g.below(min(steps, 256))).Label = label
	wait := model.Step{Verb: model.VerbWaitFor, Target: label}
	switch g.below(3) {
	case 0:
		r := link.Rule{Name: "hold", What: pick(&g.source, dropWhat), Nth: 1 + g.below(4), Act: link.ActHold, Label: label, From: g.sender()}
		c.Link.Rules = append(c.Link.Rules, r)
	case 1:
		c.Network = slices.Insert(c.Network, g.below(len(c.Network)+1), wait)
	case 2:
		h := pick(&g.source, []*model.Host{&c.Server, &c.Client})
		p := &h.Processes[g.below(len(h.Processes))]
		p.Steps = slices.Insert(p.Steps, g.below(len(p.Steps)+1), wait)
	}
}
