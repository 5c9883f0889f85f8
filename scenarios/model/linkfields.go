package model

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"go.yaml.in/yaml/v4"
)

func newLink(Pos) Link {
	way := Direction{Latency: DefaultLatency}
	return Link{ClientToServer: way, ServerToClient: way}
}

func linkRecord() record[Link] {
	return record[Link]{what: `"link"`, def: "link", fields: linkFields(), start: newLink, within: checkLink}
}

func linkFields() []field[Link] {
	toServer := func(l *Link) *Direction { return &l.ClientToServer }
	toClient := func(l *Link) *Direction { return &l.ServerToClient }
	// latency and loss come first: the overrides of one direction start from them.
	fields := within(directionFields(), toServer)
	for i, back := range within(directionFields(), toClient) {
		forth := fields[i].read
		fields[i].read = func(d *decoder, n *yaml.Node, l *Link) bool {
			return forth(d, n, l) && back.read(d, n, l)
		}
	}
	return append(fields,
		at("drop", list(dropRule(), 0, "of rules such as server:FIN:1"),
			"Segments that the link loses: FROM:WHAT or FROM:WHAT:NTH, for example server:FIN:1.",
			func(l *Link) *[]DropRule { return &l.Drop }),
		at("rules", list(ruleRecord().shape(), 0, "of rules"), "What happens to chosen segments, in order.",
			func(l *Link) *[]link.Rule { return &l.Rules }),
		at("middlebox", middleboxRecord().shape(), "A stateful device in the middle of the link.",
			func(l *Link) *link.Middlebox { return &l.Middlebox }),
		way("client-to-server", "What differs on the way to the server.", toServer),
		way("server-to-client", "What differs on the way to the client.", toClient),
	)
}

func way(name, doc string, of func(*Link) *Direction) field[Link] {
	return inline(name, doc, "direction", within(directionFields(), of))
}

func directionFields() []field[Direction] {
	return []field[Direction]{
		at("latency", duration(0), "How long a segment travels one way.",
			func(w *Direction) *time.Duration { return &w.Latency }).or(DefaultLatency.String()),
		at("jitter", duration(0), "How far the delay strays from the latency; a segment may overtake another.",
			func(w *Direction) *time.Duration { return &w.Jitter }).or("0s"),
		at("distribution", meaning(link.Distributions(), link.ParseDistribution),
			"How the jitter is distributed: evenly within +/- jitter, normally with it as the standard deviation, or recorded: the list under delays.",
			func(w *Direction) *link.Distribution { return &w.Distribution }).or("uniform"),
		at("delays", list(duration(0), 1, "of durations"), "With the recorded distribution: the delays in turn.",
			func(w *Direction) *[]time.Duration { return &w.Delays }),
		at("loss", probability(), "How often a segment is lost, each on its own: 10% or 0.1.",
			func(w *Direction) *float64 { return &w.Loss }).or("0%"),
		inline("loss-burst", "Losses in bursts: the model of Gilbert and Elliott.", "loss-burst",
			within(burstFields(), func(w *Direction) *link.GilbertElliott { return &w.Burst })),
		at("duplicate", probability(), "How often a segment arrives twice.",
			func(w *Direction) *float64 { return &w.Duplicate }).or("0%"),
		at("reorder", probability(), "How often a segment is not delayed, and so overtakes those before it.",
			func(w *Direction) *float64 { return &w.Reorder }).or("0%"),
		at("corrupt", probability(), "How often one bit of a segment is changed under way.",
			func(w *Direction) *float64 { return &w.Corrupt }).or("0%"),
		at("corrupt-field", meaning(link.Fields(), link.ParseField), "Which part of the segment is changed.",
			func(w *Direction) *link.Field { return &w.Field }).or("any"),
		at("rate", bitRate(), "How fast the link sends: bits per second, or 10mbit as tc writes it.",
			func(w *Direction) *int64 { return &w.Rate }),
		inline("queue", "What may wait for a link that is busy; the rest is lost.", "queue",
			within(queueFields(), func(w *Direction) *link.Queue { return &w.Queue })),
		at("mtu", integer[int](68, 65535), "Bytes of the largest datagram that passes; a router reports larger ones.",
			func(w *Direction) *int { return &w.MTU }),
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
