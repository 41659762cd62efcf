package ingest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/value"
)

// shapes are the ways in which people write a date with its year first, and a time behind it.
var dateFirst = regexp.MustCompile(`^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(.*)$`)

// together is 20260302 and 20260302093000.
var together = regexp.MustCompile(`^((?:19|20)\d{2})(\d{2})(\d{2})` +
	`(?:[ T]?(\d{2}):?(\d{2})(?::?(\d{2}))?)?$`)

// clock is a time of day: 9:30, 09:30:00, 上午9:30, 9点30分, 9:30 PM.
var clock = regexp.MustCompile(`^(上午|下午|晚上|早上|中午|凌晨)?\s*(\d{1,2})\s*[:点时]\s*(\d{1,2})?\s*分?` +
	`(?:\s*:?\s*(\d{1,2})\s*秒?)?(?:\.\d+)?\s*(?i:(am|pm))?$`)

// weekday is 星期二, (周二): it is not compared with the date.
var weekday = regexp.MustCompile(`^\(?(?:星期|礼拜|周)[一二三四五六日天]\)?`)

// offset is a time zone behind a time of day.
var offset = regexp.MustCompile(`(?:Z|[+-]\d{2}:?\d{2})$`)

// moment is a date or moment as records have it, else what was written.
func moment(cell string, date bool) string {
	text := strings.TrimSpace(value.Fold(cell))
	if m := together.FindStringSubmatch(text); m != nil {
		return stamped(cell, parts{m[1], m[2], m[3], m[4], m[5], m[6]}, date)
	}
	m := dateFirst.FindStringSubmatch(text)
	if m == nil {
		return cell
	}
	p := parts{m[1], m[2], m[3]}
	rest := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(m[4]), "T"))
	rest = strings.TrimSpace(weekday.ReplaceAllString(rest, ""))
	if rest == "" {
		return stamped(cell, p, date)
	}
	if offset.MatchString(rest) {
		return cell // RFC 3339: a record reads it
	}
	c := clock.FindStringSubmatch(rest)
	if c == nil {
		return cell
	}
	hour, _ := strconv.Atoi(c[2])
	half := strings.ToLower(c[1] + c[5])
	switch {
	case (half == "下午" || half == "晚上" || half == "pm" || half == "中午" && hour < 6) && hour < 12:
		hour += 12
	case (half == "上午" || half == "凌晨" || half == "am") && hour == 12:
		hour = 0
	}
	p[3], p[4], p[5] = strconv.Itoa(hour), c[3], c[4]
	return stamped(cell, p, date)
}

// parts are year, month, day, hour, minute and second as digits; "" is 0.
type parts [6]string

// stamped is a date or moment by its parts, else the cell: there is no 31st of February.
func stamped(cell string, p parts, date bool) string {
	var n [6]int
	for i, s := range p {
		n[i], _ = strconv.Atoi(s)
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
	if t.Year() != n[0] || int(t.Month()) != n[1] || t.Day() != n[2] ||
		t.Hour() != n[3] || t.Minute() != n[4] || t.Second() != n[5] {
		return cell
	}
	day := fmt.Sprintf("%04d-%02d-%02d", n[0], n[1], n[2])
	if date {
		return day
	}
	return day + fmt.Sprintf("T%02d:%02d:%02d", n[3], n[4], n[5])
}

// form is how dates of a column are written, where the year is not first.
type form struct {
	match *regexp.Regexp
	parts []int // of its groups, as indexes into parts
	short bool  // the year has two digits
}

var formWords = []struct {
	word, match string
	part        int
}{
	{"YYYY", `(\d{4})`, 0}, {"YY", `(\d{2})`, 0}, {"MM", `(\d{1,2})`, 1}, {"M", `(\d{1,2})`, 1},
	{"DD", `(\d{1,2})`, 2}, {"D", `(\d{1,2})`, 2}, {"HH", `(\d{1,2})`, 3}, {"H", `(\d{1,2})`, 3},
	{"mm", `(\d{1,2})`, 4}, {"ss", `(\d{1,2})`, 5},
}

// readForm reads D/M/YYYY H:mm; nil: it has no year, month and day, or a letter that is none of the
// words.
func readForm(text string) *form {
	f := &form{}
	seen := map[int]bool{}
	expr := "^"
read:
	for text != "" {
		for _, w := range formWords {
			if strings.HasPrefix(text, w.word) {
				if seen[w.part] {
					return nil
				}
				seen[w.part], f.short = true, f.short || w.word == "YY"
				f.parts = append(f.parts, w.part)
				expr, text = expr+w.match, text[len(w.word):]
				continue read
			}
		}
		if c := text[0]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return nil
		}
		r := []rune(text)[0]
		expr += regexp.QuoteMeta(string(r))
		text = text[len(string(r)):]
	}
	if !seen[0] || !seen[1] || !seen[2] {
		return nil
	}
	f.match = regexp.MustCompile(expr + "$")
	return f
}

// read is a cell of the form as records have it, else as it is.
func (f *form) read(cell string, date bool) string {
	m := f.match.FindStringSubmatch(strings.TrimSpace(value.Fold(cell)))
	if m == nil {
		return cell
	}
	var p parts
	for i, part := range f.parts {
		p[part] = m[i+1]
	}
	if f.short {
		century := "20"
		if p[0] >= "70" {
			century = "19"
		}
		p[0] = century + p[0]
	}
	return stamped(cell, p, date)
}
