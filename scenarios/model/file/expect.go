package file

import (
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/cause"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/match"
	"github.com/tcpsim/tcpsim/stack"
	"github.com/tcpsim/tcpsim/stack/wire"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
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
func expectField(o outcome) field[model.Step] { return resultsField(o, "\"expect\" of ") }

// resultsField is expectField; its messages call the value what and the verb.
func resultsField(o outcome, what string) field[model.Step] {
	return field[model.Step]{
		name: "expect", doc: "What the call must give; a list allows any one of several results.",
		schema: object{"$ref": "#/$defs/" + o.def()},
		read: func(d *decoder, n *yaml.Node, s *model.Step) bool {
			if n.Kind != yaml.SequenceNode {
				r, ok := d.result(n, s, o, what)
				s.Expect = []model.Result{r}
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
func (d *decoder) result(n *yaml.Node, s *model.Step, o outcome, what string) (model.Result, bool) {
	if n.Kind == yaml.MappingNode && o == received {
		return payloadRecord().shape().read(d, n, `"expect"`)
	}
	if d.full() {
		return model.Result{}, false
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
				hint = "; did you mean " + words.Quote(near) + "?"
			}
			if h := unquoteHint(n); h != "" {
				hint = "; " + h
			}
		}
	}
	d.addf(position(n), "%s%s must be %s; found %s%s", what, s.Verb, o.want(s.Option), describe(n), hint)
	return model.Result{}, false
}

// number reads a result that is a number.
func (o outcome) number(n *yaml.Node, option string) (model.Result, bool) {
	v, ok := integerOf(n)
	switch {
	case !ok:
	case o == events:
		return model.Result{Kind: model.ResultEvents}, v == 0
	case o == zero || o == optionRead && option == "SO_ERROR":
		ok = v == 0
	case o == sent || o == received:
		ok = v >= 0
	case option == "TCP_INFO" || option == "TCP_CONGESTION":
		ok = false
	}
	return model.Result{Kind: model.ResultValue, Value: v}, ok
}

// named reads a result that is a word. A state goes before an errno, because
// ESTABLISHED looks like one.
func (o outcome) named(text, option string) (model.Result, bool) {
	errno, isErrno := stack.ParseErrno(text)
	state, isState := stack.ParseState(text)
	switch {
	case text == "ok" || text == "never":
		return model.Result{Kind: model.ResultKind(text)}, true
	case text == "EOF":
		return model.Result{Kind: model.ResultEOF}, o == received
	case option == "TCP_INFO" && isState && text == state.String():
		return model.Result{Kind: model.ResultState, State: state}, true
	case isErrno:
		return model.Result{Kind: model.ResultErrno, Errno: errno}, true
	case option == "TCP_CONGESTION":
		return model.Result{Kind: model.ResultData, Data: []byte(text)}, algorithm.MatchString(text)
	case o != events:
		return model.Result{}, false
	}
	reported, ok := stack.ParsePollEvents(text)
	return model.Result{Kind: model.ResultEvents, Events: reported}, ok && strings.Count(text, "|") == strings.Count(reported.String(), "|")
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

func payloadRecord() record[model.Result] {
	return record[model.Result]{
		what: `"expect"`, def: "received-payload", fields: payloadFields(),
		start: func(model.Pos) model.Result { return model.Result{} },
		check: func(d *decoder, at model.Pos, r *model.Result) bool {
			switch {
			case r.Data != nil && r.Kind == model.ResultBytes:
				d.addf(at, "\"expect\" takes data or bytes, not both")
				return false
			case r.Data != nil:
				r.Kind = model.ResultData
			case r.Kind == "":
				d.addf(at, "\"expect\" needs data or bytes")
				return false
			}
			return true
		},
	}
}

func payloadFields() []field[model.Result] {
	count := integer[int](0, mostPayload)
	return []field[model.Result]{
		at("data", payload(), "The exact payload.", func(r *model.Result) *[]byte { return &r.Data }),
		{
			name: "bytes", doc: "How many bytes, whatever they are.", schema: count.schema,
			read: func(d *decoder, n *yaml.Node, r *model.Result) bool {
				v, ok := count.read(d, n, `"bytes"`)
				r.Kind, r.Bytes = model.ResultBytes, v
				return ok
			},
		},
	}
}

func wireRecord() record[model.Wire] {
	return record[model.Wire]{what: `"expect"`, def: "expect", fields: wireFields(), start: func(model.Pos) model.Wire { return model.Wire{} }}
}

func wireFields() []field[model.Wire] {
	patterns := list(segmentRecord().shape(), 0, "of segments such as {from: client, flags: S}")
	return []field[model.Wire]{
		at("segments", patterns, "The complete list of segments sent, in order; each names the fields that matter.",
			func(w *model.Wire) *[]model.SegmentPattern { return &w.Segments }),
		at("contains", patterns, "Segments that are sent in this order; others may stand between.",
			func(w *model.Wire) *[]model.SegmentPattern { return &w.Contains }),
		at("absent", patterns, "No segment matches any of these.",
			func(w *model.Wire) *[]model.SegmentPattern { return &w.Absent }),
	}
}

func segmentRecord() record[model.SegmentPattern] {
	fields := within(segmentFields(), func(p *model.SegmentPattern) *match.Segment { return &p.Segment })
	return record[model.SegmentPattern]{what: "a segment", def: "segment", fields: fields, start: func(at model.Pos) model.SegmentPattern {
		return model.SegmentPattern{Pos: at}
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

// reportedEvents are the events that poll may report; requestedEvents those
// that it may be asked for.
const (
	requestedEvents = stack.PollIn | stack.PollPri | stack.PollOut | stack.PollRdHup
	reportedEvents  = requestedEvents | stack.PollErr | stack.PollHup | stack.PollNval
)

// eventNames are the names of some events, in the order of their bits.
func eventNames(e stack.PollEvents) []string { return strings.Split(e.String(), "|") }

// stateNames are those of RFC 9293, with underscores in place of hyphens.
func stateNames() (all []string) {
	for s := stack.Closed; s <= stack.TimeWait; s++ {
		all = append(all, s.String())
	}
	return all
}

// meant ends a message about an unknown name: with the nearest valid one or,
// when none is near, with all of them.
func meant(name string, candidates []string) string {
	if len(candidates) == 0 {
		return ""
	}
	return words.Meant(name, candidates, "; expected "+words.Either(candidates))
}
