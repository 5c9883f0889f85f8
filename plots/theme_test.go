package plots

import (
	"image/color"
	"math"
	"testing"

	"github.com/tcpsim/tcpsim/plots/layout"
)

// luminance and contrast are those of WCAG 2.
func luminance(c color.RGBA) float64 {
	f := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}

func contrast(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestWhatIsReadStandsOutFromItsGround(t *testing.T) {
	for name, p := range map[string]*palette{"light": &light, "dark": &dark} {
		for _, role := range []layout.Role{
			layout.Ink, layout.Muted, layout.RoleData, layout.RoleAck, layout.RoleSyn, layout.RoleRst,
			layout.RoleSack, layout.RoleWindow,
		} {
			if c := contrast(p[role], p[layout.Paper]); c < 5 {
				t.Errorf("%s: role %d has a contrast of %.2f to the page, want 5", name, role, c)
			}
		}
		if c := contrast(p[layout.Ink], p[layout.Tag]); c < 7 {
			t.Errorf("%s: a state's name has a contrast of %.2f to its tag, want 7", name, c)
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
