package fuzz

import (
	"fmt"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
)

// The most of everything that one scenario has.
const (
	mostProcesses = 3 // on one host
	mostSteps     = 14
	mostActs      = 8
)

// fromCatalogue is the first byte from which on an input changes a scenario of
// the catalogue instead of making one up.
const fromCatalogue = 0xf0

// until ends the runs in which somebody waits for ever. The longest that TCP
// does by itself, fifteen retransmissions, takes 15 minutes.
const until = 2 * time.Hour

// Generate reads data as choices and makes a scenario of them. It is total:
// every byte string gives a scenario that file.Encode can write and that
// file.Decode takes. The same bytes give the same scenario.
func Generate(data []byte) *model.File {
	if len(data) > 1 && data[0] >= fromCatalogue {
		return mutate(data[1:])
	}
	g := &generator{source: source{data: data}}
	f := &model.File{Name: "fuzz", Group: "fuzz"}
	c := &f.Base
	c.Scenario, c.Group, c.Title = f.Name, f.Group, "A random close sequence"
	c.IP, c.Seed, c.Until = 4, 1, until
	if g.one(16) {
		c.IP = 6
	}
	c.Link = g.link()
	c.Server = g.host("server")
	c.Client = g.host("client")
	c.Network = g.network()
	g.order(c)
	return f
}

type generator struct {
	source
	processes []string
	sent      []int // lengths of what is sent, where it is little
}

func (g *generator) rule() model.DropRule {
	text := pick(&g.source, dropFrom) + ":" + pick(&g.source, dropWhat)
	// Every one of a kind is lost less often than one of them: a scenario in
	// which nothing arrives shows little.
	if n := g.below(5); n < 4 {
		text += fmt.Sprintf(":%d", n+1)
	}
	r, err := model.ParseDropRule(text)
	if err != nil {
		panic("fuzz: " + err.Error())
	}
	return r
}

func (g *generator) host(name string) model.Host {
	h := model.Host{Name: name}
	for g.one(6) && len(h.Settings) < 3 {
		s := pick(&g.source, settings)
		if !hasSetting(&h, s[0]) {
			h.Settings = append(h.Settings, model.Setting{Name: s[0], Value: s[1]})
		}
	}
	n := 1
	for g.one(3) && n < mostProcesses {
		n++
	}
	for i := range n {
		p, child := g.process(name, i)
		h.Processes = append(h.Processes, p)
		if child != nil {
			h.Processes = append(h.Processes, *child)
		}
	}
	return h
}

func hasSetting(h *model.Host, name string) bool {
	for _, s := range h.Settings {
		if s.Name == name {
			return true
		}
	}
	return false
}
