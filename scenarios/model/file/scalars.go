package file

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"github.com/tcpsim/tcpsim/stack/wire"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

// textOf returns the text of n. Numbers and the like are not text: a value
// that is quoted in one place and not in another would change its meaning.
func textOf(n *yaml.Node) (text, hint string, ok bool) {
	switch n.ShortTag() {
	case "!!str", "!!timestamp":
		return n.Value, "", true
	case "!!null":
		return "", "", false
	default:
		return "", "put it in quotes", false
	}
}

// anyText may be empty and have several lines.
func anyText() shape[string] {
	return scalar("text", object{"type": "string"}, textOf)
}

// prose is text that is not empty.
func prose() shape[string] {
	return scalar("text that is not empty", object{"type": "string", "minLength": 1},
		func(n *yaml.Node) (string, string, bool) {
			text, hint, ok := textOf(n)
			return text, hint, ok && text != ""
		})
}

// line is prose of one line.
func line() shape[string] {
	return matching("one line of text", linePattern)
}

// The patterns are compiled once: every table asks for them.
var (
	linePattern = regexp.MustCompile(`^[^\r\n]+$`)
	slugPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	namePattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$`)
)

// slug is an identifier such as unread-data.
func slug() shape[string] {
	return matching("lower-case words and digits joined by hyphens, such as unread-data", slugPattern)
}

// name is what a socket, a process or a label is called.
func name(of string) shape[string] {
	return matching("the name of "+of+" (letters, digits, _ . -)", namePattern)
}

// matching is text that a pattern allows, in the decoder and in the schema.
func matching(want string, pattern *regexp.Regexp) shape[string] {
	return scalar(want, object{"type": "string", "pattern": pattern.String()},
		func(n *yaml.Node) (string, string, bool) {
			text, hint, ok := textOf(n)
			return text, hint, ok && pattern.MatchString(text)
		})
}

// choice is one of a few names.
func choice(allowed []string) shape[string] {
	return scalar(words.Either(allowed), object{"enum": allowed},
		func(n *yaml.Node) (string, string, bool) {
			text, hint, ok := textOf(n)
			if slices.Contains(allowed, n.Value) {
				return text, hint, ok
			}
			hint = ""
			// A short list needs no suggestion: the message has just named all.
			if near := words.Nearest(n.Value, allowed); near != "" && len(allowed) > 4 {
				hint = "did you mean " + words.Quote(near) + "?"
			}
			return "", hint, false
		})
}

// oneOf is choice for values that are their own names.
func oneOf[V ~string](allowed []V) shape[V] {
	var names []string
	for _, v := range allowed {
		names = append(names, string(v))
	}
	return named(names, func(name string) (V, bool) { return V(name), true })
}

// number is an integer type that a file can hold.
type number interface {
	~int | ~uint8 | ~uint16 | ~uint32
}

// integer is a whole number from low to high.
func integer[V number](low, high int) shape[V] {
	return scalar(fmt.Sprintf("a whole number from %d to %d", low, high),
		object{"type": "integer", "minimum": low, "maximum": high},
		func(n *yaml.Node) (V, string, bool) {
			v, ok := integerOf(n)
			return V(v), unquoteHint(n), ok && v >= low && v <= high
		})
}

func unquoteHint(n *yaml.Node) string {
	if _, err := strconv.Atoi(n.Value); err == nil && n.ShortTag() == "!!str" {
		return "write it without quotes"
	}
	return ""
}

func integerOf(n *yaml.Node) (int, bool) {
	if n.ShortTag() != "!!int" {
		return 0, false
	}
	v, err := strconv.ParseInt(n.Value, 0, 64)
	return int(v), err == nil
}

func seed() shape[uint64] {
	return scalar("a whole number from 0 to 18446744073709551615",
		object{"type": "integer", "minimum": 0},
		func(n *yaml.Node) (uint64, string, bool) {
			if n.ShortTag() != "!!int" {
				return 0, unquoteHint(n), false
			}
			v, err := strconv.ParseUint(strings.TrimPrefix(n.Value, "+"), 0, 64)
			return v, "", err == nil
		})
}

func boolean() shape[bool] {
	return scalar("true or false", object{"type": "boolean"},
		func(n *yaml.Node) (bool, string, bool) {
			v, err := strconv.ParseBool(strings.ToLower(n.Value))
			return v, "", err == nil && n.ShortTag() == "!!bool"
		})
}

const durationPattern = `^\+?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`

// duration is a span of virtual time in Go's syntax, at least least.
func duration(least time.Duration) shape[time.Duration] {
	want := "a duration such as 500ms, 20s or 1m30s"
	forms := []object{{"type": "string", "pattern": durationPattern}, {"const": 0}}
	if least > 0 {
		want += ", longer than 0s"
		forms = forms[:1]
	}
	return scalar(want, object{"anyOf": forms}, func(n *yaml.Node) (time.Duration, string, bool) {
		v, hint, ok := durationOf(n)
		return v, hint, ok && v >= least
	})
}

func durationOf(n *yaml.Node) (v time.Duration, hint string, ok bool) {
	switch tag := n.ShortTag(); {
	case tag == "!!int" && n.Value == "0":
		return 0, "", true
	case tag == "!!int" || tag == "!!float":
		return 0, "the unit is missing", false
	case tag != "!!str":
		return 0, "", false
	}
	return readDuration(n.Value)
}

// ParseDuration reads a span of virtual time as a file and the command line have
// it: 500ms, 20s, 1m30s or 0.
func ParseDuration(text string) (time.Duration, error) {
	v, hint, ok := readDuration(text)
	return v, wanted("want a duration such as 500ms, 20s or 1m30s", hint, ok)
}

func readDuration(text string) (v time.Duration, hint string, ok bool) {
	v, err := time.ParseDuration(text)
	switch {
	case err == nil && v >= 0:
		return v, "", true
	case err == nil:
		return 0, "it must not be negative", false
	case strings.Contains(text, " "):
		return 0, "it has no spaces, and its units are ns, us, ms, s, m and h", false
	}
	return 0, "", false
}

// wanted is the error about a value that was read from text, with a hint where
// there is one.
func wanted(want, hint string, ok bool) error {
	switch {
	case ok:
		return nil
	case hint != "":
		return errors.New(want + "; " + hint)
	}
	return errors.New(want)
}

const percentPattern = `^\+?(0*(100(\.0*)?|[0-9]{1,2}(\.[0-9]*)?)|\.[0-9]+) ?%$`

var share = regexp.MustCompile(percentPattern)

// ParseShare reads a share from 0 to 1 as a file and the command line have it:
// 10%, 10 % or 0.1.
func ParseShare(text string) (float64, error) {
	p, hint, ok := readShare(text)
	return p, wanted("want a share from 0% to 100%, such as 10% or 0.1", hint, ok)
}

func readShare(text string) (p float64, hint string, ok bool) {
	percent := share.MatchString(text)
	if percent {
		text = strings.TrimSpace(strings.TrimSuffix(text, "%"))
	}
	p, err := strconv.ParseFloat(text, 64)
	if percent {
		p /= 100
	}
	switch {
	case err != nil:
		return 0, "", false
	case p > 1 && p <= 100:
		return 0, fmt.Sprintf("did you mean %s%%?", text), false
	}
	return p, "", p >= 0 && p <= 1 // a NaN is not
}

// probability is a share such as 10% or 0.1.
func probability() shape[float64] {
	schema := object{"anyOf": []object{
		{"type": "string", "pattern": percentPattern},
		{"type": "number", "minimum": 0, "maximum": 1},
	}}
	return scalar("a share from 0% to 100%, such as 10% or 0.1", schema, func(n *yaml.Node) (float64, string, bool) {
		if tag := n.ShortTag(); tag != "!!int" && tag != "!!float" && (tag != "!!str" || !strings.HasSuffix(n.Value, "%")) {
			return 0, "", false
		}
		return readShare(n.Value)
	})
}

// address is HOST:PORT as bind and connect take it.
func address() shape[model.Address] {
	schema := object{"type": "string", "pattern": `^(client|server|[0-9.]*|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$`}
	return scalar("an address such as server:8080, :8080, 10.0.0.1:80 or [fd00::1]:80", schema,
		func(n *yaml.Node) (model.Address, string, bool) {
			text, _, ok := textOf(n)
			if !ok {
				return model.Address{}, "", false
			}
			a, err := model.ParseAddress(text)
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
					return 0, words.Quote(string(r)) + " is not one of the letters", false
				case strings.Count(text, string(r)) > 1:
					return 0, words.Quote(string(r)) + " is there twice", false
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
func dropRule() shape[model.DropRule] {
	schema := object{
		"type":    "string",
		"pattern": "^(" + strings.Join(link.Senders(), "|") + "):(" + strings.Join(link.Kinds(), "|") + ")(:0*[1-9][0-9]*)?$",
	}
	return scalar("a rule FROM:WHAT or FROM:WHAT:NTH, such as server:FIN:1", schema,
		func(n *yaml.Node) (model.DropRule, string, bool) {
			text, _, ok := textOf(n)
			if !ok {
				return model.DropRule{}, "", false
			}
			rule, err := model.ParseDropRule(text)
			if err != nil {
				return rule, err.Error(), false
			}
			return rule, "", true
		})
}

// ruleOrAll is a rule of which only the text counts, or "all".
func ruleOrAll() shape[model.DropRule] {
	rule := dropRule()
	return shape[model.DropRule]{
		schema: object{"anyOf": []object{{"const": model.AllRules}, rule.schema}},
		read: func(d *decoder, n *yaml.Node, label string) (model.DropRule, bool) {
			if n.Kind == yaml.ScalarNode && n.Value == model.AllRules {
				return model.DropRule{Text: model.AllRules}, true
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
