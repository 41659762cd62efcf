package value

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var shanghai = func() *time.Location {
	l, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return l
}()

func TestLiterals(t *testing.T) {
	plain := Style{Zone: shanghai}
	for _, c := range []struct{ text, kind, want string }{
		{"12", "int", "12"}, {"1_200", "int", "1200"}, {"3.5", "number", "3.5"},
		{"1200万", "int", "12000000"}, {"2.5亿", "int", "250000000"}, {"0.00001万", "number", "0.1"},
		{"１２００", "int", "1200"}, {"４０％", "percent", "40%"},
		{"40%", "percent", "40%"}, {"0.5%", "percent", "0.5%"}, {"5pp", "pp", "5%"},
		{"5个百分点", "pp", "5%"}, {"7%", "percent", "7%"},
		{"30s", "duration", "30s"}, {"10min", "duration", "10min"}, {"4h", "duration", "4h"},
		{"7d", "duration", "7d"}, {"2w", "duration", "14d"}, {"1h30min", "duration", "1h30min"},
		{"1d2h3min4s", "duration", "1d2h3min4s"}, {"1.5h", "duration", "1h30min"},
		{"90min", "duration", "1h30min"}, {"0min", "duration", "0s"}, {"1min0.5s", "duration", "1min0.5s"},
		{"1小时30分钟", "duration", "1h30min"}, {"3天", "duration", "3d"}, {"2周", "duration", "14d"},
		{"30秒", "duration", "30s"},
		{"4wh", "workhours", "4wh"}, {"4个工时", "workhours", "4wh"}, {"0.5wh", "workhours", "0.5wh"},
		{"3wd", "workdays", "3wd"}, {"3个工作日", "workdays", "3wd"},
		{"500m", "distance", "500m"}, {"2km", "distance", "2km"}, {"500米", "distance", "500m"},
		{"1.5公里", "distance", "1.5km"}, {"1234m", "distance", "1.23km"},
		{"2026-03-02", "date", "2026-03-02"}, {"2024-02-29", "date", "2024-02-29"},
		{"2026-03-02T09:30", "time", "2026-03-02 09:30"},
		{"2026-03-02T09:30:15", "time", "2026-03-02 09:30"},
		{"2026-03-02T09:30Z", "time", "2026-03-02 17:30"},
		{"2026-03-02T09:30:00.25+01:00", "time", "2026-03-02 16:30"},
		{"0001-01-01", "date", "0001-01-01"}, {"9999-12-31", "date", "9999-12-31"},
	} {
		l, err := ParseLiteral(c.text, shanghai)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := kindName(l); got != c.kind {
			t.Errorf("%s is a %s, want %s", c.text, got, c.kind)
		}
		if got := plain.Text(l.Value); got != c.want {
			t.Errorf("%s is shown as %s, want %s", c.text, got, c.want)
		}
	}
}

func kindName(l Literal) string {
	if l.Diff {
		return "pp"
	}
	return map[Kind]string{Int: "int", Number: "number", Percent: "percent", Duration: "duration",
		WorkHours: "workhours", WorkDays: "workdays", Distance: "distance", Date: "date",
		Time: "time"}[l.Value.Kind]
}

// What is no literal says what is wrong with it and what was meant, and the offer is a literal.
func TestLiteralErrors(t *testing.T) {
	for _, c := range []struct {
		text  string
		fault LiteralFault
		part  string
		near  string
	}{
		{"1h30", NoUnit, "30", "1h30min"}, {"1d12", NoUnit, "12", "1d12h"},
		{"12e3", Exponent, "12e3", "12000"}, {"1.5e3", Exponent, "1.5e3", "1500"},
		{"5mins", NoSuchUnit, "mins", "5min"}, {"3hours", NoSuchUnit, "hours", "3h"},
		{"1hour30min", NoSuchUnit, "hour", "1h30min"}, {"5百分点", NoSuchUnit, "百分点", "5pp"},
		{"4工时", NoSuchUnit, "工时", "4wh"}, {"3工作日", NoSuchUnit, "工作日", "3wd"},
		{"2千米", NoSuchUnit, "千米", "2km"}, {"5万元", NoSuchUnit, "万元", "5万"},
		{"5元", NoSuchUnit, "元", "5"}, {"3k", NoSuchUnit, "k", "3000"},
		{"10个", NoSuchUnit, "个", "10"}, {"3家", NoSuchUnit, "家", "3"},
		{"10W", NoSuchUnit, "W", "10万"}, {"1万亿", NoSuchUnit, "万亿", "10000亿"}, {"5min2", NoUnit, "2", "5min2s"},
		{"30min1h", UnitOrder, "1h", "1h30min"}, {"1h1h", UnitOrder, "1h", ""},
		{"1d4wh", UnitMix, "4wh", ""}, {"1h500m", UnitMix, "500m", ""}, {"1km500m", UnitOrder, "500m", ""},
		{"1_", Underscore, "1_", "1"}, {"1__0", Underscore, "1_", "10"},
		{"1.5wd", Fraction, "1.5wd", ""}, {"1.5h30min", Fraction, "1.5h", ""},
		{"99999999999999999999", OutOfRange, "99999999999999999999", ""},
		{"99999999999w", OutOfRange, "99999999999w", ""},
		{"12abc", NoSuchUnit, "abc", ""}, {"5mon", NoSuchUnit, "mon", ""},
		{"2026-02-30", NoSuchDay, "2026-02-30", ""}, {"2026-13-01", NoSuchDay, "2026-13-01", ""},
		{"0000-01-01", NoSuchDay, "0000-01-01", ""},
		{"2026-03-02T25:00", NoSuchTime, "25:00", ""},
		{"2026-3-2", BadMoment, "2026-3-2", "2026-03-02"},
		{"2026-3-2T9:05", BadMoment, "2026-3-2T9:05", "2026-03-02T09:05"},
		{"2026-03-02T09:30+8", BadMoment, "2026-03-02T09:30+8", ""},
		{"x", NotLiteral, "x", ""}, {"", NotLiteral, "", ""},
	} {
		_, err := ParseLiteral(c.text, shanghai)
		if err == nil {
			t.Errorf("%s is a literal", c.text)
			continue
		}
		if err.Fault != c.fault || err.Part != c.part || err.Near != c.near {
			t.Errorf("%s: fault %d part %q near %q, want %d %q %q",
				c.text, err.Fault, err.Part, err.Near, c.fault, c.part, c.near)
		}
		if err.Near != "" && !plausible(err.Near) {
			t.Errorf("%s: the offer %s is no literal", c.text, err.Near)
		}
		if !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s: %v does not name %q", c.text, err, c.part)
		}
	}
}

