package model

import (
	"errors"
	"regexp"
	"strings"

	"github.com/tcpsim/tcpsim/sim/link"
)

// ParseRule reads a rule of the link as a scenario file has it, with its braces
// or without: "do: delay, from: client, what: DATA, nth: 1, by: 50ms". It needs
// no name: without one the trace names it by what it matches. Spaces may be
// left out: do:delay,from:client,by:50ms.
func ParseRule(text string) (link.Rule, error) {
	return parseFlow(text, ruleRecord())
}

// ParseMiddlebox reads the link's middlebox likewise: "name: nat, idle: 5m". A
// single word is its name. Without one it is called middlebox.
func ParseMiddlebox(text string) (link.Middlebox, error) {
	if namePattern.MatchString(text) {
		return link.Middlebox{Name: text}, nil
	}
	r := middleboxRecord()
	r.start = func(Pos) link.Middlebox { return link.Middlebox{Name: defaultForger} }
	return parseFlow(text, r)
}

// tight is a key of a flow mapping without the space that YAML wants after the
// colon; on a command line it is better left out.
var tight = regexp.MustCompile(`(^|[{,]) *([a-z-]+):(\S)`)

// parseFlow reads a mapping in one line. Of several errors it gives the first.
func parseFlow[T any](text string, r record[T]) (T, error) {
	for i := range r.fields {
		if r.fields[i].name == "name" {
			r.fields[i].required = false
		}
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		text = "{" + text + "}"
	}
	text = tight.ReplaceAllString(text, "$1 $2: $3")
	d := &decoder{}
	var v T
	if root := parse(&d.problems, []byte(text)); root != nil {
		v, _ = r.shape().read(d, root, "it")
	}
	var all Errors
	if err := d.err(); errors.As(err, &all) {
		return v, errors.New(all[0].Msg)
	}
	return v, nil
}
