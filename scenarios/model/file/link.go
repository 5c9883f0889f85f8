package file

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack/wire"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

func newLink(model.Pos) model.Link {
	way := model.Direction{Latency: model.DefaultLatency}
	return model.Link{ClientToServer: way, ServerToClient: way}
}

func linkRecord() record[model.Link] {
	return record[model.Link]{what: `"link"`, def: "link", fields: linkFields(), start: newLink, within: checkLink}
}

func linkFields() []field[model.Link] {
	toServer := func(l *model.Link) *model.Direction { return &l.ClientToServer }
	toClient := func(l *model.Link) *model.Direction { return &l.ServerToClient }
	// latency and loss come first: the overrides of one direction start from them.
	fields := within(directionFields(), toServer)
	for i, back := range within(directionFields(), toClient) {
		forth := fields[i].read
		fields[i].read = func(d *decoder, n *yaml.Node, l *model.Link) bool {
			return forth(d, n, l) && back.read(d, n, l)
		}
	}
	return append(fields,
		at("drop", list(dropRule(), 0, "of rules such as server:FIN:1"),
			"Segments that the link loses: FROM:WHAT or FROM:WHAT:NTH, for example server:FIN:1.",
			func(l *model.Link) *[]model.DropRule { return &l.Drop }),
		at("rules", list(ruleRecord().shape(), 0, "of rules"), "What happens to chosen segments, in order.",
			func(l *model.Link) *[]link.Rule { return &l.Rules }),
		at("middlebox", middleboxRecord().shape(), "A stateful device in the middle of the link.",
			func(l *model.Link) *link.Middlebox { return &l.Middlebox }),
		way("client-to-server", "What differs on the way to the server.", toServer),
		way("server-to-client", "What differs on the way to the client.", toClient),
	)
}

func way(name, doc string, of func(*model.Link) *model.Direction) field[model.Link] {
	return inline(name, doc, "direction", within(directionFields(), of))
}

func directionFields() []field[model.Direction] {
	return []field[model.Direction]{
		at("latency", duration(0), "How long a segment travels one way.",
			func(w *model.Direction) *time.Duration { return &w.Latency }).or(model.DefaultLatency.String()),
		at("jitter", duration(0), "How far the delay strays from the latency; a segment may overtake another.",
			func(w *model.Direction) *time.Duration { return &w.Jitter }).or("0s"),
		at("distribution", meaning(link.Distributions(), link.ParseDistribution),
			"How the jitter is distributed: evenly within +/- jitter, normally with it as the standard deviation, or recorded: the list under delays.",
			func(w *model.Direction) *link.Distribution { return &w.Distribution }).or("uniform"),
		at("delays", list(duration(0), 1, "of durations"), "With the recorded distribution: the delays in turn.",
			func(w *model.Direction) *[]time.Duration { return &w.Delays }),
		at("loss", probability(), "How often a segment is lost, each on its own: 10% or 0.1.",
			func(w *model.Direction) *float64 { return &w.Loss }).or("0%"),
		inline("loss-burst", "Losses in bursts: the model of Gilbert and Elliott.", "loss-burst",
			within(burstFields(), func(w *model.Direction) *link.GilbertElliott { return &w.Burst })),
		at("duplicate", probability(), "How often a segment arrives twice.",
			func(w *model.Direction) *float64 { return &w.Duplicate }).or("0%"),
		at("reorder", probability(), "How often a segment is not delayed, and so overtakes those before it.",
			func(w *model.Direction) *float64 { return &w.Reorder }).or("0%"),
		at("corrupt", probability(), "How often one bit of a segment is changed under way.",
			func(w *model.Direction) *float64 { return &w.Corrupt }).or("0%"),
		at("corrupt-field", meaning(link.Fields(), link.ParseField), "Which part of the segment is changed.",
			func(w *model.Direction) *link.Field { return &w.Field }).or("any"),
		at("rate", bitRate(), "How fast the link sends: bits per second, or 10mbit as tc writes it.",
			func(w *model.Direction) *int64 { return &w.Rate }),
		inline("queue", "What may wait for a link that is busy; the rest is lost.", "queue",
			within(queueFields(), func(w *model.Direction) *link.Queue { return &w.Queue })),
		at("mtu", integer[int](68, 65535), "Bytes of the largest datagram that passes; a router reports larger ones.",
			func(w *model.Direction) *int { return &w.MTU }),
	}
}

