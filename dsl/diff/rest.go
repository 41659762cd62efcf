package diff

import (
	"bytes"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
)

// settings compares what thru.toml says that decisions depend on.
func (d *differ) settings() []Change {
	a, b := d.old.Settings, d.new.Settings
	datum := []string{"wgs84", "gcj02", "bd09"}
	var out []Change
	for _, x := range [][3]string{
		{"calendar", a.Calendar, b.Calendar},
		{"datum", datum[a.Datum], datum[b.Datum]},
		{"package", d.old.Package, d.new.Package},
		{"timezone", a.Timezone, b.Timezone},
	} {
		if x[1] != x[2] {
			out = append(out, Change{What: Changed, Name: x[0],
				Details: []Detail{{What: Changed, Part: x[0], Old: plain(x[1]), New: plain(x[2])}}})
		}
	}
	return out
}

// tests compares the tests by name and by what their steps say.
func (d *differ) tests() []Change {
	var out []Change
	for _, t := range d.new.Tests {
		o := find(d.old.Tests, func(o **policy.Test) bool { return (*o).Name == t.Name })
		switch {
		case o == nil:
			out = append(out, Change{What: Added, Name: t.Name, New: t.Span})
		case !slices.EqualFunc((*o).Steps, t.Steps, d.sameStep):
			out = append(out, Change{What: Changed, Name: t.Name, Old: (*o).Span, New: t.Span})
		}
	}
	for _, o := range d.old.Tests {
		if find(d.new.Tests, func(t **policy.Test) bool { return (*t).Name == o.Name }) == nil {
			out = append(out, Change{What: Removed, Name: o.Name, Old: o.Span})
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (d *differ) sameStep(a, b *policy.Step) bool {
	return a.Kind == b.Kind && d.recordName(a.Type) == recordName(b.Type) && a.ID == b.ID &&
		bytes.Equal(a.JSON, b.JSON) && a.File == b.File && a.At == b.At && d.sameDue(&a.Due, &b.Due) &&
		a.Times == b.Times && a.Every == b.Every && d.sameExpect(a.Expect, b.Expect)
}

func (d *differ) sameExpect(a, b *policy.Expect) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.No == b.No && a.ID == b.ID && a.Word == b.Word &&
		d.now(a.Name) == b.Name && a.Text == b.Text && a.For == b.For &&
		d.now(a.Because) == b.Because && d.same(a.X, b.X) &&
		a.Value.N == b.Value.N && a.Value.S == b.Value.S && a.Value.Kind == b.Value.Kind
}
