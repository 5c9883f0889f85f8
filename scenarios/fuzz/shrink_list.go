package fuzz

import (
	"slices"

	"github.com/tcpsim/tcpsim/scenarios/model"
)

// list is something of which parts can be taken away.
type list struct {
	len    func(c *model.Case) int
	remove func(c *model.Case, at, n int) bool
}

func listOf[T any](of func(c *model.Case) *[]T) list {
	return list{
		len: func(c *model.Case) int { return len(*of(c)) },
		remove: func(c *model.Case, at, n int) bool {
			l := of(c)
			if at+n > len(*l) {
				return false
			}
			*l = slices.Delete(*l, at, at+n)
			return true
		},
	}
}

// lists are in the order in which most goes at once.
var lists = []list{
	listOf(func(c *model.Case) *[]model.Process { return &c.Client.Processes }),
	listOf(func(c *model.Case) *[]model.Process { return &c.Server.Processes }),
	listOf(func(c *model.Case) *[]model.Step { return &c.Network }),
	{len: Steps, remove: removeSteps},
	listOf(func(c *model.Case) *[]model.DropRule { return &c.Link.Drop }),
	{
		len: func(c *model.Case) int { return len(c.Link.Rules) },
		remove: func(c *model.Case, at, n int) bool {
			c.Link.Rules = slices.Delete(c.Link.Rules, at, at+n)
			return true
		},
	},
	listOf(func(c *model.Case) *[]model.Setting { return &c.Client.Settings }),
	listOf(func(c *model.Case) *[]model.Setting { return &c.Server.Settings }),
}

// removeSteps takes n steps out, also across processes.
func removeSteps(c *model.Case, at, n int) bool {
	i := 0
	eachList(c, func(steps []model.Step) []model.Step {
		return slices.DeleteFunc(steps, func(model.Step) bool {
			i++
			return i > at && i <= at+n
		})
	})
	return true
}

// socketName is a socket of one process.
type socketName struct{ process, socket string }

func sockets(c *model.Case) (names []socketName) {
	for _, h := range c.Hosts() {
		for _, p := range h.Processes {
			for _, s := range p.Steps {
				switch {
				case s.Verb == model.VerbSocket:
					names = append(names, socketName{p.Name, s.Socket})
				case s.As != "":
					names = append(names, socketName{p.Name, s.As})
				}
			}
		}
	}
	return names
}

func removeSocket(c *model.Case, n socketName) bool {
	found := false
	for _, h := range []*model.Host{&c.Server, &c.Client} {
		for p := range h.Processes {
			if h.Processes[p].Name != n.process {
				continue
			}
			h.Processes[p].Steps = slices.DeleteFunc(h.Processes[p].Steps, func(s model.Step) bool {
				gone := s.Socket == n.socket || s.As == n.socket
				found = found || gone
				return gone
			})
		}
	}
	eachList(c, func(steps []model.Step) []model.Step { return steps })
	return found
}
