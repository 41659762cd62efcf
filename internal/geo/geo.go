// Package geo measures distances on the earth and brings Chinese map coordinates to WGS-84.
//
// Distances are great circles by the haversine formula on a sphere of the mean earth radius
// (6 371 008.8 m): at most 0.5 % off the ellipsoid, which is less than a phone's accuracy up to
// several kilometres. They are rounded to a tenth of a millimetre, and converted coordinates to
// 10⁻⁹ degrees, so that the last bits of sines do not differ between machines.
package geo

import "math"

// Radius is the mean radius of the earth in metres (IUGG, R₁ of WGS-84).
const Radius = 6_371_008.8

// Point is a place in degrees.
type Point struct {
	Lat, Lng float64
}

// Lawful reports whether the point is on the earth.
func (p Point) Lawful() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lng >= -180 && p.Lng <= 180
}

// Distance returns the great-circle distance of two points in metres.
func Distance(a, b Point) float64 {
	return rounded(arc(a, b)*Radius, 1e4)
}

// arc returns the angle between two points, in radians.
func arc(a, b Point) float64 {
	s := math.Sin(radians(b.Lat-a.Lat) / 2)
	t := math.Sin(radians(b.Lng-a.Lng) / 2)
	c := math.Cos(radians(a.Lat)) * math.Cos(radians(b.Lat))
	h := float64(s*s) + float64(c*t*t)
	return 2 * math.Asin(math.Sqrt(min(h, 1)))
}

// ToPolygon returns the distance in metres from p to a polygon of n corners whose sides are great
// circles, 0 inside. The last corner joins the first. Even and odd crossings decide what is inside
// where sides cross. A polygon reaches less than a quarter of the earth's circumference from a
// point inside it.
func ToPolygon(p Point, n int, corner func(int) Point) float64 {
	if n == 0 {
		return math.Inf(1)
	}
	o, near, inside, all := toVector(p), math.Inf(1), false, true
	a := toVector(corner(n - 1))
	for i := range n {
		b := toVector(corner(i))
		near = min(near, toSide(o, a, b))
		if x := a.dot(o) > 0 && b.dot(o) > 0; !x {
			all = false
		} else if crosses(p, a, b) {
			inside = !inside
		}
		a = b
	}
	if inside && all {
		return 0
	}
	return rounded(near*Radius, 1e4)
}

// vector is a point of the unit sphere.
type vector struct{ x, y, z float64 }

func toVector(p Point) vector {
	lat, lng := radians(p.Lat), radians(p.Lng)
	c := math.Cos(lat)
	return vector{c * math.Cos(lng), c * math.Sin(lng), math.Sin(lat)}
}

func (a vector) dot(b vector) float64 {
	return float64(a.x*b.x) + float64(a.y*b.y) + float64(a.z*b.z)
}

func (a vector) cross(b vector) vector {
	return vector{float64(a.y*b.z) - float64(a.z*b.y), float64(a.z*b.x) - float64(a.x*b.z),
		float64(a.x*b.y) - float64(a.y*b.x)}
}

func (a vector) length() float64 { return math.Sqrt(a.dot(a)) }

// angle returns the angle between two vectors, exact for small ones too.
func (a vector) angle(b vector) float64 { return math.Atan2(a.cross(b).length(), a.dot(b)) }

// toSide returns the angle between o and the nearest point of the great-circle side from a to b.
func toSide(o, a, b vector) float64 {
	n := a.cross(b)
	if n.length() > 1e-15 && n.cross(a).dot(o) >= 0 && b.cross(n).dot(o) >= 0 {
		return math.Abs(math.Atan2(o.dot(n), o.cross(n).length()))
	}
	return min(o.angle(a), o.angle(b))
}

// crosses reports whether the side from a to b crosses the ray from p to the east, both seen in
// the gnomonic projection around p, where great circles are straight.
func crosses(p Point, a, b vector) bool {
	ax, ay := gnomonic(p, a)
	bx, by := gnomonic(p, b)
	if (ay > 0) == (by > 0) {
		return false
	}
	return ax-float64(ay*((bx-ax)/(by-ay))) > 0
}

func gnomonic(p Point, v vector) (x, y float64) {
	sinLat, cosLat := math.Sincos(radians(p.Lat))
	sinLng, cosLng := math.Sincos(radians(p.Lng))
	up := vector{cosLat * cosLng, cosLat * sinLng, sinLat}.dot(v)
	east := float64(cosLng*v.y) - float64(sinLng*v.x)
	north := vector{-sinLat * cosLng, -sinLat * sinLng, cosLat}.dot(v)
	return east / up, north / up
}

func radians(degrees float64) float64 { return degrees * (math.Pi / 180) }

func rounded(f, unit float64) float64 { return math.Round(f*unit) / unit }
