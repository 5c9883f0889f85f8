package file

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack"
	"go.yaml.in/yaml/v4"
)

// option is a socket option that scenarios may use.
type option struct {
	name  string
	takes optionValue
}

// optionValue is what setsockopt accepts as the value of an option.
type optionValue string

const (
	takesSwitch   optionValue = "true, false or a whole number"
	takesNumber   optionValue = "a whole number"
	takesDuration optionValue = "a duration such as 5s or a whole number"
	takesText     optionValue = "text"
	takesLinger   optionValue = "a mapping such as {onoff: 1, linger: 0}"
	// takesAnything is for options that cannot be set: the kernel answers.
	takesAnything optionValue = "a number, true, false or text"
)

var options = []option{
	{"SO_LINGER", takesLinger},
	{"SO_REUSEADDR", takesSwitch},
	{"SO_REUSEPORT", takesSwitch},
	{"SO_KEEPALIVE", takesSwitch},
	{"SO_RCVBUF", takesNumber},
	{"SO_SNDBUF", takesNumber},
	{"SO_RCVTIMEO", takesDuration},
	{"SO_SNDTIMEO", takesDuration},
	{"SO_ERROR", takesAnything},
	{"TCP_KEEPIDLE", takesDuration},
	{"TCP_KEEPINTVL", takesDuration},
	{"TCP_KEEPCNT", takesNumber},
	{"TCP_USER_TIMEOUT", takesDuration},
	{"TCP_LINGER2", takesDuration},
	{"TCP_NODELAY", takesSwitch},
	{"TCP_CORK", takesSwitch},
	{"TCP_QUICKACK", takesSwitch},
	{"TCP_SYNCNT", takesNumber},
	{"TCP_DEFER_ACCEPT", takesDuration},
	{"TCP_MAXSEG", takesNumber},
	{"TCP_INFO", takesAnything},
	{"TCP_WINDOW_CLAMP", takesNumber},
	{"TCP_CONGESTION", takesText},
	{"TCP_FASTOPEN", takesAnything},
	{"TCP_MD5SIG", takesAnything},
	{"TCP_REPAIR", takesAnything},
}

func optionNames() []string {
	var all []string
	for _, o := range options {
		all = append(all, o.name)
	}
	return all
}

// optionName is the name of a known socket option.
func optionName() shape[string] {
	known := optionNames()
	return scalar("the name of a socket option", object{"enum": known},
		func(n *yaml.Node) (string, string, bool) {
			for _, o := range options {
				if o.name == n.Value {
					return o.name, "", true
				}
			}
			return "", meant(n.Value, known), false
		})
}

// optionValueField reads the value of setsockopt; the option has been read.
func optionValueField() field[model.Step] {
	linger := lingerRecord().shape()
	return field[model.Step]{
		name: "value", required: true,
		doc: "What to set the option to: a number, true or false, a duration, text, or {onoff, linger} for SO_LINGER.",
		schema: object{"anyOf": []object{
			{"type": []string{"integer", "boolean", "string"}}, linger.schema,
		}},
		read: func(d *decoder, n *yaml.Node, s *model.Step) bool {
			takes := takesAnything
			for _, o := range options {
				if o.name == s.Option {
					takes = o.takes
				}
			}
			if takes == takesLinger && n.Kind == yaml.MappingNode {
				v, ok := linger.read(d, n, `"value"`)
				s.Value = stack.Value{Kind: stack.KindLinger, Linger: stack.Linger{On: v.onoff != 0, Time: time.Duration(v.seconds) * time.Second}}
				return ok
			}
			v, hint, ok := takes.parse(n, s.Option)
			if !ok {
				d.addf(position(n), "\"value\" of %s must be %s; found %s%s", s.Option, takes, describe(n), hint)
			}
			s.Value = v
			return ok
		},
	}
}

// parse reads a value as its option wants it. An option that cannot be set, or
// that the stack does not have, takes what is written: the kernel answers.
func (takes optionValue) parse(n *yaml.Node, option string) (v stack.Value, hint string, ok bool) {
	if n.Kind != yaml.ScalarNode {
		return v, "", false
	}
	switch n.ShortTag() {
	case "!!int":
		number, ok := integerOf(n)
		ok = ok && number >= math.MinInt32 && number <= math.MaxInt32 && takes != takesText && takes != takesLinger
		if stack.KindOf(option) == stack.KindTime {
			return stack.Value{Kind: stack.KindTime, Time: time.Duration(number) * time.Second}, "", ok
		}
		return stack.Value{Int: number}, "", ok
	case "!!bool":
		on, err := strconv.ParseBool(strings.ToLower(n.Value))
		if on {
			v.Int = 1
		}
		return v, "", err == nil && (takes == takesSwitch || takes == takesAnything)
	case "!!str", "!!timestamp":
		if takes == takesDuration {
			return span(n, option)
		}
		return stack.Value{Kind: stack.KindText, Text: n.Value}, "", takes == takesText || takes == takesAnything
	}
	return v, "", false
}

// span reads a duration as the value of an option, most of which count seconds.
func span(n *yaml.Node, option string) (v stack.Value, hint string, ok bool) {
	d, hint, ok := durationOf(n)
	if hint != "" {
		hint = "; " + hint
	}
	unit := stack.UnitOf(option)
	switch {
	case !ok:
		return v, hint, false
	case stack.KindOf(option) == stack.KindTime:
		return stack.Value{Kind: stack.KindTime, Time: d}, "", true
	case d%unit != 0:
		return v, fmt.Sprintf("; it counts whole units of %s", unit), false
	case d/unit > math.MaxInt32:
		return v, fmt.Sprintf("; the most is %s", math.MaxInt32*unit), false
	}
	return stack.Value{Int: int(d / unit)}, "", true
}

func (takes optionValue) schema() object {
	switch takes {
	case takesLinger:
		return object{"$ref": "#/$defs/linger"}
	case takesSwitch:
		return object{"type": []string{"integer", "boolean"}}
	case takesNumber:
		return object{"type": "integer"}
	case takesDuration:
		return object{"anyOf": []object{{"type": "integer"}, {"type": "string", "pattern": durationPattern}}}
	case takesText:
		return object{"type": "string"}
	default:
		return object{"type": []string{"integer", "boolean", "string"}}
	}
}

// lingerValue is struct linger as a file writes it.
type lingerValue struct{ onoff, seconds int }

func lingerRecord() record[lingerValue] {
	return record[lingerValue]{what: "the value of SO_LINGER", def: "linger", fields: lingerFields(), start: func(model.Pos) lingerValue {
		return lingerValue{}
	}}
}

func lingerFields() []field[lingerValue] {
	int32s := integer[int](math.MinInt32, math.MaxInt32)
	return []field[lingerValue]{
		at("onoff", int32s, "1 turns lingering on, 0 off.", func(l *lingerValue) *int { return &l.onoff }).must(),
		at("linger", int32s, "How many seconds close() lingers.", func(l *lingerValue) *int { return &l.seconds }).must(),
	}
}
