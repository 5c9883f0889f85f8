package fuzz

import (
	"slices"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
)

// mostTries bounds the runs of one shrink: a few seconds.
const mostTries = 3000

// shrink makes a scenario smaller as long as fails says that it still fails:
// it takes away processes, steps, faults and settings, then shortens data and
// times. The result is one from which no single thing and no two steps can be
// taken away any more. It is the same for the same scenario. fails must be a function of the
// scenario alone, and is only asked about scenarios that can be written down
// and read back.
func shrink(f *model.File, fails func(*model.File) bool) *model.File {
	s := shrinker{best: f, fails: fails}
	for again := true; again && s.tries < mostTries; {
		again = s.removals()
		again = s.edits() || again
		again = again || s.pairs()
	}
	return s.best
}

// stillFails is what shrink asks to keep a violation of one kind: whether a scenario
// still shows it.
func stillFails(key string, c Config) func(*model.File) bool {
	for _, o := range append(Oracles(), RunOracles()...) {
		if len(key) > len(o.Name) && key[:len(o.Name)+1] == o.Name+"/" {
			c.Oracles = []string{o.Name}
		}
	}
	c.hasty = true
	return func(f *model.File) bool {
		_, found := Try(f, c)
		return slices.ContainsFunc(found, func(v Violation) bool { return v.Key() == key })
	}
}

type shrinker struct {
	best  *model.File
	fails func(*model.File) bool
	tries int
}

// try keeps a changed copy of the best scenario when it still fails.
func (s *shrinker) try(change func(c *model.Case) bool) bool {
	if s.tries >= mostTries {
		return false
	}
	f := clone(s.best)
	if !change(&f.Base) {
		return false
	}
	// Not every change leaves a scenario: a step may have lost the socket
	// that it uses, or a rule the one that it ends.
	if scenarios.Check(f) != nil {
		return false
	}
	s.tries++
	if !s.fails(f) {
		return false
	}
	s.best = f
	return true
}

// removals takes things away: halves first, then quarters, down to single ones.
func (s *shrinker) removals() (any bool) {
	for _, l := range lists {
		for size := max(l.len(&s.best.Base)/2, 1); size > 0; size /= 2 {
			// From the end: later steps depend on earlier ones.
			for at := l.len(&s.best.Base) - size; at >= 0; at-- {
				if s.try(func(c *model.Case) bool { return l.remove(c, at, size) }) {
					any = true
					at = min(at, l.len(&s.best.Base)-size+1)
				}
			}
		}
	}
	for _, e := range wholes(&s.best.Base) {
		any = s.try(e) || any
	}
	return any
}

// mostPairs is how many steps a scenario may have for each two of them to be
// tried together.
const mostPairs = 24

// pairs takes two steps away that only go together.
func (s *shrinker) pairs() bool {
	n := stepCount(&s.best.Base)
	if n > mostPairs {
		return false
	}
	for j := n - 1; j > 0; j-- {
		for i := j - 1; i >= 0; i-- {
			if s.try(func(c *model.Case) bool { return removeSteps(c, j, 1) && removeSteps(c, i, 1) }) {
				return true
			}
		}
	}
	return false
}

// edits makes what is left simpler.
func (s *shrinker) edits() (any bool) {
	for _, e := range caseEdits {
		any = s.try(e) || any
	}
	for i := 0; ; i++ {
		if stepAt(&s.best.Base, i) == nil {
			return any
		}
		for _, e := range stepEdits {
			for s.try(func(c *model.Case) bool { return e(stepAt(c, i)) }) {
				any = true
			}
		}
	}
}

// clone copies what edits may change. What pointers point to is replaced, not
// changed.
func clone(f *model.File) *model.File {
	g := *f
	c := &g.Base
	c.Link.Drop = slices.Clone(c.Link.Drop)
	c.Link.Rules = slices.Clone(c.Link.Rules)
	c.Network = slices.Clone(c.Network)
	for _, h := range []*model.Host{&c.Client, &c.Server} {
		h.Settings = slices.Clone(h.Settings)
		h.Processes = slices.Clone(h.Processes)
		for i := range h.Processes {
			h.Processes[i].Steps = slices.Clone(h.Processes[i].Steps)
		}
	}
	return &g
}

// stepCount counts the steps of a scenario, of all its processes and of the
// experimenter: how large it is. Link rules, settings and processes are no
// steps.
func stepCount(c *model.Case) int {
	n := 0
	for stepAt(c, n) != nil {
		n++
	}
	return n
}

// moveCount counts the steps in which something can happen to a connection: all but
// socket, bind and listen, which send nothing and which it takes to have a
// connection at all.
func moveCount(c *model.Case) (n int) {
	for i := 0; stepAt(c, i) != nil; i++ {
		switch stepAt(c, i).Verb {
		case model.VerbSocket, model.VerbBind, model.VerbListen:
		default:
			n++
		}
	}
	return n
}

// stepAt is the ith step of a case: of the server's processes, the client's,
// the experimenter.
func stepAt(c *model.Case, i int) *model.Step {
	for _, h := range []*model.Host{&c.Server, &c.Client} {
		for p := range h.Processes {
			steps := h.Processes[p].Steps
			if i < len(steps) {
				return &steps[i]
			}
			i -= len(steps)
		}
	}
	if i < len(c.Network) {
		return &c.Network[i]
	}
	return nil
}
