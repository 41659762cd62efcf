package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// maxDays bounds a range of days in a calendar.
const maxDays = 366

// calendar checks a calendar (reference, section 8a).
func (c *checker) calendar(d *decl, n *syntax.Calendar) {
	cal := &policy.Calendar{Head: d.head, From: "CN"}
	if n.From.Ok() {
		cal.From = d.line.Name(n.From.Tok)
		base, _ := c.visible(d.pkg, cal.From)
		switch {
		case cal.From == "CN":
		case base != nil && base.kind == isCalendar && base != d:
			cal.From = base.full
		default:
			names := append(c.typeNames(d.pkg, func(o *decl) bool { return o.kind == isCalendar }), "CN")
			c.tell(source.UnknownCalendar, d.line.TokSpan(n.From.Tok), cal.From).Near =
				source.Nearest(cal.From, names)
		}
	}
	for _, l := range d.line.Body {
		s := c.scopeOf(nil, l)
		switch n := l.Node.(type) {
		case *syntax.Hours:
			for _, h := range n.Shifts {
				cal.Hours = append(cal.Hours, policy.Shift{Open: s.clock(h.Open), Close: s.clock(h.Close)})
			}
			if !ascending(cal.Hours) {
				c.tell(source.BadHours, l.Span())
			}
		case *syntax.Days:
			for _, r := range n.Days {
				rules := s.days(r)
				if n.Kind == "work" {
					cal.Work = append(cal.Work, rules...)
				} else {
					cal.Rest = append(cal.Rest, rules...)
				}
			}
		}
	}
	d.calendar = cal
	c.calendars[cal.Full] = cal
	c.policy.Calendars = append(c.policy.Calendars, cal)
}

// ascending reports whether each shift ends after it begins and begins after the one before ends.
func ascending(hours []policy.Shift) bool {
	last := int64(-1)
	for _, h := range hours {
		if h.Open <= last || h.Close <= h.Open {
			return false
		}
		last = h.Close
	}
	return true
}

// days reads a weekday, a date or a range of dates.
func (s *scope) days(r *syntax.DayRange) []policy.DayRule {
	if r.Weekday != "" {
		return []policy.DayRule{{Weekday: weekdayNamed(r.Weekday)}}
	}
	from, ok := s.date(r.From.Tok)
	if !ok {
		return nil
	}
	to := from
	if r.To.Ok() {
		if to, ok = s.date(r.To.Tok); !ok {
			return nil
		}
	}
	if to < from || to-from > maxDays {
		s.tell(source.BadRange, s.line.TokSpan(r.To.Tok))
		return nil
	}
	var out []policy.DayRule
	for day := from; day <= to; day++ {
		out = append(out, policy.DayRule{Date: day})
	}
	return out
}

func (s *scope) date(t syntax.Tok) (int64, bool) {
	want := policy.Type{Kind: value.Date}
	l, ok := s.number(t, &want)
	if ok && l.Value.Kind != value.Date {
		s.badAmount(t, l, want)
		ok = false
	}
	return l.Value.N, ok
}

// calendarCycles reports calendars that are built on each other.
func (c *checker) calendarCycles() {
	for _, d := range c.decls {
		if d.calendar == nil {
			continue
		}
		seen := map[string]bool{}
		for cal := d.calendar; cal != nil; cal = c.calendars[cal.From] {
			if seen[cal.Full] {
				c.tell(source.Cycle, d.span, d.name)
				d.calendar.From = "CN"
				break
			}
			seen[cal.Full] = true
		}
	}
	if name := c.policy.Settings.Calendar; name != "CN" && c.calendars[name] == nil {
		c.tell(source.UnknownCalendar, source.Span{}, name)
	}
}
