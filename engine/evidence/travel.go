package evidence

import (
	"math"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/geo"
)

// Travel bounds speeds. Between the two it is unknown whether somebody can have moved so: a train
// or a plane can, a car cannot.
type Travel struct {
	Road float64 // metres a second up to which a journey is plausible
	Most float64 // metres a second beyond which it is not
}

// DefaultTravel is 150 km/h on roads, 350 km/h where there are fast trains, and 1 000 km/h for a
// flight of 300 km or more.
var DefaultTravel = Travel{Road: 150 / 3.6, Most: 1000 / 3.6}

// The distances from which trains and planes are taken, and the speed of the former.
const (
	byRail    = 30_000
	railSpeed = 350 / 3.6
	byAir     = 300_000
	// Unmeasured is the accuracy in metres that is assumed of a fix that gives none.
	Unmeasured = 100
)

// Fix is where and when somebody was.
type Fix struct {
	At    int64
	Place value.Place
}

// Speed is what a person must at least have travelled at from one fix to another, in metres a
// second, after the accuracy of both is taken off: the impossible-travel check of identity
// security. It is infinite for two places at one moment.
func Speed(a, b Fix) (speed, metres float64) {
	metres = geo.Distance(point(a.Place), point(b.Place)) - accuracy(a.Place) - accuracy(b.Place)
	if metres <= 0 {
		return 0, 0
	}
	d := float64(b.At-a.At) / float64(value.Second)
	if d < 0 {
		d = -d
	}
	if d == 0 {
		return math.Inf(1), metres
	}
	return metres / d, metres
}

func point(p value.Place) geo.Point { return geo.Point{Lat: p.Lat, Lng: p.Lng} }

func accuracy(p value.Place) float64 {
	if p.Accuracy > 0 {
		return p.Accuracy
	}
	return Unmeasured
}

// Plausible judges a fix against the one before it; without one before only what the fix says of
// itself counts. A fix that the phone calls made up is not plausible.
func (t Travel) Plausible(before *Fix, f Fix) value.Tri {
	if f.Place.Mock {
		return value.False
	}
	if before == nil {
		return value.True
	}
	speed, metres := Speed(*before, f)
	switch {
	case speed <= t.Road:
		return value.True
	case metres >= byRail && speed <= railSpeed, metres >= byAir && speed <= t.Most:
		return value.Unknown
	}
	return value.False
}
