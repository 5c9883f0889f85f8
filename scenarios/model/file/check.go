package file

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

func (d *decoder) checkVariantNames(variants []model.Case) {
	first := map[string]model.Pos{}
	for _, c := range variants {
		if at, twice := first[c.Name]; twice && c.Name != "" {
			d.addf(c.Pos, "two cases are named %s; the first is in line %d", words.Quote(c.Name), at.Line)
			continue
		}
		first[c.Name] = c.Pos
	}
}

// checkCase checks the names by which one part of a case refers to another. A
// variant is checked as a whole, because it may have replaced the part that an
// inherited step refers to.
func (d *decoder) checkCase(c model.Case) {
	check := caseCheck{decoder: d, labels: map[string]model.Pos{}, processes: map[string]model.Pos{}}
	if c.Name != "" {
		check.suffix = fmt.Sprintf(" (in the case %s)", words.Quote(c.Name))
	}
	all := pointers(nil, c.Network)
	for _, h := range c.Hosts() {
		for _, p := range h.Processes {
			check.process(p)
			all = pointers(all, p.Steps)
		}
	}
	// Of two labels, the one further down in the file is the one to blame.
	slices.SortStableFunc(all, func(a, b *model.Step) int { return compare(a.Pos, b.Pos) })
	for _, s := range all {
		check.label(s)
	}
	if d.torn {
		return
	}
	for _, s := range all {
		if d.full() {
			return
		}
		check.waitFor(s)
	}
	check.network(c)
}

func pointers(all []*model.Step, steps []model.Step) []*model.Step {
	for i := range steps {
		all = append(all, &steps[i])
	}
	return all
}

type caseCheck struct {
	*decoder
	suffix            string
	labels, processes map[string]model.Pos
	labelNames        []string
	processNames      []string
}

// report adds an error, and says in which case unless the base case has the
// same one.
func (k *caseCheck) report(at model.Pos, format string, args ...any) {
	if k.full() {
		return
	}
	msg := fmt.Sprintf(format, args...)
	if k.seen[Error{File: k.file, Pos: at, Msg: msg}] {
		return
	}
	k.add(at, msg+k.suffix)
}

func (k *caseCheck) process(p model.Process) {
	if first, twice := k.processes[p.Name]; twice {
		k.report(p.Pos, "two processes are named %s; the first is in line %d; give this one another \"name\"", words.Quote(p.Name), first.Line)
		return
	}
	k.processes[p.Name] = p.Pos
	k.processNames = append(k.processNames, p.Name)
}

func (k *caseCheck) label(s *model.Step) {
	if s.Label == "" {
		return
	}
	if first, twice := k.labels[s.Label]; twice {
		k.report(s.Pos, "the label %s is given twice; the first is in line %d", words.Quote(s.Label), first.Line)
		return
	}
	k.labels[s.Label] = s.Pos
	k.labelNames = append(k.labelNames, s.Label)
}

func (k *caseCheck) waitFor(s *model.Step) {
	if s.Verb != model.VerbWaitFor {
		return
	}
	if _, ok := k.labels[s.Target]; !ok {
		k.report(s.ValuePos, "no step has the label %s; %s", words.Quote(s.Target), have("labels", s.Target, k.labelNames))
	}
}

// network follows the rules that the experimenter starts and stops.
func (k *caseCheck) network(c model.Case) {
	var rules []string
	started := map[string]bool{model.AllRules: true}
	start := func(r model.DropRule) {
		if !started[r.Text] {
			started[r.Text], rules = true, append(rules, r.Text)
		}
	}
	for _, r := range c.Link.Drop {
		start(r)
	}
	for _, s := range c.Network {
		if k.full() {
			return
		}
		switch s.Verb {
		case model.VerbKill:
			if _, ok := k.processes[s.Target]; !ok {
				k.report(s.ValuePos, "no process is named %s; %s", words.Quote(s.Target), have("processes", s.Target, k.processNames))
			}
		case model.VerbDrop:
			start(s.Rule)
		case model.VerbPass:
			if !started[s.Rule.Text] {
				k.report(s.ValuePos, "no rule %s was started before; %s", words.Quote(s.Rule.Text), have("rules", s.Rule.Text, rules))
			}
		}
	}
}

// have says which names there are instead of the one that is missing.
func have(what, missing string, names []string) string {
	switch near := words.Nearest(missing, names); {
	case len(names) == 0:
		return "there are no " + what
	case near != "":
		return "did you mean " + words.Quote(near) + "?"
	default:
		return what + ": " + some(names)
	}
}

