package fidelity

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"
)

// The endings of case files.
const (
	plain   = ".json"
	zipped  = ".json.gz"
	maxFile = 64 << 20 // bytes of one case, unpacked
)

// Load reads every case of a directory: the files that end in .json or
// .json.gz, in the order of their names. It returns the cases that it could
// read, and an error that names each file that it could not, with the line of
// its unpacked text.
func Load(dir fs.FS) ([]Case, error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	var cases []Case
	var bad []error
	for _, e := range entries {
		name, ok := caseName(e.Name())
		if e.IsDir() || !ok {
			continue
		}
		c, err := read(dir, e.Name())
		if err != nil {
			bad = append(bad, inFile(e.Name(), err))
			continue
		}
		c.Name = name
		cases = append(cases, c)
	}
	if len(cases) == 0 && len(bad) == 0 {
		return nil, errors.New("no case there: want files that end in .json or .json.gz")
	}
	return cases, errors.Join(bad...)
}

func caseName(file string) (string, bool) {
	for _, ending := range []string{zipped, plain} {
		if name, ok := strings.CutSuffix(path.Base(file), ending); ok && name != "" {
			return name, true
		}
	}
	return "", false
}

func read(dir fs.FS, file string) (Case, error) {
	f, err := dir.Open(file)
	if err != nil {
		return Case{}, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(file, zipped) {
		z, err := gzip.NewReader(f)
		if err != nil {
			return Case{}, err
		}
		defer z.Close()
		r = z
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxFile))
	if err != nil {
		return Case{}, err
	}
	return Parse(raw)
}

// The recording as it stands in the file.
type (
	rawCase struct {
		Case        string                                `json:"case"`
		Description string                                `json:"description"`
		Kernel      string                                `json:"kernel"`
		Delay       float64                               `json:"one_way_delay_s"`
		Sysctl      map[string]map[string]json.RawMessage `json:"sysctl"`
		Calls       []rawCall                             `json:"calls"`
		Segments    []rawSegment                          `json:"segments"`
	}
	rawCall struct {
		T      *float64          `json:"t"`
		End    *float64          `json:"t_end"`
		Host   string            `json:"host"`
		Socket string            `json:"sock"`
		Call   string            `json:"call"`
		Args   []json.RawMessage `json:"args"`
		Result json.RawMessage   `json:"result"`
		Errno  *string           `json:"errno"`
	}
	rawSegment struct {
		T        *float64 `json:"t"`
		Received *float64 `json:"t_rx"`
		From     string   `json:"from"`
		Conn     string   `json:"conn"`
		Flags    *string  `json:"flags"`
		Seq      *int64   `json:"seq"`
		Ack      *int64   `json:"ack"`
		Len      int      `json:"len"`
		Window   int      `json:"win"`
		Options  []string `json:"opts"`
		Data     string   `json:"data"`
		Lost     bool     `json:"lost"`
		Injected bool     `json:"injected"`
		SeqZero  bool     `json:"seq_zero"`
	}
)

// Parse reads one case. Errors name the line, the call or the segment, counted
// from 1, and the field.
func Parse(raw []byte) (Case, error) {
	var in rawCase
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(&in); err != nil {
		return Case{}, explain(raw, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Case{}, errors.New("there is more after the case")
	}
	latency, err := seconds(in.Delay)
	if err != nil {
		return Case{}, fmt.Errorf("one_way_delay_s: %w", err)
	}
	c := Case{Title: in.Case, Description: in.Description, Kernel: in.Kernel, Latency: latency}
	if c.Settings, err = settingsOf(in.Sysctl); err != nil {
		return Case{}, err
	}
	if len(in.Calls) == 0 && len(in.Segments) == 0 {
		return Case{}, errors.New("no calls and no segments")
	}
	for i := range in.Calls {
		call, err := in.Calls[i].parse()
		if err != nil {
			return Case{}, &positioned{elementLine(raw, "calls", i), fmt.Errorf("call %d: %w", i+1, err)}
		}
		c.Calls = append(c.Calls, call)
	}
	for i := range in.Segments {
		s, err := in.Segments[i].parse()
		if err != nil {
			return Case{}, &positioned{elementLine(raw, "segments", i), fmt.Errorf("segment %d: %w", i+1, err)}
		}
		c.Segments = append(c.Segments, s)
	}
	slices.SortStableFunc(c.Calls, func(a, b Call) int { return int(a.Begin - b.Begin) })
	slices.SortStableFunc(c.Segments, func(a, b Segment) int { return int(a.Sent - b.Sent) })
	c.placeDestroys()
	return c, nil
}

// explain adds the line to an error of the JSON decoder.
func explain(raw []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		what := kind.Field
		if what == "" {
			what = "the case"
		}
		return &positioned{lineOf(raw, kind.Offset), fmt.Errorf("%s is %s: want %s", what, article(kind.Value), article(kindName(kind.Type)))}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends in the middle")
	}
	if offset >= 0 {
		return &positioned{lineOf(raw, offset), err}
	}
	return err
}

// kindName is what JSON calls a value that a Go type can hold.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Slice:
		return "array"
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	}
	return "number"
}

func article(noun string) string {
	if strings.ContainsAny(noun[:min(1, len(noun))], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}

// longest bounds times, so that no sum of two overflows.
const longest = 24 * time.Hour

func seconds(f float64) (time.Duration, error) {
	if !(f >= 0 && f <= longest.Seconds()) {
		return 0, fmt.Errorf("%v is no time in seconds from 0 to %v", f, longest.Seconds())
	}
	return time.Duration(math.Round(f*1e6)) * time.Microsecond, nil
}

func settingsOf(in map[string]map[string]json.RawMessage) (out [2][]Setting, err error) {
	for group := range in {
		if group != "base" && group != "A" && group != "B" {
			return out, fmt.Errorf("sysctl: no host %q: want base, A or B", group)
		}
	}
	for side, host := range [2]string{"A", "B"} {
		merged := map[string]string{}
		for _, group := range []string{"base", host} {
			for name, value := range in[group] {
				if strings.HasPrefix(string(value), "{") || strings.HasPrefix(string(value), "[") {
					return out, fmt.Errorf("sysctl %s of %s: want a number or a text", name, group)
				}
				merged[name] = strings.Trim(string(value), `"`)
			}
		}
		for name, value := range merged {
			out[side] = append(out[side], Setting{name, value})
		}
		slices.SortFunc(out[side], func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	}
	return out, nil
}
