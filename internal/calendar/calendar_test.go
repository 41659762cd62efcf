package calendar

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/realdata"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func moment(t testing.TB, s string, z *time.Location) int64 {
	t.Helper()
	m, err := time.ParseInLocation("2006-01-02T15:04", s, z)
	if err != nil {
		t.Fatal(err)
	}
	return m.UnixMicro()
}

func show(t int64, z *time.Location) string {
	return time.UnixMicro(t).In(z).Format("2006-01-02T15:04")
}

func date(t testing.TB, s string) int64 {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d.Unix() / 86400
}

// Every day of every published year is what the notices say.
func TestNotices(t *testing.T) {
	dir := realdata.Dir(t, "cn-holidays")
	files, err := filepath.Glob(filepath.Join(dir, "20*.json"))
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	said := map[int64]bool{}
	c := CN()
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var year struct {
			Year int
			Days []struct {
				Date     string
				IsOffDay bool
			}
		}
		if err := json.Unmarshal(data, &year); err != nil {
			t.Fatal(name, err)
		}
		if !c.Published(year.Year) {
			t.Errorf("%d is not published", year.Year)
		}
		for _, d := range year.Days {
			said[date(t, d.Date)] = !d.IsOffDay
		}
	}
	if len(said) != len(c.days) {
		t.Errorf("the notices name %d days, the table %d", len(said), len(c.days))
	}
	for d := Date(2006, 12, 1); d < Date(2027, 2, 1); d++ {
		want, named := said[d]
		if !named {
			want = Weekday(d) <= 5
		}
		if c.IsWorkday(d) != want {
			t.Errorf("%v: workday %v, want %v", time.Unix(d*86400, 0).UTC(), !want, want)
		}
	}
}

// Figures from the notices of 2024 to 2026: workdays in a year, and days anybody can check.
func TestKnownDays(t *testing.T) {
	c := CN()
	for _, k := range []struct {
		day  string
		work bool
	}{
		{"2024-02-09", true},  // the eve of the Spring Festival of 2024 was no day off by law
		{"2024-02-10", false}, // Spring Festival
		{"2024-02-04", true},  // a Sunday worked instead
		{"2025-10-08", false}, {"2025-10-09", true}, {"2025-10-11", true},
		{"2026-02-16", false}, {"2026-02-28", true}, {"2026-03-01", false},
		{"2027-10-01", true}, // not published: a Friday
	} {
		if got := c.IsWorkday(date(t, k.day)); got != k.work {
			t.Errorf("%s is a workday: %v, want %v", k.day, got, k.work)
		}
	}
	if c.Published(2027) || c.Published(2006) || !c.Published(2026) || !Weekdays().Published(2050) {
		t.Error("published years")
	}
	for year, want := range map[int]int64{2024: 251, 2025: 248, 2026: 248} {
		if got := c.Workdays(Date(year-1, 12, 31), Date(year, 12, 31)); got != want {
			t.Errorf("%d has %d workdays, want %d", year, got, want)
		}
	}
	if y, found := c.Unpublished(Date(2026, 12, 1), Date(2027, 1, 5)); y != 2027 || !found {
		t.Error(y, found)
	}
}

func TestAddWorkdays(t *testing.T) {
	z := zone(t, "Asia/Shanghai")
	c := CN()
	for _, k := range []struct {
		from string
		n    int64
		to   string
	}{
		{"2026-03-02T09:30", 1, "2026-03-03T09:30"},
		{"2026-03-06T18:30", 3, "2026-03-11T18:30"},
		{"2026-02-13T10:00", 1, "2026-02-14T10:00"}, // a Saturday worked instead
		{"2026-02-14T10:00", 1, "2026-02-24T10:00"}, // nine days of Spring Festival
		{"2026-02-20T10:00", 2, "2026-02-25T10:00"}, // from a day of rest
		{"2026-02-24T10:00", -1, "2026-02-14T10:00"},
		{"2026-02-22T10:00", -2, "2026-02-13T10:00"},
		{"2026-02-22T10:00", 0, "2026-02-22T10:00"},
	} {
		got, ok := c.AddWorkdays(moment(t, k.from, z), k.n, z)
		if s := show(got, z); s != k.to || !ok {
			t.Errorf("%s + %dwd = %s, want %s", k.from, k.n, s, k.to)
		}
	}
}

