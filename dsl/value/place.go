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

// Apart returns the distance in metres between two wide values, *Place or *Region, and the
// accuracy radius that goes with it: a point is 0 from an area that holds it. ok is false where
// one of them is neither, or both are areas.
func Apart(a, b any) (metres, accuracy float64, ok bool) {
	p, isPlace := a.(*Place)
	if !isPlace {
		p, isPlace = b.(*Place)
		b = a
	}
	if !isPlace || p == nil {
		return 0, 0, false
	}
	switch q := b.(type) {
	case *Place:
		return geo.Distance(p.point(), q.point()), p.Accuracy + q.Accuracy, true
	case *Region:
		if q.Radius > 0 && len(q.Points) == 1 {
			d := geo.Distance(p.point(), q.Points[0].point())
			return max(0, d-q.Radius), p.Accuracy + q.Points[0].Accuracy, true
		}
		d := geo.ToPolygon(p.point(), len(q.Points), func(i int) geo.Point { return q.Points[i].point() })
		return d, p.Accuracy, len(q.Points) > 0
	}
	return 0, 0, false
}

// Near is `a within limit of b` of points and areas: true where even the accuracy radius fits,
// false where not even that reaches, unknown between (reference, section 4).
func Near(a, b any, limit float64) Tri {
	d, r, ok := Apart(a, b)
	switch {
	case !ok:
		return Unknown
	case d+r <= limit:
		return True
	case d-r > limit:
		return False
	}
	return Unknown
}

func (p *Place) point() geo.Point { return geo.Point{Lat: p.Lat, Lng: p.Lng} }
