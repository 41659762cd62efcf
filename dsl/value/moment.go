package value

import (
	"strings"
	"time"
)

// Range of moments and dates: the years 0001 to 9999.
const (
	MinDate int64 = -719_162
	MaxDate int64 = 2_932_896
	MinTime int64 = MinDate * Day
	MaxTime int64 = (MaxDate+1)*Day - 1
)

// MomentFault says what is wrong with the text of a moment.
type MomentFault uint8

// The faults of ParseMoment.
const (
	MomentOK MomentFault = iota
	NotMoment
	NoDay
	NoTime
)

// Moment is the text of a date or a moment, taken apart.
type Moment struct {
	Date   int64 // days since 1970-01-01
	Clock  int64 // microseconds after midnight
	Offset int64 // microseconds east of UTC, where Zoned
	Timed  bool  // has a time of day
	Zoned  bool  // has an offset
}

// ReadMoment takes a date, or an RFC 3339 moment with or without seconds and offset, apart. A
// blank may stand for the T. Fractions of a second beyond microseconds are cut off.
func ReadMoment[T ~string | ~[]byte](s T) (Moment, MomentFault) {
	var m Moment
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return m, NotMoment
	}
	year, ok1 := digits(s, 0, 4)
	month, ok2 := digits(s, 5, 2)
	day, ok3 := digits(s, 8, 2)
	switch {
	case !ok1 || !ok2 || !ok3:
		return m, NotMoment
	case year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month):
		return m, NoDay
	}
	m.Date = dateOf(year, month, day)
	if len(s) == 10 {
		return m, MomentOK
	}
	if s[10] != 'T' && s[10] != 't' && s[10] != ' ' {
		return m, NotMoment
	}
	m.Timed = true
	end, fault := readClock(s, &m)
	if fault != MomentOK || end == len(s) {
		return m, fault
	}
	return m, readOffset(s, end, &m)
}

// readClock reads HH:MM[:SS[.ffffff]] after the T and returns where it ends.
func readClock[T ~string | ~[]byte](s T, m *Moment) (int, MomentFault) {
	if len(s) < 16 || s[13] != ':' {
		return 0, NotMoment
	}
	hour, ok1 := digits(s, 11, 2)
	minute, ok2 := digits(s, 14, 2)
	second, ok3, i := 0, true, 16
	if len(s) > i && s[i] == ':' {
		if len(s) < 19 {
			return 0, NotMoment
		}
		second, ok3 = digits(s, 17, 2)
		i = 19
	}
	switch {
	case !ok1 || !ok2 || !ok3:
		return 0, NotMoment
	case hour > 23 || minute > 59 || second > 59:
		return 0, NoTime
	}
	m.Clock = int64(hour)*Hour + int64(minute)*Minute + int64(second)*Second
	if i != 19 || len(s) == i || s[i] != '.' {
		return i, MomentOK
	}
	i++
	from := i
	for unit := Second / 10; i < len(s) && isDigit(s[i]); i++ {
		m.Clock += int64(s[i]-'0') * unit
		unit /= 10
	}
	if i == from {
		return 0, NotMoment
	}
	return i, MomentOK
}

// readOffset reads Z, ±HH:MM or ±HHMM at the end.
func readOffset[T ~string | ~[]byte](s T, i int, m *Moment) MomentFault {
	m.Zoned = true
	rest := len(s) - i
	if rest == 1 && (s[i] == 'Z' || s[i] == 'z') {
		return MomentOK
	}
	if s[i] != '+' && s[i] != '-' {
		return NotMoment
	}
	at := i + 3
	if rest == 6 && s[at] == ':' {
		at++
	} else if rest != 5 {
		return NotMoment
	}
	hour, ok1 := digits(s, i+1, 2)
	minute, ok2 := digits(s, at, 2)
	switch {
	case !ok1 || !ok2:
		return NotMoment
	case hour > 23 || minute > 59:
		return NoTime
	}
	m.Offset = int64(hour)*Hour + int64(minute)*Minute
	if s[i] == '-' {
		m.Offset = -m.Offset
	}
	return MomentOK
}

