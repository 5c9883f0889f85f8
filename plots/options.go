package plots

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
)

// Kind is a kind of picture.
type Kind uint8

// The kinds of pictures.
const (
	Ladder   Kind = iota // who said what, when, in which state
	Sequence             // sequence numbers over time
)

// Format is a form of file.
type Format uint8

// The formats.
const (
	SVG Format = iota
	PNG
	PDF
	ASCII
	Mermaid
)

// Theme is a choice of colours.
type Theme uint8

// The themes. Auto follows the reader's preference where the format can: in
// SVG. Elsewhere it is light.
const (
	Auto Theme = iota
	Light
	Dark
)

// View is from whose clock a sequence graph is seen.
type View = layout.View

// The vantages of a sequence graph. Sender, the default, shows data at its
// sender's clock and ACKs on arrival there; Receiver the opposite; Client and
// Server see both directions from one host.
const (
	Sender   = layout.FromSender
	Receiver = layout.FromReceiver
	Client   = layout.FromClient
	Server   = layout.FromServer
)

// Options says what to draw. The zero value is a ladder of the whole trace, as
// SVG for light and dark pages.
type Options struct {
	Kind     Kind
	Format   Format
	Theme    Theme
	Width    int           // in points (the viewBox's units), 560 to 720; 0 is 720. For ASCII, columns, 80 to 200; 0 is 100
	From, To time.Duration // what part of virtual time; a To of 0 is the end
	View     View          // for Sequence
	Title    string        // instead of the trace's
	Version  string        // of tcpsim, for the caption; none when empty
}

var (
	kindNames   = []string{Ladder: "ladder", Sequence: "sequence"}
	formatNames = []string{SVG: "svg", PNG: "png", PDF: "pdf", ASCII: "ascii", Mermaid: "mermaid"}
	themeNames  = []string{Auto: "auto", Light: "light", Dark: "dark"}
	viewNames   = []string{Sender: "sender", Receiver: "receiver", Client: "client", Server: "server"}
	endings     = map[string]Format{".svg": SVG, ".png": PNG, ".pdf": PDF, ".txt": ASCII, ".mmd": Mermaid, ".mermaid": Mermaid}
)

// String is the kind's name, as ParseKind reads it.
func (k Kind) String() string { return name(kindNames, int(k)) }

// String is the format's name, as ParseFormat reads it.
func (f Format) String() string { return name(formatNames, int(f)) }

// String is the theme's name, as ParseTheme reads it.
func (t Theme) String() string { return name(themeNames, int(t)) }

func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("unknown (%d)", i)
}

// ParseKind reads ladder or sequence.
func ParseKind(s string) (Kind, error) {
	i, err := parse("kind of picture", s, kindNames)
	return Kind(i), err
}

// ParseFormat reads svg, png, pdf, ascii or mermaid.
func ParseFormat(s string) (Format, error) {
	i, err := parse("format", s, formatNames)
	return Format(i), err
}

// ParseTheme reads auto, light or dark.
func ParseTheme(s string) (Theme, error) {
	i, err := parse("theme", s, themeNames)
	return Theme(i), err
}

// ParseView reads sender, receiver, client or server.
func ParseView(s string) (View, error) {
	i, err := parse("view", s, viewNames)
	return View(i), err
}

func parse(what, s string, names []string) (int, error) {
	if i := slices.Index(names, s); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("%s %q: want one of %s", what, s, strings.Join(names, ", "))
}

// FormatOfPath tells the format of a file by its ending.
func FormatOfPath(path string) (Format, error) {
	if f, ok := endings[strings.ToLower(filepath.Ext(path))]; ok {
		return f, nil
	}
	return 0, fmt.Errorf("%s: the ending tells no format: want .svg, .png, .pdf, .txt (ASCII) or .mmd (Mermaid)", path)
}

// Check gives the error that Draw would give for the options alone.
func (o *Options) Check() error {
	switch {
	case int(o.Kind) >= len(kindNames):
		return fmt.Errorf("kind of picture %d: want one of %s", o.Kind, strings.Join(kindNames, ", "))
	case int(o.Format) >= len(formatNames):
		return fmt.Errorf("format %d: want one of %s", o.Format, strings.Join(formatNames, ", "))
	case int(o.Theme) >= len(themeNames):
		return fmt.Errorf("theme %d: want one of %s", o.Theme, strings.Join(themeNames, ", "))
	case int(o.View) >= len(viewNames):
		return fmt.Errorf("view %d: want one of %s", o.View, strings.Join(viewNames, ", "))
	case o.From < 0 || o.To < 0 || o.To > 0 && o.To <= o.From:
		return fmt.Errorf("window from %v to %v: want an end after the beginning, and neither negative", o.From, o.To)
	case o.text() && o.Kind == Sequence:
		return fmt.Errorf("a sequence graph has no %s form: want one of svg, png, pdf", o.Format)
	case o.Width == 0:
	case o.Format == ASCII && (o.Width < 80 || o.Width > 200):
		return fmt.Errorf("width %d: want 80 to 200 columns", o.Width)
	case !o.text() && (o.Width < 560 || o.Width > 720):
		return fmt.Errorf("width %d: want 560 to 720 points", o.Width)
	}
	return nil
}

func (o *Options) text() bool { return o.Format == ASCII || o.Format == Mermaid }
