package engine

import (
	"maps"
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/calendar"
)

// idle is when people were not active: the stored field `active` of their record was false. They
// owe nothing on such days (reference, section 6). A state says only how it is now, and a target is
// owed by the day, so the times are kept.
type idle struct {
	field int // `active`
	pos   int32
	of    map[int32][]span // in order, by handle
}

// span is from one moment up to another.
type span struct{ from, until int64 }

const endless = math.MaxInt64

// planIdle prepares it for everybody who may owe a target.
func (e *Engine) planIdle() {
	for _, a := range e.policy.Actions {
		if a.Target == nil || a.Person() == nil {
			continue
		}
		t := e.tables[a.Person().Index]
		for i, f := range t.rec.Fields {
			if f.Name == "active" && f.Type.Kind == value.Bool && f.Compute == nil && t.idle == nil {
				t.idle = &idle{field: i, pos: t.layout.Pos[i], of: map[int32][]span{}}
			}
		}
	}
}

// followActive notes that a person's `active` changed.
func (e *Engine) followActive(t *table, h int32, changed []uint64) {
	x := t.idle
	if x == nil || changed[x.field>>6]>>(x.field&63)&1 == 0 {
		return
	}
	s := t.rows[h]
	on := !s.Has(x.field) || s.N[x.pos] != 0
	list := x.of[h]
	running := len(list) > 0 && list[len(list)-1].until == endless
	switch {
	case on == !running:
		return
	case on:
		last := &list[len(list)-1]
		last.until = max(last.from, e.dec.At)
	default:
		from := e.dec.At
		if len(list) > 0 {
			from = max(from, list[len(list)-1].until)
		}
		list = append(list, span{from, endless})
	}
	x.of[h] = list
	e.leaveChanged(t.meta[h].id)
}

// days adds the workdays from first to last whose noon lies in a span to those that are known.
func (s span) days(e *Engine, first, last int64, days []int64) []int64 {
	from, to := first, last
	if s.from > calendar.DayStart(first, e.zone) {
		from = calendar.DateOf(s.from, e.zone)
	}
	if s.until != endless {
		to = min(to, calendar.DateOf(s.until, e.zone))
	}
	for d := from; d <= to; d++ {
		noon := calendar.At(d, 12*value.Hour, e.zone)
		if noon >= s.from && noon < s.until && e.cal.IsWorkday(d) && !slices.Contains(days, d) {
			days = append(days, d)
		}
	}
	return days
}

func (x *idle) write(w *writer) {
	if x == nil {
		return
	}
	w.uint(uint64(len(x.of)))
	for _, h := range slices.Sorted(maps.Keys(x.of)) {
		w.uint(uint64(h))
		w.uint(uint64(len(x.of[h])))
		for _, s := range x.of[h] {
			w.int(s.from)
			w.int(s.until)
		}
	}
}

func (x *idle) restore(r *scanner, rows int) {
	if x == nil {
		return
	}
	for range r.count() {
		h := int32(r.below(uint64(rows)))
		for range r.count() {
			x.of[h] = append(x.of[h], span{r.int(), r.int()})
		}
	}
}