func burstFields() []field[link.GilbertElliott] {
	return []field[link.GilbertElliott]{
		at("to-bad", probability(), "From the good state to the bad one, for each segment (p).",
			func(g *link.GilbertElliott) *float64 { return &g.ToBad }).must(),
		at("to-good", probability(), "Back to the good state (r).",
			func(g *link.GilbertElliott) *float64 { return &g.ToGood }).must(),
		at("in-bad", probability(), "Loss in the bad state (1-h).",
			func(g *link.GilbertElliott) *float64 { return &g.InBad }).must(),
		at("in-good", probability(), "Loss in the good state (1-k).",
			func(g *link.GilbertElliott) *float64 { return &g.InGood }).or("0%"),
	}
}

func queueFields() []field[link.Queue] {
	return []field[link.Queue]{
		at("packets", integer[int](1, 1_000_000), "How many datagrams may wait.",
			func(q *link.Queue) *int { return &q.Packets }),
		at("bytes", integer[int](1, 1<<30), "How many bytes may wait.",
			func(q *link.Queue) *int { return &q.Bytes }),
	}
}

// meaning is a choice of names that stand for a value.
func meaning[V any](names []string, parse func(string) (V, error)) shape[V] {
	return named(names, func(name string) (V, bool) {
		v, err := parse(name)
		return v, err == nil
	})
}

// bitRate is a rate in tc's notation.
func bitRate() shape[int64] {
	schema := object{"type": "string", "pattern": link.RatePattern}
	return scalar("a rate above zero such as 512kbit or 10mbit", schema, func(n *yaml.Node) (int64, string, bool) {
		rate, err := link.ParseRate(n.Value)
		return rate, "", err == nil
	})
}

func ruleRecord() record[link.Rule] {
	return record[link.Rule]{
		what: "a rule of the link", def: "rule", fields: ruleFields(), check: checkRule, within: checkValidRule,
		start: func(model.Pos) link.Rule { return link.Rule{What: "ANY"} },
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
func checkRule(d *decoder, at model.Pos, r *link.Rule) bool {
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
		start: func(model.Pos) link.Middlebox { return link.Middlebox{} },
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

// checkLink refuses values of the two directions that do not go together, such
// as a queue without a rate.
func checkLink(d *decoder, m mapping, l *model.Link) bool {
	for _, way := range []struct {
		name string
		dir  *model.Direction
	}{{"client-to-server", &l.ClientToServer}, {"server-to-client", &l.ServerToClient}} {
		if !refuse(d, way.dir.Validate(), m.get(way.name), m.node) {
			return false
		}
	}
	return true
}

// actKeys are the keys of a rule that only some acts have a use for.
var actKeys = map[string][]link.Act{
	"by":    {link.ActDelay, link.ActDuplicate},
	"field": {link.ActCorrupt},
	"until": {link.ActHold},
	"to":    {link.ActForge, link.ActDropAndForge},
	"flags": {link.ActForge, link.ActDropAndForge},
}

// checkValidRule refuses what no rule can be, and keys that mean nothing for
// what the rule does.
func checkValidRule(d *decoder, m mapping, r *link.Rule) bool {
	for _, e := range m.entries {
		if acts, ok := actKeys[e.name]; ok && !slices.Contains(acts, r.Act) {
			var names []string
			for _, a := range acts {
				names = append(names, a.String())
			}
			d.addf(position(e.key), "%s is for a rule that does %s, not %s", words.Quote(e.name), words.Either(names), r.Act)
			return false
		}
	}
	return refuse(d, r.Validate(), m.node)
}

func checkMiddlebox(d *decoder, m mapping, b *link.Middlebox) bool {
	at := m.get("at")
	if at != nil && b.At == 0 { // which would mean the middle
		d.addf(position(at), "\"at\" must be more than 0%% and less than 100%%; found %s", describe(at))
		return false
	}
	return refuse(d, b.Validate(), m.node)
}

// refuse reports what a link cannot have, and points at its key: in the first
// of the mappings that has it, or else at the last of them.
func refuse(d *decoder, err error, nodes ...*yaml.Node) bool {
	var bad *link.Invalid
	if !errors.As(err, &bad) {
		return true
	}
	at := nodes[len(nodes)-1]
find:
	for _, n := range nodes {
		if n == nil || n.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == bad.Key {
				at = n.Content[i+1]
				break find
			}
		}
	}
	d.addf(position(at), "%s is wrong: %s", words.Quote(bad.Key), bad.Reason)
	return false
}
