package jsonl

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// unmarshal decodes a line and refuses what encoding/json lets pass: names in
// another case, names given twice, null, text that is not UTF-8, and required
// fields that are not there. Unless lax, unknown names are refused as well.
func unmarshal(line []byte, lax bool, into any) error {
	if !utf8.Valid(line) {
		return errors.New("the line is not UTF-8")
	}
	if err := json.Unmarshal(line, into); err != nil {
		return explain(err)
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	return inspector{dec, lax}.value(reflect.TypeOf(into).Elem(), "")
}

// inspector walks the tokens of a line beside the type they are for. The line
// has been decoded before, so its shape is right where the type is known.
type inspector struct {
	dec *json.Decoder
	lax bool
}

func (in inspector) value(t reflect.Type, path string) error {
	tok, err := in.dec.Token()
	if err != nil {
		return err
	}
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if tok == nil && t != nil {
		return fmt.Errorf("%s is null: leave it out instead", path)
	}
	switch tok {
	case json.Delim('{'):
		return in.object(t, path)
	case json.Delim('['):
		for i := 0; in.dec.More(); i++ {
			var elem reflect.Type
			if t != nil && t.Kind() == reflect.Slice {
				elem = t.Elem()
			}
			if err := in.value(elem, fmt.Sprintf("%q", fmt.Sprintf("%s[%d]", strings.Trim(path, `"`), i))); err != nil {
				return err
			}
		}
		_, err := in.dec.Token()
		return err
	}
	return nil
}

func (in inspector) object(t reflect.Type, path string) error {
	known := tables[t]
	given := make(map[string]bool)
	for in.dec.More() {
		tok, err := in.dec.Token()
		if err != nil {
			return err
		}
		name := tok.(string)
		if given[name] {
			return fmt.Errorf("%s is given twice", join(path, name))
		}
		given[name] = true
		f, ok := known[name]
		if !ok && !in.lax && t != nil {
			return fmt.Errorf("unknown field %s", join(path, name))
		}
		if err := in.value(f.t, join(path, name)); err != nil {
			return err
		}
	}
	for name, f := range known {
		if f.required && !given[name] {
			return fmt.Errorf("%s is missing", join(path, firstMissing(t, known, given)))
		}
	}
	_, err := in.dec.Token()
	return err
}

// firstMissing is the first required field of t that is not given: the error
// must not depend on the order of a map.
func firstMissing(t reflect.Type, known map[string]field, given map[string]bool) string {
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if known[name].required && !given[name] {
			return name
		}
	}
	return ""
}

func join(path, name string) string {
	if path == "" {
		return fmt.Sprintf("%q", name)
	}
	return fmt.Sprintf("%q", strings.Trim(path, `"`)+"."+name)
}

type field struct {
	t        reflect.Type
	required bool
}

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

// tables holds the fields of every object that a line can contain. It is
// filled once: reflection on each line took half of the time of reading.
var tables = func() map[reflect.Type]map[string]field {
	all := make(map[reflect.Type]map[string]field)
	for _, line := range []any{
		header{}, sent{}, received{}, lost{}, call{}, ret{}, change{}, timer{}, note{}, end{},
	} {
		tabulate(reflect.TypeOf(line), all)
	}
	return all
}()

func tabulate(t reflect.Type, all map[reflect.Type]map[string]field) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(textType) {
		return
	}
	all[t] = make(map[string]field, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		all[t][name] = field{f.Type, opts != "omitempty"}
		tabulate(f.Type, all)
	}
}

// explain says what encoding/json means without the names of Go types.
func explain(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong) && wrong.Field == "":
		return fmt.Errorf("a JSON %s: want an object", wrong.Value)
	case errors.As(err, &wrong):
		return fmt.Errorf("%q can not be a JSON %s", wrong.Field, wrong.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("column %d: not JSON: %w", syntax.Offset, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("an empty line")
	}
	return err
}
