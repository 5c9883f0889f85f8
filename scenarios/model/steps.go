package model

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tcpsim/tcpsim/stack/words"
)

// steps is a list of steps of a process or of the network.
func steps(where place, least int) shape[[]Step] {
	def := "process-step"
	if where == onNetwork {
		def = "network-step"
	}
	one := shape[Step]{schema: object{"$ref": "#/$defs/" + def}, read: func(d *decoder, n *yaml.Node, _ string) (Step, bool) {
		return d.step(n, where)
	}}
	return list(one, least, "of steps")
}

// step reads one step. What is wrong gives a step without a verb.
func (d *decoder) step(n *yaml.Node, where place) (Step, bool) {
	m, ok := d.mapping(n, "a step")
	if !ok {
		return Step{}, false
	}
	v, key, ok := d.verbOf(m, where)
	if !ok {
		return Step{}, false
	}
	s := Step{Verb: v.name, Pos: position(n), ValuePos: position(key.value)}
	if v.start != nil {
		v.start(&s)
	}
	known := d.checkKeys(m, v)
	ok = readFields(d, m, string(v.name), v.keys, &s) && known && d.checkArguments(m, v)
	if !ok {
		return Step{}, false
	}
	return s, true
}

// verbOf finds the one verb of a step.
func (d *decoder) verbOf(m mapping, where place) (verb, entry, bool) {
	var found []verb
	var keys []entry
	for _, e := range m.entries {
		for _, v := range d.verbs {
			if string(v.name) == e.name {
				found, keys = append(found, v), append(keys, e)
			}
		}
	}
	switch {
	case len(found) == 0:
		d.noVerb(m, where)
		return verb{}, entry{}, false
	case len(found) > 1:
		d.addf(position(keys[1].key), "a step has one verb, but this one has %s and %s; begin a new step with \"- %s:\"",
			quote(keys[0].name), quote(keys[1].name), keys[1].name)
		return verb{}, entry{}, false
	case found[0].places&where == 0:
		d.addf(position(keys[0].key), "%s is a step of %s, not of %s", quote(keys[0].name), found[0].places, where)
		return verb{}, entry{}, false
	}
	return found[0], keys[0], true
}

// noVerb blames the key that is not an argument of any verb, since that one is
// most likely the verb misspelt.
func (d *decoder) noVerb(m mapping, where place) {
	verbs := verbNames(d.verbs, where)
	for _, e := range m.entries {
		if len(d.verbsWith(e.name)) == 0 {
			d.unknownKey(e, "a step", verbs)
			return
		}
	}
	d.addf(position(m.node), "this step has no verb; expected %s", words.Either(verbs))
}

// verbsWith lists the verbs that have an argument of this name.
func (d *decoder) verbsWith(argument string) []string {
	var all []string
	for _, v := range d.verbs {
		if find(v.keys, argument) != nil {
			all = append(all, string(v.name))
		}
	}
	return all
}

// checkKeys reports keys that the verb does not have.
func (d *decoder) checkKeys(m mapping, v verb) bool {
	whole := true
	for _, e := range m.entries {
		if find(v.keys, e.name) != nil {
			continue
		}
		whole = false
		if d.full() {
			break
		}
		owners := d.verbsWith(e.name)
		switch {
		case len(owners) == 0:
			d.unknownKey(e, "a "+string(v.name)+" step", names(v.keys)[1:])
		case e.name == "expect":
			d.addf(position(e.key), "%s returns nothing, so there is nothing to expect", v.name)
		default:
			d.addf(position(e.key), "%s is an argument of %s, not of %s, which takes %s",
				quote(e.name), strings.Join(owners, ", "), v.name, strings.Join(names(v.keys)[1:], ", "))
		}
	}
	return whole
}

// checkArguments checks what concerns more than one argument.
func (d *decoder) checkArguments(m mapping, v verb) bool {
	if total := m.get("total"); total != nil && m.get("until") == nil {
		d.addf(position(total), "\"total\" is the sum over repeated calls; it needs \"until\", which repeats them")
		return false
	}
	if len(v.oneOf) == 0 {
		return true
	}
	var given []entry
	for _, e := range m.entries {
		if slices.Contains(v.oneOf, e.name) {
			given = append(given, e)
		}
	}
	switch len(given) {
	case 0:
		d.addf(position(m.node), "%s needs %s", v.name, words.Either(v.oneOf))
	case 1:
		return true
	default:
		d.addf(position(given[1].key), "%s takes %s, not both", v.name, words.Either(v.oneOf))
	}
	return false
}
