package calendar

import (
	"math"
	"slices"
	"time"
)

// far is how many days working time is counted on: a deadline beyond four hundred years is an
// overflow, not a date.
const far = 400 * 366

// AddDays is the n-th workday after a date, before it where n is negative; 0 is the date itself.
// It is not ok where there is none within four hundred years. It searches running sums by halving,
// so that years cost no more than days.
func (c *Calendar) AddDays(date, n int64) (int64, bool) {
	if n == 0 {
		return date, true
	}
	from, to := date, date+far // the first date by which so many workdays have passed
	if n < 0 {
		from, to = date-far, date-1
		n = c.Workdays(from, date-1) + n + 1 // counted from the left end
		if n <= 0 {
			return 0, false
		}
	} else if n > c.Workdays(from, to) {
		return 0, false
	}
	start := from
	for to-from > 1 {
		if mid := from + (to-from)/2; c.Workdays(start, mid) >= n {
			to = mid
		} else {
			from = mid
		}
	}
	return to, true
}

// AddWorkdays is the same clock time on the n-th workday after t's day.
func (c *Calendar) AddWorkdays(t, n int64, zone *time.Location) (int64, bool) {
	if n == 0 {
		return t, true
	}
	date, ok := c.AddDays(DateOf(t, zone), n)
	if !ok {
		return 0, false
	}
	return At(date, ClockOf(t, zone), zone), true
}

// AddWorkTime is the moment when d of working time has passed since t, counted from the next
// opening where it is closed; for a negative d, the moment since which it has passed.
func (c *Calendar) AddWorkTime(t, d int64, zone *time.Location) (int64, bool) {
	if d == 0 || c.work == 0 {
		return t, d == 0
	}
	date := DateOf(t, zone)
	// Working time of t's day before t, so that what is asked for counts from the day's beginning.
	done := c.within(date, math.MinInt64, t, zone)
	if d > 0 {
		if d > math.MaxInt64-done {
			return 0, false
		}
		return c.workAfter(date, done+d, zone)
	}
	rest := int64(0)
	if c.IsWorkday(date) {
		rest = c.work - done
	}
	if -d > math.MaxInt64-rest {
		return 0, false
	}
	return c.workBefore(date, rest-d, zone)
}

// workAfter is when d of working time has passed since a day began.
func (c *Calendar) workAfter(date, d int64, zone *time.Location) (int64, bool) {
	date, ok := c.AddDays(date-1, (d-1)/c.work+1)
	if !ok {
		return 0, false
	}
	d = (d-1)%c.work + 1
	for _, h := range c.hours {
		if d <= h.Close-h.Open {
			return At(date, h.Open, zone) + d, true
		}
		d -= h.Close - h.Open
	}
	return 0, false
}

// workBefore is since when d of working time has passed at the end of a day.
func (c *Calendar) workBefore(date, d int64, zone *time.Location) (int64, bool) {
	date, ok := c.AddDays(date+1, -((d-1)/c.work + 1))
	if !ok {
		return 0, false
	}
	d = (d-1)%c.work + 1
	for _, h := range slices.Backward(c.hours) {
		if d <= h.Close-h.Open {
			return At(date, h.Close, zone) - d, true
		}
		d -= h.Close - h.Open
	}
	return 0, false
}

// Workhours is the working time between two moments, in microseconds; 0 where b is not after a.
func (c *Calendar) Workhours(a, b int64, zone *time.Location) int64 {
	if b <= a {
		return 0
	}
	first, last := DateOf(a, zone), DateOf(b, zone)
	sum := c.within(first, a, b, zone)
	if last > first {
		sum += c.within(last, a, b, zone)
	}
	// The days between are whole; only a day on which the clock is put forward or back while work
	// is done would differ, and no zone does that at such an hour.
	return sum + c.Workdays(first, last-1)*c.work
}

// within is the working time of one day that lies between two moments.
func (c *Calendar) within(date, a, b int64, zone *time.Location) int64 {
	if !c.IsWorkday(date) {
		return 0
	}
	sum := int64(0)
	for _, h := range c.hours {
		sum += max(0, min(At(date, h.Close, zone), b)-max(At(date, h.Open, zone), a))
	}
	return sum
}

// Unpublished is the first year of a span of dates that has no notice, for receipts to name.
func (c *Calendar) Unpublished(from, to int64) (year int, found bool) {
	first, _, _ := Civil(min(from, to))
	last, _, _ := Civil(max(from, to))
	for y := first; y <= last; y++ {
		if !c.Published(y) {
			return y, true
		}
	}
	return 0, false
}
