package fuzz

import (
	"slices"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/stack"
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

// made is a call of some kind that succeeded.
func made(op trace.Op, of ...func(*trace.Call) bool) func(*trace.Call) bool {
	return func(c *trace.Call) bool {
		return c.Op == op && c.Returned && c.Errno == stack.OK &&
			!slices.ContainsFunc(of, func(f func(*trace.Call) bool) bool { return !f(c) })
	}
}

// moves is a call that moves bytes, or finds something.
func moves(c *trace.Call) bool { return c.Value > 0 }

func flagged(f stack.MsgFlags) func(*trace.Call) bool {
	return func(c *trace.Call) bool { return c.Args.Flags&f != 0 }
}

func how(h stack.How) func(*trace.Call) bool {
	return func(c *trace.Call) bool { return c.Args.How == h }
}

// sets is a setsockopt of an option to some value, or to any when text is
// empty, that succeeded.
func sets(option, text string) func(*trace.Call) bool {
	return made(trace.OpSetsockopt, func(c *trace.Call) bool {
		return c.Args.Option == option && (text == "" || c.Args.OptVal.String() == text)
	})
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
