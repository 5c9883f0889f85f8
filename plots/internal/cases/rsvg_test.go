package cases_test

import (
	"bytes"
	"image/png"
	"os/exec"
	"testing"

	"github.com/tcpsim/tcpsim/plots"
)

// TestPicturesAreCompleteInRsvg renders the SVGs as Wikipedia's and GNOME's
// viewers do, at the width of a page: whatever librsvg does not understand is
// left out, without an error.
func TestPicturesAreCompleteInRsvg(t *testing.T) {
	tool, err := exec.LookPath("rsvg-convert")
	if err != nil {
		t.Skip("needs rsvg-convert, of Debian's librsvg2-bin")
	}
	for i, c := range picturedCases(t, 30) {
		t.Run(c.FullName(), func(t *testing.T) {
			t.Parallel()
			for j, k := range bothKinds {
				// Each case in both kinds; of each kind, half of the cases are dark.
				o := plots.Options{Kind: k, Theme: []plots.Theme{plots.Light, plots.Dark}[(i+j)%2]}
				b := rsvg(t, tool, c.draw(t, o))
				p := c.layout(k)
				if got, want := b.Rect.Size(), pixels(p, 1); got != want {
					t.Errorf("%s, %s: rendered to %v, want the viewBox's %v", k, o.Theme, got, want)
					continue
				}
				checkShown(t, o, p, b, 1)
				if k == plots.Ladder {
					for _, f := range colourless(c.trace, b, o.Theme) {
						t.Errorf("%s: %s", o.Theme, f)
					}
				}
			}
		})
	}
}

// TestAutomaticPicturesAreLightInRsvg: it knows no preference of a reader, and
// must not take the rules for dark pages either.
func TestAutomaticPicturesAreLightInRsvg(t *testing.T) {
	tool, err := exec.LookPath("rsvg-convert")
	if err != nil {
		t.Skip("needs rsvg-convert, of Debian's librsvg2-bin")
	}
	c := picturedCases(t, 1)[0]
	auto := rsvg(t, tool, c.draw(t, plots.Options{}))
	light := rsvg(t, tool, c.draw(t, plots.Options{Theme: plots.Light}))
	if !bytes.Equal(auto.Pix, light.Pix) {
		t.Error("the automatic theme does not look like the light one")
	}
}

func rsvg(t *testing.T, tool string, svg []byte) bitmap {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), tool, "--width", "720")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(svg), &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("rsvg-convert: %v\n%s", err, errs.Bytes())
	}
	img, err := png.Decode(&out)
	if err != nil {
		t.Fatalf("what rsvg-convert writes: %v", err)
	}
	return newBitmap(img)
}
