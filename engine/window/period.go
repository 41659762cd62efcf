package window

import (
	"time"

	"github.com/throughline/throughline/dsl/policy"
)

// bounds are a calendar period's first moment, the one of the period before, and its end.
type bounds struct{ before, start, end int64 }

func (b bounds) hold(at int64) bool { return b.start <= at && at < b.end }

// calendar finds periods. It remembers the last two of each kind, because nearly all questions are
// about the present one and, while it begins, the one before.
type calendar struct {
	zone   *time.Location
	recent [policy.Yearly + 1][2]bounds
}

// at returns the period that holds a moment.
func (c *calendar) at(p policy.Period, at int64) bounds {
	r := &c.recent[p]
	switch {
	case r[0].hold(at):
	case r[1].hold(at):
		r[0], r[1] = r[1], r[0]
	default:
		r[0], r[1] = c.find(p, at), r[0]
	}
	return r[0]
}

// find computes a period. Where a clock goes back over midnight a date comes twice; a period
// begins when its date first comes, and the second time belongs to what has begun already.
func (c *calendar) find(p policy.Period, at int64) bounds {
	y, m, d := time.UnixMicro(at).In(c.zone).Date()
	step := func(n int) (int, time.Month, int) { return y, m, d + n }
	switch p {
	case policy.Weekly:
		d -= (int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Weekday()) + 6) % 7
		step = func(n int) (int, time.Month, int) { return y, m, d + 7*n }
	case policy.Monthly:
		step = func(n int) (int, time.Month, int) { return y, m + time.Month(n), 1 }
	case policy.Quarterly:
		m -= (m - 1) % 3
		step = func(n int) (int, time.Month, int) { return y, m + time.Month(3*n), 1 }
	case policy.Yearly:
		step = func(n int) (int, time.Month, int) { return y + n, 1, 1 }
	}
	b := bounds{c.midnight(step(-1)), c.midnight(step(0)), c.midnight(step(1))}
	for n := 2; at >= b.end; n++ {
		b = bounds{b.start, b.end, c.midnight(step(n))}
	}
	for n := -2; at < b.start; n-- {
		b = bounds{c.midnight(step(n)), b.before, b.start}
	}
	for n := -2; b.before == b.start; n-- {
		b.before = c.midnight(step(n)) // a date that a zone left out is no period
	}
	return b
}

// midnight returns the first moment of a date.
func (c *calendar) midnight(y int, m time.Month, d int) int64 {
	t := time.Date(y, m, d, 0, 0, 0, 0, c.zone)
	start, end := t.ZoneBounds()
	_, offset := t.Zone()
	switch shown, asked := t.Unix()+int64(offset), time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix(); {
	case shown < asked: // this midnight was skipped: the day begins with the change of the clock
		return end.UnixMicro()
	case shown > asked:
		return start.UnixMicro()
	}
	if start.IsZero() {
		return t.UnixMicro()
	}
	// Midnight may have come before, while the clock had not gone back yet.
	_, before := start.Add(-1).Zone()
	first := t.Add(time.Duration(offset-before) * time.Second)
	if first.Before(t) && first.Before(start) {
		return first.UnixMicro()
	}
	return t.UnixMicro()
}
