package model

import (
	"math"
	"strings"

	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack/wire"
	"go.yaml.in/yaml/v4"
)

// address is HOST:PORT as bind and connect take it.
func address() shape[Address] {
	schema := object{"type": "string", "pattern": `^(client|server|[0-9.]*|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$`}
	return scalar("an address such as server:8080, :8080, 10.0.0.1:80 or [fd00::1]:80", schema,
		func(n *yaml.Node) (Address, string, bool) {
			text, _, ok := textOf(n)
			if !ok {
				return Address{}, "", false
			}
			a, err := ParseAddress(text)
			if err != nil {
				return a, err.Error(), false
			}
			return a, "", true
		})
}

// tcpFlags is a set of flags in tcpdump's letters.
func tcpFlags() shape[wire.Flags] {
	return scalar("TCP flags in tcpdump's letters (S F R P and . for ACK), such as S, S. or FP.",
		object{"type": "string", "pattern": `^[SFRP.]{1,5}$`},
		func(n *yaml.Node) (wire.Flags, string, bool) {
			text, _, ok := textOf(n)
			if !ok || text == "" {
				return 0, "", false
			}
			for _, r := range text {
				switch {
				case r == 'A':
					return 0, "ACK is written as a dot", false
				case !strings.ContainsRune("SFRP.", r):
					return 0, quote(string(r)) + " is not one of the letters", false
				case strings.Count(text, string(r)) > 1:
					return 0, quote(string(r)) + " is there twice", false
				}
			}
			f, err := wire.ParseFlags(text)
			return f, "", err == nil
		})
}

// tcpFlagsOrNone also takes a segment without any flag.
func tcpFlagsOrNone() shape[wire.Flags] {
	some, none := tcpFlags(), wire.Flags(0).String()
	return shape[wire.Flags]{
		schema: object{"anyOf": []object{{"const": none}, some.schema}},
		read: func(d *decoder, n *yaml.Node, label string) (wire.Flags, bool) {
			if n.Kind == yaml.ScalarNode && n.Value == none {
				return 0, true
			}
			return some.read(d, n, label)
		},
	}
}

// dropRule is a rule in the form FROM:WHAT[:NTH].
func dropRule() shape[DropRule] {
	schema := object{
		"type":    "string",
		"pattern": "^(" + strings.Join(link.Senders(), "|") + "):(" + strings.Join(link.Kinds(), "|") + ")(:0*[1-9][0-9]*)?$",
	}
	return scalar("a rule FROM:WHAT or FROM:WHAT:NTH, such as server:FIN:1", schema,
		func(n *yaml.Node) (DropRule, string, bool) {
			text, _, ok := textOf(n)
			if !ok {
				return DropRule{}, "", false
			}
			rule, err := ParseDropRule(text)
			if err != nil {
				return rule, err.Error(), false
			}
			return rule, "", true
		})
}

// ruleOrAll is a rule of which only the text counts, or "all".
func ruleOrAll() shape[DropRule] {
	rule := dropRule()
	return shape[DropRule]{
		schema: object{"anyOf": []object{{"const": AllRules}, rule.schema}},
		read: func(d *decoder, n *yaml.Node, label string) (DropRule, bool) {
			if n.Kind == yaml.ScalarNode && n.Value == AllRules {
				return DropRule{Text: AllRules}, true
			}
			return rule.read(d, n, label)
		},
	}
}

func uint32s() shape[uint32] { return integer[uint32](0, math.MaxUint32) }

func uint16s() shape[uint16] { return integer[uint16](0, math.MaxUint16) }

// payload is text as bytes.
func payload() shape[[]byte] {
	text := anyText()
	return shape[[]byte]{schema: text.schema, read: func(d *decoder, n *yaml.Node, label string) ([]byte, bool) {
		v, ok := text.read(d, n, label)
		return []byte(v), ok
	}}
}
