package cases_test

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/png"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/plots/internal/layout"
	"github.com/tcpsim/tcpsim/plots/internal/layout/layouttest"
	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/model"
	"github.com/tcpsim/tcpsim/sim/trace"
)

var all = flag.Bool("all", false, "draw every case of the catalogue, not a sample")

var bothKinds = []plots.Kind{plots.Ladder, plots.Sequence}

// pictured is a case of the catalogue and the trace that its pictures show.
type pictured struct {
	*model.Case
	trace *trace.Trace
}

// picturedCases runs a sample of the catalogue, spread evenly: some cases, with
// -short a fifth of them, and with -all each, whose bitmaps take many minutes.
func picturedCases(t *testing.T, some int) (list []pictured) {
	t.Helper()
	var cases []model.Case
	for _, f := range scenarios.Catalogue() {
		cases = append(cases, f.Cases()...)
	}
	switch {
	case *all:
		some = len(cases)
	case testing.Short():
		some = max(1, some/5)
	}
	some = min(some, len(cases))
	for n := range some {
		c := &cases[n*len(cases)/some]
		// What a case expects is for other tests to check.
		res, err := scenarios.Run(c, scenarios.Options{NoCheck: true})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, pictured{c, res.Trace})
	}
	return list
}

// layout is a picture before it is drawn.
func (c *pictured) layout(k plots.Kind) *layout.Picture {
	s := story.Of(c.trace, story.Window{})
	if k == plots.Sequence {
		return layout.Sequence(s, layout.Options{})
	}
	return layout.Ladder(s, layout.Options{})
}

func (c *pictured) draw(t *testing.T, o plots.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := plots.Draw(&b, c.trace, o); err != nil {
		t.Fatalf("%s: %v", c.FullName(), err)
	}
	return b.Bytes()
}

// TestNothingOverlapsInAnyPicture lays out every case of the catalogue, in both
// kinds.
func TestNothingOverlapsInAnyPicture(t *testing.T) {
	for _, c := range picturedCases(t, 10_000) {
		t.Run(c.FullName(), func(t *testing.T) {
			t.Parallel()
			for _, k := range bothKinds {
				for _, f := range layouttest.Faults(c.layout(k), c.trace, story.Window{}) {
					t.Errorf("%s: %s", k, f)
				}
			}
		})
	}
}

// TestEveryCaseIsDrawnInEveryForm makes pictures in every format: in both
// kinds, save for bitmaps; SVGs in every theme.
func TestEveryCaseIsDrawnInEveryForm(t *testing.T) {
	for i, c := range picturedCases(t, 30) {
		t.Run(c.FullName(), func(t *testing.T) {
			t.Parallel()
			for _, k := range bothKinds {
				for _, theme := range []plots.Theme{plots.Auto, plots.Light, plots.Dark} {
					o := plots.Options{Kind: k, Theme: theme}
					checkSVG(t, o, c.trace, c.draw(t, o))
				}
				o := plots.Options{Kind: k, Theme: []plots.Theme{plots.Light, plots.Dark}[i%2], Format: plots.PDF}
				b := c.draw(t, o)
				if !bytes.HasPrefix(b, []byte("%PDF")) || !bytes.Equal(b, c.draw(t, o)) {
					t.Errorf("%s as PDF, %s: begins %.8q; or two drawings of one trace differ", k, o.Theme, b)
				}
				// A bitmap takes longer than all the others together: one of
				// a case, in turn, and few twice.
				if k != bothKinds[i/2%2] {
					continue
				}
				o.Format = plots.PNG
				b = c.draw(t, o)
				checkBitmap(t, o, c.layout(k), b)
				if i%20 == 0 {
					checkSimilar(t, b, c.draw(t, o))
				}
			}
			checkASCII(t, c.trace, c)
			checkMermaid(t, c.trace, string(c.draw(t, plots.Options{Format: plots.Mermaid})))
		})
	}
}

func checkASCII(t *testing.T, tr *trace.Trace, c pictured) {
	t.Helper()
	for _, width := range []int{80, 100, 200} {
		text := string(c.draw(t, plots.Options{Format: plots.ASCII, Width: width}))
		_, ladder, _ := strings.Cut(text, "\n\n") // above it, title and caption are as long as they are
		for _, line := range strings.Split(ladder, "\n") {
			if len(line) > width && !strings.HasPrefix(line, "the run was ended") {
				t.Errorf("ASCII of %d columns: a line of %d: %s", width, len(line), line)
			}
		}
		mentionsAll(t, "ASCII", tr, text)
	}
}

