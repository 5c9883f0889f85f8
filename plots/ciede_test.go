package plots

import (
	"image/color"
	"math"
	"testing"
)

// lab is a colour in CIELAB under D65.
type lab struct{ l, a, b float64 }

// rgb is a colour in linear sRGB.
type rgb [3]float64

func linear(c color.RGBA) rgb {
	f := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return rgb{f(c.R), f(c.G), f(c.B)}
}

// lab converts by the matrix of IEC 61966-2-1 and the white point D65.
func (c rgb) lab() lab {
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := f((0.4124564*c[0] + 0.3575761*c[1] + 0.1804375*c[2]) / 0.95047)
	y := f(0.2126729*c[0] + 0.7151522*c[1] + 0.0721750*c[2])
	z := f((0.0193339*c[0] + 0.1191920*c[1] + 0.9503041*c[2]) / 1.08883)
	return lab{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// ciede2000 is the colour difference of CIE 142-2001, with all weights 1, by the
// formulas (2) to (22) of Sharma, Wu and Dalal, "The CIEDE2000 color-difference
// formula", Color Research and Application 30 (2005).
func ciede2000(p, q lab) float64 {
	const deg = math.Pi / 180
	pow7 := func(x float64) float64 { return math.Pow(x, 7) }
	meanC := (math.Hypot(p.a, p.b) + math.Hypot(q.a, q.b)) / 2
	g := 0.5 * (1 - math.Sqrt(pow7(meanC)/(pow7(meanC)+pow7(25))))
	polar := func(x lab) (c, h float64) {
		a := (1 + g) * x.a
		if c = math.Hypot(a, x.b); c == 0 {
			return 0, 0
		}
		if h = math.Atan2(x.b, a) / deg; h < 0 {
			h += 360
		}
		return c, h
	}
	c1, h1 := polar(p)
	c2, h2 := polar(q)
	dl, dc, dh := q.l-p.l, c2-c1, 0.0
	h := h1 + h2
	if c1*c2 != 0 {
		dh = h2 - h1
		h /= 2
		switch {
		case dh > 180:
			dh -= 360
		case dh < -180:
			dh += 360
		}
		if math.Abs(h1-h2) > 180 {
			if h < 180 {
				h += 180
			} else {
				h -= 180
			}
		}
	}
	dH := 2 * math.Sqrt(c1*c2) * math.Sin(dh/2*deg)
	l, c := (p.l+q.l)/2, (c1+c2)/2
	t := 1 - 0.17*math.Cos((h-30)*deg) + 0.24*math.Cos(2*h*deg) + 0.32*math.Cos((3*h+6)*deg) - 0.20*math.Cos((4*h-63)*deg)
	sl := 1 + 0.015*(l-50)*(l-50)/math.Sqrt(20+(l-50)*(l-50))
	sc := 1 + 0.045*c
	sh := 1 + 0.015*c*t
	rt := -math.Sin(60*math.Exp(-(h-275)*(h-275)/625)*deg) * 2 * math.Sqrt(pow7(c)/(pow7(c)+pow7(25)))
	x, y, z := dl/sl, dc/sc, dH/sh
	return math.Sqrt(x*x + y*y + z*z + rt*y*z)
}

// The pairs are of the paper's table 1.
func TestColourDifferenceIsThatOfThePaper(t *testing.T) {
	for _, c := range []struct {
		p, q lab
		want float64
	}{
		{lab{50, 2.6772, -79.7751}, lab{50, 0, -82.7485}, 2.0425},
		{lab{50, 2.8361, -74.0200}, lab{50, 0, -82.7485}, 3.4412},
		{lab{50, -1.3802, -84.2814}, lab{50, 0, -82.7485}, 1.0000},
		{lab{50, 0, 0}, lab{50, -1, 2}, 2.3669},
		{lab{50, 2.5, 0}, lab{50, 0, -2.5}, 4.3065},
		{lab{50, 2.5, 0}, lab{73, 25, -18}, 27.1492},
		{lab{50, 2.5, 0}, lab{58, 24, 15}, 19.4535},
		{lab{60.2574, -34.0099, 36.2677}, lab{60.4626, -34.1751, 39.4387}, 1.2644},
		{lab{2.0776, 0.0795, -1.1350}, lab{0.9033, -0.0636, -0.5514}, 0.9082},
	} {
		for _, got := range []float64{ciede2000(c.p, c.q), ciede2000(c.q, c.p)} {
			if math.Abs(got-c.want) > 0.00005 {
				t.Errorf("%v and %v are %.4f apart, want %.4f", c.p, c.q, got, c.want)
			}
		}
	}
}
