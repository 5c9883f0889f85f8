package cases_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/tcpsim/tcpsim/plots"
	"github.com/tcpsim/tcpsim/plots/internal/layout"
	"github.com/tcpsim/tcpsim/plots/internal/story"
	"github.com/tcpsim/tcpsim/sim/trace"
)

// The colours of a theme, as the pictures' readers were promised them. They
// are written down once more, so that a test does not believe the code.
var papers = map[plots.Theme]color.RGBA{
	plots.Light: {0xFF, 0xFF, 0xFF, 0xFF},
	plots.Dark:  {0x0D, 0x11, 0x17, 0xFF},
}

var kindColours = map[plots.Theme]map[story.Kind]color.RGBA{
	plots.Light: {
		story.Data: {0x00, 0x72, 0xB2, 0xFF}, story.Ack: {0x57, 0x60, 0x6A, 0xFF},
		story.Syn: {0x82, 0x50, 0xDF, 0xFF}, story.Fin: {0x82, 0x50, 0xDF, 0xFF}, story.Rst: {0xC4, 0x2B, 0x1C, 0xFF},
	},
	plots.Dark: {
		story.Data: {0x58, 0xA6, 0xFF, 0xFF}, story.Ack: {0x9D, 0xA7, 0xB3, 0xFF},
		story.Syn: {0xE2, 0xC5, 0xFF, 0xFF}, story.Fin: {0xE2, 0xC5, 0xFF, 0xFF}, story.Rst: {0xFF, 0x6B, 0x5E, 0xFF},
	},
}

// bitmap is a picture whose pixels are all of one form.
type bitmap struct{ *image.RGBA }

func newBitmap(img image.Image) bitmap {
	b := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(b, b.Rect, img, img.Bounds().Min, draw.Src)
	return bitmap{b}
}

// apart is the largest difference of two colours in one channel.
func apart(a, b color.RGBA) int {
	d := 0
	for _, x := range [...]int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B)} {
		d = max(d, x, -x)
	}
	return d
}

// has reports whether a pixel in r is as far from, or as near to, a colour as
// the condition wants.
func (b bitmap) has(r image.Rectangle, c color.RGBA, want func(distance int) bool) bool {
	r = r.Intersect(b.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if want(apart(b.RGBAAt(x, y), c)) {
				return true
			}
		}
	}
	return false
}

func near(d int) bool { return d <= 24 }

// written is how far from the paper the darkest pixel of a letter is at least.
func written(d int) bool { return d >= 56 }

// filled is how far a lifeline's lightest fill is from the paper at least.
func filled(d int) bool { return d >= 30 }

// unwritten lists the labels of a picture that a bitmap does not show.
func unwritten(p *layout.Picture, b bitmap, theme plots.Theme, scale int) (faults []string) {
	paper := papers[theme]
	if !near(apart(b.RGBAAt(1, 1), paper)) {
		faults = append(faults, fmt.Sprintf("the corner is %v, not the paper's %v", b.RGBAAt(1, 1), paper))
	}
	for i := range p.Marks {
		m := &p.Marks[i]
		if m.Shape != layout.Text {
			continue
		}
		r := image.Rectangle{Min: b.Rect.Max}
		for _, q := range m.Box {
			x, y := toPixels(q.X, scale), toPixels(q.Y, scale)
			r.Min.X, r.Min.Y = min(r.Min.X, x), min(r.Min.Y, y)
			r.Max.X, r.Max.Y = max(r.Max.X, x+1), max(r.Max.Y, y+1)
		}
		if !b.has(r, paper, written) {
			faults = append(faults, fmt.Sprintf("label %q is not there, at %v", m.Text, r))
		}
	}
	return faults
}

func toPixels(u layout.Unit, scale int) int { return int(u * layout.Unit(scale) / layout.PointUnit) }

// shortened lists the lifelines of a ladder that a bitmap shows only a part of.
func shortened(p *layout.Picture, b bitmap, theme plots.Theme, scale int) (faults []string) {
	paper := papers[theme]
	var last [2]image.Point // the end of each, left and right
	for i := range p.Marks {
		m := &p.Marks[i]
		if m.Role != layout.ClosedLine && (m.Role < layout.Opening || m.Role > layout.Closing) {
			continue
		}
		var x, y layout.Unit
		for _, q := range m.Points {
			x += q.X
			y = max(y, q.Y)
		}
		x /= layout.Unit(len(m.Points))
		side := 0
		if x > p.Width/2 {
			side = 1
		}
		if at := image.Pt(toPixels(x, scale), toPixels(y, scale)-2*scale); at.Y > last[side].Y {
			last[side] = at
		}
	}
	for _, at := range last {
		// Only the words on why the run was ended stand lower.
		if toPixels(p.Height, scale)-at.Y > 48*scale {
			faults = append(faults, fmt.Sprintf("a lifeline ends at %v, far above the end of the picture", at))
		}
		if r := (image.Rectangle{at, at.Add(image.Pt(1, 1))}).Inset(-scale); !b.has(r, paper, filled) {
			faults = append(faults, fmt.Sprintf("the lifeline is not there at its end, %v", at))
		}
	}
	return faults
}

// colourless lists the kinds of segments of a trace whose colour a ladder does
// not have.
func colourless(tr *trace.Trace, b bitmap, theme plots.Theme) (faults []string) {
	seen := map[story.Kind]bool{}
	for i := range tr.Segments {
		k := story.KindOf(&tr.Segments[i])
		if seen[k] {
			continue
		}
		seen[k] = true
		if c := kindColours[theme][k]; !b.has(b.Rect, c, near) {
			faults = append(faults, fmt.Sprintf("the colour %v of #%d is nowhere", c, i+1))
		}
	}
	return faults
}
