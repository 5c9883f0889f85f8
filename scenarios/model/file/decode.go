package file

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/link"
	"go.yaml.in/yaml/v4"
)

// Options says how to decode. The zero value checks everything that this
// package knows.
type Options struct {
	// Setting checks a sysctl of a host; its error becomes part of the message.
	// Nil accepts every setting.
	Setting func(name, value string) error

	// Scenario finds the case that a file repeats by its full name; its error
	// becomes part of the message. Nil refuses every such file.
	Scenario func(name string) (*model.Case, error)
}

// Decode reads a scenario file. name is what errors call the file; src is at
// most 1 MiB. A file that is wrong gives an Errors with at most ten errors, in
// file order, and no File. It never panics, whatever src holds.
func Decode(name string, src []byte, opts Options) (*model.File, error) {
	d := newDecoder(name, opts)
	root := parse(&d.problems, src)
	if root == nil {
		return nil, d.err()
	}
	f := d.scenario(root)
	f.Path = name
	if err := d.err(); err != nil {
		return nil, err
	}
	return f, nil
}

func newDecoder(name string, opts Options) *decoder {
	return &decoder{problems: problems{file: name}, opts: opts, verbs: verbTable()}
}

// decoder decodes one file.
type decoder struct {
	problems
	opts  Options
	verbs []verb
	// torn is set once a part of the file could not be read. Names that seem to
	// be missing may then be in that part, so that it is not worth saying so.
	torn bool
}

func (d *decoder) scenario(root *yaml.Node) *model.File {
	f := newFile(position(root))
	m, ok := d.mapping(root, "a scenario file")
	if !ok {
		return &f
	}
	fields := d.fileFields()
	whole := readAll(d, m, "a scenario", fields, &f)
	if m.get("hosts") == nil && m.get("of") == nil {
		if whole = false; !misspelt(m, "hosts", fields) {
			d.addf(position(root), "a scenario needs the key \"hosts\"")
		}
	}
	d.torn = d.torn || !whole
	d.checkFire(m, &f, !d.torn)
	f.Base.Path, f.Base.Scenario, f.Base.Group = d.file, f.Name, f.Group
	for i := range f.Variants {
		v := &f.Variants[i]
		v.Path, v.Scenario, v.Group = d.file, f.Name, f.Group
	}
	d.checkVariantNames(f.Variants)
	for _, c := range f.Cases() {
		d.checkCase(c)
	}
	return &f
}

// compare orders places as they stand in a file.
func compare(p, q model.Pos) int {
	return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// Error is one thing that is wrong in a scenario file.
type Error struct {
	File string
	model.Pos
	Msg string
}

// Error prints file:line:column: message, or file: message where there is no
// place.
func (e *Error) Error() string {
	if e.Pos == (model.Pos{}) {
		return e.File + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%s: %s", e.File, e.Pos, e.Msg)
}

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
	file      string
	placeless bool // what is checked was read from no file
	errs      Errors
	seen      map[Error]bool
}

func (p *problems) full() bool { return len(p.errs) >= mostErrors }

// add records an error once: a part that several cases inherit is checked in
// each of them.
func (p *problems) add(at model.Pos, msg string) {
	if p.placeless {
		at = model.Pos{}
	} else {
		at.Line, at.Column = max(at.Line, 1), max(at.Column, 1)
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

func (p *problems) addf(at model.Pos, format string, args ...any) {
	p.add(at, fmt.Sprintf(format, args...))
}

// err returns the first errors in file order, or nil.
func (p *problems) err() error {
	if len(p.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(p.errs, func(a, b *Error) int { return compare(a.Pos, b.Pos) })
	return p.errs[:min(len(p.errs), shownErrors)]
}

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
	r.start = func(model.Pos) link.Middlebox { return link.Middlebox{Name: defaultForger} }
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
