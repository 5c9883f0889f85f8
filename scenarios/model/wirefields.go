package model

import (
	"slices"
	"time"

	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/match"
	"github.com/tcpsim/tcpsim/stack/wire"
	"go.yaml.in/yaml/v4"
)

func wireRecord() record[Wire] {
	return record[Wire]{what: `"expect"`, def: "expect", fields: wireFields(), start: func(Pos) Wire { return Wire{} }}
}

func wireFields() []field[Wire] {
	patterns := list(segmentRecord().shape(), 0, "of segments such as {from: client, flags: S}")
	return []field[Wire]{
		at("segments", patterns, "The complete list of segments sent, in order; each names the fields that matter.",
			func(w *Wire) *[]SegmentPattern { return &w.Segments }),
		at("contains", patterns, "Segments that are sent in this order; others may stand between.",
			func(w *Wire) *[]SegmentPattern { return &w.Contains }),
		at("absent", patterns, "No segment matches any of these.",
			func(w *Wire) *[]SegmentPattern { return &w.Absent }),
	}
}

func segmentRecord() record[SegmentPattern] {
	fields := within(segmentFields(), func(p *SegmentPattern) *match.Segment { return &p.Segment })
	return record[SegmentPattern]{what: "a segment", def: "segment", fields: fields, start: func(at Pos) SegmentPattern {
		return SegmentPattern{Pos: at}
	}}
}

func segmentFields() []field[match.Segment] {
	type P = match.Segment
	return []field[P]{
		maybe("from", side(), "Who sends it.", func(p *P) **trace.Side { return &p.From }),
		maybe("flags", tcpFlagsOrNone(), "TCP flags in tcpdump's letters: S F R P and . for ACK, or none.", func(p *P) **wire.Flags { return &p.Flags }),
		maybe("seq", uint32s(), "Sequence number, relative to the initial one.", func(p *P) **uint32 { return &p.Seq }),
		maybe("ack", uint32s(), "Acknowledgment number, relative to the initial sequence number of the other side.", func(p *P) **uint32 { return &p.Ack }),
		maybe("len", uint32s(), "Bytes of payload.", func(p *P) **uint32 { return &p.Len }),
		maybe("win", uint32s(), "Window as in the header, not scaled.", func(p *P) **uint32 { return &p.Win }),
		maybe("data", anyText(), "The exact payload.", func(p *P) **string { return &p.Data }),
		at("cause", causeName(), "Why the stack sent it, for example unread-data.", func(p *P) *string { return &p.Cause }),
		maybe("lost", boolean(), "Whether the link lost it.", func(p *P) **bool { return &p.Lost }),
		maybe("injected", boolean(), "Whether a third party forged it.", func(p *P) **bool { return &p.Injected }),
		maybe("retransmission", boolean(), "Whether it was sent before.", func(p *P) **bool { return &p.Retransmission }),
		maybe("at", duration(0), "Virtual time when it is sent.", func(p *P) **time.Duration { return &p.At }),
	}
}

// side is a host by its name.
func side() shape[trace.Side] {
	name := choice(hostNames)
	return shape[trace.Side]{schema: name.schema, read: func(d *decoder, n *yaml.Node, label string) (trace.Side, bool) {
		host, ok := name.read(d, n, label)
		if host == trace.Server.String() {
			return trace.Server, ok
		}
		return trace.Client, ok
	}}
}

// causeName is the identifier of a reason for a RST.
func causeName() shape[string] {
	known := cause.All()
	return scalar("the cause of a RST, such as unread-data", object{"enum": known},
		func(n *yaml.Node) (string, string, bool) {
			return n.Value, meant(n.Value, known), slices.Contains(known, n.Value)
		})
}
