package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// toGCJ02 shifts a WGS-84 point as Chinese maps do, toBD09 as Baidu's do.
func toGCJ02(p Point) Point {
	if !inChina(p) {
		return p
	}
	return settled(gcj(p))
}

func toBD09(p Point) Point { return settled(bd(toGCJ02(p))) }

func near(a, b, within float64) bool { return math.Abs(a-b) <= within }

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		name   string
		a, b   Point
		metres float64
	}{
		{"nothing", Point{31.2, 121.5}, Point{31.2, 121.5}, 0},
		{"a degree of the meridian", Point{0, 0}, Point{1, 0}, 111195.0802},
		{"half the earth", Point{0, 0}, Point{0, 180}, 20015114.4420},
		{"over the date line", Point{0, 179.5}, Point{0, -179.5}, 111195.0802},
		{"pole to pole", Point{90, 0}, Point{-90, 77}, 20015114.4420},
		{"Beijing to Shanghai", Point{39.9042, 116.4074}, Point{31.2304, 121.4737}, 1067311.8},
	} {
		if got := Distance(c.a, c.b); !near(got, c.metres, 0.5) {
			t.Errorf("%s: %.4f m, want %.4f", c.name, got, c.metres)
		}
	}
}

// Known pairs, as published with the transform by independent implementations.
func TestKnownShifts(t *testing.T) {
	for _, c := range []struct{ wgs, gcj Point }{
		{Point{31.1774276, 121.5272106}, Point{31.17530398364597, 121.531541859215}},
		{Point{22.543847, 113.912316}, Point{22.540796131694766, 113.9171764808363}},
		{Point{39.911954, 116.377817}, Point{39.91334545536069, 116.38404722455657}},
	} {
		if got := toGCJ02(c.wgs); Distance(got, c.gcj) > 0.001 {
			t.Errorf("%v in GCJ-02 is %v, want %v", c.wgs, got, c.gcj)
		}
		if got := FromGCJ02(c.gcj); Distance(got, c.wgs) > 0.001 {
			t.Errorf("%v in WGS-84 is %v, want %v", c.gcj, got, c.wgs)
		}
	}
	// Some ports of BD-09 have π for its wave number 3000π/180; Baidu's own service does not.
	gcj := Point{39.915, 116.404}
	if got, want := bd(gcj), (Point{39.92133699351021, 116.41036949371029}); Distance(got, want) > 1e-3 {
		t.Errorf("%v in BD-09 is %v, want %v", gcj, got, want)
	}
	if got, want := inverse(gcj, bd), (Point{39.90865673957631, 116.39762729119315}); Distance(got, want) > 0.5 {
		t.Errorf("%v from BD-09 is %v, want %v", gcj, got, want)
	}
}

// Districts and hospitals of China as Chinese maps give them, and how far they are off: mixing
// datums up would move them by hundreds of metres.
func TestRealPlaces(t *testing.T) {
	for _, c := range []struct {
		name string
		at   Point
		from func(Point) Point
		off  float64
	}{
		{"北京市东城区", Point{39.93482727239599, 116.4224009776628}, FromBD09, 1320},
		{"北京市朝阳区", Point{39.926374523079886, 116.44955872950158}, FromBD09, 1320},
		{"北京协和医院", Point{39.912392, 116.415911}, FromGCJ02, 560},
		{"北京宣武医院", Point{39.892118, 116.362483}, FromGCJ02, 560},
	} {
		if d := Distance(c.at, c.from(c.at)); !near(d, c.off, 60) {
			t.Errorf("%s is %.0f m off, want about %.0f", c.name, d, c.off)
		}
	}
}

// A hospital on a GCJ-02 map in Guangzhou, a phone in WGS-84 eighty metres away from it: inside
// a fence of 500 m. Without the datum it would be outside.
func TestFence(t *testing.T) {
	phone := Point{23.1291, 113.2644}
	site := toGCJ02(Point{23.1291 + 80/111195.08, 113.2644})
	if d := Distance(phone, FromGCJ02(site)); !near(d, 80, 0.01) {
		t.Errorf("true distance is %.3f m, want 80", d)
	}
	if d := Distance(phone, site); d < 500 {
		t.Errorf("without the datum the distance is %.0f m, want more than 500", d)
	}
}

func points(latFrom, latTo, lngFrom, lngTo float64) *rapid.Generator[Point] {
	return rapid.Custom(func(t *rapid.T) Point {
		return Point{rapid.Float64Range(latFrom, latTo).Draw(t, "lat"),
			rapid.Float64Range(lngFrom, lngTo).Draw(t, "lng")}
	})
}

