package plots_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/sim/trace"
)

var everyPicture = []plots.Options{
	{},
	{Theme: plots.Light},
	{Theme: plots.Dark},
	{Kind: plots.Sequence},
	{Kind: plots.Sequence, View: plots.Receiver},
	{Format: plots.PDF},
	{Format: plots.PNG},
	{Format: plots.ASCII},
	{Format: plots.Mermaid},
}

func TestSameBytesAtAnyGOMAXPROCS(t *testing.T) {
	tr := load(t, "zero-window")
	for _, o := range everyPicture {
		want := draw(t, tr, o)
		for _, n := range []int{1, 2, 8} {
			before := runtime.GOMAXPROCS(n)
			got := draw(t, tr, o)
			runtime.GOMAXPROCS(before)
			if !bytes.Equal(got, want) {
				t.Errorf("%s as %s differs at GOMAXPROCS %d", o.Kind, o.Format, n)
			}
		}
	}
}

func TestPDFDoesNotDependOnTheClock(t *testing.T) {
	tr := load(t, "unread-data")
	a := draw(t, tr, plots.Options{Format: plots.PDF})
	time.Sleep(1100 * time.Millisecond) // its dates have seconds
	if !bytes.Equal(a, draw(t, tr, plots.Options{Format: plots.PDF})) {
		t.Error("two PDFs of one trace differ")
	}
	if n := bytes.Count(a, []byte("/FontFile2")); n != 3 {
		t.Errorf("%d fonts are embedded, want 3", n)
	}
}

func TestPNGHasTwoPixelsToThePoint(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(draw(t, load(t, "unread-data"), plots.Options{Format: plots.PNG, Theme: plots.Dark})))
	if err != nil {
		t.Fatal(err)
	}
	if w := img.Bounds().Dx(); w != 2*720 {
		t.Errorf("width %d, want 1440", w)
	}
	if r, g, b, a := img.At(1, 1).RGBA(); a != 0xffff || r>>8 != 0x0d || g>>8 != 0x11 || b>>8 != 0x17 {
		t.Errorf("corner is %x %x %x %x: want the dark background", r>>8, g>>8, b>>8, a>>8)
	}
}

// svgDoc is what the tests look at in an SVG.
type svgDoc struct {
	ViewBox string `xml:"viewBox,attr"`
	Width   string `xml:"width,attr"`
	Role    string `xml:"role,attr"`
	Title   string `xml:"title"`
	Desc    string `xml:"desc"`
	Style   string `xml:"style"`
}

func TestSVGIsAccessibleAndScales(t *testing.T) {
	for _, name := range recorded {
		tr := load(t, name)
		for _, kind := range []plots.Kind{plots.Ladder, plots.Sequence} {
			b := draw(t, tr, plots.Options{Kind: kind})
			var doc svgDoc
			if err := xml.Unmarshal(b, &doc); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch {
			case doc.Role != "img", doc.Title != tr.Title:
				t.Errorf("%s: role %q, title %q", name, doc.Role, doc.Title)
			case doc.Width != "" || !strings.HasPrefix(doc.ViewBox, "0 0 720 "):
				t.Errorf("%s: width %q, viewBox %q: want only a viewBox", name, doc.Width, doc.ViewBox)
			case !strings.Contains(doc.Style, "prefers-color-scheme:dark"):
				t.Errorf("%s: no rules for dark pages", name)
			}
			for i := range tr.Segments {
				if want := fmt.Sprintf("#%d [", tr.Segments[i].Number); strings.Count(doc.Desc, want) != 1 {
					t.Errorf("%s: the description has segment #%d %d times", name, i+1, strings.Count(doc.Desc, want))
				}
			}
			ids := map[string]bool{}
			for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllSubmatch(b, -1) {
				if ids[string(m[1])] {
					t.Errorf("%s: id %s is there twice", name, m[1])
				}
				ids[string(m[1])] = true
			}
			if bytes.Contains(b, []byte("#000000")) {
				t.Errorf("%s: pure black, which no rule for dark pages can change", name)
			}
		}
	}
}

// TestTextFormsNameEverySegment checks the forms that have no layout.
func TestTextFormsNameEverySegment(t *testing.T) {
	for _, name := range recorded {
		tr := load(t, name)
		for _, f := range []plots.Format{plots.ASCII, plots.Mermaid} {
			text := strings.ReplaceAll(string(draw(t, tr, plots.Options{Format: f})), "#35;", "#")
			for i := range tr.Segments {
				s := &tr.Segments[i]
				if !regexp.MustCompile(fmt.Sprintf(`#([\d,-]*,)?%d\b|#[\d]+-\d+`, s.Number)).MatchString(text) {
					t.Errorf("%s as %s: segment #%d is missing", name, f, s.Number)
				}
			}
			for _, line := range strings.Split(text, "\n") {
				if f == plots.ASCII && len(line) > 100 && !strings.HasPrefix(line, "seed") {
					t.Errorf("%s: a line of %d columns: %s", name, len(line), line)
				}
			}
		}
	}
}

