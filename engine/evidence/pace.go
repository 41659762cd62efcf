package evidence

import (
	"slices"

	"github.com/throughline/throughline/dsl/value"
)

// Origin is how a record came to be written.
type Origin uint8

// The origins, in the order of the choice `live | late | batch | system`. Only what is live says
// something about a day that somebody saw happen.
const (
	Live   Origin = iota // written when it happened
	Late                 // written more than LateAfter after it happened
	Batch                // one of at least BatchSize of one person within BatchPeriod
	System               // brought by an import that an administrator made; not judged
)

// Pace remembers when a person's records arrived. The zero Pace is empty. Moments only grow.
type Pace struct {
	people map[string][]arrival
}

// arrival is when the record of a seq came.
type arrival struct {
	at     int64
	record uint64
}

// longest bounds what is remembered: a burst over more is counted over this much.
const longest = 24 * value.Hour

// Add remembers an arrival.
func (p *Pace) Add(person string, received int64, record uint64) {
	if p.people == nil {
		p.people = map[string][]arrival{}
	}
	l := p.people[person]
	old := 0
	for old < len(l) && l[old].at <= received-longest {
		old++
	}
	p.people[person] = append(slices.Delete(l, 0, old), arrival{received, record})
}

// Burst counts what a person submitted in (now − d, now], with the record in hand, which is not
// yet remembered.
func (p *Pace) Burst(person string, now, d int64) int64 {
	n := int64(1)
	for _, x := range slices.Backward(p.people[person]) {
		if x.at <= now-min(d, longest) {
			break
		}
		n++
	}
	return n
}

// Prompt reports whether a record arrived within d of happening.
func Prompt(at, received, d int64) value.Tri {
	if received-at <= d {
		return value.True
	}
	return value.False
}

// OriginOf tells how a record came. Imported says that an import brought it.
func (p *Pace) OriginOf(person string, at, received int64, imported bool) Origin {
	switch {
	case imported:
		return System
	case person != "" && p.Burst(person, received, BatchPeriod) >= BatchSize:
		return Batch
	case received-at > LateAfter:
		return Late
	}
	return Live
}

// Devices remembers what a person takes photos with. The zero Devices is empty.
type Devices struct {
	people map[string][]taken
}

// taken is the device of a photo that came with the record of a seq.
type taken struct {
	device string
	record uint64
}

// devicePhotos is how many photos of a person are remembered.
const devicePhotos = 200

// Usual judges the device of a photo: true where at least KnownDevice earlier photos of the person
// came from it, unknown where the photo names none or where no device of the person is known yet.
func (d *Devices) Usual(person, device string) value.Tri {
	if device == "" {
		return value.Unknown
	}
	counts := map[string]int{}
	known := false
	for _, x := range d.people[person] {
		counts[x.device]++
		known = known || counts[x.device] >= KnownDevice
	}
	switch {
	case counts[device] >= KnownDevice:
		return value.True
	case known:
		return value.False
	}
	return value.Unknown
}

// Usuals are the devices that are usual for a person, by name.
func (d *Devices) Usuals(person string) (out []string) {
	counts := map[string]int{}
	for _, x := range d.people[person] {
		if counts[x.device]++; counts[x.device] == KnownDevice {
			out = append(out, x.device)
		}
	}
	slices.Sort(out)
	return out
}

// Add remembers a device that took a photo.
func (d *Devices) Add(person, device string, record uint64) {
	if device == "" || person == "" {
		return
	}
	if d.people == nil {
		d.people = map[string][]taken{}
	}
	l := d.people[person]
	old := max(0, len(l)+1-devicePhotos)
	d.people[person] = append(slices.Delete(l, 0, old), taken{device, record})
}
