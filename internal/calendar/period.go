package calendar

import (
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Date returns the days since 1970-01-01 of a date; months and days beyond their range carry over.
func Date(year int, month time.Month, d int) int64 {
	days, _ := floorDiv(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix(), 86400)
	return days
}

// Civil is the year, month and day of a date.
func Civil(date int64) (year int, month time.Month, d int) {
	return time.Unix(date*86400, 0).UTC().Date()
}

// Weekday is 1 for Monday … 7 for Sunday.
func Weekday(date int64) int { return int(weekday(date)) + 1 }

// Month is a date's month, 1 January to 12 December.
func Month(date int64) int {
	_, m, _ := Civil(date)
	return int(m)
}

// DateOf is the date that a moment falls on in a zone.
func DateOf(t int64, zone *time.Location) int64 {
	_, offset := time.UnixMicro(t).In(zone).Zone()
	date, _ := floorDiv(t+int64(offset)*value.Second, value.Day)
	return date
}

// ClockOf is the wall clock's reading at a moment, in microseconds after midnight.
func ClockOf(t int64, zone *time.Location) int64 {
	_, offset := time.UnixMicro(t).In(zone).Zone()
	_, clock := floorDiv(t+int64(offset)*value.Second, value.Day)
	return clock
}

// At is the moment when the wall clock shows the given time on a date. A reading that the clock
// skips is the moment it is put forward; of one that it shows twice the first is meant.
func At(date, clock int64, zone *time.Location) int64 {
	wall := date*value.Day + clock
	t := time.UnixMicro(wall).In(zone)
	_, offset := t.Zone()
	guess := time.UnixMicro(wall - int64(offset)*value.Second).In(zone)
	from, to := guess.ZoneBounds()
	_, offset = guess.Zone()
	moment := wall - int64(offset)*value.Second
	switch {
	case !from.IsZero() && moment < from.UnixMicro():
		_, before := from.Add(-1).Zone()
		return min(wall-int64(before)*value.Second, from.UnixMicro())
	case !to.IsZero() && moment >= to.UnixMicro():
		_, after := to.Zone()
		return max(wall-int64(after)*value.Second, to.UnixMicro())
	case !from.IsZero():
		_, before := from.Add(-1).Zone()
		if first := wall - int64(before)*value.Second; first < from.UnixMicro() {
			return first
		}
	}
	return moment
}

// DayStart is the first moment of a date.
func DayStart(date int64, zone *time.Location) int64 { return At(date, 0, zone) }

// FirstDay is the first date of the period that a date lies in; a workday is its day.
func FirstDay(p policy.Period, date int64) int64 {
	year, month, _ := Civil(date)
	switch p {
	case policy.Weekly:
		return date - weekday(date)
	case policy.Monthly:
		return Date(year, month, 1)
	case policy.Quarterly:
		return Date(year, (month-1)/3*3+1, 1)
	case policy.Yearly:
		return Date(year, 1, 1)
	}
	return date
}

// NextFirstDay is the first date of the period after the one that a date lies in.
func NextFirstDay(p policy.Period, date int64) int64 {
	first := FirstDay(p, date)
	year, month, _ := Civil(first)
	switch p {
	case policy.Weekly:
		return first + 7
	case policy.Monthly:
		return Date(year, month+1, 1)
	case policy.Quarterly:
		return Date(year, month+3, 1)
	case policy.Yearly:
		return Date(year+1, 1, 1)
	}
	return first + 1
}

// Start is the first moment of the period that a moment lies in.
func Start(p policy.Period, t int64, zone *time.Location) int64 {
	return DayStart(FirstDay(p, DateOf(t, zone)), zone)
}

// Next is the first moment of the period after the one that a moment lies in.
func Next(p policy.Period, t int64, zone *time.Location) int64 {
	return DayStart(NextFirstDay(p, DateOf(t, zone)), zone)
}

// Prior is the first moment of the period before the one that a moment lies in.
func Prior(p policy.Period, t int64, zone *time.Location) int64 {
	return DayStart(FirstDay(p, FirstDay(p, DateOf(t, zone))-1), zone)
}

// Close is the first moment after t at which a period ends: where `check each` looks. Workdays
// end at midnight like other days; a day of rest closes nothing.
func (c *Calendar) Close(p policy.Period, t int64, zone *time.Location) int64 {
	end := Next(p, t, zone)
	if p != policy.Workday {
		return end
	}
	date, ok := c.AddDays(DateOf(t, zone)-1, 1)
	if !ok {
		return end
	}
	return DayStart(date+1, zone)
}
