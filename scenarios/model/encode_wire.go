package model

import (
	"go.yaml.in/yaml/v4"
)

func wireNode(w *Wire) *yaml.Node {
	n := mapNode()
	if w.Segments != nil {
		put(n, "segments", patternNodes(w.Segments))
	}
	if len(w.Contains) > 0 {
		put(n, "contains", patternNodes(w.Contains))
	}
	if len(w.Absent) > 0 {
		put(n, "absent", patternNodes(w.Absent))
	}
	return n
}

func patternNodes(all []SegmentPattern) *yaml.Node {
	list := listNode()
	for i := range all {
		list.Content = append(list.Content, flow(patternNode(&all[i])))
	}
	return list
}

func patternNode(p *SegmentPattern) *yaml.Node {
	n := mapNode()
	if p.From != nil {
		put(n, "from", textNode(p.From.String()))
	}
	if p.Flags != nil {
		put(n, "flags", textNode(p.Flags.String()))
	}
	putInt(n, "seq", p.Seq)
	putInt(n, "ack", p.Ack)
	putInt(n, "len", p.Len)
	putInt(n, "win", p.Win)
	if p.Data != nil {
		put(n, "data", textNode(*p.Data))
	}
	putText(n, "cause", p.Cause)
	putBool(n, "lost", p.Lost)
	putBool(n, "injected", p.Injected)
	putBool(n, "retransmission", p.Retransmission)
	if p.At != nil {
		put(n, "at", textNode(p.At.String()))
	}
	return n
}
