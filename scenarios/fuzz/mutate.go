package fuzz

import (
	"slices"
	"sync"
	"time"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

// cases are all cases of the catalogue, without what they expect.
var cases = sync.OnceValue(func() []model.Case {
	var all []model.Case
	for _, f := range scenarios.Catalogue() {
		for _, c := range f.Cases() {
			all = append(all, bare(c))
		}
	}
	return all
})

// bare takes away what a case says for people and for its check.
func bare(c model.Case) model.Case {
	b := model.Case{
		Scenario: "fuzz", Group: "fuzz", Title: "A changed scenario of the catalogue: " + c.FullName(),
		IP: c.IP, Seed: c.Seed, Until: c.Until, Link: c.Link, Client: c.Client, Server: c.Server, Network: c.Network,
	}
	f := clone(&model.File{Base: b})
	b = f.Base
	if b.Until == 0 {
		b.Until = until
	}
	for _, h := range []*model.Host{&b.Client, &b.Server} {
		for i := range h.Processes {
			h.Processes[i].Exits = nil
		}
	}
	for i := 0; stepAt(&b, i) != nil; i++ {
		s := stepAt(&b, i)
		s.Expect, s.Total = nil, nil
	}
	return b
}

// CatalogueInputs are the byte strings that stand for the cases of the
// catalogue as they are: seeds for a fuzzer.
func CatalogueInputs() [][]byte {
	var all [][]byte
	for i := range cases() {
		all = append(all, []byte{fromCatalogue, byte(i), byte(i >> 8)})
	}
	return all
}

// mutate changes a case of the catalogue as the bytes say. A change that leads
// to something that is no scenario is left out.
func mutate(data []byte) *model.File {
	g := &generator{source: source{data: data}}
	at := int(g.next()) + int(g.next())<<8
	f := clone(&model.File{Name: "fuzz", Group: "fuzz", Base: cases()[at%len(cases())]})
	for _, h := range f.Base.Hosts() {
		for _, p := range h.Processes {
			g.processes = append(g.processes, p.Name)
		}
	}
	for n := 0; !g.empty() && n < mostActs; n++ {
		changed := clone(f)
		g.change(&changed.Base)
		if scenarios.Check(changed) == nil {
			f = changed
		}
	}
	return f
}

func (g *generator) change(c *model.Case) {
	n := max(stepCount(c), 1)
	at := int(g.next()) % n
	switch g.below(8) {
	case 0:
		removeSteps(c, at, 1)
	case 1:
		if s := stepAt(c, at); s != nil && s.Verb == model.VerbSleep {
			s.Duration = pick(&g.source, pauses)
		} else {
			insert(c, at, model.Step{Verb: model.VerbSleep, Duration: pick(&g.source, pauses)})
		}
	case 2:
		if s := stepAt(c, at); s != nil {
			insert(c, at, *s)
		}
	case 3:
		host := pick(&g.source, hostNames)
		sleep := model.Step{Verb: model.VerbSleep, Duration: max(time.Millisecond, pick(&g.source, pauses))}
		c.Network = append(c.Network, sleep, model.Step{Verb: model.VerbInject, Target: host, Inject: g.forged(host, true)})
	case 4:
		g.faults(pick(&g.source, []*model.Direction{&c.Link.ClientToServer, &c.Link.ServerToClient}))
	case 5:
		c.Link.Drop = append(c.Link.Drop, g.rule())
	case 6:
		if s := stepAt(c, at); s != nil && s.Socket != "" {
			w := program{g: g, conns: []string{s.Socket}}
			w.any()
			if len(w.steps) > 0 {
				insert(c, at+1, w.steps[0])
			}
		}
	default:
		h := pick(&g.source, []*model.Host{&c.Client, &c.Server})
		if s := pick(&g.source, settings); !hasSetting(h, s[0]) {
			h.Settings = append(h.Settings, model.Setting{Name: s[0], Value: s[1]})
		}
	}
}

// insert puts a step before the ith, without the label that a copy may bear.
func insert(c *model.Case, at int, s model.Step) {
	s.Label = ""
	i := 0
	into := func(steps []model.Step) []model.Step {
		if k := at - i; k >= 0 && k < len(steps) {
			i += len(steps)
			return slices.Insert(steps, k, s)
		}
		i += len(steps)
		return steps
	}
	for _, h := range []*model.Host{&c.Server, &c.Client} {
		for p := range h.Processes {
			h.Processes[p].Steps = into(h.Processes[p].Steps)
		}
	}
	c.Network = into(c.Network)
}
