package plots

import (
	"image/color"
	"testing"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
)

// luminance and contrast are those of WCAG 2.
func luminance(c color.RGBA) float64 {
	x := linear(c)
	return 0.2126*x[0] + 0.7152*x[1] + 0.0722*x[2]
}

func contrast(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// grounds are what lies under marks.
var grounds = map[layout.Role]string{layout.Paper: "the page", layout.Tag: "a state's tag", layout.BlockFill: "a block"}

// TestWhatIsReadStandsOutFromItsGround: WCAG 2.2 asks for 4.5 for text (1.4.3)
// and for 3 for what is drawn (1.4.11).
func TestWhatIsReadStandsOutFromItsGround(t *testing.T) {
	for name, p := range map[string]*palette{"light": &light, "dark": &dark} {
		for _, c := range []struct {
			role, on layout.Role
			want     float64
		}{
			{layout.Ink, layout.Paper, 7},
			{layout.Ink, layout.Tag, 7},
			{layout.Ink, layout.BlockFill, 7},
			{layout.Muted, layout.Paper, 4.5},
			// Labels have the colours of their lines.
			{layout.RoleData, layout.Paper, 5},
			{layout.RoleAck, layout.Paper, 5},
			{layout.RoleSyn, layout.Paper, 5},
			{layout.RoleRst, layout.Paper, 5},
			{layout.RoleSack, layout.Paper, 5},
			{layout.RoleWindow, layout.Paper, 5},
			// A block may lie under lines, not under labels.
			{layout.RoleData, layout.BlockFill, 3},
			{layout.RoleAck, layout.BlockFill, 3},
			{layout.RoleSyn, layout.BlockFill, 3},
			{layout.RoleRst, layout.BlockFill, 3},
			{layout.Muted, layout.BlockFill, 3},
			{layout.Open, layout.Paper, 3},
			{layout.Closing, layout.Paper, 3},
			{layout.ClosedLine, layout.Paper, 3}, // also the edge of Opening, which is lighter
		} {
			if got := contrast(p[c.role], p[c.on]); got < c.want {
				t.Errorf("%s: role %d has a contrast of %.2f to %s, want %g", name, c.role, got, grounds[c.on], c.want)
			}
		}
	}
}

// The dark rules of an SVG find a colour by its light value.
func TestEachRoleHasALightColourOfItsOwn(t *testing.T) {
	seen := map[color.RGBA]int{}
	for role, c := range light {
		if other, ok := seen[c]; ok {
			t.Errorf("roles %d and %d are both %s", other, role, css(c))
		}
		seen[c] = role
		if c.R|c.G|c.B == 0 || c.A != 255 {
			t.Errorf("role %d is %v: want an opaque colour that is not black", role, c)
		}
	}
}
