package value

import "testing"

// A fix with an accuracy radius is inside a fence, outside, or neither is known.
func TestNear(t *testing.T) {
	site := &Place{Lat: 31.23, Lng: 121.47}
	north := func(metres, accuracy float64) *Place {
		return &Place{Lat: 31.23 + metres/111195.0797, Lng: 121.47, Accuracy: accuracy}
	}
	circle := &Region{Points: []Place{*site}, Radius: 300}
	square := &Region{Points: []Place{{Lat: 31.22, Lng: 121.46}, {Lat: 31.22, Lng: 121.48},
		{Lat: 31.24, Lng: 121.48}, {Lat: 31.24, Lng: 121.46}}}
	for _, c := range []struct {
		name  string
		a, b  any
		limit float64
		want  Tri
	}{
		{"80 m of 500", north(80, 0), site, 500, True},
		{"501 m of 500", north(501, 0), site, 500, False},
		{"450 m, accuracy 120", north(450, 120), site, 500, Unknown},
		{"370 m, accuracy 120", north(370, 120), site, 500, True},
		{"550 m, accuracy 40", north(550, 40), site, 500, False},
		{"both have an accuracy", north(450, 30), north(0, 30), 500, Unknown},
		{"in the circle", north(200, 0), circle, 0, True},
		{"100 m off the circle", north(400, 0), circle, 100.01, True},
		{"150 m off the circle", north(450, 0), circle, 100, False},
		{"in the square", north(200, 10), square, 10, True},
		{"in the square, the other way round", square, north(200, 0), 0, True},
		{"two areas", circle, square, 10, Unknown},
		{"no point", "x", site, 10, Unknown},
		{"an empty area", site, &Region{}, 10, Unknown},
	} {
		if got := Near(c.a, c.b, c.limit); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// The datum a point comes in is remembered; the point is kept in WGS-84.
func TestPlaceIn(t *testing.T) {
	site := PlaceIn(31.17530398364597, 121.531541859215, GCJ02)
	if d, _, _ := Apart(&site, &Place{Lat: 31.1774276, Lng: 121.5272106}); d > 0.001 || site.Datum != GCJ02 {
		t.Errorf("%.4f m off, datum %d", d, site.Datum)
	}
	if d, _, _ := Apart(ptr(PlaceIn(39.92133699351021, 116.41036949371029, BD09)),
		ptr(PlaceIn(39.915, 116.404, GCJ02))); d > 0.01 {
		t.Errorf("the same place in BD-09 and GCJ-02 is %.4f m apart", d)
	}
}

func ptr(p Place) *Place { return &p }
