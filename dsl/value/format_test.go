package value

import (
	"encoding/json"
	"math"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// moment is 2026-03-02T09:30:15.25+08:00.
const moment = 1_772_415_015_250_000

func TestMessages(t *testing.T) {
	labels := func(i int64) string { return []string{"连锁", "社区"}[i] }
	hash := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, c := range []struct {
		v      Value
		en, zh string
	}{
		{Value{}, "–", "–"}, {OfBool(true), "true", "是"}, {OfBool(false), "false", "否"},
		{OfWord(Int, -12), "-12", "-12"}, {OfFloat(Number, 72), "72", "72"}, {OfFloat(Number, 72.456), "72.46", "72.46"},
		{OfFloat(Number, 0.125), "0.12", "0.12"}, {OfFloat(Number, 0.375), "0.38", "0.38"}, {OfFloat(Number, -0.001), "0", "0"},
		{OfFloat(Number, math.NaN()), "–", "–"}, {OfFloat(Number, 1e6), "1000000", "1000000"},
		{OfFloat(Percent, 0.725), "72.5%", "72.5%"}, {OfFloat(Percent, 0.07), "7%", "7%"},
		{OfFloat(Percent, 1.0/3), "33.33%", "33.33%"}, {OfFloat(Percent, 1e-9), "0%", "0%"},
		{OfWord(Money, 12_000_000), "1200.00", "1200.00"}, {OfWord(Money, 12_345_650), "1234.56", "1234.56"},
		{OfText("a"), "a", "a"}, {OfWord(Choice, 1), "社区", "社区"}, {Value{Kind: Choice, N: 1, S: "x"}, "x", "x"},
		{Value{Kind: Ref, S: "王"}, "王", "王"}, {OfWord(Date, 20_514), "2026-03-02", "2026-03-02"},
		{OfWord(Time, moment), "2026-03-02 09:30", "2026-03-02 09:30"},
		{OfWord(Duration, 90*Minute), "1h30min", "1小时30分钟"}, {OfWord(Duration, -90*Second), "-1min30s", "-1分钟30秒"},
		{OfWord(Duration, 2*Week), "14d", "14天"}, {OfWord(Duration, 0), "0s", "0秒"}, {OfWord(Duration, 250_000), "0.25s", "0.25秒"},
		{OfWord(WorkHours, 4*Hour), "4wh", "4个工时"}, {OfWord(WorkDays, 3), "3wd", "3个工作日"},
		{OfFloat(Distance, 532.456), "532.46m", "532.46米"}, {OfFloat(Distance, 12_340), "12.34km", "12.34公里"},
		{Value{Kind: Point, X: &Place{Lat: 31.23, Lng: 121.4700001}}, "31.23, 121.47", "31.23, 121.47"},
		{Value{Kind: Area, X: &Region{Points: []Place{{Lat: 31, Lng: 121}}, Radius: 300}}, "31, 121 ± 300m", "31, 121 ± 300米"},
		{Value{Kind: Photo, X: &Media{SHA256: hash, Name: "a.jpg"}}, "a.jpg", "a.jpg"},
		{Value{Kind: File, X: &Media{SHA256: hash}}, "e3b0c44298fc", "e3b0c44298fc"},
		{Value{Kind: List, X: []Value{OfWord(Int, 1), {}, OfWord(Choice, 0)}}, "1、–、连锁", "1、–、连锁"},
		{Value{Kind: List, X: []Value{{Kind: Row, X: []Value{OfText("a"), OfWord(Int, 3)}}}}, "(a、3)", "(a、3)"},
		{Value{Kind: List, X: []Value{}}, "", ""},
	} {
		for _, st := range []Style{{Zone: shanghai, Choice: labels}, {Zone: shanghai, Lang: "zh", Choice: labels}} {
			want := c.en
			if st.Lang == "zh" {
				want = c.zh
			}
			if got := st.Text(c.v); got != want {
				t.Errorf("%+v in %q is %s, want %s", c.v, st.Lang, got, want)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	names := func(i int64) string { return []string{"chain", "community"}[i] }
	st := Style{Zone: shanghai, Choice: names}
	for _, c := range []struct {
		v    Value
		want string
	}{
		{Value{}, "null"}, {OfBool(true), "true"}, {OfWord(Int, -12), "-12"}, {OfFloat(Number, 0.1), "0.1"},
		{OfFloat(Number, 1e300), "1e+300"}, {OfFloat(Number, math.Inf(1)), "null"}, {OfFloat(Percent, 0.4), "0.4"},
		{OfWord(Money, 12_005_000), "1200.5"}, {OfWord(Money, math.MaxInt64), "922337203685477.5807"},
		{OfText("a\"\\\n\t\r\x01\u2028你\xff"), `"a\"\\\n\t\r\u0001` + "\u2028" + `你\ufffd"`},
		{OfWord(Choice, 0), `"chain"`}, {Value{Kind: Ref, S: "li"}, `"li"`}, {OfWord(Date, 20_514), `"2026-03-02"`},
		{OfWord(Time, moment), `"2026-03-02T09:30:15.25+08:00"`}, {OfWord(Time, -1), `"1970-01-01T07:59:59.999999+08:00"`},
		{OfWord(Duration, 5400_500_000), "5400.5"}, {OfWord(Duration, -500_000), "-0.5"}, {OfFloat(Distance, 500), "500"},
		{OfWord(WorkDays, 3), "3"}, {OfWord(WorkHours, 4*Hour), "14400"},
		{Value{Kind: Point, X: &Place{Lat: 31.23, Lng: 121.47, Datum: GCJ02}}, `{"lat":31.23,"lng":121.47,"datum":"wgs84"}`},
		{Value{Kind: Point, X: &Place{Lat: 31.23, Lng: 121.47, Accuracy: 20}}, `{"lat":31.23,"lng":121.47,"accuracy":20,"datum":"wgs84"}`},
		{Value{Kind: Area, X: &Region{Points: []Place{{Lat: 31, Lng: 121}}, Radius: 300}}, `{"center":{"lat":31,"lng":121,"datum":"wgs84"},"radius":300}`},
		{Value{Kind: Audio, X: &Media{SHA256: "ab", Length: OfWord(Duration, Minute)}}, `{"sha256":"ab","size":0,"length":60}`},
		{Value{Kind: Photo, X: &Media{SHA256: "ab", Look: OfWord(Int, -1)}}, `{"sha256":"ab","size":0,"look":"ffffffffffffffff"}`},
		{Value{Kind: List, X: []Value{OfWord(Int, 1), {}}}, "[1,null]"}, {Value{Kind: Row, X: []Value{OfText("a")}}, `["a"]`},
	} {
		if got := st.JSON(c.v); got != c.want || !json.Valid([]byte(got)) {
			t.Errorf("%+v is %s, want %s", c.v, got, c.want)
		}
	}
}

// Whatever a text holds, it is one JSON string that reads back as the same text.
func TestQuoted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "text"))
		if rapid.Bool().Draw(t, "valid") {
			text = rapid.String().Draw(t, "text")
		}
		var back string
		if err := json.Unmarshal(AppendQuoted(nil, text), &back); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(text) && back != text {
			t.Fatalf("%q reads back as %q", text, back)
		}
	})
}