// checkMermaid takes the title, which stands before the diagram, as Mermaid
// wants it.
func checkMermaid(t *testing.T, tr *trace.Trace, text string) {
	t.Helper()
	head, diagram, ok := strings.Cut(text, "---\nsequenceDiagram\n")
	if !ok || !strings.HasPrefix(head, "---\ntitle: ") {
		t.Errorf("Mermaid begins %.80q", text)
	}
	mentionsAll(t, "Mermaid", tr, strings.ReplaceAll(diagram, "#35;", "#"))
	for _, side := range []string{"participant C as ", "participant S as "} {
		if !strings.Contains(diagram, side) {
			t.Errorf("Mermaid has no %q", side)
		}
	}
}

var numbersIn = regexp.MustCompile(`#(\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)`)

// mentionsAll checks that a text has the number of every segment, alone or in
// a range.
func mentionsAll(t *testing.T, what string, tr *trace.Trace, text string) {
	t.Helper()
	seen := make([]bool, len(tr.Segments)+1)
	for _, m := range numbersIn.FindAllStringSubmatch(text, -1) {
		for part := range strings.SplitSeq(m[1], ",") {
			var first, last int
			if n, _ := fmt.Sscanf(part, "%d-%d", &first, &last); n == 1 {
				last = first
			}
			for n := max(first, 1); n <= min(last, len(tr.Segments)); n++ {
				seen[n] = true
			}
		}
	}
	for n := 1; n < len(seen); n++ {
		if !seen[n] {
			t.Errorf("%s does not mention #%d", what, n)
		}
	}
}

// checkBitmap checks the size of a PNG, two pixels to the point, and that
// every label of the picture stands on it.
func checkBitmap(t *testing.T, o plots.Options, p *layout.Picture, b []byte) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Errorf("%s as PNG: %v", o.Kind, err)
		return
	}
	if got, want := img.Bounds().Size(), pixels(p, 2); got != want {
		t.Errorf("%s as PNG is %v, want %v", o.Kind, got, want)
		return
	}
	checkShown(t, o, p, newBitmap(img), 2)
}

// checkShown checks that a bitmap shows a picture to its end.
func checkShown(t *testing.T, o plots.Options, p *layout.Picture, b bitmap, scale int) {
	t.Helper()
	faults := unwritten(p, b, o.Theme, scale)
	if o.Kind == plots.Ladder {
		faults = append(faults, shortened(p, b, o.Theme, scale)...)
	}
	for _, f := range faults {
		t.Errorf("%s, %s: %s", o.Kind, o.Theme, f)
	}
}

func pixels(p *layout.Picture, scale int) image.Point {
	return image.Pt(int(p.Width/layout.PointUnit)*scale, int(p.Height/layout.PointUnit)*scale)
}

// checkSimilar compares as a page's reader would: processors differ in the
// last bit of a colour.
func checkSimilar(t *testing.T, a, b []byte) {
	t.Helper()
	x, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		t.Error(err)
		return
	}
	y, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Error(err)
		return
	}
	p, q := newBitmap(x), newBitmap(y)
	if !p.Rect.Eq(q.Rect) {
		t.Errorf("two drawings of one trace have the sizes %v and %v", p.Rect, q.Rect)
		return
	}
	sum := 0
	for i := range p.Pix {
		sum += max(int(p.Pix[i])-int(q.Pix[i]), int(q.Pix[i])-int(p.Pix[i]))
	}
	if d := float64(sum) / 255 / float64(len(p.Pix)); d > 0.001 {
		t.Errorf("two drawings of one trace are %.4f apart", d)
	}
}

// TestPicturesAreTheSameAtAnyGOMAXPROCS draws all cases at once, so that
// whatever the drawings share is used by several of them.
func TestPicturesAreTheSameAtAnyGOMAXPROCS(t *testing.T) {
	cases := picturedCases(t, 40)
	want := make([][]byte, len(bothKinds)*len(cases))
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(before)
		runtime.SetDefaultGOMAXPROCS()
	})
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		got := make([][]byte, len(want))
		var wg sync.WaitGroup
		for worker := range 8 {
			wg.Go(func() {
				for i := worker; i < len(got); i += 8 {
					var b bytes.Buffer
					c := cases[i/len(bothKinds)]
					if err := plots.Draw(&b, c.trace, plots.Options{Kind: bothKinds[i%len(bothKinds)]}); err != nil {
						t.Error(err)
					}
					got[i] = b.Bytes()
				}
			})
		}
		wg.Wait()
		if procs == 1 {
			want = got
			continue
		}
		for i := range got {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%s, %s: not the same bytes at GOMAXPROCS %d as at 1",
					cases[i/len(bothKinds)].FullName(), bothKinds[i%len(bothKinds)], procs)
			}
		}
	}
}
