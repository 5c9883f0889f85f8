package model

import "go.yaml.in/yaml/v4"

// start is what the base case of a file is before its own keys are read, so
// far as an encoded file need not say it again.
func (f *File) start() *Case {
	base := newFile(Pos{}).Base
	if f.Of != "" {
		base.inherit(&f.origin)
	}
	for i := range f.Levels {
		if f.Levels[i].Name == f.Base.Level {
			f.Levels[i].apply(&base.Link)
		}
	}
	return &base
}

// fire writes the keys of a scenario that may end in more than one way. The
// cases follow from them.
func (e *encoder) fire(n *yaml.Node, f *File) {
	if !f.Base.UnderFire() {
		return
	}
	list := listNode()
	for i := range f.Base.Outcomes {
		list.Content = append(list.Content, e.outcome(&f.Base.Outcomes[i]))
	}
	put(n, "outcomes", list)
	if !same(f.Levels, Levels()) {
		list := listNode()
		for i := range f.Levels {
			list.Content = append(list.Content, flow(levelNode(&f.Levels[i])))
		}
		put(n, "levels", list)
	}
	if last := f.Levels[len(f.Levels)-1].Name; f.Base.Level != last {
		put(n, "level", textNode(f.Base.Level))
	}
}

func levelNode(l *Level) *yaml.Node {
	n := mapNode()
	put(n, "name", textNode(l.Name))
	putShare(n, "loss", l.Loss)
	putShare(n, "duplicate", l.Duplicate)
	putShare(n, "reorder", l.Reorder)
	putTime(n, "jitter", l.Jitter, 0)
	return n
}

func (e *encoder) outcome(o *Outcome) *yaml.Node {
	n := mapNode()
	put(n, "name", textNode(o.Name))
	e.line(n, "says", o.Says, "")
	sees := mapNode()
	for i := range o.Sees {
		list := listNode()
		for k := range o.Sees[i].Sights {
			list.Content = append(list.Content, e.sight(&o.Sees[i].Sights[k]))
		}
		// A name may look like a number or a truth value.
		sees.Content = append(sees.Content, textNode(o.Sees[i].Process), flow(list))
	}
	put(n, "sees", sees)
	if len(o.Counts) > 0 {
		counts := mapNode()
		for _, c := range o.Counts {
			counts.Content = append(counts.Content, textNode(c.Level), intNode(c.Runs))
		}
		put(n, "counts", flow(counts))
	}
	return n
}

func (e *encoder) sight(s *Sight) *yaml.Node {
	n := mapNode()
	var results []*yaml.Node
	for i := range s.Results {
		results = append(results, e.result(&Step{Verb: s.Verb, Option: s.Option}, &s.Results[i]))
	}
	value := flow(&yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: results})
	if len(results) == 1 {
		value = results[0]
	}
	put(n, string(s.Verb), value)
	putText(n, "option", s.Option)
	return flow(n)
}
