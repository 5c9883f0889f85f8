package model

import "go.yaml.in/yaml/v4"

// checkForks checks what concerns the processes of a host together: each one
// that starts by a fork is forked by one step, and finds the sockets that its
// parent has at that moment. nodes are those of the processes; whole says
// whether all of them could be read, so that a missing name is missing.
func (d *decoder) checkForks(host string, processes []Process, nodes []*yaml.Node, whole bool) bool {
	c := forkCheck{decoder: d, host: host, processes: processes, nodes: nodes, by: map[string]Pos{}, index: map[string]int{}}
	for i := range processes {
		if _, twice := c.index[processes[i].Name]; !twice {
			c.index[processes[i].Name] = i
		}
	}
	before := len(d.errs)
	for i := range processes {
		if !processes[i].Forked {
			c.follow(i, newSockets())
		}
	}
	if whole {
		for i := range processes {
			c.child(i)
		}
	}
	return len(d.errs) == before
}

type forkCheck struct {
	*decoder
	host      string
	processes []Process
	nodes     []*yaml.Node
	index     map[string]int // of the process with a name
	by        map[string]Pos // the step that forks a process
}

// follow checks the steps of a process that begins with some sockets, and those
// of the processes that it forks.
func (c *forkCheck) follow(i int, have *sockets) {
	p := &c.processes[i]
	if len(p.Steps) == 0 {
		return
	}
	steps := c.node(i, "steps")
	for k := range p.Steps {
		s := &p.Steps[k]
		if c.full() || s.Verb == "" {
			// A step that could not be read may have created any socket.
			return
		}
		if s.Verb != VerbFork {
			c.checkSocket(have, s, steps.Content[k])
			continue
		}
		child := c.find(s.Target)
		if child < 0 || !c.processes[child].Forked {
			continue
		}
		if first, twice := c.by[s.Target]; twice {
			c.addf(s.ValuePos, "process %s is forked already, in line %d; write another process for this one", quote(s.Target), first.Line)
			continue
		}
		c.by[s.Target] = s.ValuePos
		have.aside(func() { c.follow(child, have) })
	}
}

// child checks how a process and those that fork name each other.
func (c *forkCheck) child(i int) {
	p := &c.processes[i]
	for k := range p.Steps {
		s := &p.Steps[k]
		if s.Verb != VerbFork || c.full() {
			continue
		}
		switch child := c.find(s.Target); {
		case child < 0:
			c.addf(s.ValuePos, "no process of the %s is named %s; %s", c.host, quote(s.Target), have("processes that say \"start: fork\"", s.Target, c.children()))
		case !c.processes[child].Forked:
			c.addf(s.ValuePos, "process %s does not start by a fork; give it \"start: fork\"", quote(s.Target))
		}
	}
	if _, forked := c.by[p.Name]; p.Forked && !forked {
		c.addf(p.Pos, "no process that runs forks %s; write \"- fork: %s\" among the steps of another one of the %s", quote(p.Name), p.Name, c.host)
	}
	if n := c.node(i, "sigpipe"); n != nil && p.Forked {
		c.addf(position(n), "a forked process inherits what SIGPIPE does; use a sigpipe step to change it")
	}
}

// children names the processes that start by a fork.
func (c *forkCheck) children() (names []string) {
	for i := range c.processes {
		if c.processes[i].Forked {
			names = append(names, c.processes[i].Name)
		}
	}
	return names
}

// find gives the number of a process, or -1.
func (c *forkCheck) find(name string) int {
	if i, ok := c.index[name]; ok {
		return i
	}
	return -1
}

// node is the value of a key of a process.
func (c *forkCheck) node(i int, key string) *yaml.Node {
	n := c.nodes[i]
	for k := 0; k+1 < len(n.Content); k += 2 {
		if n.Content[k].Value == key {
			return n.Content[k+1]
		}
	}
	return nil
}
