package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim/trace"
	"github.com/tcpsim/tcpsim/sim/trace/jsonl"
)

// source is how to get the one trace that a command shows: what to change
// about a case before it runs. A saved trace takes no changes.
type source struct {
	changes
	name string // of a case, or empty
}

func (s *source) define(flags *pflag.FlagSet) {
	filled(flags, "case", "", "NAME", "case to run instead of the base case", func(name string) { s.name = name })
	group(flags, "Choose what to run", "case")
	defineChanges(flags, "", &s.changes)
}

// load reads a saved trace, or runs a case and gives its trace. What the case
// expects is not checked.
func (a *app) load(arg string, s *source) (*trace.Trace, error) {
	switch {
	case arg == "-":
		head, err := a.peek()
		if err != nil {
			return nil, err
		}
		if !looksLikeTrace(head) {
			break
		}
		if err := s.refuse("standard input"); err != nil {
			return nil, err
		}
		return jsonl.Read(a.stdin, stdinName)
	case isTrace(arg):
		if err := s.refuse(arg); err != nil {
			return nil, err
		}
		return readTrace(arg)
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

// refuse refuses flags that change a case where there is none.
func (s *source) refuse(what string) error {
	flag := ""
	switch {
	case s.name != "":
		flag = "--case"
	case len(s.names) > 0:
		flag = s.names[0]
	default:
		return nil
	}
	return fmt.Errorf("%s is a saved trace, so %s has no meaning", what, flag)
}

func readTrace(path string) (*trace.Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return jsonl.Read(f, path)
}

// isTrace tells a saved trace from a scenario by the ending.
func isTrace(arg string) bool {
	return strings.HasSuffix(arg, ".jsonl") || strings.HasSuffix(arg, ".json")
}

// peek looks at the beginning of standard input and leaves it there.
func (a *app) peek() ([]byte, error) {
	head, err := io.ReadAll(io.LimitReader(a.stdin, 4096))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", stdinName, err)
	}
	a.stdin = io.MultiReader(bytes.NewReader(head), a.stdin)
	return head, nil
}

// looksLikeTrace tells a trace from YAML by its first line.
func looksLikeTrace(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return bytes.HasPrefix(line, []byte("{")) && bytes.Contains(line, []byte(`"tcpsim-trace"`))
}
