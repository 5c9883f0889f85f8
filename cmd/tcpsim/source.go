package main

import (
	"fmt"

	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// source is how to get the one trace that a command shows: what to change
// about a case before it runs. A saved trace takes no changes; of a capture, one
// connection is chosen.
type source struct {
	changes
	name string // of a case, or empty
	conn string // of a capture, or empty
}

func (s *source) define(flags *pflag.FlagSet) {
	filled(flags, "case", "", "NAME", "case to run instead of the base case", func(name string) { s.name = name })
	group(flags, "Choose what to run", "case")
	defineChanges(flags, "", &s.changes)
	connFlag(flags, "", &s.conn)
}

// load reads a saved trace or a capture, or runs a case and gives its trace.
// What the case expects is not checked.
func (a *app) load(arg string, s *source) (*trace.Trace, error) {
	kind, name := kindOf(arg), arg
	if arg == "-" {
		head, err := a.peek()
		if err != nil {
			return nil, err
		}
		kind, name = kindOfContent(head), "standard input"
	}
	if err := s.refuse(name, kind); err != nil {
		return nil, err
	}
	switch kind {
	case savedTrace:
		return a.readTrace(arg)
	case aCapture:
		return a.readCapture(arg, s.conn)
	}
	return a.runOne(arg, s)
}

func (a *app) runOne(arg string, s *source) (*trace.Trace, error) {
	var cases []string
	if s.name != "" {
		cases = []string{s.name}
	}
	all, err := a.resolve(arg, cases)
	if err != nil {
		return nil, err
	}
	if len(all) != 1 {
		return nil, fmt.Errorf("--case %s are %d cases, and only one can be shown", s.name, len(all))
	}
	o := s.options
	o.NoCheck = true
	res, err := scenarios.Run(all[0].c, o)
	if err != nil {
		return nil, s.withReplay(all[0], err)
	}
	return res.Trace, nil
}

// refuse refuses flags that have no meaning for what is read.
func (s *source) refuse(name string, kind inputKind) error {
	flag := ""
	switch {
	case kind != aCapture && s.conn != "":
		return fmt.Errorf("%s is no capture, so --conn has no meaning", name)
	case kind == aScenario:
		return nil
	case s.name != "":
		flag = "--case"
	case len(s.names) > 0:
		flag = s.names[0]
	default:
		return nil
	}
	return fmt.Errorf("%s is %s, so %s has no meaning", name, kind, flag)
}
