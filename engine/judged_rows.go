package engine

import (
	"slices"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/window"
)

// The rows of a completion are made when the values of its event come, because what a `where` says
// of it is fixed then (reference, section 3: frozen and live). Whether they are in streams follows
// the verdict: in those of what counts, and in those of what may yet count, which deadlines read.

// makeRows makes the rows of a completion of the event in env.Row.
func (e *Engine) makeRows(j *judgedEvent, x *judgedAction) {
	e.moveCompletion(j, x, false, false)
	x.rows = nil
	for _, s := range x.program.streams {
		if h, ok := e.rowOf(s, j.id, j.seq); ok {
			x.rows = s.pack(x.rows, h, &s.row)
		}
	}
	in, maybe := x.standsIn(j.reviews)
	e.moveCompletion(j, x, in, maybe)
}

// placeRows puts a completion's rows in or takes them out, as its verdict is now.
func (e *Engine) placeRows(j *judgedEvent, x *judgedAction) {
	if in, maybe := x.standsIn(j.reviews); in != x.in || maybe != x.maybe {
		e.stand(j)
		e.moveCompletion(j, x, in, maybe)
	}
}

// standsIn says in which streams the rows belong. Of an action that is tried in the shadow nothing
// counts.
func (x *judgedAction) standsIn(reviews []review) (in, maybe bool) {
	if x.program.bare {
		return false, false
	}
	in = x.counted == value.True
	return in, in || x.mayCount(reviews)
}

// mayCount reports whether a completion that does not count may do so yet: no review has settled
// its open lines, or `done` waits.
func (x *judgedAction) mayCount(reviews []review) bool {
	if x.done != value.True {
		return x.until > 0
	}
	return len(x.lines) > 0 && len(reviews) == 0
}

// moveCompletion moves the rows of a completion of the event that stands.
func (e *Engine) moveCompletion(j *judgedEvent, x *judgedAction, in, maybe bool) {
	var out []byte
	e.eachRow(x.rows, func(s *stream, h int32, r *window.Row) {
		was, is := x.in, in
		if s.open {
			was, is = x.maybe, maybe
		}
		s.identify(r, j.id)
		switch {
		case is == was:
		case is:
			e.refill(j, s, r)
			s.put(h, r, e.env.Now)
		default:
			e.taking = true
			s.take(h, r, e.env.Now)
		}
		out = s.pack(out, h, r)
		if is != was {
			e.since(r.At)
			e.streamChanged(s, h)
		}
	})
	x.rows, x.in, x.maybe = out, in, maybe
}

// moveRows fills anew what reads verdicts or scores, in every row that the event has in a stream.
func (e *Engine) moveRows(j *judgedEvent) {
	j.rows = e.refreshed(j, j.rows, func(*stream) bool { return true })
	j.rows = e.entered(j, j.rows)
	for i := range j.acts {
		x := &j.acts[i]
		x.rows = e.refreshed(j, x.rows, func(s *stream) bool {
			return s.open && x.maybe || !s.open && x.in
		})
	}
}

func (e *Engine) refreshed(j *judgedEvent, rows []byte, in func(*stream) bool) (out []byte) {
	e.eachRow(rows, func(s *stream, h int32, r *window.Row) {
		if !movable(s) || !in(s) || s.has(h) == nil {
			out = s.pack(out, h, r)
			return
		}
		s.identify(r, j.id)
		s.take(h, r, e.env.Now)
		e.refill(j, s, r)
		to, in := h, true
		if s.cube != nil { // it may be in another group now, or in none
			e.env.Row = &j.values
			n, ok := s.subjectOf(&e.env)
			to, in = n, ok
		}
		if in {
			s.put(to, r, e.env.Now)
			out = s.pack(out, to, r)
		}
		e.since(r.At)
		e.streamChanged(s, h)
		if in && to != h {
			e.streamChanged(s, to)
		}
	})
	return out
}

// entered adds the rows that the event has in a metric since its verdicts or scores are others.
func (e *Engine) entered(j *judgedEvent, rows []byte) []byte {
	var has []*stream
	e.eachRow(rows, func(s *stream, _ int32, _ *window.Row) { has = append(has, s) })
	for _, s := range j.typ.streams {
		if s.cube == nil || !movable(s) || slices.Contains(has, s) {
			continue
		}
		e.env.Row = &j.values
		if h, ok := e.rowOf(s, j.id, j.seq); ok {
			s.put(h, &s.row, e.env.Now)
			rows = s.pack(rows, h, &s.row)
			e.since(s.row.At)
			e.streamChanged(s, h)
		}
	}
	return rows
}

// refill fills those columns of a row; the others stay as they were.
func (e *Engine) refill(j *judgedEvent, s *stream, r *window.Row) {
	for i := range s.cols {
		if s.cols[i].stage == onArrival {
			continue
		}
		e.env.Row = &j.values
		r.Known &^= 1 << i
		s.cols[i].fill(&e.env, j.id, r, i)
	}
}
