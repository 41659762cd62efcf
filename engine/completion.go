package engine

import (
	"math"
	"slices"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/window"
	"github.com/throughline/throughline/internal/calendar"
)

// completion reads completion(A in W): counted ÷ due, at most 1 (reference, section 6). What counts
// in a period of the target counts there once: a shop visited twice in a week is one with
// `distinct store`, and one more in the next week.
type completion struct {
	e      *Engine
	s      *stream
	spec   int
	window policy.Window
	target *policy.Target
	person *table
	joined int           // index of the person's stored date `joined`; -1: none
	member *policy.Field // pooled over who belongs to the subject; nil: the subject itself
	few    []counted     // what was seen of a period: few things at first
	seen   map[counted]bool
	last   completed
}

// completed is what was worked out last. A condition and its receipt, `when` and `until` read the
// same, and only the first reading is to cost anything.
type completed struct {
	known     bool
	h         int32
	now       int64
	change    uint64 // of the stream, which leave and `active` raise too
	joined    int64
	closing   bool
	done, due float64
}

// read is how much of its due a person has done.
func (c *completion) read(h int32, now int64) (done, due float64) {
	is := completed{known: true, h: h, now: now, change: c.s.change, closing: c.e.closing}
	if s := c.person.rows[h]; c.joined >= 0 && s.Has(c.joined) {
		is.joined = s.N[c.person.layout.Pos[c.joined]]
	}
	is.done, is.due = c.last.done, c.last.due
	if is != c.last {
		is.done, is.due = float64(c.done(h, now)), c.due(h, now)
		c.last = is
	}
	return is.done, is.due
}

// counted is one distinct value.
type counted struct {
	word int64
	text string
}

func (e *Engine) completion(x *policy.Expr) *completion {
	at := e.streams.of[x.Agg.ID]
	c := &completion{e: e, s: at.stream, spec: at.spec, window: x.Agg.Window, target: x.Action.Target,
		person: e.tables[x.Action.Person().Index], joined: -1, member: x.Field, seen: map[counted]bool{}}
	for i, f := range c.person.rec.Fields {
		if f.Name == "joined" && f.Type.Kind == value.Date && f.Compute == nil {
			c.joined = i
		}
	}
	if c.member != nil && e.backs[c.member] == nil && !e.started {
		e.backs[c.member] = &back{}
	}
	return c
}

// completions are those of the action and of the others that the node counts with it.
func (e *Engine) completions(x *policy.Expr) []*completion {
	out := []*completion{e.completion(x)}
	for _, y := range x.Args {
		out = append(out, e.completion(y))
	}
	return out
}

// completionLeaf compiles completion(A in W).
func (e *Engine) completionLeaf(x *policy.Expr) eval.Num {
	list := e.completions(x)
	return func(env *eval.Env) (float64, bool) {
		done, due := 0.0, 0.0
		for _, c := range list {
			c.each(int32(env.SelfRef), func(h int32) {
				n, d := c.read(h, env.Now)
				done, due = done+n, due+d
			})
		}
		if due == 0 {
			return 0, false
		}
		return min(done/due, 1), true
	}
}

// each visits the people whose completions are the subject's.
func (c *completion) each(subject int32, f func(int32)) {
	if c.member == nil {
		f(subject)
		return
	}
	if b := c.e.backs[c.member]; b != nil {
		for _, h := range b.of(subject) {
			if c.person.lives[h] == alive {
				f(h)
			}
		}
		return
	}
	pos := c.person.layout.Pos[c.member.Index]
	for h, s := range c.person.rows {
		if c.person.lives[h] == alive && s.Has(c.member.Index) && int32(s.N[pos]) == subject {
			f(int32(h))
		}
	}
}

// days are the first and the last day that have closed in a window.
type days struct{ first, last int64 }