func TestAddWorkTime(t *testing.T) {
	z := zone(t, "Asia/Shanghai")
	c := CN()
	for _, k := range []struct {
		from string
		d    int64
		to   string
	}{
		{"2026-03-02T09:30", 4 * value.Hour, "2026-03-02T13:30"},
		{"2026-03-02T09:00", 9 * value.Hour, "2026-03-02T18:00"}, // a whole day ends at its close
		{"2026-03-02T16:00", 4 * value.Hour, "2026-03-03T11:00"},
		{"2026-03-02T20:00", 4 * value.Hour, "2026-03-03T13:00"}, // closed: from the next opening
		{"2026-03-02T18:00", 1 * value.Hour, "2026-03-03T10:00"},
		{"2026-03-02T06:00", 1 * value.Hour, "2026-03-02T10:00"},
		{"2026-02-14T17:00", 2 * value.Hour, "2026-02-24T10:00"}, // over Spring Festival
		{"2026-03-03T10:00", -2 * value.Hour, "2026-03-02T17:00"},
		{"2026-03-01T10:00", -1 * value.Hour, "2026-02-28T17:00"},
		{"2026-01-03T20:00", 1 * value.Hour, "2026-01-04T10:00"}, // a Sunday that is worked
		{"2026-03-01T10:00", 0, "2026-03-01T10:00"},
	} {
		got, ok := c.AddWorkTime(moment(t, k.from, z), k.d, z)
		if s := show(got, z); s != k.to || !ok {
			t.Errorf("%s + %d min of work = %s, want %s", k.from, k.d/value.Minute, s, k.to)
		}
	}
	if _, ok := c.AddWorkTime(0, 1<<62, z); ok {
		t.Error("a deadline a hundred thousand years on fits")
	}
}

// An own calendar: dates before notices, notices before weekdays.
func TestOwnCalendar(t *testing.T) {
	z := zone(t, "Asia/Shanghai")
	c := From(&policy.Calendar{
		Head: policy.Head{Full: "Shop"}, From: "CN",
		Hours: []policy.Shift{{Open: 10 * value.Hour, Close: 21 * value.Hour}},
		Work:  []policy.DayRule{{Weekday: 6}, {Date: date(t, "2026-05-03")}},
		Rest:  []policy.DayRule{{Date: date(t, "2026-05-06")}, {Weekday: 3}},
	}, CN())
	for day, want := range map[string]bool{
		"2026-03-07": true,  // a Saturday
		"2026-03-08": false, // a Sunday
		"2026-03-04": false, // a Wednesday
		"2026-05-02": false, // a Saturday, but a public holiday
		"2026-05-03": true, "2026-05-06": false, "2026-05-09": true,
	} {
		if c.IsWorkday(date(t, day)) != want {
			t.Errorf("%s: want %v", day, want)
		}
	}
	got, _ := c.AddWorkTime(moment(t, "2026-03-07T20:00", z), 2*value.Hour, z)
	if s := show(got, z); s != "2026-03-09T11:00" {
		t.Error(s)
	}
	if a, b := CN().Hash(), CN().Hash(); c.Hash() == a || a != b {
		t.Error("hashes do not tell calendars apart")
	}
	if CN().week != Weekdays().week {
		t.Error("an own calendar changed the one it is built on")
	}
}

// What other systems get wrong: Saturday evening and an hour, on a plain week from 10 to 18, and in
// China over a Sunday that is worked.
func TestWeekendEvening(t *testing.T) {
	z := zone(t, "Asia/Shanghai")
	office := policy.Calendar{Hours: []policy.Shift{{Open: 10 * value.Hour, Close: 18 * value.Hour}}}
	plain, cn := From(&office, Weekdays()), From(&office, CN())
	for _, k := range []struct {
		c        *Calendar
		from, to string
	}{
		{plain, "2026-03-07T20:00", "2026-03-09T11:00"},
		{cn, "2026-01-03T20:00", "2026-01-04T11:00"},
	} {
		got, _ := k.c.AddWorkTime(moment(t, k.from, z), value.Hour, z)
		if s := show(got, z); s != k.to {
			t.Errorf("%s and an hour: %s, want %s", k.from, s, k.to)
		}
	}
}

