package jsonl

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim/trace"
)

// Read reads what Write has written. name is what errors call the file; they
// begin with it and the number of the line: run.jsonl:7: ...
//
// Read is strict. It returns an error for a field that it does not know, a
// required one that is missing, a line out of order, a reference to what has
// not been seen, a missing end, and a line longer than 16 MiB. A file of a
// newer major version is refused; of a newer minor version, what is unknown is
// ignored.
func Read(r io.Reader, name string) (*trace.Trace, error) {
	l := lines{in: bufio.NewReaderSize(r, 64<<10)}
	d := decoder{t: &trace.Trace{}}
	for {
		line, err := l.next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = d.line(line)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, l.number, err)
		}
	}
	switch {
	case l.number == 0:
		return nil, fmt.Errorf("%s: empty: want a first line with type %q", name, fileType)
	case !d.ended:
		return nil, fmt.Errorf("%s:%d: the file is cut short: its last line is not of type end", name, l.number)
	}
	return d.t, nil
}

// lines splits a file, holding one line at a time.
type lines struct {
	in     *bufio.Reader
	number int
	long   []byte
}

var errTooLong = fmt.Errorf("the line is longer than %d bytes", maxLine)

func (l *lines) next() ([]byte, error) {
	part, err := l.in.ReadSlice('\n')
	if len(part) == 0 && err == io.EOF {
		return nil, io.EOF
	}
	l.number++
	l.long = l.long[:0]
	for errors.Is(err, bufio.ErrBufferFull) {
		if l.long = append(l.long, part...); len(l.long) > maxLine {
			return nil, errTooLong
		}
		part, err = l.in.ReadSlice('\n')
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(l.long) == 0 {
		return part, nil
	}
	if l.long = append(l.long, part...); len(l.long) > maxLine {
		return nil, errTooLong
	}
	return l.long, nil
}

// decoder builds a trace line by line.
type decoder struct {
	t       *trace.Trace
	names   map[int]use // by process, until the end names them
	started bool
	ended   bool
	lax     bool // of a newer minor version
	seen
}

func (d *decoder) line(b []byte) error {
	if d.ended {
		return errors.New("wrong order: a line after the end")
	}
	var kind struct {
		Type    string `json:"type"`
		Version string `json:"version"`
	}
	if err := json.Unmarshal(b, &kind); err != nil {
		return explain(err)
	}
	if !d.started {
		if kind.Type != fileType {
			return fmt.Errorf("wrong order: the first line is of type %q, not %q", kind.Type, fileType)
		}
		if err := d.accept(kind.Version); err != nil {
			return err
		}
		d.started = true
		return d.header(b)
	}
	event := slices.Index(kinds, kind.Type)
	if event >= 0 {
		return d.event(b, trace.Kind(event))
	}
	switch kind.Type {
	case "end":
		return d.end(b)
	case fileType:
		return errors.New("wrong order: a second header")
	}
	return fmt.Errorf("unknown type %q: want %s or end", kind.Type, strings.Join(kinds, ", "))
}

// accept decides on the version of a file.
func (d *decoder) accept(version string) error {
	first, second, ok := strings.Cut(version, ".")
	is, err1 := strconv.ParseUint(first, 10, 16)
	sub, err2 := strconv.ParseUint(second, 10, 16)
	switch {
	case !ok || err1 != nil || err2 != nil || fmt.Sprintf("%d.%d", is, sub) != version:
		return fmt.Errorf("version %q: want two numbers, such as %d.%d", version, major, minor)
	case is > major:
		return fmt.Errorf("version %s is newer than what this tcpsim reads (%d.%d): use a newer tcpsim", version, major, minor)
	case is == 1:
		return fmt.Errorf("version %s keeps the arguments of calls as text, and this tcpsim reads %d.%d: make the file again with a run", version, major, minor)
	case is < major:
		return fmt.Errorf("version %s has never been: want %d.%d", version, major, minor)
	}
	d.lax = sub > minor
	return nil
}

// kinds are the types of lines that are events, by trace.Kind.
var kinds = func() (names []string) {
	for k := trace.Sent; k <= trace.Noted; k++ {
		names = append(names, k.String())
	}
	return names
}()
