package value

import "github.com/throughline/throughline/internal/geo"

// PlaceIn returns a point given in a datum, kept in WGS-84.
func PlaceIn(lat, lng float64, d Datum) Place {
	p := geo.Point{Lat: lat, Lng: lng}
	switch d {
	case GCJ02:
		p = geo.FromGCJ02(p)
	case BD09:
		p = geo.FromBD09(p)
	}
	return Place{Lat: p.Lat, Lng: p.Lng, Datum: d}
}
