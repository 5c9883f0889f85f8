package model

import (
	"fmt"
	"slices"
	"strings"
)

// Pos is a place in a scenario file. Both numbers count from 1; columns count
// characters, not bytes, as editors do.
type Pos struct{ Line, Column int }

// String prints the position as line:column.
func (p Pos) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

func (p Pos) compare(q Pos) int {
	if p.Line != q.Line {
		return p.Line - q.Line
	}
	return p.Column - q.Column
}

// Error is one thing that is wrong in a scenario file.
type Error struct {
	File string
	Pos
	Msg string
}

// Error prints file:line:column: message.
func (e *Error) Error() string { return fmt.Sprintf("%s:%s: %s", e.File, e.Pos, e.Msg) }

// Errors is what Decode returns when a file is wrong: the first few errors, in
// the order in which they stand in the file.
type Errors []*Error

// Error prints one error a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find each *Error.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, err := range e {
		errs[i] = err
	}
	return errs
}

// One page of errors is what a reader can use; the hard limit bounds the work
// that a hostile file can cause before they are sorted.
const (
	shownErrors = 10
	mostErrors  = 100
)

// problems collects the errors of one file.
type problems struct {
	file string
	errs Errors
	seen map[Error]bool
}

func (p *problems) full() bool { return len(p.errs) >= mostErrors }

// add records an error once: a part that several cases inherit is checked in
// each of them.
func (p *problems) add(at Pos, msg string) {
	if at.Line < 1 {
		at.Line = 1
	}
	if at.Column < 1 {
		at.Column = 1
	}
	e := Error{File: p.file, Pos: at, Msg: msg}
	if p.full() || p.seen[e] {
		return
	}
	if p.seen == nil {
		p.seen = map[Error]bool{}
	}
	p.seen[e] = true
	p.errs = append(p.errs, &e)
}

func (p *problems) addf(at Pos, format string, args ...any) {
	p.add(at, fmt.Sprintf(format, args...))
}

// err returns the first errors in file order, or nil.
func (p *problems) err() error {
	if len(p.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(p.errs, func(a, b *Error) int { return a.Pos.compare(b.Pos) })
	return p.errs[:min(len(p.errs), shownErrors)]
}
