package layout

import (
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font/liberation"
)

// Font is one of the three faces that pictures use.
type Font uint8

// The faces: Liberation Sans in two weights, and Liberation Mono.
const (
	Sans Font = iota
	Bold
	Mono
	fonts
)

// The sizes, none below ten points.
const (
	sizeText   = 10 * PointUnit
	sizeHeader = 11 * PointUnit
	sizeTitle  = 15 * PointUnit
)

// advances are the widths of the printable ASCII characters, in 1/2048 em.
var advances = sync.OnceValue(func() (table [fonts][95]int64) {
	for _, f := range liberation.Collection() {
		var which Font
		switch {
		case f.Font.Style != font.StyleNormal:
			continue
		case f.Font.Variant == "Sans" && f.Font.Weight == font.WeightNormal:
			which = Sans
		case f.Font.Variant == "Sans" && f.Font.Weight == font.WeightBold:
			which = Bold
		case f.Font.Variant == "Mono" && f.Font.Weight == font.WeightNormal:
			which = Mono
		default:
			continue
		}
		var buf sfnt.Buffer
		em := fixed.Int26_6(f.Face.UnitsPerEm())
		for i := range table[which] {
			index, err := f.Face.GlyphIndex(&buf, rune(' '+i))
			if err != nil {
				continue
			}
			if a, err := f.Face.GlyphAdvance(&buf, index, em, font.HintingNone); err == nil {
				table[which][i] = int64(a)
			}
		}
	}
	return table
})

// Width is the width of a text of printable ASCII.
func Width(text string, f Font, size Unit) Unit {
	table := advances()
	var sum int64
	for i := range len(text) {
		c := int(text[i]) - ' '
		if c < 0 || c >= 95 {
			c = 0
		}
		sum += table[f][c]
	}
	return Unit(sum * int64(size) / 2048)
}

// slack is what a box has beyond the width of its text: the page may replace
// the font by one that runs wider.
func slack(w Unit) Unit { return w * 115 / 100 }

// fit cuts a text that is wider than w.
func fit(text string, f Font, size, w Unit) string {
	if Width(text, f, size) <= w {
		return text
	}
	for n := len(text) - 1; n > 0; n-- {
		if cut := text[:n] + "..."; Width(cut, f, size) <= w {
			return cut
		}
	}
	return ""
}

// wrap breaks a text at spaces into lines of width w at most. A word that is
// wider is broken inside.
func wrap(text string, f Font, size, w Unit) []string {
	var lines []string
	line := ""
	word := ""
	flush := func() {
		if word == "" {
			return
		}
		switch {
		case line == "":
			line = word
		case Width(line+" "+word, f, size) <= w:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
		for Width(line, f, size) > w && len(line) > 1 {
			n := len(line) - 1
			for n > 1 && Width(line[:n], f, size) > w {
				n--
			}
			lines = append(lines, line[:n])
			line = line[n:]
		}
		word = ""
	}
	for i := range len(text) {
		if text[i] == ' ' {
			flush()
			continue
		}
		word += text[i : i+1]
	}
	flush()
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// wrapParts is wrap for a text whose newlines say where to break it if it has
// to be broken.
func wrapParts(text string, f Font, size, w Unit) []string {
	if one := strings.ReplaceAll(text, "\n", " "); Width(one, f, size) <= w {
		return []string{one}
	}
	var lines []string
	for part := range strings.SplitSeq(text, "\n") {
		lines = append(lines, wrap(part, f, size, w)...)
	}
	return lines
}
