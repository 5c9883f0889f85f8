package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/stack/words"
	"go.yaml.in/yaml/v4"
)

// Limits on a file. The number of values is counted after aliases are
// followed: a few lines of nested aliases can stand for billions.
const (
	mostBytes  = 1 << 20
	mostValues = 200_000
	mostDepth  = 100
	mostCases  = 100
)

// parse reads the one document of src into a tree without aliases. It returns
// nil, with the reason in p, when there is no such tree.
func parse(p *problems, src []byte) *yaml.Node {
	if len(src) > mostBytes {
		p.addf(model.Pos{}, "the file has %d bytes; the limit is %d", len(src), mostBytes)
		return nil
	}
	if at, msg := badCharacter(src); msg != "" {
		p.add(at, msg)
		return nil
	}
	docs, err := documents(src)
	if err != nil {
		at, msg := syntaxError(err)
		p.add(at, "not valid YAML: "+msg)
		return nil
	}
	if len(docs) > 1 {
		p.add(position(docs[1]), "a second YAML document begins here; a scenario file is one document")
		return nil
	}
	if len(docs) == 0 || len(docs[0].Content) == 0 || isNull(docs[0].Content[0]) {
		p.add(model.Pos{}, "the file is empty; a scenario begins with its name, for example \"name: unread-data\"")
		return nil
	}
	e := expander{problems: p, open: map[*yaml.Node]bool{}}
	root := e.expand(docs[0].Content[0], 0)
	if e.failed {
		return nil
	}
	return root
}

// documents returns the first two documents of src.
func documents(src []byte) (docs []*yaml.Node, err error) {
	// The parser reports what it believes to be its own bugs by panicking.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	loader, err := yaml.NewLoader(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	for len(docs) < 2 {
		doc := new(yaml.Node)
		if err := loader.Load(doc); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// syntaxAdvice says what the two commonest mistakes are, for people who do not
// know how YAML reads its input.
var syntaxAdvice = map[string]string{
	"mapping values are not allowed in this context": "text that contains \": \" needs quotes",
	"found character that cannot start any token":    "indentation is spaces, never tabs, and text that begins with @, % or ` needs quotes",
}

func syntaxError(err error) (model.Pos, string) {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return model.Pos{}, err.Error()
	}
	msg := load.Message
	if load.ContextMsg != "" {
		msg = load.ContextMsg + ", " + msg
	}
	if load.ContextMark.Line > 0 && load.ContextMark.Line != load.Mark.Line {
		msg += fmt.Sprintf(" (it began in line %d)", load.ContextMark.Line)
	}
	if advice := syntaxAdvice[load.Message]; advice != "" {
		msg += "; " + advice
	}
	return model.Pos{Line: load.Mark.Line, Column: load.Mark.Column}, msg
}

// badCharacter finds the first character that YAML does not allow, because the
// parser reports those without a position.
func badCharacter(src []byte) (model.Pos, string) {
	at := model.Pos{Line: 1, Column: 1}
	for rest := src; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			return at, fmt.Sprintf("not valid YAML: byte 0x%02x is not UTF-8 text", rest[0])
		}
		control := r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 && r != 0x85
		if control || r == 0xfffe || r == 0xffff {
			return at, fmt.Sprintf("not valid YAML: the character U+%04X must be written as an escape", r)
		}
		at.Column++
		if r == '\n' {
			at = model.Pos{Line: at.Line + 1, Column: 1}
		}
		rest = rest[size:]
	}
	return at, ""
}

// expander replaces aliases by what they stand for.
type expander struct {
	*problems
	open   map[*yaml.Node]bool // the nodes being expanded, to find cycles
	values int
	failed bool
}

func (e *expander) expand(n *yaml.Node, depth int) *yaml.Node {
	if e.failed {
		return n
	}
	at := position(n)
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	e.values++
	switch {
	case e.values > mostValues:
		e.fail(at, fmt.Sprintf("the file stands for more than %d values; aliases repeat too much", mostValues))
	case depth > mostDepth:
		e.fail(at, fmt.Sprintf("values are nested more than %d deep", mostDepth))
	case e.open[n]:
		e.fail(at, fmt.Sprintf("the alias *%s stands inside the value that it repeats", n.Anchor))
	case n.Style&yaml.TaggedStyle != 0 && n.Tag != "!!str":
		e.fail(at, fmt.Sprintf("the YAML tag %s is not supported here", words.Quote(n.Tag)))
	}
	if e.failed || len(n.Content) == 0 {
		return n
	}
	e.open[n] = true
	for i, child := range n.Content {
		n.Content[i] = e.expand(child, depth+1)
	}
	delete(e.open, n)
	return n
}

func (e *expander) fail(at model.Pos, msg string) {
	e.add(at, msg)
	e.failed = true
}

func position(n *yaml.Node) model.Pos { return model.Pos{Line: n.Line, Column: n.Column} }

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }
