package fuzz

import (
	"slices"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
)

func counted(c *model.Case, of func(*model.Step) bool) (n int) {
	for i := 0; stepAt(c, i) != nil; i++ {
		if of(stepAt(c, i)) {
			n++
		}
	}
	return n
}

func step(of func(*model.Step) bool) func(*model.Case) bool {
	return func(c *model.Case) bool { return counted(c, of) > 0 }
}

func verb(v model.Verb) func(*model.Step) bool {
	return func(s *model.Step) bool { return s.Verb == v }
}

func flagged(name string) func(*model.Step) bool {
	return func(s *model.Step) bool { return slices.Contains(s.Flags, name) }
}

func optioned(name string) func(*model.Step) bool {
	return func(s *model.Step) bool { return s.Verb == model.VerbSetsockopt && s.Option == name }
}

func lingering(least, most int) func(*model.Step) bool {
	return func(s *model.Step) bool {
		return s.Linger != nil && s.Linger.OnOff == 1 && s.Linger.Linger >= least && s.Linger.Linger <= most
	}
}

func process(of func(*model.Process) bool) func(*model.Case) bool {
	return func(c *model.Case) bool {
		return slices.ContainsFunc(c.Hosts(), func(h model.Host) bool {
			return slices.ContainsFunc(h.Processes, func(p model.Process) bool { return of(&p) })
		})
	}
}

func way(of func(*model.Direction) bool) func(*model.Case) bool {
	return func(c *model.Case) bool { return of(&c.Link.ClientToServer) || of(&c.Link.ServerToClient) }
}

func rule(of func(*link.Rule) bool) func(*model.Case) bool {
	return func(c *model.Case) bool {
		return slices.ContainsFunc(c.Link.Rules, func(r link.Rule) bool { return of(&r) })
	}
}

func act(a link.Act) func(*model.Case) bool {
	return rule(func(r *link.Rule) bool { return r.Act == a })
}

func setting(name string) func(*model.Case) bool {
	return func(c *model.Case) bool { return hasSetting(&c.Client, name) || hasSetting(&c.Server, name) }
}

func stepsOf(h *model.Host) (all []model.Step) {
	for _, p := range h.Processes {
		all = append(all, p.Steps...)
	}
	return all
}
