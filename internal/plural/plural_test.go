package plural

import "testing"

func TestSprintf(t *testing.T) {
	for _, c := range []struct {
		want, format string
		args         []any
	}{
		{"1 entry", "%d {entry|entries}", []any{1}},
		{"0 entries", "%d {entry|entries}", []any{0}},
		{"2 entries, 1 of them erased", "%d {entry|entries}, %d of them erased", []any{uint64(2), 1}},
		{"1 of 2 files is wrong", "%d of %d file{|s} is wrong", []any{1, 2}},
		{"1 rule of shop counts", "%d rule{|s} of %s count{s|}", []any{int64(1), "shop"}},
		{"shop: 1 test", "%[2]s: %[1]d test{|s}", []any{1, "shop"}},
		{"100% of   1 day, {a|b}", "100%% of %3d day{|s}, %s", []any{1, "{a|b}"}},
		{"共 1 项", "共 %d 项", []any{1}},
		{"things", "thing{|s}", nil},
		{"%!d(MISSING) things", "%d thing{|s}", nil},
	} {
		if got := Sprintf(c.format, c.args...); got != c.want {
			t.Errorf("%q with %v is %q, want %q", c.format, c.args, got, c.want)
		}
	}
}
