package plots

import (
	"bytes"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
)

// DPI is the resolution of a PNG: two pixels to the point.
const DPI = 144

// raster draws a PNG. The size is in whole points, hence in whole pixels.
func raster(out *bytes.Buffer, p *layout.Picture, theme Theme) error {
	colors := theme.palette()
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(
		vgimg.UseWH(vg.Length(p.Width.Points()), vg.Length(p.Height.Points())),
		vgimg.UseDPI(DPI),
		vgimg.UseBackgroundColor(colors[layout.Paper]),
	)}
	paint(c, p, colors, fonts())
	_, err := c.WriteTo(out)
	return err
}
