package file

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// The pieces of a YAML tree.

func mapNode() *yaml.Node  { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }
func listNode() *yaml.Node { return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"} }

// flow makes a collection that is written on one line.
func flow(n *yaml.Node) *yaml.Node {
	n.Style = yaml.FlowStyle
	return n
}

func put(m *yaml.Node, key string, value *yaml.Node) {
	m.Content = append(m.Content, rawNode(key), value)
}

// rawNode is a number, a truth value or a key: what YAML takes it for.
func rawNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: s}
	switch strings.Trim(s, "-0123456789") {
	case "":
		n.Tag = "!!int"
	case ".":
		n.Tag = "!!float"
	case "true", "false":
		n.Tag = "!!bool"
	}
	return n
}

func intNode(n int) *yaml.Node { return rawNode(strconv.Itoa(n)) }

// textNode is a string, quoted where YAML would take it for something else. A
// backslash or a control character needs double quotes to survive, and so does
// a line break in a text that is not prose.
func textNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	breaks := strings.Count(s, "\n")
	switch {
	case breaks > 0 && !literal(s):
		n.Style = yaml.DoubleQuotedStyle
	case breaks > 0:
		n.Style = yaml.LiteralStyle
	case s == "" || strings.ContainsFunc(s, unusual):
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func unusual(r rune) bool { return r < ' ' || r > '~' }

// literal reports whether a text of several lines survives as a block.
func literal(s string) bool {
	odd := func(r rune) bool {
		return r != '\n' && (r < ' ' || r == 0x7f || r == 0x85 || r == 0xfeff || r >= 0x2028 && r <= 0x2029)
	}
	if strings.ContainsFunc(s, odd) || strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\n") {
		return false
	}
	for line := range strings.SplitSeq(s, "\n") {
		if strings.HasSuffix(line, " ") {
			return false
		}
	}
	return strings.HasSuffix(s, "\n") && !strings.HasSuffix(s, "\n\n") && len(s) > 1
}

func textNodes(all []string) *yaml.Node {
	list := listNode()
	for _, s := range all {
		list.Content = append(list.Content, textNode(s))
	}
	return list
}

func putText(m *yaml.Node, key, value string) {
	if value != "" {
		put(m, key, textNode(value))
	}
}

func putInt[T number](m *yaml.Node, key string, value *T) {
	if value != nil {
		put(m, key, rawNode(strconv.FormatInt(int64(*value), 10)))
	}
}

func putBool(m *yaml.Node, key string, value *bool) {
	if value != nil {
		put(m, key, rawNode(strconv.FormatBool(*value)))
	}
}
