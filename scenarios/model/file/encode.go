package file

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"go.yaml.in/yaml/v4"
)

// Encode writes a scenario as YAML that [Decode] reads back to the same File,
// but for Path and the positions. What has its default value is left out. It
// returns an error for what no file can say: data that is not text, a variant
// without a text that its base case has.
func Encode(f *model.File) ([]byte, error) {
	root, err := tree(f)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := yaml.NewEncoder(&out)
	w.SetIndent(2)
	if err := w.Encode(root); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Check says what is wrong with a scenario that was made or changed in Go: what
// [Decode] would say of the file that [Encode] writes, without a place in it. A
// scenario that no file can hold is wrong too.
func Check(f *model.File, opts Options) error {
	root, err := tree(f)
	if err != nil {
		return err
	}
	d := newDecoder(cmp.Or(f.Path, f.Name), opts)
	d.placeless = true
	d.scenario(root)
	return d.err()
}

// tree is the document that Encode writes.
func tree(f *model.File) (*yaml.Node, error) {
	e := &encoder{}
	root := e.caseNode(&f.Base, nil, f)
	e.fire(root, f)
	if len(f.Variants) > 0 && !f.Base.UnderFire() {
		list := listNode()
		for i := range f.Variants {
			list.Content = append(list.Content, e.caseNode(&f.Variants[i], &f.Base, nil))
		}
		put(root, "cases", list)
	}
	return root, e.err
}

type encoder struct{ err error }

func (e *encoder) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

// caseNode writes the base case with the file's own keys, or a variant with
// what differs from its base.
func (e *encoder) caseNode(c, base *model.Case, f *model.File) *yaml.Node {
	n := mapNode()
	if f != nil {
		base = start(f)
		put(n, "name", textNode(f.Name))
		e.line(n, "title", c.Title, "")
		e.line(n, "group", f.Group, "")
		e.line(n, "of", f.Of, "")
	} else {
		put(n, "name", textNode(c.Name))
		e.line(n, "title", c.Title, "")
	}
	e.line(n, "shows", c.Shows, base.Shows)
	if !same(c.Claims, base.Claims) {
		put(n, "claims", e.claims(c.Claims))
	}
	e.line(n, "linux", c.Linux, base.Linux)
	if !same(c.References, base.References) {
		put(n, "references", textNodes(c.References))
	}
	e.line(n, "tell-apart", c.TellApart, base.TellApart)
	if c.IP != base.IP {
		put(n, "ip", intNode(c.IP))
	}
	if c.Seed != base.Seed {
		put(n, "seed", rawNode(strconv.FormatUint(c.Seed, 10)))
	}
	switch {
	case c.Until == base.Until:
	case c.Until == 0:
		e.fail("case %q: no way to write an absent until over one of %s", c.Name, base.Until)
	default:
		put(n, "until", textNode(c.Until.String()))
	}
	if !same(c.Link, base.Link) {
		put(n, "link", linkNode(&c.Link))
	}
	hosts := mapNode()
	for i, h := range c.Hosts() {
		if b := base.Hosts()[i]; !same(h, b) {
			put(hosts, h.Name, e.host(&h, &b))
		}
	}
	if f != nil && f.Of == "" || len(hosts.Content) > 0 {
		put(n, "hosts", hosts)
	}
	if !same(c.Network, base.Network) {
		put(n, "network", e.steps(c.Network))
	}
	if !same(c.Expect, base.Expect) {
		put(n, "expect", wireNode(&c.Expect))
	}
	return n
}

// same compares without positions. A nil slice is an empty one, but for the
// list of all segments, where nil says that nobody looks.
func same(a, b any) bool { return equal(reflect.ValueOf(a), reflect.ValueOf(b)) }

func equal(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() && b.IsNil()
		}
		return equal(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !equal(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[model.Pos]() {
			return true
		}
		if a.Type() == reflect.TypeFor[model.Wire]() && a.FieldByName("Segments").IsNil() != b.FieldByName("Segments").IsNil() {
			return false
		}
		for i := range a.NumField() {
			if !equal(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// line writes a text that differs from its default.
func (e *encoder) line(n *yaml.Node, key, value, fallback string) {
	switch {
	case value == fallback:
	case value == "":
		e.fail("no way to write an empty %s over one that is not", key)
	default:
		e.text(value, key)
		put(n, key, textNode(value))
	}
}

// text checks that a value can stand in a file.
func (e *encoder) text(s, what string) {
	if !utf8.ValidString(s) {
		e.fail("%s: %w", what, errNotText)
	}
}

var errNotText = errors.New("bytes that are not UTF-8 text cannot stand in a scenario file")

func (e *encoder) claims(all []model.Claim) *yaml.Node {
	list := listNode()
	for _, c := range all {
		n := mapNode()
		put(n, "source", textNode(c.Source))
		put(n, "claim", textNode(c.Text))
		put(n, "verdict", textNode(string(c.Verdict)))
		e.line(n, "because", c.Because, "")
		list.Content = append(list.Content, n)
	}
	return list
}
