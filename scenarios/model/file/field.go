package file

import (
	"maps"
	"strings"

	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

// field is one key of a mapping: its name, its meaning, how to read it into a
// T, and its JSON Schema.
type field[T any] struct {
	name     string
	doc      string
	required bool
	fallback any // the default, for the schema; the record's start applies it
	schema   object
	read     func(d *decoder, n *yaml.Node, t *T) bool
}

// at makes the field whose value goes to *into(t).
func at[T, V any](name string, s shape[V], doc string, into func(t *T) *V) field[T] {
	return field[T]{name: name, doc: doc, schema: s.schema, read: func(d *decoder, n *yaml.Node, t *T) bool {
		v, ok := s.read(d, n, words.Quote(name))
		if ok {
			*into(t) = v
		}
		return ok
	}}
}

// maybe is at for a pointer that stays nil when the key is absent.
func maybe[T, V any](name string, s shape[V], doc string, into func(t *T) **V) field[T] {
	return field[T]{name: name, doc: doc, schema: s.schema, read: func(d *decoder, n *yaml.Node, t *T) bool {
		v, ok := s.read(d, n, words.Quote(name))
		if ok {
			*into(t) = &v
		}
		return ok
	}}
}

func (f field[T]) must() field[T]    { f.required = true; return f }
func (f field[T]) or(v any) field[T] { f.fallback = v; return f }

// within turns the fields of a part of T into fields of T.
func within[T, U any](fields []field[U], part func(t *T) *U) []field[T] {
	var lifted []field[T]
	for _, f := range fields {
		lifted = append(lifted, field[T]{
			name: f.name, doc: f.doc, required: f.required, fallback: f.fallback, schema: f.schema,
			read: func(d *decoder, n *yaml.Node, t *T) bool { return f.read(d, n, part(t)) },
		})
	}
	return lifted
}

// inline makes a field whose value is a mapping that is read into the same T,
// so that what it does not name stays as it was.
func inline[T any](name, doc, def string, fields []field[T]) field[T] {
	return field[T]{name: name, doc: doc, schema: object{"$ref": "#/$defs/" + def}, read: func(d *decoder, n *yaml.Node, t *T) bool {
		m, ok := d.mapping(n, words.Quote(name))
		return ok && readAll(d, m, words.Quote(name), fields, t)
	}}
}

// mapping is a YAML mapping whose keys are known to be distinct names.
type mapping struct {
	node    *yaml.Node
	entries []entry
}

type entry struct {
	name       string
	key, value *yaml.Node
}

func (m mapping) get(name string) *yaml.Node {
	for _, e := range m.entries {
		if e.name == name {
			return e.value
		}
	}
	return nil
}

// mapping checks that n is a mapping and that no key is given twice. A key
// given twice is reported and the first one taken.
func (d *decoder) mapping(n *yaml.Node, label string) (mapping, bool) {
	m := mapping{node: n}
	if n.Kind != yaml.MappingNode {
		d.addf(position(n), "%s must be a mapping (lines of \"key: value\"); found %s", label, describe(n))
		return m, false
	}
	whole := true
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			d.addf(position(key), "a key of %s must be a name; found %s", label, describe(key))
			whole = false
			continue
		}
		if line, twice := lines[key.Value]; twice {
			d.addf(position(key), "key %s is given twice; the first is in line %d", words.Quote(key.Value), line)
			whole = false
			continue
		}
		lines[key.Value] = key.Line
		m.entries = append(m.entries, entry{name: key.Value, key: key, value: value})
	}
	// What could be read is still worth checking, but the caller must know.
	if !whole {
		d.torn = true
	}
	return m, true
}

// readAll reads a mapping that has no other keys than fields.
func readAll[T any](d *decoder, m mapping, what string, fields []field[T], t *T) bool {
	whole := true
	for _, e := range m.entries {
		if find(fields, e.name) == nil {
			d.unknownKey(e, what, names(fields))
			whole = false
		}
	}
	return readFields(d, m, what, fields, t) && whole
}

// readFields reads in the order of fields, not of the file: a later field may
// depend on an earlier one.
func readFields[T any](d *decoder, m mapping, what string, fields []field[T], t *T) bool {
	whole := true
	for _, f := range fields {
		switch n := m.get(f.name); {
		case n != nil:
			whole = f.read(d, n, t) && whole
		case f.required && !misspelt(m, f.name, fields):
			d.addf(position(m.node), "%s needs the key %s", what, words.Quote(f.name))
			whole = false
		case f.required:
			whole = false
		}
	}
	return whole
}

// misspelt says whether an unknown key of m was taken for name: then it is not
// missing, and one message is enough.
func misspelt[T any](m mapping, name string, fields []field[T]) bool {
	for _, e := range m.entries {
		if find(fields, e.name) == nil && words.Nearest(e.name, names(fields)) == name {
			return true
		}
	}
	return false
}

func (d *decoder) unknownKey(e entry, what string, known []string) {
	if d.full() {
		return
	}
	if e.name == "<<" {
		d.addf(position(e.key), "merge keys (<<) are not supported; repeat the keys, or use an alias for the whole value")
		return
	}
	d.addf(position(e.key), "unknown key %s in %s%s", words.Quote(e.name), what, meant(e.name, known))
}

func find[T any](fields []field[T], name string) *field[T] {
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	return nil
}

func names[T any](fields []field[T]) []string {
	var all []string
	for _, f := range fields {
		all = append(all, f.name)
	}
	return all
}

// schemaOf is the JSON Schema of a mapping with these fields.
func schemaOf[T any](title, doc string, fields []field[T]) object {
	properties, required := object{}, []string{}
	for _, f := range fields {
		p := maps.Clone(f.schema)
		p["title"] = strings.ToUpper(f.name[:1]) + strings.ReplaceAll(f.name[1:], "-", " ")
		p["description"] = f.doc
		if f.fallback != nil {
			p["default"] = f.fallback
		}
		properties[f.name] = p
		if f.required {
			required = append(required, f.name)
		}
	}
	s := object{
		"type": "object", "title": title, "description": doc,
		"properties": properties, "additionalProperties": false,
	}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}
