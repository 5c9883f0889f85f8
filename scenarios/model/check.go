package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/stack/words"
)

func (d *decoder) checkVariantNames(variants []Case) {
	first := map[string]Pos{}
	for _, c := range variants {
		if at, twice := first[c.Name]; twice && c.Name != "" {
			d.addf(c.Pos, "two cases are named %s; the first is in line %d", quote(c.Name), at.Line)
			continue
		}
		first[c.Name] = c.Pos
	}
}

// checkCase checks the names by which one part of a case refers to another. A
// variant is checked as a whole, because it may have replaced the part that an
// inherited step refers to.
func (d *decoder) checkCase(c Case) {
	check := caseCheck{decoder: d, labels: map[string]Pos{}, processes: map[string]Pos{}}
	if c.Name != "" {
		check.suffix = fmt.Sprintf(" (in the case %s)", quote(c.Name))
	}
	all := pointers(nil, c.Network)
	for _, h := range c.Hosts() {
		for _, p := range h.Processes {
			check.process(p)
			all = pointers(all, p.Steps)
		}
	}
	// Of two labels, the one further down in the file is the one to blame.
	slices.SortStableFunc(all, func(a, b *Step) int { return a.Pos.compare(b.Pos) })
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

func pointers(all []*Step, steps []Step) []*Step {
	for i := range steps {
		all = append(all, &steps[i])
	}
	return all
}

type caseCheck struct {
	*decoder
	suffix            string
	labels, processes map[string]Pos
	labelNames        []string
	processNames      []string
}

// report adds an error, and says in which case unless the base case has the
// same one.
func (k *caseCheck) report(at Pos, format string, args ...any) {
	if k.full() {
		return
	}
	msg := fmt.Sprintf(format, args...)
	if k.seen[Error{File: k.file, Pos: at, Msg: msg}] {
		return
	}
	k.add(at, msg+k.suffix)
}

func (k *caseCheck) process(p Process) {
	if first, twice := k.processes[p.Name]; twice {
		k.report(p.Pos, "two processes are named %s; the first is in line %d; give this one another \"name\"", quote(p.Name), first.Line)
		return
	}
	k.processes[p.Name] = p.Pos
	k.processNames = append(k.processNames, p.Name)
}

func (k *caseCheck) label(s *Step) {
	if s.Label == "" {
		return
	}
	if first, twice := k.labels[s.Label]; twice {
		k.report(s.Pos, "the label %s is given twice; the first is in line %d", quote(s.Label), first.Line)
		return
	}
	k.labels[s.Label] = s.Pos
	k.labelNames = append(k.labelNames, s.Label)
}

func (k *caseCheck) waitFor(s *Step) {
	if s.Verb != VerbWaitFor {
		return
	}
	if _, ok := k.labels[s.Target]; !ok {
		k.report(s.ValuePos, "no step has the label %s; %s", quote(s.Target), have("labels", s.Target, k.labelNames))
	}
}

// network follows the rules that the experimenter starts and stops.
func (k *caseCheck) network(c Case) {
	var rules []string
	started := map[string]bool{AllRules: true}
	start := func(r DropRule) {
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
		case VerbKill:
			if _, ok := k.processes[s.Target]; !ok {
				k.report(s.ValuePos, "no process is named %s; %s", quote(s.Target), have("processes", s.Target, k.processNames))
			}
		case VerbDrop:
			start(s.Rule)
		case VerbPass:
			if !started[s.Rule.Text] {
				k.report(s.ValuePos, "no rule %s was started before; %s", quote(s.Rule.Text), have("rules", s.Rule.Text, rules))
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
		return "did you mean " + quote(near) + "?"
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
