package calendar

import "time"

// far is how many days working time is counted on: a deadline beyond four hundred years is an
// overflow, not a date.
const far = 400 * 366

// AddDays is the n-th workday after a date, before it where n is negative; 0 is the date itself.
// It is not ok where there is none within four hundred years.
func (c *Calendar) AddDays(date, n int64) (int64, bool) {
	step := int64(1)
	if n < 0 {
		step, n = -1, -n
	}
	for range far {
		if n == 0 {
			return date, true
		}
		if date += step; c.IsWorkday(date) {
			n--
		}
	}
	return 0, false
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
	date, step := DateOf(t, zone), int64(1)
	if d < 0 {
		step = -1
	}
	for range far {
		if from, to, ok := c.hours(date, zone); ok {
			switch {
			case step > 0 && t < to:
				from = max(from, t)
				if d <= to-from {
					return from + d, true
				}
				d -= to - from
			case step < 0 && t > from:
				to = min(to, t)
				if -d <= to-from {
					return to + d, true
				}
				d += to - from
			}
		}
		date += step
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
	return sum + c.Workdays(first, last-1)*(c.close-c.open)
}

// within is the working time of one day that lies between two moments.
func (c *Calendar) within(date, a, b int64, zone *time.Location) int64 {
	from, to, ok := c.hours(date, zone)
	if !ok {
		return 0
	}
	return max(0, min(to, b)-max(from, a))
}

// hours are the moments at which work begins and ends on a date.
func (c *Calendar) hours(date int64, zone *time.Location) (from, to int64, ok bool) {
	if !c.IsWorkday(date) {
		return 0, 0, false
	}
	return At(date, c.open, zone), At(date, c.close, zone), true
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
