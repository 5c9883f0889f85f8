package model

import (
	"time"

	"go.yaml.in/yaml/v4"
)

func newLink(Pos) Link {
	way := Direction{Latency: DefaultLatency}
	return Link{ClientToServer: way, ServerToClient: way}
}

func linkRecord() record[Link] {
	return record[Link]{what: `"link"`, def: "link", fields: linkFields(), start: newLink}
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
		at("loss", probability(), "How often a segment is lost, each on its own: 10% or 0.1.",
			func(w *Direction) *float64 { return &w.Loss }).or("0%"),
	}
}