func TestRandomTracesAreDrawnInEveryForm(t *testing.T) {
	for seed := range uint64(40) {
		for _, o := range everyPicture {
			if o.Format == plots.PNG && seed > 3 || o.Format == plots.PDF && seed%4 > 0 {
				continue // slow
			}
			draw(t, randomTrace(seed), o)
		}
	}
}

func TestWrongOptionsAreNamed(t *testing.T) {
	for _, c := range []struct {
		o    plots.Options
		want string
	}{
		{plots.Options{Kind: 9}, "kind of picture 9: want one of ladder, sequence"},
		{plots.Options{Format: 9}, "format 9: want one of svg, png, pdf, ascii, mermaid"},
		{plots.Options{Theme: 9}, "theme 9: want one of auto, light, dark"},
		{plots.Options{View: 9}, "view 9: want one of sender, receiver, client, server"},
		{plots.Options{Width: 10000}, "width 10000: want 560 to 720 points"},
		{plots.Options{Format: plots.ASCII, Width: 20}, "width 20: want 80 to 200 columns"},
		{plots.Options{From: 2, To: 1}, "window from 2ns to 1ns: want an end after the beginning, and neither negative"},
		{plots.Options{Kind: plots.Sequence, Format: plots.ASCII}, "a sequence graph has no ascii form: want one of svg, png, pdf"},
	} {
		var b bytes.Buffer
		if err := plots.Draw(&b, new(trace.Trace), c.o); err == nil || err.Error() != c.want || b.Len() > 0 {
			t.Errorf("%+v: error %v and %d bytes, want %q and none", c.o, err, b.Len(), c.want)
		}
	}
	if err := plots.Draw(io.Discard, nil, plots.Options{}); err == nil {
		t.Error("no error without a trace")
	}
}

func TestNamesAreRead(t *testing.T) {
	for _, f := range []plots.Format{plots.SVG, plots.PNG, plots.PDF, plots.ASCII, plots.Mermaid} {
		if got, err := plots.ParseFormat(f.String()); got != f || err != nil {
			t.Errorf("ParseFormat(%q) = %v, %v", f, got, err)
		}
	}
	if _, err := plots.ParseFormat("eps"); err == nil || !strings.Contains(err.Error(), "svg, png, pdf, ascii, mermaid") {
		t.Errorf("eps: %v", err)
	}
	if _, err := plots.ParseKind("graph"); err == nil || !strings.Contains(err.Error(), "ladder, sequence") {
		t.Errorf("graph: %v", err)
	}
	if f, err := plots.FormatOfPath("a/b.SVG"); f != plots.SVG || err != nil {
		t.Errorf("b.SVG: %v, %v", f, err)
	}
	if _, err := plots.FormatOfPath("b.eps"); err == nil || !strings.Contains(err.Error(), ".svg, .png, .pdf") {
		t.Errorf("b.eps: %v", err)
	}
}

func TestAFileIsWrittenWholeOrNotAtAll(t *testing.T) {
	tr := load(t, "unread-data")
	dir := t.TempDir()
	path := filepath.Join(dir, "a.svg")
	if err := os.WriteFile(path, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := plots.DrawFile(path, tr, plots.Options{Width: 1}); err == nil {
		t.Error("no error for a width of 1")
	}
	if b, _ := os.ReadFile(path); string(b) != "before" {
		t.Errorf("an error left %q", b)
	}
	if err := plots.DrawFile(filepath.Join(dir, "no", "a.svg"), tr, plots.Options{}); err == nil || !strings.Contains(err.Error(), "a.svg") {
		t.Errorf("a directory that is not there: %v", err)
	}
	if err := plots.DrawFile(dir, tr, plots.Options{}); err == nil {
		t.Error("no error for a directory as a file")
	}
	if err := plots.DrawFile(path, tr, plots.Options{}); err != nil {
		t.Error(err)
	}
	if b, _ := os.ReadFile(path); !bytes.HasPrefix(b, []byte("<svg ")) {
		t.Errorf("the file begins %.20q", b)
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("%d files are left, want 1", len(list))
	}
}

// broken is a writer that fails.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAFailingWriterIsReported(t *testing.T) {
	for _, o := range everyPicture {
		if err := plots.Draw(broken{}, load(t, "empty"), o); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s: %v", o.Format, err)
		}
	}
}
