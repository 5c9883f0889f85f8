package plots

import (
	"fmt"
	"image/color"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
)

// palette gives each role its colour.
type palette [layout.Roles]color.RGBA

func hex(rgb uint32) color.RGBA {
	return color.RGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 255}
}

// The two palettes. In light, every role has a colour of its own: in an SVG the
// dark colour is found by the light one. None is pure black, which vgsvg leaves
// out, so that nothing could override it.
var (
	light = palette{
		layout.Paper:      hex(0xFFFFFF),
		layout.Ink:        hex(0x1F2328),
		layout.Muted:      hex(0x656D76),
		layout.Rule:       hex(0xE4E7EA),
		layout.Tag:        hex(0xE9ECF1),
		layout.RoleData:   hex(0x0072B2),
		layout.RoleAck:    hex(0x57606A),
		layout.RoleSyn:    hex(0x8250DF),
		layout.RoleRst:    hex(0xC42B1C),
		layout.Opening:    hex(0xC8D1DA),
		layout.Open:       hex(0x6E7781),
		layout.Closing:    hex(0xB98900),
		layout.ClosedLine: hex(0x4F5861),
		layout.BlockFill:  hex(0xF1F4F7),
		layout.RoleSack:   hex(0x9E3A6B),
		layout.RoleWindow: hex(0x8A6100),
	}
	dark = palette{
		layout.Paper:      hex(0x0D1117),
		layout.Ink:        hex(0xE6EDF3),
		layout.Muted:      hex(0x9198A1),
		layout.Rule:       hex(0x21262D),
		layout.Tag:        hex(0x262C36),
		layout.RoleData:   hex(0x58A6FF),
		layout.RoleAck:    hex(0x9DA7B3),
		layout.RoleSyn:    hex(0xE2C5FF),
		layout.RoleRst:    hex(0xFF6B5E),
		layout.Opening:    hex(0x4B535D),
		layout.Open:       hex(0x8B949E),
		layout.Closing:    hex(0xBF8700),
		layout.ClosedLine: hex(0x9AA2AB),
		layout.BlockFill:  hex(0x161B22),
		layout.RoleSack:   hex(0xF778BA),
		layout.RoleWindow: hex(0xD29922),
	}
)

func (t Theme) palette() *palette {
	if t == Dark {
		return &dark
	}
	return &light
}

// css is a colour as vgsvg writes it.
func css(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }
