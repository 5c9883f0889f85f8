package model

import (
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/stack"
	"go.yaml.in/yaml/v4"

	"github.com/tcpsim/tcpsim/stack/words"
)

// outcome says which results a verb can have.
type outcome string

const (
	nothing    outcome = ""
	zero       outcome = "zero"
	sent       outcome = "count"
	received   outcome = "received"
	events     outcome = "events"
	optionRead outcome = "option"
)

// expectField reads the results of a step; its other keys have been read.
func expectField(o outcome) field[Step] { return resultsField(o, "\"expect\" of ") }

// resultsField is expectField; its messages call the value what and the verb.
func resultsField(o outcome, what string) field[Step] {
	return field[Step]{
		name: "expect", doc: "What the call must give; a list allows any one of several results.",
		schema: object{"$ref": "#/$defs/" + o.def()},
		read: func(d *decoder, n *yaml.Node, s *Step) bool {
			if n.Kind != yaml.SequenceNode {
				r, ok := d.result(n, s, o, what)
				s.Expect = []Result{r}
				return ok
			}
			if len(n.Content) == 0 {
				d.addf(position(n), "%s%s is an empty list; leave the key out when any result will do", what, s.Verb)
				return false
			}
			whole := true
			for _, c := range n.Content {
				r, ok := d.result(c, s, o, what)
				s.Expect, whole = append(s.Expect, r), whole && ok
			}
			return whole
		},
	}
}

// result reads one result.
func (d *decoder) result(n *yaml.Node, s *Step, o outcome, what string) (Result, bool) {
	if n.Kind == yaml.MappingNode && o == received {
		return payloadRecord().shape().read(d, n, `"expect"`)
	}
	if d.full() {
		return Result{}, false
	}
	hint := ""
	if n.Kind == yaml.ScalarNode {
		switch n.ShortTag() {
		case "!!int":
			if r, ok := o.number(n, s.Option); ok {
				return r, true
			}
			if strings.HasPrefix(n.Value, "-") {
				hint = "; a call that fails is expected by the name of its errno"
			}
		case "!!str":
			if r, ok := o.named(n.Value, s.Option); ok {
				return r, true
			}
			if near := words.Nearest(o.wrongPart(n.Value), o.names(s.Option)); near != "" {
				hint = "; did you mean " + quote(near) + "?"
			}
			if h := unquoteHint(n); h != "" {
				hint = "; " + h
			}
		}
	}
	d.addf(position(n), "%s%s must be %s; found %s%s", what, s.Verb, o.want(s.Option), describe(n), hint)
	return Result{}, false
}

// number reads a result that is a number.
func (o outcome) number(n *yaml.Node, option string) (Result, bool) {
	v, ok := integerOf(n)
	switch {
	case !ok:
	case o == events:
		return Result{Kind: ResultEvents}, v == 0
	case o == zero || o == optionRead && option == "SO_ERROR":
		ok = v == 0
	case o == sent || o == received:
		ok = v >= 0
	case option == "TCP_INFO" || option == "TCP_CONGESTION":
		ok = false
	}
	return Result{Kind: ResultValue, Value: v}, ok
}

// named reads a result that is a word. A state goes before an errno, because
// ESTABLISHED looks like one.
func (o outcome) named(text, option string) (Result, bool) {
	errno, isErrno := stack.ParseErrno(text)
	state, isState := stack.ParseState(text)
	switch {
	case text == "ok" || text == "never":
		return Result{Kind: ResultKind(text)}, true
	case text == "EOF":
		return Result{Kind: ResultEOF}, o == received
	case option == "TCP_INFO" && isState && text == state.String():
		return Result{Kind: ResultState, State: state}, true
	case isErrno:
		return Result{Kind: ResultErrno, Errno: errno}, true
	case option == "TCP_CONGESTION":
		return Result{Kind: ResultData, Data: []byte(text)}, algorithm.MatchString(text)
	case o != events:
		return Result{}, false
	}
	reported, ok := stack.ParsePollEvents(text)
	return Result{Kind: ResultEvents, Events: reported}, ok && strings.Count(text, "|") == strings.Count(reported.String(), "|")
}

// names are the words that a result may be, for suggestions.
func (o outcome) names(option string) []string {
	all := append([]string{"ok", "never"}, stack.ErrnoNames()...)
	switch {
	case o == received:
		all = append(all, "EOF")
	case o == events:
		all = append(all, eventNames(reportedEvents)...)
	case option == "TCP_INFO":
		all = append(all, stateNames()...)
	}
	return all
}

// wrongPart is what a suggestion should be about: of POLLIN|POLLHANG the second.
func (o outcome) wrongPart(text string) string {
	if o == events {
		for part := range strings.SplitSeq(text, "|") {
			if !slices.Contains(eventNames(reportedEvents), part) {
				return part
			}
		}
	}
	return text
}

// want completes "must be ...".
func (o outcome) want(option string) string {
	const words = "ok, never or the name of an errno such as "
	switch {
	case o == sent:
		return "a number of bytes, " + words + "ECONNRESET"
	case o == received:
		return "a number of bytes, EOF, {data: TEXT}, {bytes: N}, " + words + "ECONNRESET"
	case o == events:
		return `events such as "POLLIN|POLLHUP", 0 for no events, ` + words + "EBADF"
	case option == "TCP_INFO":
		return "a state such as CLOSE_WAIT, " + words + "EBADF"
	case option == "TCP_CONGESTION":
		return "the name of an algorithm such as cubic, " + words + "EBADF"
	case o == zero || option == "SO_ERROR":
		return "0, " + words + "ECONNREFUSED"
	default:
		return "a whole number, " + words + "ENOPROTOOPT"
	}
}

func payloadRecord() record[Result] {
	return record[Result]{
		what: `"expect"`, def: "received-payload", fields: payloadFields(),
		start: func(Pos) Result { return Result{} },
		check: func(d *decoder, at Pos, r *Result) bool {
			switch {
			case r.Data != nil && r.Kind == ResultBytes:
				d.addf(at, "\"expect\" takes data or bytes, not both")
				return false
			case r.Data != nil:
				r.Kind = ResultData
			case r.Kind == "":
				d.addf(at, "\"expect\" needs data or bytes")
				return false
			}
			return true
		},
	}
}

func payloadFields() []field[Result] {
	count := integer[int](0, mostPayload)
	return []field[Result]{
		at("data", payload(), "The exact payload.", func(r *Result) *[]byte { return &r.Data }),
		{
			name: "bytes", doc: "How many bytes, whatever they are.", schema: count.schema,
			read: func(d *decoder, n *yaml.Node, r *Result) bool {
				v, ok := count.read(d, n, `"bytes"`)
				r.Kind, r.Bytes = ResultBytes, v
				return ok
			},
		},
	}
}