// In returns the moment in microseconds; the zone is used where the text had no offset.
func (m Moment) In(zone *time.Location) int64 {
	utc := m.Date*Day + m.Clock
	if m.Zoned {
		return utc - m.Offset
	}
	return LocalTime(utc, zone)
}

// LocalTime returns the moment at which clocks in the zone show wall, microseconds since
// 1970-01-01T00:00 local. In a gap of summer time it is as Go's time.Date says.
func LocalTime(wall int64, zone *time.Location) int64 {
	sec := floorDiv(wall, Second)
	t := time.Unix(sec, 0).UTC()
	y, mo, d := t.Date()
	h, mi, s := t.Clock()
	return time.Date(y, mo, d, h, mi, s, 0, zone).Unix()*Second + wall - sec*Second
}

// wallAt returns what clocks in the zone show at a moment, microseconds since 1970-01-01T00:00.
func wallAt(moment int64, zone *time.Location) int64 {
	_, offset := time.Unix(floorDiv(moment, Second), 0).In(zone).Zone()
	return moment + int64(offset)*Second
}

// InRange reports whether a moment is of the years 0001 to 9999, in UTC and in the zone, so that
// it can be written in both.
func InRange(moment int64, zone *time.Location) bool {
	if moment >= MinTime+Day && moment <= MaxTime-Day {
		return true // no zone is a day away from UTC
	}
	wall := wallAt(moment, zone)
	return min(moment, wall) >= MinTime && max(moment, wall) <= MaxTime
}

// floorDiv rounds towards minus infinity, so that times before 1970 fall into the right day.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func digits[T ~string | ~[]byte](s T, at, n int) (int, bool) {
	v := 0
	for ; n > 0; n-- {
		if !isDigit(s[at]) {
			return 0, false
		}
		v = v*10 + int(s[at]-'0')
		at++
	}
	return v, true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// dateOf counts days from 1970-01-01 in years that begin in March, so that the leap day is last.
func dateOf(year, month, day int) int64 {
	y, m := int64(year), int64(month)
	if m <= 2 {
		y, m = y-1, m+12
	}
	era := y / 400
	return era*146_097 + y%400*365 + y%400/4 - y%400/100 + (153*(m-3)+2)/5 + int64(day) - 719_469
}

// looksLikeMoment reports whether a literal is to be read as a date or a moment.
func looksLikeMoment(text string) bool {
	i := 0
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	return i < len(text) && text[i] == '-'
}

// parseMoment reads a moment as a literal.
func parseMoment(text string, zone *time.Location) (Literal, *LiteralError) {
	m, fault := ReadMoment(text)
	if strings.Contains(text, " ") {
		fault = NotMoment // data may have a blank for the T, policies have the T
	}
	switch fault {
	case NotMoment:
		return Literal{}, &LiteralError{Fault: BadMoment, Part: text, Near: nearMoment(text)}
	case NoDay:
		return Literal{}, &LiteralError{Fault: NoSuchDay, Part: text[:10]}
	case NoTime:
		return Literal{}, &LiteralError{Fault: NoSuchTime, Part: text[11:], Off: 11}
	}
	if !m.Timed {
		return Literal{Value: OfWord(Date, m.Date)}, nil
	}
	if zone == nil {
		zone = time.UTC
	}
	return Literal{Value: OfWord(Time, m.In(zone)), Zoned: m.Zoned}, nil
}

// nearMoment puts in the zeros that 2026-3-2T9:30 lacks.
func nearMoment(text string) string {
	date, clock, timed := strings.Cut(strings.Replace(text, " ", "T", 1), "T")
	near, ok := padded(date, '-', 3)
	near = strings.Repeat("0", max(0, len("2026-03-02")-len(near))) + near
	if timed {
		c, fine := padded(clock, ':', 2)
		near, ok = near+"T"+c, ok && fine
	}
	if _, fault := ReadMoment(near); fault != MomentOK || near == text || !ok {
		return ""
	}
	return near
}

// padded gives every part of a date or a time of day at least two digits.
func padded(text string, sep byte, parts int) (string, bool) {
	list := strings.Split(text, string(sep))
	for i, p := range list {
		if len(p) == 1 {
			list[i] = "0" + p
		}
	}
	return strings.Join(list, string(sep)), len(list) == parts
}
