package model

import (
	"strconv"
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
	"go.yaml.in/yaml/v4"
)

func linkNode(l *Link) *yaml.Node {
	n := mapNode()
	if same(l.ClientToServer, l.ServerToClient) {
		directionInto(n, &l.ClientToServer)
	} else {
		forth, back := mapNode(), mapNode()
		directionInto(forth, &l.ClientToServer)
		directionInto(back, &l.ServerToClient)
		put(n, "client-to-server", flow(forth))
		put(n, "server-to-client", flow(back))
	}
	if len(l.Drop) > 0 {
		list := listNode()
		for _, r := range l.Drop {
			list.Content = append(list.Content, textNode(r.Text))
		}
		put(n, "drop", flow(list))
	}
	if len(l.Rules) > 0 {
		list := listNode()
		for i := range l.Rules {
			list.Content = append(list.Content, flow(ruleNode(&l.Rules[i])))
		}
		put(n, "rules", list)
	}
	if m := &l.Middlebox; *m != (link.Middlebox{}) {
		box := mapNode()
		put(box, "name", textNode(m.Name))
		putShare(box, "at", m.At)
		putTrue(box, "stateful", m.Stateful)
		putTime(box, "idle", m.Idle, 0)
		putTrue(box, "reset", m.Reset)
		put(n, "middlebox", flow(box))
	}
	return n
}

func directionInto(n *yaml.Node, d *Direction) {
	putTime(n, "latency", d.Latency, DefaultLatency)
	putTime(n, "jitter", d.Jitter, 0)
	if d.Distribution != 0 {
		put(n, "distribution", textNode(d.Distribution.String()))
	}
	if len(d.Delays) > 0 {
		list := listNode()
		for _, t := range d.Delays {
			list.Content = append(list.Content, textNode(t.String()))
		}
		put(n, "delays", flow(list))
	}
	putShare(n, "loss", d.Loss)
	if b := d.Burst; b != (link.GilbertElliott{}) {
		burst := mapNode()
		put(burst, "to-bad", shareNode(b.ToBad))
		put(burst, "to-good", shareNode(b.ToGood))
		put(burst, "in-bad", shareNode(b.InBad))
		putShare(burst, "in-good", b.InGood)
		put(n, "loss-burst", flow(burst))
	}
	putShare(n, "duplicate", d.Duplicate)
	putShare(n, "reorder", d.Reorder)
	putShare(n, "corrupt", d.Corrupt)
	if d.Field != 0 {
		put(n, "corrupt-field", textNode(d.Field.String()))
	}
	if d.Rate != 0 {
		put(n, "rate", textNode(link.FormatRate(d.Rate)))
	}
	if q := d.Queue; q != (link.Queue{}) {
		queue := mapNode()
		putCount(queue, "packets", q.Packets)
		putCount(queue, "bytes", q.Bytes)
		put(n, "queue", flow(queue))
	}
	putCount(n, "mtu", d.MTU)
}

func ruleNode(r *link.Rule) *yaml.Node {
	n := mapNode()
	put(n, "name", textNode(r.Name))
	put(n, "do", textNode(r.Act.String()))
	if r.From != link.FromAny {
		put(n, "from", textNode(r.From.String()))
	}
	if r.What != "ANY" && r.What != "" {
		put(n, "what", textNode(r.What))
	}
	putCount(n, "nth", r.Nth)
	putCount(n, "seq-min", int(r.SeqMin))
	putCount(n, "seq-max", int(r.SeqMax))
	putCount(n, "len-min", r.LenMin)
	putCount(n, "len-max", r.LenMax)
	putTime(n, "after", r.After, 0)
	putTime(n, "before", r.Before, 0)
	putTime(n, "by", r.Delay, 0)
	if r.Field != 0 {
		put(n, "field", textNode(r.Field.String()))
	}
	putText(n, "until", r.Label)
	switch f := r.Forge; {
	case f.ToSender && f.ToReceiver:
		put(n, "to", textNode("both"))
	case f.ToSender:
		put(n, "to", textNode("sender"))
	case f.ToReceiver:
		put(n, "to", textNode("receiver"))
	}
	if r.Forge.Flags != 0 {
		put(n, "flags", textNode(r.Forge.Flags.String()))
	}
	return n
}

func putTime(n *yaml.Node, key string, d, fallback time.Duration) {
	if d != fallback {
		put(n, key, textNode(d.String()))
	}
}

func putShare(n *yaml.Node, key string, p float64) {
	if p != 0 {
		put(n, key, shareNode(p))
	}
}

func shareNode(p float64) *yaml.Node { return rawNode(strconv.FormatFloat(p, 'f', -1, 64)) }

func putCount(n *yaml.Node, key string, v int) {
	if v != 0 {
		put(n, key, intNode(v))
	}
}

func putTrue(n *yaml.Node, key string, v bool) {
	if v {
		put(n, key, rawNode("true"))
	}
}
