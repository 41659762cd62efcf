package engine

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/window"
)

// Ahead is how many records are worth being foreseen at once: what they read still fits the
// processor's own cache.
const Ahead = 16

// Foresee tells which records come next, in order; more than Ahead are not worth it. Nothing that
// can be observed changes, and to be told wrongly costs only time. What a record reads of its
// subjects lies in many places, and alone each is waited for in turn: of many records the
// processor fetches them side by side.
func (e *Engine) Foresee(rs []*record.Record) {
	a := &e.ahead
	a.coming, a.next, a.handles = a.coming[:0], 0, a.handles[:0]
	for _, s := range a.streams {
		s.ahead = s.ahead[:0]
	}
	a.streams = a.streams[:0]
	for _, r := range rs {
		if r != nil && r.Reject == nil && r.Type.Kind == policy.Event {
			e.foresee(e.events[r.Type.Index], r)
		}
	}
	for _, s := range a.streams {
		e.fetch(s)
	}
}

// ahead is what is known of events that are still to come.
type ahead struct {
	coming  []coming
	next    int     // of coming
	handles []int32 // of the records they refer to
	streams []*stream
	series  []*window.Series
	warm    int64 // keeps reads that only fetch memory from being optimised away
}

// coming is an event, and where its handles begin: one a reference, -1 where it is none.
type coming struct {
	t    *eventType
	r    *record.Record
	from int
}

// take returns the handles of an event if it is the one that was to come next.
func (a *ahead) take(t *eventType, r *record.Record) ([]int32, bool) {
	if a.next == len(a.coming) || a.coming[a.next].r != r || a.coming[a.next].t != t {
		a.coming, a.next = a.coming[:0], 0
		return nil, false
	}
	a.next++
	return a.handles[a.coming[a.next-1].from:], true
}

// foresee notes what an event refers to and which rows it will join.
func (e *Engine) foresee(t *eventType, r *record.Record) {
	a := &e.ahead
	a.warm += int64(t.seen.touch(r.ID))
	a.coming = append(a.coming, coming{t, r, len(a.handles)})
	for i, f := range t.refs {
		h, ok := int32(-1), false
		if r.Slots.Has(f.Index) {
			h, ok = e.tables[f.Type.Record.Index].find(r.Refs[f.Index])
		}
		if !ok {
			a.handles = append(a.handles, -1)
			continue
		}
		a.handles = append(a.handles, h)
		for _, s := range t.joining(i) {
			if len(s.ahead) == 0 {
				a.streams = append(a.streams, s)
			}
			s.ahead = append(s.ahead, h)
		}
	}
}

// fetch reads what the events that join a stream will read of their subjects: first what can be
// reached at once, then what that leads to.
func (e *Engine) fetch(s *stream) {
	a, t := &e.ahead, s.subject
	watched := len(s.watch.general) > 0
	a.series = a.series[:0]
	for _, h := range s.ahead {
		if rows := s.has(h); rows != nil {
			a.series = append(a.series, rows)
		}
		if watched {
			a.warm += int64(len(t.meta[h].id)) + int64(len(t.rows[h].N))
		}
	}
	s.plan.Fetch(a.series)
	if !watched {
		return
	}
	for _, i := range s.watch.general {
		for _, h := range s.ahead {
			if st := e.nodes[i].find(h); st != nil {
				a.warm += int64(st.mark) + int64(st.timer.pos)
			}
		}
	}
}

// refer resolves the references of an event, and fetches what it will read if it was not foreseen.
func (e *Engine) refer(t *eventType, r *record.Record) {
	if handles, foreseen := e.ahead.take(t, r); foreseen {
		e.resolveForeseen(&t.common, r, handles)
		return
	}
	e.resolve(&t.common, r)
	for _, s := range t.streams {
		e.touch(s, &r.Slots)
	}
}

// resolveForeseen is resolve where handles were looked up before. Until the event came, its
// subject may have been taken back, and the handle given to another.
func (e *Engine) resolveForeseen(c *common, r *record.Record, handles []int32) {
	for i, f := range c.refs {
		if !r.Slots.Has(f.Index) {
			continue
		}
		h, id, t := handles[i], r.Refs[f.Index], e.tables[f.Type.Record.Index]
		if h < 0 || int(h) >= len(t.meta) || t.meta[h].id != id {
			h = e.handle(f, id)
		}
		r.Slots.N[c.layout.Pos[f.Index]] = int64(h)
	}
}
