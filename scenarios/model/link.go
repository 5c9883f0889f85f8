package model

import (
	"time"

	"github.com/tcpsim/tcpsim/sim/link"
)

// DefaultLatency is the one-way delay of a link that names none.
const DefaultLatency = 10 * time.Millisecond

// Link is the path between the two hosts.
type Link struct {
	ClientToServer Direction
	ServerToClient Direction
	Drop           []DropRule
	Rules          []link.Rule
	Middlebox      link.Middlebox
}

// Direction is one way through the link.
type Direction = link.Direction

// DropRule names segments that the link loses.
type DropRule struct {
	link.Rule
	Text string // as written; `pass` refers to a rule by it
}

// String returns the rule as written.
func (r DropRule) String() string { return r.Text }

// AllRules is the Text of the rule of a `pass` step that stops every rule.
const AllRules = "all"

// ParseDropRule reads FROM:WHAT or FROM:WHAT:NTH, for example server:FIN:1.
func ParseDropRule(text string) (DropRule, error) {
	rule, err := link.ParseRule(text)
	if err != nil {
		return DropRule{}, err
	}
	return DropRule{Rule: rule, Text: text}, nil
}