func TestNearestLiteral(t *testing.T) {
	for _, c := range []struct {
		text string
		want Kind
		diff bool
		near string
	}{
		{"5m", Duration, false, "5min"}, {"5米", Duration, false, "5min"}, {"5min", Distance, false, "5m"},
		{"4wh", Duration, false, "4h"}, {"4个工时", Duration, false, "4h"}, {"3wd", Duration, false, "3d"},
		{"4h", WorkHours, false, "4wh"}, {"3d", WorkDays, false, "3wd"},
		{"40", Percent, false, "40%"}, {"5pp", Percent, false, "5%"}, {"5%", Percent, true, "5pp"},
		{"60%", Int, false, "60"}, {"60%", Number, false, "60"}, {"5mins", Duration, false, "5min"},
		{"5mins", Distance, false, ""}, {"5", Duration, false, ""}, {"2026-03-02", Duration, false, ""},
		{"500", Distance, false, "500m"}, {"10w", Money, false, "10万"}, {"3.5w", Int, false, "3.5万"},
		{"1h30min", Distance, false, ""}, {"4h", Duration, false, ""},
	} {
		if got := NearestLiteral(c.text, c.want, c.diff); got != c.near {
			t.Errorf("%s where kind %d is wanted offers %q, want %q", c.text, c.want, got, c.near)
		}
	}
}

// A number without unit is money too, exactly.
func TestLiteralMoney(t *testing.T) {
	for text, want := range map[string]int64{"12": 120_000, "0.0001": 1, "3.5万": 350_000_000,
		"922337203685477.5807": 9223372036854775807} {
		l, err := ParseLiteral(text, nil)
		if err != nil || l.Money != want || !l.Exact {
			t.Errorf("%s as money is %d %v %v, want %d", text, l.Money, l.Exact, err, want)
		}
	}
	for _, text := range []string{"0.00001", "922337203685478"} {
		if l, _ := ParseLiteral(text, nil); l.Exact {
			t.Errorf("%s is exact money", text)
		}
	}
}

// What a message shows of a duration is a literal of the same duration, in both languages.
func TestDurationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64Range(0, 400*Day), rapid.Int64Min(0)).Draw(t, "n")
		for _, lang := range []string{"en", "zh"} {
			text := Style{Lang: lang}.Text(OfWord(Duration, n))
			l, err := ParseLiteral(text, nil)
			if err != nil || l.Value != OfWord(Duration, n) {
				t.Fatalf("%d is shown as %s and read as %v %v", n, text, l.Value.N, err)
			}
		}
	})
}

// The days of the calendar are those of Go's.
func TestDates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(MinDate, MaxDate).Draw(t, "n")
		text := Style{}.Text(OfWord(Date, n))
		m, fault := ReadMoment(text)
		if fault != MomentOK || m.Date != n {
			t.Fatalf("day %d is %s and read as %d", n, text, m.Date)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(MinTime+Day, MaxTime-Day).Draw(t, "n")
		text := string(AppendTime(nil, n, shanghai))
		m, fault := ReadMoment(text)
		if fault != MomentOK || m.In(time.UTC) != n {
			t.Fatalf("%d is %s and read as %d", n, text, m.In(time.UTC))
		}
	})
}

func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"12", "1h30min", "5m", "2026-03-02T09:30+08:00", "1_2万", "4个工时", "1e9", "５％"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLiteral(text, shanghai)
		if err != nil {
			if err.Near != "" && !plausible(err.Near) {
				t.Errorf("%q: the offer %q is no literal", text, err.Near)
			}
			if !strings.Contains(Fold(text), err.Part) {
				t.Errorf("%q: %q is no part of it", text, err.Part)
			}
			return
		}
		if !l.Value.Known() {
			t.Errorf("%q is a literal without value", text)
		}
	})
}
