package file

import (
	"fmt"
	"strings"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

// object is a piece of JSON Schema.
type object = map[string]any

// shape is what a value may look like, stated once for the decoder and for the
// JSON Schema.
type shape[V any] struct {
	schema object
	// read decodes n. When n is wrong it says so, calling the value by label,
	// and returns false.
	read func(d *decoder, n *yaml.Node, label string) (V, bool)
}

// scalar makes the shape of a single value. want completes "must be ..."; parse
// may explain a failure with a hint.
func scalar[V any](want string, schema object, parse func(n *yaml.Node) (v V, hint string, ok bool)) shape[V] {
	return shape[V]{schema: schema, read: func(d *decoder, n *yaml.Node, label string) (V, bool) {
		var v V
		var hint string
		if n.Kind == yaml.ScalarNode {
			var ok bool
			if v, hint, ok = parse(n); ok {
				return v, true
			}
		}
		if hint != "" {
			hint = "; " + strings.TrimPrefix(hint, "; ")
		}
		d.addf(position(n), "%s must be %s; found %s%s", label, want, describe(n), hint)
		return v, false
	}}
}

// list makes the shape of a list of at least least items.
func list[V any](item shape[V], least int, want string) shape[[]V] {
	schema := object{"type": "array", "items": item.schema}
	if least > 0 {
		schema["minItems"] = least
	}
	return shape[[]V]{schema: schema, read: func(d *decoder, n *yaml.Node, label string) ([]V, bool) {
		if n.Kind != yaml.SequenceNode {
			d.addf(position(n), "%s must be a list %s; found %s", label, want, describe(n))
			return nil, false
		}
		if len(n.Content) < least {
			d.addf(position(n), "%s must be a list %s; found an empty list", label, want)
			return nil, false
		}
		items, whole := make([]V, 0, len(n.Content)), true
		for _, c := range n.Content {
			v, ok := item.read(d, c, "an item of "+label)
			whole = whole && ok
			items = append(items, v)
		}
		return items, whole
	}}
}

// bits makes the shape of a list of names of bits, none of them twice.
func bits[B ~uint8 | ~uint16](each shape[B], want string) shape[B] {
	items := list(each, 1, want)
	items.schema["uniqueItems"] = true
	return shape[B]{schema: items.schema, read: func(d *decoder, n *yaml.Node, label string) (all B, ok bool) {
		given, ok := items.read(d, n, label)
		if !ok {
			return 0, false
		}
		for i, bit := range given {
			if all&bit != 0 {
				d.addf(position(n.Content[i]), "%s names %s twice", label, n.Content[i].Value)
				return 0, false
			}
			all |= bit
		}
		return all, true
	}}
}

// named makes the shape of a value that has a name, one of a few. parse knows
// all of them.
func named[V any](names []string, parse func(string) (V, bool)) shape[V] {
	of := choice(names)
	return shape[V]{schema: of.schema, read: func(d *decoder, n *yaml.Node, label string) (v V, ok bool) {
		name, ok := of.read(d, n, label)
		if !ok {
			return v, false
		}
		if v, ok = parse(name); !ok {
			panic("model: " + name + " is allowed and has no meaning")
		}
		return v, true
	}}
}

// record makes the shape of a mapping that is read into a new T.
type record[T any] struct {
	what   string // for messages: "a claim"
	fields []field[T]
	start  func(at model.Pos) T
	check  func(d *decoder, at model.Pos, t *T) bool // optional, after all fields were read
	within func(d *decoder, m mapping, t *T) bool    // the same, for messages that point at a key
	def    string                                    // where the JSON Schema defines it
}

func (r record[T]) shape() shape[T] {
	return shape[T]{schema: object{"$ref": "#/$defs/" + r.def}, read: func(d *decoder, n *yaml.Node, label string) (T, bool) {
		t := r.start(position(n))
		m, ok := d.mapping(n, label)
		if !ok {
			return t, false
		}
		ok = readAll(d, m, r.what, r.fields, &t)
		if ok && r.check != nil {
			ok = r.check(d, position(n), &t)
		}
		if ok && r.within != nil {
			ok = r.within(d, m, &t)
		}
		return t, ok
	}}
}

// describe names what stands at n, for messages.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!int", "!!float":
		return fmt.Sprintf("the number %s", n.Value)
	case "!!bool":
		return n.Value
	default:
		return words.Quote(n.Value)
	}
}