// What is written as JSON is read back as the same value.
func TestDataRoundTrip(t *testing.T) {
	st := Style{Zone: shanghai}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		f := rapid.Float64Range(-1e15, 1e15).Draw(t, "f")
		for _, v := range []Value{OfWord(Int, n), OfWord(Money, n), OfWord(Duration, max(n, -math.MaxInt64)), OfFloat(Number, f),
			OfFloat(Percent, f), OfFloat(Distance, f)} {
			if v.Kind.Class() == Float && f == 0 {
				continue
			}
			text := st.JSON(v)
			if back, ok := ParseText(v.Kind, text, shanghai); !ok || back != v {
				t.Fatalf("%+v is %s and read as %+v %v", v, text, back, ok)
			}
		}
	})
}

func TestParseText(t *testing.T) {
	for _, c := range []struct {
		k    Kind
		text string
		want string // as JSON; "" where it is refused
	}{
		{Int, "12", "12"}, {Int, "-12", "-12"}, {Int, "+3", "3"}, {Int, "1_200", "1200"}, {Int, "3万", "30000"}, {Int, "１２", "12"},
		{Int, "1.5", ""}, {Int, "1.0", "1"}, {Int, "15e-1", ""}, {Int, "150e-1", "15"}, {Int, "1e18", "1000000000000000000"},
		{Int, "1e19", ""}, {Int, "1e400", ""}, {Int, "1e99999999999", ""}, {Int, "0x10", ""}, {Int, "", ""}, {Int, "-", ""},
		{Int, "40%", ""}, {Int, "4h", ""}, {Int, "--1", ""}, {Int, "1e", ""},
		{Number, "0.5", "0.5"}, {Number, "-1e3", "-1000"}, {Number, "inf", ""}, {Number, "NaN", ""}, {Number, "1e999", ""},
		{Number, "0x1p4", ""}, {Number, "2.5亿", "250000000"}, {Number, "-0", "0"}, {Number, ".5", ""}, {Number, "1_0", "10"},
		{Percent, "40%", "0.4"}, {Percent, "-5%", "-0.05"}, {Percent, "0.4", "0.4"}, {Percent, "40％", "0.4"}, {Percent, "5pp", ""},
		{Money, "1200.50", "1200.5"}, {Money, "-0.0001", "-0.0001"}, {Money, "1.5e3", "1500"}, {Money, "12万", "120000"},
		{Money, "¥12", ""}, {Money, "1,200", ""}, {Money, "1e15", ""}, {Money, "0.00001万", "0.1"},
		{Duration, "4h", "14400"}, {Duration, "-1h30min", "-5400"}, {Duration, "90", "90"}, {Duration, "0.0000005", "0"},
		{Duration, "1.5e2", "150"}, {Duration, "4wh", ""}, {Duration, "5m", ""}, {Duration, "1e13", ""},
		{Distance, "500m", "500"}, {Distance, "1.5km", "1500"}, {Distance, "500", "500"}, {Distance, "5min", ""},
		{Bool, "是", "true"}, {Bool, "否", "false"}, {Bool, "1", "true"}, {Bool, "0", "false"}, {Bool, "TRUE", "true"}, {Bool, "y", ""},
		{Date, "2026-03-02", `"2026-03-02"`}, {Date, "2026-3-2", ""}, {Date, "2026-03-02T00:00", ""},
		{Time, "2026-03-02", `"2026-03-02T00:00:00+08:00"`}, {Time, "2026-03-02 09:30", `"2026-03-02T09:30:00+08:00"`},
		{Time, "2026-03-02T09:30:00.1234567Z", `"2026-03-02T17:30:00.123456+08:00"`}, {Time, "2026-03-02T09:30:00-0500", `"2026-03-02T22:30:00+08:00"`},
		{Time, "9999-12-31", `"9999-12-31T00:00:00+08:00"`}, {Time, "9999-12-31T23:59:59Z", ""}, {Time, "9999-12-31T23:59:59-01:00", ""},
		{Time, "0001-01-01T00:00:00Z", `"0001-01-01T00:00:00Z"`}, {Time, "0001-01-01", ""},
		{Time, "09:30", ""}, {Time, "2026-03-02T09:30:60", ""}, {Time, "2026-03-02T09:30:00.", ""}, {Time, "2026-03-02T9:30", ""},
		{Text, " a ", `" a "`}, {Ref, "li", `"li"`}, {Point, "31,121", ""}, {Choice, "chain", ""},
	} {
		v, ok := ParseText(c.k, c.text, shanghai)
		got := ""
		if ok {
			got = Style{Zone: shanghai}.JSON(v)
		}
		if got != c.want {
			t.Errorf("kind %d, %q is read as %s, want %s", c.k, c.text, got, c.want)
		}
	}
}
