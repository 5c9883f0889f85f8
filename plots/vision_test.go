package plots

import (
	"math"
	"testing"

	"github.com/tcpsim/tcpsim/plots/internal/layout"
)

// vision is what somebody sees of linear sRGB. The matrices are those for the
// full severity in Machado, Oliveira and Fernandes, "A physiologically-based
// model for simulation of color vision deficiency", IEEE Transactions on
// Visualization and Computer Graphics 15 (2009).
type vision struct {
	name   string
	matrix [3]rgb
}

var visions = []vision{
	{"a trichromat", [3]rgb{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
	{"a protanope", [3]rgb{
		{0.152286, 1.052583, -0.204868},
		{0.114503, 0.786281, 0.099216},
		{-0.003882, -0.048116, 1.051998},
	}},
	{"a deuteranope", [3]rgb{
		{0.367322, 0.860646, -0.227968},
		{0.280085, 0.672501, 0.047413},
		{-0.011820, 0.042940, 0.968881},
	}},
	{"a tritanope", [3]rgb{
		{1.255528, -0.076749, -0.178779},
		{-0.078411, 0.930809, 0.147602},
		{0.004733, 0.691367, 0.303900},
	}},
}

func (v *vision) sees(c rgb) lab {
	var seen rgb
	for i, row := range v.matrix {
		seen[i] = min(1, max(0, row[0]*c[0]+row[1]*c[1]+row[2]*c[2]))
	}
	return seen.lab()
}

// cie76 is the older colour difference, the distance in CIELAB.
func cie76(p, q lab) float64 {
	return math.Sqrt((p.l-q.l)*(p.l-q.l) + (p.a-q.a)*(p.a-q.a) + (p.b-q.b)*(p.b-q.b))
}

var roleNames = map[layout.Role]string{
	layout.RoleData: "data", layout.RoleAck: "ACK", layout.RoleSyn: "SYN and FIN", layout.RoleRst: "RST and lost",
	layout.RoleSack: "SACK", layout.RoleWindow: "receive window",
	layout.Opening: "opening", layout.Open: "ESTABLISHED", layout.Closing: "closing",
}

// besides is what tells two roles apart that some see in much the same colour.
var besides = map[[2]layout.Role]string{
	{layout.RoleData, layout.RoleSyn}:    "the word SYN or FIN in every label; in a graph a triangle or a square",
	{layout.RoleAck, layout.RoleSack}:    "a SACK block is a bar with flat ends and an S, the ACK a step line",
	{layout.RoleRst, layout.RoleSack}:    "a SACK block has flat ends and an S, a RST is a rule over the full height, a loss a cross",
	{layout.RoleRst, layout.RoleWindow}:  "the window is a thin step line, a RST a rule over the full height with its cause",
	{layout.RoleSack, layout.RoleWindow}: "the window is a dashed step line, a SACK block a bar with flat ends and an S",
}

// TestColoursAreToldApartByEverybody: what differs in meaning differs in colour
// also for those who see fewer colours, or in shape.
func TestColoursAreToldApartByEverybody(t *testing.T) {
	const least = 10 // by CIEDE2000; 1 is what can just be seen
	needed := map[[2]layout.Role]bool{}
	for _, group := range [][]layout.Role{
		{layout.RoleData, layout.RoleAck, layout.RoleSyn, layout.RoleRst, layout.RoleSack, layout.RoleWindow}, // lines
		{layout.Opening, layout.Open, layout.Closing},                                                         // areas
	} {
		for i, a := range group {
			for _, b := range group[i+1:] {
				for theme, p := range map[string]*palette{"light": &light, "dark": &dark} {
					for _, v := range visions {
						d := ciede2000(v.sees(linear(p[a])), v.sees(linear(p[b])))
						if d >= least {
							continue
						}
						pair := [2]layout.Role{a, b}
						needed[pair] = true
						if besides[pair] == "" {
							t.Errorf("%s: %s sees %s and %s only %.1f apart, want %d or something else that tells them apart",
								theme, v.name, roleNames[a], roleNames[b], d, least)
						}
					}
				}
			}
		}
	}
	for pair := range besides {
		if !needed[pair] {
			t.Errorf("%s and %s are far enough apart by colour: the exception is not needed", roleNames[pair[0]], roleNames[pair[1]])
		}
	}
}

// TestKindsOfSegmentsKeepTheirDistance holds the four kinds of a ladder's lines
// to the distance for which their colours were chosen: 20 in CIELAB.
func TestKindsOfSegmentsKeepTheirDistance(t *testing.T) {
	kinds := []layout.Role{layout.RoleData, layout.RoleAck, layout.RoleSyn, layout.RoleRst}
	for theme, p := range map[string]*palette{"light": &light, "dark": &dark} {
		for i, a := range kinds {
			for _, b := range kinds[i+1:] {
				for _, v := range visions {
					if d := cie76(v.sees(linear(p[a])), v.sees(linear(p[b]))); d < 20 {
						t.Errorf("%s: %s sees %s and %s only %.1f apart, want 20", theme, v.name, roleNames[a], roleNames[b], d)
					}
				}
			}
		}
	}
}
