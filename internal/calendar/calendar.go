// Package calendar is working time and calendar periods (reference, section 8a): which days are
// worked, what N workdays or working hours after a moment is, and where days, weeks, months,
// quarters and years begin. Zones come from the embedded tables alone, so that a machine's own
// tables decide nothing (decision D11).
package calendar

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Calendar says when work is done. It does not change once made.
type Calendar struct {
	Name      string
	hours     []policy.Shift // of a working day, wall clock, ascending, apart
	work      int64          // working time of a day: what the hours add up to
	week      [7]bool        // worked, by days since Monday
	days      []day          // dates that do not follow the week, ascending
	published []int          // years whose notice is known, ascending; nil: no notices are followed
}

// day is one date that a rule names.
type day struct {
	date   int64 // days since 1970-01-01
	worked bool
	sum    int64 // of all dates up to and with this one: worked against the week less not worked
}

// Weekdays is Monday to Friday, 09:00 to 18:00, without holidays.
func Weekdays() *Calendar {
	c := &Calendar{week: [7]bool{true, true, true, true, true}}
	c.open([]policy.Shift{{Open: 9 * value.Hour, Close: 18 * value.Hour}})
	return c
}

// CN is the calendar of the published notices.
func CN() *Calendar {
	c := Weekdays()
	c.Name = "CN"
	rules := map[int64]bool{}
	for _, n := range notices() {
		c.published = append(c.published, n.year)
		for _, d := range n.dates(n.off) {
			rules[d] = false
		}
		for _, d := range n.dates(n.on) {
			rules[d] = true
		}
	}
	c.put(rules)
	return c
}

// From is a calendar of a policy, built on another. What names a date counts more than a notice,
// and a notice more than what names a weekday: `work saturday` leaves public holidays free.
func From(p *policy.Calendar, base *Calendar) *Calendar {
	c := *base
	c.Name = p.Full
	if len(p.Hours) > 0 {
		c.open(p.Hours)
	}
	rules := map[int64]bool{}
	for _, d := range base.days {
		rules[d.date] = d.worked
	}
	name := func(list []policy.DayRule, worked bool) {
		for _, r := range list {
			if r.Weekday != 0 {
				c.week[r.Weekday-1] = worked
			} else {
				rules[r.Date] = worked
			}
		}
	}
	name(p.Work, true)
	name(p.Rest, false)
	c.put(rules)
	return &c
}

// open sets the hours of a working day.
func (c *Calendar) open(hours []policy.Shift) {
	c.hours, c.work = slices.Clone(hours), 0
	for _, h := range hours {
		c.work += h.Close - h.Open
	}
}

// put sorts the dates that do not follow the week, with running sums for counting.
func (c *Calendar) put(rules map[int64]bool) {
	c.days = make([]day, 0, len(rules))
	for d, worked := range rules { //tidy:order sorted below
		c.days = append(c.days, day{date: d, worked: worked})
	}
	slices.SortFunc(c.days, func(a, b day) int { return cmp.Compare(a.date, b.date) })
	var sum int64
	for i := range c.days {
		d := &c.days[i]
		switch week := c.week[weekday(d.date)]; {
		case d.worked && !week:
			sum++
		case !d.worked && week:
			sum--
		}
		d.sum = sum
	}
}

// Published reports whether the year's notice is known; where it is not, weekdays are worked and
// receipts say so. A calendar that follows no notices has nothing to publish.
func (c *Calendar) Published(year int) bool {
	if c.published == nil {
		return true
	}
	_, found := slices.BinarySearch(c.published, year)
	return found
}

// IsWorkday reports whether work is done on a day since 1970-01-01.
func (c *Calendar) IsWorkday(date int64) bool {
	if i, found := c.find(date); found {
		return c.days[i].worked
	}
	return c.week[weekday(date)]
}

func (c *Calendar) find(date int64) (int, bool) {
	return slices.BinarySearchFunc(c.days, date, func(d day, t int64) int {
		return cmp.Compare(d.date, t)
	})
}

// Workdays counts the workdays d with a < d <= b; it is 0 where b is not after a.
func (c *Calendar) Workdays(a, b int64) int64 {
	if b <= a {
		return 0
	}
	return c.upTo(b) - c.upTo(a)
}

// upTo counts workdays from some fixed Monday up to and with a date.
func (c *Calendar) upTo(date int64) int64 {
	const monday = -3 // 1969-12-29
	weeks, rest := floorDiv(date+1-monday, 7)
	var n, full int64
	for i, worked := range c.week {
		if worked {
			full++
			if int64(i) < rest {
				n++
			}
		}
	}
	i, found := c.find(date)
	if !found {
		i--
	}
	if i >= 0 {
		n += c.days[i].sum
	}
	return n + weeks*full
}

// Hash is a fingerprint of all that the calendar says: a log names it where working time counted.
func (c *Calendar) Hash() [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s %v %v %v\n", c.Name, c.hours, c.week, c.published)
	for _, d := range c.days {
		at := uint64(d.date) << 1
		if d.worked {
			at |= 1
		}
		h.Write(binary.BigEndian.AppendUint64(nil, at))
	}
	return [32]byte(h.Sum(nil))
}

// dates reads one side of a notice.
func (n notice) dates(s string) []int64 {
	var out []int64
	for s != "" {
		var at, run int64 = 0, 1
		i := 0
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			at = at*10 + int64(s[i]-'0')
		}
		if i < len(s) && s[i] == '+' {
			for i, run = i+1, 0; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
				run = run*10 + int64(s[i]-'0')
			}
		}
		if at < 10000 {
			at += int64(n.year) * 10000
		}
		first := Date(int(at/10000), time.Month(at/100%100), int(at%100))
		for d := range run {
			out = append(out, first+d)
		}
		s = s[min(i+1, len(s)):]
	}
	return out
}

// weekday is 0 for Monday … 6 for Sunday; 1970-01-01 was a Thursday.
func weekday(date int64) int64 {
	_, r := floorDiv(date+3, 7)
	return r
}

func floorDiv(a, b int64) (q, r int64) {
	if q, r = a/b, a%b; r < 0 {
		q, r = q-1, r+b
	}
	return q, r
}
