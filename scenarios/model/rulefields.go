package model

import (
	"math"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack/wire"
)

func ruleRecord() record[link.Rule] {
	return record[link.Rule]{
		what: "a rule of the link", def: "rule", fields: ruleFields(), check: checkRule, within: checkValidRule,
		start: func(Pos) link.Rule { return link.Rule{What: "ANY"} },
	}
}

func ruleFields() []field[link.Rule] {
	whole := integer[int](0, 65535)
	return []field[link.Rule]{
		at("name", line(), "How the trace calls the rule.", func(r *link.Rule) *string { return &r.Name }).must(),
		at("do", meaning(link.Acts(), link.ParseAct), "What happens to the segments that match.",
			func(r *link.Rule) *link.Act { return &r.Act }).must(),
		at("from", meaning(link.Senders(), link.ParseSender), "Whose segments match.", func(r *link.Rule) *link.Sender { return &r.From }).or("any"),
		at("what", choice(link.Kinds()), "Which kind of segment matches.", func(r *link.Rule) *string { return &r.What }).or("ANY"),
		at("nth", integer[int](1, math.MaxInt32), "Only the nth segment that matches everything else, from 1.",
			func(r *link.Rule) *int { return &r.Nth }),
		at("seq-min", uint32s(), "Smallest relative sequence number that matches.", func(r *link.Rule) *uint32 { return &r.SeqMin }),
		at("seq-max", uint32s(), "Largest relative sequence number that matches.", func(r *link.Rule) *uint32 { return &r.SeqMax }),
		at("len-min", whole, "Smallest payload that matches, in bytes.", func(r *link.Rule) *int { return &r.LenMin }),
		at("len-max", whole, "Largest payload that matches, in bytes.", func(r *link.Rule) *int { return &r.LenMax }),
		at("after", duration(0), "Virtual time from which the rule is in force.", func(r *link.Rule) *time.Duration { return &r.After }),
		at("before", duration(1), "Virtual time at which it ends.", func(r *link.Rule) *time.Duration { return &r.Before }),
		at("by", duration(0), "How much later: of delay, and of the copy that duplicate makes.",
			func(r *link.Rule) *time.Duration { return &r.Delay }),
		at("field", meaning(link.Fields(), link.ParseField), "What corrupt changes.", func(r *link.Rule) *link.Field { return &r.Field }),
		at("until", name("a label"), "The label that hold waits for.", func(r *link.Rule) *string { return &r.Label }),
		at("to", meaning([]string{"sender", "receiver", "both"}, forgeTo), "Who gets the segment that forge makes up.",
			func(r *link.Rule) *link.Forge { return &r.Forge }),
		at("flags", tcpFlags(), "Flags of the segment that forge makes up; R without a word.",
			func(r *link.Rule) *wire.Flags { return &r.Forge.Flags }),
	}
}

// forgeTo reads whom a forged segment is for.
func forgeTo(name string) (link.Forge, error) {
	return link.Forge{ToSender: name != "receiver", ToReceiver: name != "sender"}, nil
}

// checkRule refuses a rule whose act lacks what it needs.
func checkRule(d *decoder, at Pos, r *link.Rule) bool {
	missing := ""
	switch {
	case r.Act == link.ActDelay && r.Delay == 0:
		missing = `"by"`
	case r.Act == link.ActHold && r.Label == "":
		missing = `"until"`
	case (r.Act == link.ActForge || r.Act == link.ActDropAndForge) && !r.Forge.ToSender && !r.Forge.ToReceiver:
		missing = `"to"`
	default:
		return true
	}
	d.addf(at, "a rule that does %s needs the key %s", r.Act, missing)
	return false
}

func middleboxRecord() record[link.Middlebox] {
	return record[link.Middlebox]{
		what: "the middlebox", def: "middlebox", fields: middleboxFields(), within: checkMiddlebox,
		start: func(Pos) link.Middlebox { return link.Middlebox{} },
	}
}

func middleboxFields() []field[link.Middlebox] {
	return []field[link.Middlebox]{
		at("name", line(), "How the trace calls it. With nothing else it changes nothing; a capture can be made there.", func(m *link.Middlebox) *string { return &m.Name }).must(),
		at("at", probability(), "Where it is: the share of the way that lies between it and the client.",
			func(m *link.Middlebox) *float64 { return &m.At }).or("50%"),
		at("stateful", boolean(), "Segments of connections that it has not seen begin are lost.",
			func(m *link.Middlebox) *bool { return &m.Stateful }).or(false),
		at("idle", duration(1), "It forgets a connection after this long without a segment.",
			func(m *link.Middlebox) *time.Duration { return &m.Idle }),
		at("reset", boolean(), "It answers segments of connections that it has forgotten with a RST, and does not only lose them.",
			func(m *link.Middlebox) *bool { return &m.Reset }).or(false),
	}
}
