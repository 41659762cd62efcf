package eval

import (
	"math"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/geo"
)

// nearby is `a within d of b` for points and areas. It is true where the distance and the accuracy
// of the points together fit, false where not even the difference does, and unknown between.
func nearby(a any, limit float64, b any) (bool, bool) {
	d, ok := apart(a, b)
	r := accuracy(a) + accuracy(b)
	switch {
	case !ok:
		return false, false
	case d+r <= limit:
		return true, true
	}
	return false, d-r > limit
}

func accuracy(x any) float64 {
	if p, ok := x.(*value.Place); ok {
		return p.Accuracy
	}
	return 0
}

// apart is the distance of two points, or of a point from an area: 0 inside. Two areas have none.
func apart(a, b any) (float64, bool) {
	p, isPoint := a.(*value.Place)
	if !isPoint {
		a, b = b, a
		if p, isPoint = a.(*value.Place); !isPoint {
			return 0, false
		}
	}
	at := geo.Point{Lat: p.Lat, Lng: p.Lng}
	switch b := b.(type) {
	case *value.Place:
		return finite(geo.Distance(at, geo.Point{Lat: b.Lat, Lng: b.Lng}))
	case *value.Region:
		if b.Radius > 0 && len(b.Points) > 0 {
			return finite(max(0, geo.Distance(at, corner(b, 0))-b.Radius))
		}
		return finite(geo.ToPolygon(at, len(b.Points), func(i int) geo.Point { return corner(b, i) }))
	}
	return math.Inf(1), false
}

func corner(r *value.Region, i int) geo.Point {
	return geo.Point{Lat: r.Points[i].Lat, Lng: r.Points[i].Lng}
}
