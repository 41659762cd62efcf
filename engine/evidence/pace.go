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
	people map[string][]int64
}

// longest bounds what is remembered: a burst over more is counted over this much.
const longest = 24 * value.Hour

// Add remembers an arrival.
func (p *Pace) Add(person string, received int64) {
	if p.people == nil {
		p.people = map[string][]int64{}
	}
	l := p.people[person]
	old := 0
	for old < len(l) && l[old] <= received-longest {
		old++
	}
	p.people[person] = append(slices.Delete(l, 0, old), received)
}

// Remove forgets one arrival at a moment.
func (p *Pace) Remove(person string, received int64) {
	l := p.people[person]
	if i := slices.Index(l, received); i >= 0 {
		p.people[person] = slices.Delete(l, i, i+1)
	}
}

// Burst counts what a person submitted in (now − d, now], with the record in hand, which is not
// yet remembered.
func (p *Pace) Burst(person string, now, d int64) int64 {
	l := p.people[person]
	i, _ := slices.BinarySearch(l, now-min(d, longest)+1)
	return int64(len(l)-i) + 1
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
	people map[string]map[string]int
}

// Usual judges the device of a photo: true where at least KnownDevice earlier photos of the person
// came from it, unknown where the photo names none or where no device of the person is known yet.
func (d *Devices) Usual(person, device string) value.Tri {
	if device == "" {
		return value.Unknown
	}
	known := d.people[person]
	if known[device] >= KnownDevice {
		return value.True
	}
	for _, n := range known { //tidy:order any one decides
		if n >= KnownDevice {
			return value.False
		}
	}
	return value.Unknown
}

// Add remembers a device that took a photo.
func (d *Devices) Add(person, device string) { d.change(person, device, 1) }

// Remove forgets one photo of a device.
func (d *Devices) Remove(person, device string) { d.change(person, device, -1) }

func (d *Devices) change(person, device string, by int) {
	if device == "" || person == "" {
		return
	}
	if d.people == nil {
		d.people = map[string]map[string]int{}
	}
	if d.people[person] == nil {
		d.people[person] = map[string]int{}
	}
	if d.people[person][device] += by; d.people[person][device] <= 0 {
		delete(d.people[person], device)
	}
}
