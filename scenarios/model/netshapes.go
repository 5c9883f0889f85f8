package model

import (
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim/link"
	"go.yaml.in/yaml/v4"
)

// address is HOST:PORT as bind and connect take it.
func address() shape[string] {
	schema := object{"type": "string", "pattern": `^(client|server|[0-9.]*|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$`}
	return scalar("an address such as server:8080, :8080, 10.0.0.1:80 or [fd00::1]:80", schema,
		func(n *yaml.Node) (string, string, bool) {
			text, _, ok := textOf(n)
			if !ok {
				return "", "", false
			}
			hint := addressProblem(text)
			return text, hint, hint == ""
		})
}

func addressProblem(text string) string {
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return "the port is missing"
	}
	host, port := text[:i], text[i+1:]
	for _, r := range port {
		if r < '0' || r > '9' {
			return "the port must be a number"
		}
	}
	if v, err := strconv.ParseUint(port, 10, 16); err != nil || len(port) > 5 {
		return "the port must be from 0 to 65535"
	} else if _ = v; host == "" || host == "client" || host == "server" {
		return ""
	}
	inner, bracketed := strings.CutPrefix(host, "[")
	if bracketed {
		inner, bracketed = strings.CutSuffix(inner, "]")
	}
	ip, err := netip.ParseAddr(inner)
	switch {
	case err != nil:
		return "the host must be client, server or an IP address"
	case ip.Zone() != "":
		return "an address here has no zone"
	case ip.Is6() && !bracketed:
		return "an IPv6 address stands in brackets"
	case ip.Is4() && bracketed:
		return "only an IPv6 address stands in brackets"
	}
	return ""
}

// tcpFlags is a set of flags in tcpdump's letters.
func tcpFlags() shape[string] {
	return scalar("TCP flags in tcpdump's letters (S F R P and . for ACK), such as S, S. or FP.",
		object{"type": "string", "pattern": `^[SFRP.]{1,5}$`},
		func(n *yaml.Node) (string, string, bool) {
			text, _, ok := textOf(n)
			if !ok || text == "" {
				return "", "", false
			}
			for i, r := range text {
				switch {
				case r == 'A':
					return "", "ACK is written as a dot", false
				case !strings.ContainsRune("SFRP.", r):
					return "", quote(string(r)) + " is not one of the letters", false
				case strings.ContainsRune(text[:i], r):
					return "", quote(string(r)) + " is there twice", false
				}
			}
			return text, "", true
		})
}

// tcpFlagsOrNone also takes a segment without any flag.
func tcpFlagsOrNone() shape[string] {
	some := tcpFlags()
	return shape[string]{
		schema: object{"anyOf": []object{{"const": noFlags}, some.schema}},
		read: func(d *decoder, n *yaml.Node, label string) (string, bool) {
			if n.Kind == yaml.ScalarNode && n.Value == noFlags {
				return noFlags, true
			}
			return some.read(d, n, label)
		},
	}
}

// noFlags is how tcpdump prints a segment that has none.
const noFlags = "none"

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
