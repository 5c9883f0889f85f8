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
	{len: stepCount, remove: removeSteps},
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

// wholes take away, or fold together, what hangs together: one step of it alone
// cannot go.
func wholes(c *model.Case) (edits []func(*model.Case) bool) {
	for _, name := range sockets(c) {
		edits = append(edits, func(c *model.Case) bool { return removeSocket(c, name) })
	}
	for _, h := range c.Hosts() {
		for _, p := range h.Processes {
			edits = append(edits, func(c *model.Case) bool { return removeProcess(c, p.Name) })
			if p.Forked {
				edits = append(edits, func(c *model.Case) bool { return adopt(c, p.Name) })
			}
		}
	}
	for i := 0; stepAt(c, i) != nil; i++ {
		s := stepAt(c, i)
		if s.Label != "" {
			edits = append(edits, func(c *model.Case) bool { return removeLabel(c, s.Label) })
		}
		if s.Verb == model.VerbDup {
			edits = append(edits, func(c *model.Case) bool { return removeDup(c, i) })
		}
	}
	return append(edits, joinProcesses(0), joinProcesses(1), plainNames)
}

// eachList calls f with every list of steps, to change it, and drops the
// processes that it leaves without a step: no file can say that one does
// nothing.
func eachList(c *model.Case, f func([]model.Step) []model.Step) {
	for _, h := range []*model.Host{&c.Server, &c.Client} {
		for p := range h.Processes {
			h.Processes[p].Steps = f(h.Processes[p].Steps)
		}
		h.Processes = slices.DeleteFunc(h.Processes, func(p model.Process) bool { return len(p.Steps) == 0 })
	}
	c.Network = f(c.Network)
}

func removeProcess(c *model.Case, name string) bool {
	for _, h := range []*model.Host{&c.Server, &c.Client} {
		h.Processes = slices.DeleteFunc(h.Processes, func(p model.Process) bool { return p.Name == name })
	}
	eachList(c, func(steps []model.Step) []model.Step {
		return slices.DeleteFunc(steps, func(s model.Step) bool {
			return s.Target == name && (s.Verb == model.VerbFork || s.Verb == model.VerbKill)
		})
	})
	return true
}

// adopt has the parent do what its child does, from where it would fork.
func adopt(c *model.Case, name string) bool {
	var child []model.Step
	for _, h := range []*model.Host{&c.Server, &c.Client} {
		for _, p := range h.Processes {
			if p.Name == name {
				child = p.Steps
			}
		}
	}
	eachList(c, func(steps []model.Step) []model.Step {
		if i := slices.IndexFunc(steps, func(s model.Step) bool { return s.Verb == model.VerbFork && s.Target == name }); i >= 0 {
			return slices.Replace(slices.Clone(steps), i, i+1, child...)
		}
		return steps
	})
	return removeProcess(c, name)
}

func removeLabel(c *model.Case, label string) bool {
	eachList(c, func(steps []model.Step) []model.Step {
		steps = slices.DeleteFunc(steps, func(s model.Step) bool { return s.Verb == model.VerbWaitFor && s.Target == label })
		for i := range steps {
			if steps[i].Label == label {
				steps[i].Label = ""
			}
		}
		return steps
	})
	for i := len(c.Link.Rules) - 1; i >= 0; i-- {
		if c.Link.Rules[i].Label == label {
			c.Link.Rules = slices.Delete(c.Link.Rules, i, i+1)
		}
	}
	return true
}

// removeDup has a process use the descriptor itself and not its copy.
func removeDup(c *model.Case, at int) bool {
	s := stepAt(c, at)
	if s == nil || s.Verb != model.VerbDup {
		return false // an edit before this one has moved it
	}
	dup, i := *s, 0
	eachList(c, func(steps []model.Step) []model.Step {
		from := at - i
		i += len(steps)
		if from < 0 || from >= len(steps) {
			return steps
		}
		for k := from; k < len(steps); k++ {
			if steps[k].Socket == dup.As {
				steps[k].Socket = dup.Socket
			}
		}
		return slices.Delete(steps, from, from+1)
	})
	return true
}

// joinProcesses has the first process of each host that has two do what the
// second does, before or after what it does itself.
func joinProcesses(first int) func(*model.Case) bool {
	return func(c *model.Case) (changed bool) {
		for _, h := range []*model.Host{&c.Server, &c.Client} {
			if len(h.Processes) < 2 || h.Processes[1].Forked {
				continue
			}
			a, b := h.Processes[0], h.Processes[1]
			for i := range b.Steps {
				s := &b.Steps[i]
				for _, name := range []*string{&s.Socket, &s.As} {
					if *name != "" {
						*name += "b"
					}
				}
			}
			if first == 1 {
				a.Steps = slices.Concat(b.Steps, a.Steps)
			} else {
				a.Steps = slices.Concat(a.Steps, b.Steps)
			}
			gone := b.Name
			h.Processes = slices.Delete(h.Processes, 1, 2)
			h.Processes[0] = a
			return removeProcess(c, gone)
		}
		return changed
	}
}

// plainNames calls things what people call them, so that two scenarios that
// differ in nothing but names become one: l listens, c connects, s was
// accepted, and a process is called after its host.
func plainNames(c *model.Case) (changed bool) {
	renamed := map[string]string{}
	for _, h := range []*model.Host{&c.Server, &c.Client} {
		for p := range h.Processes {
			name := h.Name
			if p > 0 {
				name += "-" + string(rune('1'+p))
			}
			if was := h.Processes[p].Name; was != name {
				renamed[was], h.Processes[p].Name, changed = name, name, true
			}
			changed = plainSockets(h.Processes[p].Steps) || changed
		}
	}
	eachList(c, func(steps []model.Step) []model.Step {
		for i := range steps {
			if to, ok := renamed[steps[i].Target]; ok && (steps[i].Verb == model.VerbKill || steps[i].Verb == model.VerbFork) {
				steps[i].Target = to
			}
		}
		return steps
	})
	return changed
}

func plainSockets(steps []model.Step) (changed bool) {
	names, count := map[string]string{}, map[string]int{}
	give := func(old, kind string) {
		count[kind]++
		if n := count[kind]; n > 1 {
			kind += string(rune('0' + min(n, 9)))
		}
		names[old] = kind
	}
	for i := range steps {
		s := &steps[i]
		switch s.Verb {
		case model.VerbSocket:
			kind := "c"
			for _, later := range steps[i:] {
				if later.Verb == model.VerbListen && later.Socket == s.Socket {
					kind = "l"
				}
			}
			give(s.Socket, kind)
		case model.VerbAccept:
			give(s.As, "s")
		case model.VerbDup:
			give(s.As, "d")
		}
		for _, name := range []*string{&s.Socket, &s.As} {
			if to, ok := names[*name]; ok && *name != to {
				*name, changed = to, true
			}
		}
	}
	return changed
}
