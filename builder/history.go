package builder

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/runtime"
)

// How many changes an inspector lists, and in how many versions they are looked for.
const (
	mostPast   = 8
	mostLearnt = 60
)

// A history is what the latest versions changed, the newest first.
type history struct {
	of       policy.Hash // of the policy in force when it was learnt
	versions []learnt
}

// learnt is what one version changed.
type learnt struct {
	runtime.Version
	changes []*diff.Change
}

// learn works out what the versions in force changed, where there are others than when it was
// learnt last; true: there are.
func (d *desk) learn() bool {
	d.mu.Lock()
	known := d.history.of
	d.mu.Unlock()
	now, err := d.b.inForce(d.b.doors.Ends(), d.workspace)
	if err != nil || now.Hash == known {
		return false
	}
	h := history{of: now.Hash}
	err = d.b.use(d.b.doors.Ends(), d.workspace, func(w *runtime.Workspace) error {
		all, err := w.Versions(context.WithoutCancel(d.b.doors.Ends()))
		for n := len(all) - 1; n > 0 && len(h.versions) < mostLearnt; n-- {
			x := learnt{Version: all[n]}
			for _, g := range diff.Of(all[n-1].Policy, all[n].Policy).Groups {
				for i := range g.Changes {
					if c := &g.Changes[i]; c.What != diff.Changed || len(c.Details) > 0 {
						x.changes = append(x.changes, c)
					}
				}
			}
			h.versions = append(h.versions, x)
		}
		return err
	})
	if err != nil {
		d.b.o.Log.Error("learning what versions changed", "workspace", d.workspace, "err", err)
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.history = h
	return true
}

// pastOf is who changed what is looked at and when: in this draft, and in which version. Renames
// are followed.
func (d *desk) pastOf(v *view.Viewer, l *syntax.Line, full string) (out []view.Was) {
	zone := d.zone()
	for _, t := range d.draft.Touched(l.File().Name, l.Whole().Off, l.Whole().End) {
		when := v.Say(words.PastDraft)
		if t.At != 0 {
			when = stamp(t.At*int64(time.Second/time.Microsecond), zone)
		}
		out = append(out, view.Was{Who: d.nameOf(t.By), What: called(t.Name, v.Lang), When: when})
		if len(out) == mostPast {
			return out
		}
	}
	for _, x := range d.history.versions {
		i := slices.IndexFunc(x.changes, func(c *diff.Change) bool {
			return full != "" && c.Name == full
		})
		if i < 0 {
			continue
		}
		says := x.changes[i].Says(v.Lang)
		w := view.Was{Who: v.Say(words.PastNobody), When: stamp(x.Moment, zone),
			Href: v.In("versions") + "?at=" + strconv.FormatUint(x.Seq, 10), What: short(says[0])}
		if x.By != "" {
			w.Who = d.nameOf(x.By)
		}
		if len(says) > 1 {
			w.What = says[1]
		}
		out = append(out, w)
		if len(out) == mostPast {
			return out
		}
		if x.changes[i].Was != "" {
			full = x.changes[i].Was
		}
	}
	return out
}

// zone is the workspace's time zone.
func (d *desk) zone() *time.Location {
	zone, err := time.LoadLocation(d.checked.policy.Settings.Timezone)
	if err != nil {
		return time.UTC // as long as the settings are half-written
	}
	return zone
}
