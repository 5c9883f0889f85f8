package layout

// Unit is a length: 1/64 of a point.
type Unit int64

// PointUnit is one point, the unit of an SVG's viewBox.
const PointUnit Unit = 64

// Pt is n points.
func Pt(n int) Unit { return Unit(n) * PointUnit }

// Points is the length in points, for renderers.
func (u Unit) Points() float64 { return float64(u) / float64(PointUnit) }

// Pos is a place on the picture; y grows downwards.
type Pos struct{ X, Y Unit }

func (p Pos) add(x, y Unit) Pos { return Pos{p.X + x, p.Y + y} }

// root is the integer square root.
func root(n int64) int64 {
	if n <= 0 {
		return 0
	}
	x := int64(1) << 31
	for {
		y := (x + n/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}

// whole rounds a length up to points, so that a bitmap has whole pixels.
func whole(u Unit) Unit { return (u + PointUnit - 1) / PointUnit * PointUnit }