// some lists names, as many as a message can take.
func some(names []string) string {
	const most = 12
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// checkForks checks what concerns the processes of a host together: each one
// that starts by a fork is forked by one step, and finds the sockets that its
// parent has at that moment. nodes are those of the processes; whole says
// whether all of them could be read, so that a missing name is missing.
func (d *decoder) checkForks(host string, processes []model.Process, nodes []*yaml.Node, whole bool) bool {
	c := forkCheck{decoder: d, host: host, processes: processes, nodes: nodes, by: map[string]model.Pos{}, index: map[string]int{}}
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
	processes []model.Process
	nodes     []*yaml.Node
	index     map[string]int       // of the process with a name
	by        map[string]model.Pos // the step that forks a process
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
		if s.Verb != model.VerbFork {
			c.checkSocket(have, s, steps.Content[k])
			continue
		}
		child := c.find(s.Target)
		if child < 0 || !c.processes[child].Forked {
			continue
		}
		if first, twice := c.by[s.Target]; twice {
			c.addf(s.ValuePos, "process %s is forked already, in line %d; write another process for this one", words.Quote(s.Target), first.Line)
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
		if s.Verb != model.VerbFork || c.full() {
			continue
		}
		switch child := c.find(s.Target); {
		case child < 0:
			c.addf(s.ValuePos, "no process of the %s is named %s; %s", c.host, words.Quote(s.Target), have("processes that say \"start: fork\"", s.Target, c.children()))
		case !c.processes[child].Forked:
			c.addf(s.ValuePos, "process %s does not start by a fork; give it \"start: fork\"", words.Quote(s.Target))
		}
	}
	if _, forked := c.by[p.Name]; p.Forked && !forked {
		c.addf(p.Pos, "no process that runs forks %s; write \"- fork: %s\" among the steps of another one of the %s", words.Quote(p.Name), p.Name, c.host)
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

// sockets are what a process has at some step.
type sockets struct {
	known []string // all that it ever had, in order
	ever  map[string]bool
	made  map[string]model.Pos // those that are open, as far as can be told
	past  []socketChange
}

// socketChange is what undo needs to know of a change.
type socketChange struct {
	name string
	at   model.Pos
	open bool
}

func newSockets() *sockets {
	return &sockets{ever: map[string]bool{}, made: map[string]model.Pos{}}
}

func (s *sockets) change(name string) {
	at, open := s.made[name]
	s.past = append(s.past, socketChange{name, at, open})
}

// aside runs f, as for a child that begins with these sockets, and puts back
// what it has changed. Copies would cost too much in a file with thousands of
// processes.
func (s *sockets) aside(f func()) {
	known, past := len(s.known), len(s.past)
	f()
	for _, name := range s.known[known:] {
		delete(s.ever, name)
	}
	s.known = s.known[:known]
	for _, c := range slices.Backward(s.past[past:]) {
		if c.open {
			s.made[c.name] = c.at
		} else {
			delete(s.made, c.name)
		}
	}
	s.past = s.past[:past]
}

// checkSocket checks that a step does not use a socket before it has a name. A
// closed socket may be used, since EBADF is a result worth showing, and its
// name may be given to a new one.
func (d *decoder) checkSocket(have *sockets, s *model.Step, node *yaml.Node) {
	switch {
	case s.Verb == model.VerbSocket:
		d.create(have, s.Socket, s.ValuePos)
		return
	case s.Socket == "":
		return
	case !have.ever[s.Socket]:
		d.addf(s.ValuePos, "no step before this one creates socket %s; %s", words.Quote(s.Socket), soFar(s.Socket, have.known))
		return
	}
	if s.Verb == model.VerbClose {
		have.change(s.Socket)
		delete(have.made, s.Socket)
	}
	if s.As != "" {
		d.create(have, s.As, argumentPos(node, "as"))
	}
}

func (d *decoder) create(have *sockets, name string, at model.Pos) {
	if first, open := have.made[name]; open {
		d.addf(at, "socket %s exists already, from line %d; close it first or choose another name", words.Quote(name), first.Line)
		return
	}
	have.change(name)
	have.made[name] = at
	if !have.ever[name] {
		have.ever[name] = true
		have.known = append(have.known, name)
	}
}

func soFar(name string, known []string) string {
	if len(known) == 0 {
		return "the process has no sockets so far"
	}
	text := "sockets so far: " + some(known)
	if near := words.Nearest(name, known); near != "" && len(known) > 1 && len(name) > 1 {
		text += "; did you mean " + words.Quote(near) + "?"
	}
	return text
}

// argumentPos is where the value of an argument of a step stands.
func argumentPos(step *yaml.Node, name string) model.Pos {
	for i := 0; i+1 < len(step.Content); i += 2 {
		if step.Content[i].Value == name {
			return position(step.Content[i+1])
		}
	}
	return position(step)
}
