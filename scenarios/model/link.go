package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// DefaultLatency is the one-way delay of a link that names none.
const DefaultLatency = 10 * time.Millisecond

// Link is the path between the two hosts.
type Link struct {
	ClientToServer Direction
	ServerToClient Direction
	Drop           []DropRule
}

// Direction is one way through the link.
type Direction struct {
	Latency time.Duration // one way
	Loss    float64       // probability that a segment is lost, 0 to 1
}

// DropRule names segments that the link loses.
type DropRule struct {
	From string // client, server or any
	What string // SYN, SYNACK, FIN, RST, ACK, DATA or ANY
	Nth  int    // which of the matching segments, from 1; 0 means every one
	Text string // as written; `pass` refers to a rule by it
}

// String returns the rule as written.
func (r DropRule) String() string { return r.Text }

// AllRules is the Text of the rule of a `pass` step that stops every rule.
const AllRules = "all"

var (
	ruleFrom = []string{"client", "server", "any"}
	ruleWhat = []string{"SYN", "SYNACK", "FIN", "RST", "ACK", "DATA", "ANY"}
)

// ParseDropRule reads FROM:WHAT or FROM:WHAT:NTH, for example server:FIN:1.
func ParseDropRule(text string) (DropRule, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return DropRule{}, fmt.Errorf("%s has %d of the 2 or 3 parts FROM:WHAT:NTH", quote(text), len(parts))
	}
	r := DropRule{From: parts[0], What: parts[1], Text: text}
	if err := oneOf("FROM", r.From, ruleFrom); err != nil {
		return DropRule{}, err
	}
	if err := oneOf("WHAT", r.What, ruleWhat); err != nil {
		return DropRule{}, err
	}
	if len(parts) == 3 {
		n, err := strconv.ParseUint(parts[2], 10, 31)
		if err != nil || n == 0 {
			return DropRule{}, fmt.Errorf("NTH must be a number from 1, not %s", quote(parts[2]))
		}
		r.Nth = int(n)
	}
	return r, nil
}

func oneOf(part, got string, allowed []string) error {
	for _, a := range allowed {
		if got == a {
			return nil
		}
	}
	return fmt.Errorf("%s must be %s, not %s", part, either(allowed), quote(got))
}