func TestShiftsInvert(t *testing.T) {
	china := points(3.5, 53.5, 73.7, 135)
	rapid.Check(t, func(t *rapid.T) {
		p := china.Draw(t, "p")
		if d := Distance(p, FromGCJ02(toGCJ02(p))); d > 0.001 {
			t.Fatalf("GCJ-02 and back is %v m off", d)
		}
		if d := Distance(p, FromBD09(toBD09(p))); d > 0.001 {
			t.Fatalf("BD-09 and back is %v m off", d)
		}
	})
	abroad := Point{48.8566, 2.3522}
	if toGCJ02(abroad) != abroad || FromGCJ02(abroad) != abroad {
		t.Error("GCJ-02 shifts a point outside China")
	}
}

func TestDistanceIsMetric(t *testing.T) {
	any := points(-90, 90, -180, 180)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := any.Draw(t, "a"), any.Draw(t, "b"), any.Draw(t, "c")
		if Distance(a, b) != Distance(b, a) {
			t.Fatal("there and back differ")
		}
		if Distance(a, c) > Distance(a, b)+Distance(b, c)+0.5 {
			t.Fatal("a detour is shorter")
		}
		// The chord form is a second opinion on the haversine.
		if d := toVector(a).angle(toVector(b)) * Radius; !near(d, Distance(a, b), 0.5) {
			t.Fatalf("%v m by vectors, %v by haversine", d, Distance(a, b))
		}
	})
}

func polygon(corners ...Point) (int, func(int) Point) {
	return len(corners), func(i int) Point { return corners[i] }
}

func TestToPolygon(t *testing.T) {
	square := []Point{{31.20, 121.40}, {31.20, 121.50}, {31.30, 121.50}, {31.30, 121.40}}
	line := []Point{{0, 179.9}, {0.1, -179.9}, {-0.1, -179.9}} // over the date line
	for _, c := range []struct {
		name string
		p    Point
		area []Point
		want float64
	}{
		{"inside", Point{31.25, 121.45}, square, 0},
		{"a corner", Point{31.20, 121.40}, square, 0},
		{"south of it", Point{31.10, 121.45}, square, 11114.4}, // the side bulges to the north
		{"west of it", Point{31.25, 121.39}, square, Distance(Point{31.25, 121.39}, Point{31.25, 121.40})},
		{"beyond a corner", Point{31.35, 121.55}, square, Distance(Point{31.35, 121.55}, square[2])},
		{"inside over the date line", Point{0, 179.99}, line, 0},
		{"outside over the date line", Point{0, 179.8}, line, 11119.5},
		{"at the other end of the earth", Point{-31.25, -58.55}, square, 20010000},
		{"one point", Point{0, 0}, []Point{{1, 0}}, 111195.08},
		{"two points", Point{0.5, 0.5}, []Point{{0, 0}, {1, 0}}, Distance(Point{0.5, 0.5}, Point{0.5, 0})},
	} {
		n, corner := polygon(c.area...)
		if got := ToPolygon(c.p, n, corner); !near(got, c.want, max(10, c.want*1e-3)) {
			t.Errorf("%s: %.2f m, want %.2f", c.name, got, c.want)
		}
	}
	if n, corner := polygon(); !math.IsInf(ToPolygon(Point{}, n, corner), 1) {
		t.Error("nothing is near an area without corners")
	}
}

// A point is inside a regular polygon exactly where it is nearer to the centre than the sides.
func TestPolygonAgainstCircle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := points(-80, 80, -180, 180).Draw(t, "c")
		var corners []Point
		for i := range 360 {
			s, k := math.Sincos(radians(float64(i)))
			corners = append(corners, Point{c.Lat + 0.1*s, c.Lng + 0.1*k/math.Cos(radians(c.Lat))})
		}
		n, corner := polygon(corners...)
		a := radians(rapid.Float64Range(0, 360).Draw(t, "a"))
		r := rapid.Float64Range(0, 0.3).Draw(t, "r")
		s, k := math.Sincos(a)
		p := Point{c.Lat + r*s, c.Lng + r*k/math.Cos(radians(c.Lat))}
		got := ToPolygon(p, n, corner)
		if r < 0.0995 && got != 0 {
			t.Fatalf("%v is inside, distance %v", p, got)
		}
		if r > 0.1005 && got == 0 {
			t.Fatalf("%v is outside", p)
		}
	})
}