// span is the window at a moment: rows with lo < at ≤ hi, and its closed days. A look at a period's
// end sees the day that closes with it.
func (c *completion) span(now int64) (lo, hi int64, d days) {
	zone := c.e.zone
	closed := now
	if c.e.closing {
		closed++
	}
	d.last = calendar.DateOf(closed, zone) - 1
	switch c.window.Kind {
	case policy.Sliding:
		lo = now - c.window.D
		d.first = calendar.DateOf(closed-c.window.D, zone)
		return lo, now, d
	case policy.Prior:
		start := calendar.Start(c.window.Period, now, zone)
		before := calendar.Prior(c.window.Period, now, zone)
		d.first, d.last = calendar.DateOf(before, zone), calendar.DateOf(start, zone)-1
		return before - 1, start - 1, d
	}
	start := calendar.Start(c.window.Period, now, zone)
	d.first = calendar.DateOf(start, zone)
	return start - 1, now, d
}

// per is the period of the target.
func (c *completion) per() policy.Period {
	if c.target.Per == policy.Workday {
		return policy.Daily
	}
	return c.target.Per
}

// due is how many completions the closed workdays of a person in the window owe: the target of
// each period, shared over its workdays.
func (c *completion) due(h int32, now int64) (sum float64) {
	_, _, w := c.span(now)
	first, last := w.first, w.last
	cal := c.e.cal
	if s := c.person.rows[h]; c.joined >= 0 && s.Has(c.joined) {
		first = max(first, s.N[c.person.layout.Pos[c.joined]])
	}
	for d := first; d <= last; {
		begin := calendar.FirstDay(c.per(), d)
		next := calendar.NextFirstDay(c.per(), d)
		to := min(next-1, last)
		if all := cal.Workdays(begin-1, next-1); all > 0 {
			mine := cal.Workdays(d-1, to) - c.e.freeDays(c.person, h, d, to)
			sum += float64(float64(c.target.N) * float64(mine) / float64(all))
		}
		d = next
	}
	return sum
}

// done is how many completions of a person count in the window.
func (c *completion) done(h int32, now int64) (n int) {
	lo, hi, _ := c.span(now)
	column, next := c.s.plan.Value(c.spec), int64(math.MinInt64)
	rows := window.Range{Lo: lo, Hi: min(hi, now), Column: column}
	c.s.plan.Each(c.s.has(h), rows, func(at, word int64, text string) {
		if c.target.Distinct == nil {
			n++
			return
		}
		if at >= next {
			c.forget()
			next = calendar.Next(c.per(), at, c.e.zone)
		}
		if c.first(counted{word, text}) {
			n++
		}
	})
	c.forget()
	return n
}

// first reports whether something is seen for the first time. Of few things a list is faster.
func (c *completion) first(k counted) bool {
	switch {
	case slices.Contains(c.few, k):
		return false
	case len(c.few) < 32:
		c.few = append(c.few, k)
		return true
	case c.seen[k]:
		return false
	}
	c.seen[k] = true
	return true
}

func (c *completion) forget() {
	c.few = c.few[:0]
	if len(c.seen) > 0 {
		clear(c.seen)
	}
}

// completionBoundary yields the next moment at which time alone changes a completion: a day closes
// or leaves the window, or a row does.
func (e *Engine) completionBoundary(x *policy.Expr) boundary {
	list := e.completions(x)
	return func(env *eval.Env) (int64, bool) {
		next := nextDay(env.Now, e.zone)
		for _, c := range list {
			if c.window.Kind == policy.Sliding {
				next = min(next, nextDay(env.Now-c.window.D, e.zone)+c.window.D)
			}
			c.each(int32(env.SelfRef), func(h int32) {
				if s := c.s.has(h); s != nil {
					if at, ok := c.s.plan.Next(s, c.spec, env.Now); ok && at > env.Now {
						next = min(next, at)
					}
				}
			})
		}
		return next, true
	}
}

// nextDay is when the day after a moment begins.
func nextDay(t int64, zone *time.Location) int64 {
	return calendar.DayStart(calendar.DateOf(t, zone)+1, zone)
}
