package file

import (
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

// verb is all that is known about a verb: the decoder's checks, the
// suggestions for misspelt keys and the JSON Schema come from it.
type verb struct {
	name    model.Verb
	doc     string
	places  place
	start   func(s *model.Step) // sets the defaults, if there are any
	value   field[model.Step]   // the value of the verb's own key
	args    []field[model.Step]
	oneOf   []string // exactly one of these arguments must be given
	returns outcome
	keys    []field[model.Step] // all of the above, in reading order
}

// place is where a verb may stand.
type place uint8

const (
	inProcess place = 1 << iota
	onNetwork
)

func (p place) String() string {
	if p == inProcess {
		return "a process"
	}
	return "the network"
}

// verbTable is the one list of verbs.
func verbTable() []verb {
	table := socketVerbs()
	table = append(table, transferVerbs()...)
	table = append(table, optionVerbs()...)
	table = append(table, processVerbs()...)
	table = append(table, networkVerbs()...)
	for i := range table {
		table[i].keys = table[i].fields()
	}
	return table
}

func verbNames(table []verb, where place) []string {
	var all []string
	for _, v := range table {
		if v.places&where != 0 {
			all = append(all, string(v.name))
		}
	}
	return all
}

// fields puts together what keys holds.
func (v verb) fields() []field[model.Step] {
	value := v.value
	value.name, value.required = string(v.name), true
	all := append([]field[model.Step]{value}, v.args...)
	all = append(all, at("label", name("a label"), "A name for the step, for wait-for to refer to.",
		func(s *model.Step) *string { return &s.Label }))
	if v.returns != nothing {
		all = append(all, expectField(v.returns))
	}
	return all
}

// socketOf makes the value of a verb that acts on a socket.
func socketOf(of model.Verb, doc string) field[model.Step] {
	return at(string(of), name("a socket"), doc, func(s *model.Step) *string { return &s.Socket })
}

// targetOf makes the value of a verb that acts on something else.
func targetOf(of model.Verb, s shape[string], doc string) field[model.Step] {
	return at(string(of), s, doc, func(s *model.Step) *string { return &s.Target })
}

func asArgument() field[model.Step] {
	return at("as", name("the new socket"), "What to call the new socket.", func(s *model.Step) *string { return &s.As }).must()
}

func addressArgument() field[model.Step] {
	return at("address", address(), "HOST:PORT; HOST is client, server, an IP address (IPv6 in brackets) or empty.",
		func(s *model.Step) *model.Address { return &s.Address }).must()
}

func nonblockArgument() field[model.Step] {
	return maybe("nonblock", boolean(), "Whether calls on the socket return at once instead of blocking.",
		func(s *model.Step) **bool { return &s.Nonblock })
}

func flagsArgument(flags ...stack.MsgFlags) field[model.Step] {
	var names []string
	for _, f := range flags {
		names = append(names, f.String())
	}
	return at("flags", bits(msgFlag(names), "such as ["+names[0]+"]"), "Flags of the call.",
		func(s *model.Step) *stack.MsgFlags { return &s.Flags })
}

// msgFlag is one flag of a call. MSG_MORE is refused and not dropped: what
// Linux holds back for it leaves with the next acknowledgment that arrives,
// where gVisor's cork goes on holding, so that neither would be what was asked.
func msgFlag(names []string) shape[stack.MsgFlags] {
	one := named(names, stack.ParseMsgFlag)
	read := one.read
	one.read = func(d *decoder, n *yaml.Node, label string) (stack.MsgFlags, bool) {
		if n.Value == "MSG_MORE" {
			d.addf(position(n), "MSG_MORE is not simulated: the stack cannot hold data back for one call; "+
				"set TCP_CORK, or send the data in one call")
			return 0, false
		}
		return read(d, n, label)
	}
	return one
}

func untilArgument(results ...model.Until) field[model.Step] {
	return at("until", oneOf(results), "Repeat the call until it gives this result; error stands for any error.",
		func(s *model.Step) *model.Until { return &s.Until })
}

func totalArgument() field[model.Step] {
	return maybe("total", integer[int](0, 1<<40), "How many bytes the calls that \"until\" repeats move together.",
		func(s *model.Step) **int { return &s.Total })
}

// steps is a list of steps of a process or of the network.
func steps(where place, least int) shape[[]model.Step] {
	def := "process-step"
	if where == onNetwork {
		def = "network-step"
	}
	one := shape[model.Step]{schema: object{"$ref": "#/$defs/" + def}, read: func(d *decoder, n *yaml.Node, _ string) (model.Step, bool) {
		return d.step(n, where)
	}}
	return list(one, least, "of steps")
}

// step reads one step. What is wrong gives a step without a verb.
func (d *decoder) step(n *yaml.Node, where place) (model.Step, bool) {
	m, ok := d.mapping(n, "a step")
	if !ok {
		return model.Step{}, false
	}
	v, key, ok := d.verbOf(m, where)
	if !ok {
		return model.Step{}, false
	}
	s := model.Step{Verb: v.name, Pos: position(n), ValuePos: position(key.value)}
	if v.start != nil {
		v.start(&s)
	}
	known := d.checkKeys(m, v)
	ok = readFields(d, m, string(v.name), v.keys, &s) && known && d.checkArguments(m, v)
	if !ok {
		return model.Step{}, false
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
			words.Quote(keys[0].name), words.Quote(keys[1].name), keys[1].name)
		return verb{}, entry{}, false
	case found[0].places&where == 0:
		d.addf(position(keys[0].key), "%s is a step of %s, not of %s", words.Quote(keys[0].name), found[0].places, where)
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
				words.Quote(e.name), strings.Join(owners, ", "), v.name, strings.Join(names(v.keys)[1:], ", "))
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
