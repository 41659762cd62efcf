package geo

import "math"

// The published parameters of GCJ-02: the Krasovsky ellipsoid, and the rectangle outside of which
// coordinates are left as they are.
const (
	axis         = 6_378_245.0
	eccentricity = 0.00669342162296594323 // squared
	south, north = 0.8293, 55.8271
	west, east   = 72.004, 137.8347
)

// bend is the wave number of the BD-09 transform.
const bend = math.Pi * 3000 / 180

// inChina reports whether GCJ-02 shifts the point.
func inChina(p Point) bool {
	return p.Lat >= south && p.Lat <= north && p.Lng >= west && p.Lng <= east
}

// FromGCJ02 returns the WGS-84 point of a point in GCJ-02. The shift has no closed inverse; the
// point whose shift is the given one is approached until it stands still.
func FromGCJ02(p Point) Point {
	if !inChina(p) {
		return p
	}
	return settled(inverse(p, gcj))
}

// FromBD09 returns the WGS-84 point of a point in BD-09.
func FromBD09(p Point) Point { return FromGCJ02(inverse(p, bd)) }

// inverse finds the point that shift brings to p. Both shifts move neighbours almost alike (their
// slopes are below 0.02), so each round leaves less than a fiftieth of the error: ten are plenty.
func inverse(p Point, shift func(Point) Point) Point {
	guess := p
	for range 10 {
		s := shift(guess)
		guess = Point{guess.Lat + (p.Lat - s.Lat), guess.Lng + (p.Lng - s.Lng)}
	}
	return guess
}

// gcj is the published GCJ-02 shift without its rectangle.
func gcj(p Point) Point {
	x, y := p.Lng-105, p.Lat-35
	sin := math.Sin(radians(p.Lat))
	m := 1 - float64(eccentricity*float64(sin*sin))
	root := math.Sqrt(m)
	dLat := waveLat(x, y) * 180 / (axis * (1 - eccentricity) / (m * root) * math.Pi)
	dLng := waveLng(x, y) * 180 / (axis / root * math.Cos(radians(p.Lat)) * math.Pi)
	return Point{p.Lat + dLat, p.Lng + dLng}
}

// waveLat is the published shift to the north in metres.
func waveLat(x, y float64) float64 {
	d := -100 + float64(2*x) + float64(3*y) + float64(0.2*y*y) + float64(0.1*x*y) +
		float64(0.2*math.Sqrt(math.Abs(x)))
	d += float64((float64(20*math.Sin(6*x*math.Pi)) + float64(20*math.Sin(2*x*math.Pi))) * 2 / 3)
	d += float64((float64(20*math.Sin(y*math.Pi)) + float64(40*math.Sin(y/3*math.Pi))) * 2 / 3)
	return d + float64((float64(160*math.Sin(y/12*math.Pi))+float64(320*math.Sin(y*math.Pi/30)))*2/3)
}

// waveLng is the published shift to the east in metres.
func waveLng(x, y float64) float64 {
	d := 300 + x + float64(2*y) + float64(0.1*x*x) + float64(0.1*x*y) +
		float64(0.1*math.Sqrt(math.Abs(x)))
	d += float64((float64(20*math.Sin(6*x*math.Pi)) + float64(20*math.Sin(2*x*math.Pi))) * 2 / 3)
	d += float64((float64(20*math.Sin(x*math.Pi)) + float64(40*math.Sin(x/3*math.Pi))) * 2 / 3)
	return d + float64((float64(150*math.Sin(x/12*math.Pi))+float64(300*math.Sin(x/30*math.Pi)))*2/3)
}

// bd is the published shift from GCJ-02 to BD-09.
func bd(p Point) Point {
	z := math.Sqrt(float64(p.Lng*p.Lng)+float64(p.Lat*p.Lat)) +
		float64(0.00002*math.Sin(p.Lat*bend))
	theta := math.Atan2(p.Lat, p.Lng) + float64(0.000003*math.Cos(p.Lng*bend))
	sin, cos := math.Sincos(theta)
	return Point{float64(z*sin) + 0.006, float64(z*cos) + 0.0065}
}

func settled(p Point) Point { return Point{rounded(p.Lat, 1e9), rounded(p.Lng, 1e9)} }
