package value

import (
	"testing"

	"github.com/throughline/throughline/internal/geo"
)

// The datum a point comes in is remembered; the point is kept in WGS-84.
func TestPlaceIn(t *testing.T) {
	apart := func(a, b Place) float64 {
		return geo.Distance(geo.Point{Lat: a.Lat, Lng: a.Lng}, geo.Point{Lat: b.Lat, Lng: b.Lng})
	}
	site := PlaceIn(31.17530398364597, 121.531541859215, GCJ02)
	if d := apart(site, Place{Lat: 31.1774276, Lng: 121.5272106}); d > 0.001 || site.Datum != GCJ02 {
		t.Errorf("%.4f m off, datum %d", d, site.Datum)
	}
	if d := apart(PlaceIn(39.92133699351021, 116.41036949371029, BD09), PlaceIn(39.915, 116.404, GCJ02)); d > 0.01 {
		t.Errorf("the same place in BD-09 and GCJ-02 is %.4f m apart", d)
	}
}