// A break is no working time.
func TestShifts(t *testing.T) {
	z := zone(t, "Asia/Shanghai")
	c := From(&policy.Calendar{Hours: []policy.Shift{{Open: 9 * value.Hour, Close: 12 * value.Hour},
		{Open: 13*value.Hour + 30*value.Minute, Close: 18 * value.Hour}}}, CN())
	for _, k := range []struct {
		from string
		d    int64
		to   string
	}{
		{"2026-03-02T11:00", 2 * value.Hour, "2026-03-02T14:30"},
		{"2026-03-02T11:00", 1 * value.Hour, "2026-03-02T12:00"},
		{"2026-03-02T12:30", 1 * value.Hour, "2026-03-02T14:30"}, // in the break: from its end
		{"2026-03-02T09:00", 15 * value.Hour, "2026-03-03T18:00"},
		{"2026-03-02T14:30", -2 * value.Hour, "2026-03-02T11:00"},
	} {
		got, ok := c.AddWorkTime(moment(t, k.from, z), k.d, z)
		if s := show(got, z); s != k.to || !ok {
			t.Errorf("%s and %d min of work: %s, want %s", k.from, k.d/value.Minute, s, k.to)
		}
	}
	if n := c.Workhours(moment(t, "2026-03-02T11:00", z), moment(t, "2026-03-03T14:00", z), z); n != 9*value.Hour {
		t.Errorf("%d min of work", n/value.Minute)
	}
}

// Searching by halving finds what walking day by day finds.
func TestAddDaysWalks(t *testing.T) {
	c := CN()
	rapid.Check(t, func(t *rapid.T) {
		date, n := rapid.Int64Range(-800, 22000).Draw(t, "date"), rapid.Int64Range(-300, 300).Draw(t, "n")
		want, left := date, n
		for left != 0 {
			step := int64(1)
			if left < 0 {
				step = -1
			}
			if want += step; c.IsWorkday(want) {
				left -= step
			}
		}
		if got, ok := c.AddDays(date, n); got != want || !ok {
			t.Fatalf("%d and %d workdays: %d, walking finds %d", date, n, got, want)
		}
	})
	if _, ok := c.AddDays(0, 1<<40); ok {
		t.Error("a deadline four hundred years on fits")
	}
	if _, ok := c.AddDays(0, -1<<40); ok {
		t.Error("a beginning four hundred years ago fits")
	}
}

// Counting agrees with looking at each day.
func TestCountsAreDayByDay(t *testing.T) {
	z := zone(t, "Asia/Shanghai")
	shop := From(&policy.Calendar{Work: []policy.DayRule{{Weekday: 6}}, Rest: []policy.DayRule{{Weekday: 1},
		{Date: date(t, "2026-05-09")}}}, CN())
	shifts := From(&policy.Calendar{Hours: []policy.Shift{{Open: 8 * value.Hour, Close: 11 * value.Hour},
		{Open: 12 * value.Hour, Close: 13 * value.Hour}, {Open: 20 * value.Hour, Close: 24 * value.Hour}}}, CN())
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]*Calendar{CN(), Weekdays(), shop, shifts}).Draw(t, "calendar")
		a := rapid.Int64Range(-800, 22000).Draw(t, "a")
		b := a + rapid.Int64Range(-5, 400).Draw(t, "days")
		var n int64
		for d := a + 1; d <= b; d++ {
			if c.IsWorkday(d) {
				n++
			}
		}
		if got := c.Workdays(a, b); got != n {
			t.Fatalf("Workdays(%d, %d) = %d, want %d", a, b, got, n)
		}
		start := DayStart(a, z) + rapid.Int64Range(0, value.Day-1).Draw(t, "clock")
		d := rapid.Int64Range(1, 200*value.Hour).Draw(t, "work")
		end, _ := c.AddWorkTime(start, d, z)
		if got := c.Workhours(start, end, z); got != d {
			t.Fatalf("%s + %d = %s, but %d lies between", show(start, z), d, show(end, z), got)
		}
		if back, _ := c.AddWorkTime(end, -d, z); c.Workhours(back, end, z) != d {
			t.Fatalf("%s - %d = %s", show(end, z), d, show(back, z))
		}
	})
}

