package plots

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
)

// pdf draws a PDF with fpdf, the library under gonum's vgpdf. vgpdf itself
// gives the file of every embedded font one name, so that a document has the
// glyphs of the last one only: sans and bold came out as mono, and a face asked
// for by weight made an empty file. Given the whole fonts, fpdf embeds just
// the characters in use and needs no temporary files.
func pdf(out *bytes.Buffer, p *layout.Picture, theme Theme) error {
	w, h := p.Width.Points(), p.Height.Points()
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: w, Ht: h}})
	epoch := time.Unix(0, 0).UTC()
	doc.SetCreationDate(epoch)
	doc.SetModificationDate(epoch)
	doc.SetCatalogSort(true)
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	doc.SetTitle(p.Title, true)
	doc.SetLang("en")
	for i, f := range fonts() {
		var ttf bytes.Buffer
		if _, err := f.Face.WriteSourceTo(nil, &ttf); err != nil {
			return fmt.Errorf("font %s: %w", pdfFonts[i], err)
		}
		doc.AddUTF8FontFromBytes(pdfFonts[i], "", ttf.Bytes())
	}
	doc.AddPage()
	colors := theme.palette()
	c := colors[layout.Paper]
	doc.SetFillColor(int(c.R), int(c.G), int(c.B))
	doc.Rect(0, 0, w, h, "F")
	for i := range p.Marks {
		pdfMark(doc, &p.Marks[i], colors)
	}
	return doc.Output(out)
}

// pdfFonts are the names of the faces, by layout.Font.
var pdfFonts = [...]string{layout.Sans: "sans", layout.Bold: "bold", layout.Mono: "mono"}

func pdfMark(doc *fpdf.Fpdf, m *layout.Mark, colors *palette) {
	c := colors[m.Role]
	r, g, b := int(c.R), int(c.G), int(c.B)
	if m.Shape == layout.Text {
		doc.SetTextColor(r, g, b)
		doc.SetFont(pdfFonts[m.Font], "", m.Size.Points())
		x, y := m.Points[0].X.Points(), m.Points[0].Y.Points()
		if angle := degrees(m); angle != 0 {
			doc.TransformBegin()
			doc.TransformRotate(angle, x, y)
			defer doc.TransformEnd()
		}
		doc.Text(x, y, m.Text)
		return
	}
	for i, q := range m.Points {
		if i == 0 {
			doc.MoveTo(q.X.Points(), q.Y.Points())
		} else {
			doc.LineTo(q.X.Points(), q.Y.Points())
		}
	}
	if m.Shape == layout.Fill {
		doc.SetFillColor(r, g, b)
		doc.ClosePath()
		doc.DrawPath("F")
		return
	}
	doc.SetDrawColor(r, g, b)
	doc.SetLineWidth(m.Width.Points())
	dash := make([]float64, len(dashes[m.Dash]))
	for i, d := range dashes[m.Dash] {
		dash[i] = d.Points()
	}
	doc.SetDashPattern(dash, 0)
	doc.DrawPath("D")
}

// degrees is how far a text is turned, in whole thousandths: processors differ
// in the last bit of an arctangent, and a file would show it.
func degrees(m *layout.Mark) float64 {
	a, b := m.Points[0], m.Points[1]
	if a.Y == b.Y {
		return 0
	}
	return math.Round(math.Atan2(float64(a.Y-b.Y), float64(b.X-a.X))*180/math.Pi*1000) / 1000
}
