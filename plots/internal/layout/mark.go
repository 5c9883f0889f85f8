package layout

import (
	"cmp"
	"slices"
)

// Picture is a picture ready to be drawn: marks in the order of drawing.
type Picture struct {
	Width, Height Unit
	Title         string
	Description   []string // a line per segment, for readers who cannot see it
	Marks         []Mark
	Groups        []Group
}

// Group is what several marks show together: a segment, a state, a block.
type Group struct {
	Kind   GroupKind
	ID     string // unique in the picture
	Hover  string
	Shows  []Range // numbers of segments
	States int     // changes of state
	Causes int     // causes of RSTs
}

// Range is numbers of segments, both included.
type Range struct{ First, Last int }

// GroupKind is what a group shows.
type GroupKind uint8

// The kinds of groups.
const (
	Frame GroupKind = iota // axes, headers, captions
	Segment
	State
	Timer
	Remark
	Block
)

// Layer orders the drawing. Heads come last: a halo that is drawn later nicks
// its neighbour's head. Halos are under all labels, and not each under its own,
// so that a renderer can draw them at once.
type Layer uint8

// The layers.
const (
	Background Layer = iota
	Grid
	Lifelines
	Lines
	Halos
	Labels
	Marks
	Heads
	layers
)

// Shape is how a mark is drawn.
type Shape uint8

// The shapes.
const (
	Stroke Shape = iota // a line through Points
	Fill                // the area inside Points
	Text                // from Points[0], the left end of the baseline, towards Points[1]
)

// Dash is a line style.
type Dash uint8

// The line styles.
const (
	Solid Dash = iota
	Dashed
	Dotted
)

// Role is what a colour means. A theme gives each role its colour.
type Role uint8

// The roles.
const (
	Paper Role = iota
	Ink
	Muted
	Rule // grid lines
	Tag  // the ground of state tags
	RoleData
	RoleAck
	RoleSyn
	RoleRst
	Opening
	Open
	Closing
	ClosedLine
	BlockFill
	RoleSack
	RoleWindow
	Roles // how many there are
)

// Mark is one thing to draw.
type Mark struct {
	Layer  Layer
	Shape  Shape
	Role   Role
	Group  int // into Picture.Groups
	Points []Pos
	Width  Unit // of a stroke
	Dash   Dash
	Text   string
	Font   Font
	Size   Unit
	Box    Quad // of a text: what it may cover, with slack
	Cause  bool // the text says why a RST was sent
}

// Quad is a rectangle that may be turned: its corners in order.
type Quad [4]Pos

func rect(x0, y0, x1, y1 Unit) Quad {
	return Quad{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}

// canvas collects marks by layer.
type canvas struct {
	layers [layers][]Mark
	groups []Group
}

func (c *canvas) add(m Mark) { c.layers[m.Layer] = append(c.layers[m.Layer], m) }

func (c *canvas) group(g Group) int {
	c.groups = append(c.groups, g)
	return len(c.groups) - 1
}

func (c *canvas) stroke(l Layer, r Role, group int, width Unit, d Dash, points ...Pos) {
	c.add(Mark{Layer: l, Shape: Stroke, Role: r, Group: group, Points: points, Width: width, Dash: d})
}

func (c *canvas) fill(l Layer, r Role, group int, points ...Pos) {
	c.add(Mark{Layer: l, Shape: Fill, Role: r, Group: group, Points: points})
}

func (c *canvas) box(l Layer, r Role, group int, q Quad) { c.fill(l, r, group, q[:]...) }

// text puts a text with its baseline's left end at p.
func (c *canvas) text(l Layer, r Role, group int, p Pos, text string, f Font, size Unit) {
	w := slack(Width(text, f, size))
	c.add(Mark{
		Layer: l, Shape: Text, Role: r, Group: group, Points: []Pos{p, p.add(w, 0)},
		Text: text, Font: f, Size: size,
		Box: rect(p.X, p.Y-ascent(size), p.X+w, p.Y+descent(size)),
	})
}

// ascent and descent are how far text reaches from its baseline.
func ascent(size Unit) Unit  { return size * 76 / 100 }
func descent(size Unit) Unit { return size * 22 / 100 }

// picture puts the layers on top of each other. Where nothing overlaps, marks
// that look alike come together, which a file needs to say once only then.
func (c *canvas) picture(w, h Unit) *Picture {
	for _, l := range [...]Layer{Halos, Labels, Heads} {
		slices.SortStableFunc(c.layers[l], func(a, b Mark) int {
			return cmp.Or(int(a.Role)-int(b.Role), int(a.Font)-int(b.Font), int(a.Size-b.Size))
		})
	}
	p := &Picture{Width: w, Height: h, Groups: c.groups}
	for _, l := range c.layers {
		p.Marks = append(p.Marks, l...)
	}
	return p
}
