package model

import (
	"github.com/tcpsim/tcpsim/stack"
	"go.yaml.in/yaml/v4"
)

// verb is all that is known about a verb: the decoder's checks, the
// suggestions for misspelt keys and the JSON Schema come from it.
type verb struct {
	name    Verb
	doc     string
	places  place
	start   func(s *Step) // sets the defaults, if there are any
	value   field[Step]   // the value of the verb's own key
	args    []field[Step]
	oneOf   []string // exactly one of these arguments must be given
	returns outcome
	keys    []field[Step] // all of the above, in reading order
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
func (v verb) fields() []field[Step] {
	value := v.value
	value.name, value.required = string(v.name), true
	all := append([]field[Step]{value}, v.args...)
	all = append(all, at("label", name("a label"), "A name for the step, for wait-for to refer to.",
		func(s *Step) *string { return &s.Label }))
	if v.returns != nothing {
		all = append(all, expectField(v.returns))
	}
	return all
}

// socketOf makes the value of a verb that acts on a socket.
func socketOf(of Verb, doc string) field[Step] {
	return at(string(of), name("a socket"), doc, func(s *Step) *string { return &s.Socket })
}

// targetOf makes the value of a verb that acts on something else.
func targetOf(of Verb, s shape[string], doc string) field[Step] {
	return at(string(of), s, doc, func(s *Step) *string { return &s.Target })
}

func asArgument() field[Step] {
	return at("as", name("the new socket"), "What to call the new socket.", func(s *Step) *string { return &s.As }).must()
}

func addressArgument() field[Step] {
	return at("address", address(), "HOST:PORT; HOST is client, server, an IP address (IPv6 in brackets) or empty.",
		func(s *Step) *Address { return &s.Address }).must()
}

func nonblockArgument() field[Step] {
	return maybe("nonblock", boolean(), "Whether calls on the socket return at once instead of blocking.",
		func(s *Step) **bool { return &s.Nonblock })
}

func flagsArgument(flags ...stack.MsgFlags) field[Step] {
	var names []string
	for _, f := range flags {
		names = append(names, f.String())
	}
	return at("flags", bits(msgFlag(names), "such as ["+names[0]+"]"), "Flags of the call.",
		func(s *Step) *stack.MsgFlags { return &s.Flags })
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

func untilArgument(results ...Until) field[Step] {
	return at("until", oneOf(results), "Repeat the call until it gives this result; error stands for any error.",
		func(s *Step) *Until { return &s.Until })
}

func totalArgument() field[Step] {
	return maybe("total", integer[int](0, 1<<40), "How many bytes the calls that \"until\" repeats move together.",
		func(s *Step) **int { return &s.Total })
}
