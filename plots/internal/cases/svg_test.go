package cases_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// vector is what the tests look at in an SVG.
type vector struct {
	attr     map[string]string // of the outermost element
	title    string
	desc     string
	style    string
	ids      map[string]int
	segments []int // how often an id's group shows each segment
	height   float64
}

// readSVG reads an SVG to its end, so that one that is not well-formed is an
// error.
func readSVG(b []byte, segments int) (*vector, error) {
	v := &vector{attr: map[string]string{}, ids: map[string]int{}, segments: make([]int, segments+1)}
	d := xml.NewDecoder(bytes.NewReader(b))
	var path []string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			path = append(path, tok.Name.Local)
			if err := v.start(tok, len(path) == 1); err != nil {
				return nil, err
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			switch strings.Join(path, "/") {
			case "svg/title":
				v.title += string(tok)
			case "svg/desc":
				v.desc += string(tok)
			case "svg/style":
				v.style += string(tok)
			}
		}
	}
	_, err := fmt.Sscanf(v.attr["viewBox"], "0 0 720 %g", &v.height)
	return v, err
}

func (v *vector) start(e xml.StartElement, root bool) error {
	var id, shows string
	for _, a := range e.Attr {
		switch {
		case root:
			v.attr[a.Name.Local] = a.Value
		case a.Name.Local == "data-segments":
			shows = a.Value
		}
		if a.Name.Local == "id" {
			id = a.Value
			v.ids[id]++
		}
	}
	if id == "" {
		return nil // a further part of a group
	}
	for part := range strings.FieldsSeq(shows) {
		first, last, isRange := strings.Cut(part, "-")
		a, err := strconv.Atoi(first)
		z := a
		if err == nil && isRange {
			z, err = strconv.Atoi(last)
		}
		if err != nil || a < 1 || z >= len(v.segments) {
			return fmt.Errorf("data-segments %q", shows)
		}
		for n := a; n <= z; n++ {
			v.segments[n]++
		}
	}
	return nil
}

// checkSVG checks what a page, and who cannot see it, gets from an SVG.
func checkSVG(t *testing.T, o plots.Options, tr *trace.Trace, b []byte) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s as SVG, %s: %s", o.Kind, o.Theme, fmt.Sprintf(format, args...))
	}
	v, err := readSVG(b, len(tr.Segments))
	if err != nil {
		fail("%v", err)
		return
	}
	if v.attr["role"] != "img" || v.title == "" || v.attr["width"] != "" || v.attr["height"] != "" {
		fail("role %q, title %q, width %q, height %q", v.attr["role"], v.title, v.attr["width"], v.attr["height"])
	}
	for id := range strings.FieldsSeq(v.attr["aria-labelledby"]) {
		if v.ids[id] == 0 {
			fail("nothing has the id %s, which labels the picture", id)
		}
	}
	for id, n := range v.ids {
		if n > 1 {
			fail("the id %s is there %d times", id, n)
		}
	}
	if auto := strings.Contains(v.style, "prefers-color-scheme:dark"); auto != (o.Theme == plots.Auto) {
		fail("follows the reader's preference: %v", auto)
	}
	lines := strings.Split(v.desc, "\n")
	for i := range tr.Segments {
		n, found := tr.Segments[i].Number, 0
		for _, line := range lines {
			if strings.HasPrefix(line, fmt.Sprintf("#%d ", n)) {
				found++
			}
		}
		if found != 1 {
			fail("%d lines of the description are about #%d", found, n)
		}
		if v.segments[n] != 1 {
			fail("%d elements show #%d", v.segments[n], n)
		}
	}
}