// At agrees with a walk over the minutes of the day, in zones whose clocks jump, at midnight too.
func TestWallClock(t *testing.T) {
	for _, k := range []struct{ zone, day string }{
		{"America/Sao_Paulo", "2018-11-04"}, // no midnight: the day begins at 01:00
		{"America/Sao_Paulo", "2018-02-17"}, // 23:00 to 24:00 twice
		{"America/Havana", "2026-11-01"},    // 00:00 to 01:00 twice
		{"Europe/Berlin", "2026-03-29"}, {"Europe/Berlin", "2026-10-25"},
		{"Australia/Lord_Howe", "2026-04-05"}, {"Australia/Lord_Howe", "2026-10-04"},
		{"Asia/Shanghai", "1991-04-14"}, {"Asia/Shanghai", "1991-09-15"},
		{"Pacific/Apia", "2011-12-31"}, // the day before it never was
		{"Asia/Kolkata", "2026-01-01"},
	} {
		z, d := zone(t, k.zone), date(t, k.day)
		first := map[int64]int64{} // by minute of the wall clock: the first moment that shows it
		start := int64(0)
		for m := (d-2)*1440 + 0; m < (d+3)*1440; m++ {
			at := m * value.Minute
			if DateOf(at, z) != d {
				continue
			}
			if start == 0 {
				start = at
			}
			if _, seen := first[ClockOf(at, z)]; !seen {
				first[ClockOf(at, z)] = at
			}
		}
		if got := DayStart(d, z); got != start {
			t.Errorf("%s %s begins at %s, want %s", k.zone, k.day, show(got, z), show(start, z))
		}
		for clock, want := range first {
			if got := At(d, clock, z); got != want {
				t.Errorf("%s %s %d min: %s, want %s", k.zone, k.day, clock/value.Minute, show(got, z), show(want, z))
			}
		}
	}
}

func TestPeriods(t *testing.T) {
	z := zone(t, "Asia/Shanghai")
	at := moment(t, "2026-03-04T09:30", z) // a Wednesday
	for _, k := range []struct {
		p                  policy.Period
		prior, start, next string
	}{
		{policy.Daily, "2026-03-03T00:00", "2026-03-04T00:00", "2026-03-05T00:00"},
		{policy.Weekly, "2026-02-23T00:00", "2026-03-02T00:00", "2026-03-09T00:00"},
		{policy.Monthly, "2026-02-01T00:00", "2026-03-01T00:00", "2026-04-01T00:00"},
		{policy.Quarterly, "2025-10-01T00:00", "2026-01-01T00:00", "2026-04-01T00:00"},
		{policy.Yearly, "2025-01-01T00:00", "2026-01-01T00:00", "2027-01-01T00:00"},
	} {
		got := []string{show(Prior(k.p, at, z), z), show(Start(k.p, at, z), z), show(Next(k.p, at, z), z)}
		if got[0] != k.prior || got[1] != k.start || got[2] != k.next {
			t.Errorf("period %d: %v, want %s %s %s", k.p, got, k.prior, k.start, k.next)
		}
		if s := Start(k.p, at, z); Start(k.p, s, z) != s || Next(k.p, s-1, z) != s {
			t.Errorf("period %d: its first moment is not its own", k.p)
		}
	}
	c := CN()
	for from, want := range map[string]string{
		"2026-03-04T09:30": "2026-03-05T00:00",
		"2026-03-05T00:00": "2026-03-06T00:00",
		"2026-03-06T12:00": "2026-03-07T00:00",
		"2026-03-07T12:00": "2026-03-10T00:00", // Saturday and Sunday close nothing
		"2026-02-14T12:00": "2026-02-15T00:00",
		"2026-02-15T00:00": "2026-02-25T00:00",
	} {
		if got := show(c.Close(policy.Workday, moment(t, from, z), z), z); got != want {
			t.Errorf("after %s a workday closes at %s, want %s", from, got, want)
		}
	}
	if got := show(c.Close(policy.Weekly, at, z), z); got != "2026-03-09T00:00" {
		t.Error(got)
	}
}

// Calendars may be built on each other in any order; a circle ends at CN, and so does a name of none.
func TestSet(t *testing.T) {
	named := func(name, from string, rest int) *policy.Calendar {
		return &policy.Calendar{Head: policy.Head{Full: name}, From: from, Rest: []policy.DayRule{{Weekday: rest}}}
	}
	a, b := named("A", "B", 1), named("B", "CN", 2)
	x, y := named("X", "Y", 3), named("Y", "X", 4)
	s := NewSet([]*policy.Calendar{a, b, x, y}, policy.Settings{Calendar: "B"})
	monday, tuesday := date(t, "2026-03-02"), date(t, "2026-03-03")
	for _, k := range []struct {
		p      *policy.Calendar
		mo, tu bool
	}{{a, false, false}, {b, true, false}, {nil, true, false}, {x, true, true}, {y, true, true}} {
		if c := s.For(k.p); c.IsWorkday(monday) != k.mo || c.IsWorkday(tuesday) != k.tu {
			t.Errorf("calendar %s", c.Name)
		}
	}
	if c := NewSet(nil, policy.Settings{Calendar: "nobody's"}).For(nil); c.Name != "CN" {
		t.Error(c.Name)
	}
}
