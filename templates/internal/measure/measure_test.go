package measure

import (
	"strings"
	"testing"
)

// Two templates are alike as far as their steps share pairs of signs; numbers, codes and what the
// package calls its own things do not make one another.
func TestAlike(t *testing.T) {
	mask := strings.NewReplacer("冰柜", "N", "货架", "N")
	of := func(steps string) *Template {
		return &Template{grams: bigrams(mask.Replace(steps))}
	}
	for _, c := range []struct {
		a, b     string
		from, to float64
	}{
		{"数清冰柜里的 3 个条码", "数清货架里的 12 个条码", 1, 1},
		{"数清在架条码", "拍整组货架", 0, 0.1},
		{"逐个核对价签与条码", "逐个核对价签与批号", 0.4, 0.8},
		{"", "", 0, 0},
	} {
		if x := Alike(of(c.a), of(c.b)); x < c.from || x > c.to {
			t.Errorf("%s, %s: %.2f, want %.2f to %.2f", c.a, c.b, x, c.from, c.to)
		}
	}
}

// Every limit has a library that breaks it.
func TestFaults(t *testing.T) {
	l := &Library{}
	for range 8 {
		x := Template{Industry: "a", Package: "a.p", Name: "X", Steps: []string{"数", "看", "拍"}, Accept: "true"}
		x.grams = bigrams("数数看看拍拍")
		l.Templates = append(l.Templates, x)
	}
	l.Templates = append(l.Templates, Template{Industry: "a", Package: "a.q", Name: "Y", Steps: []string{"一", "二"}})
	f := l.Measure()
	got := strings.Join(f.Faults(), "\n")
	for _, want := range []string{"share 100%", "0.0% have an acceptance", `"数" is used 8 times`,
		"a.q has 1 templates", "a.q.Y: 2 steps"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not said in:\n%s", want, got)
		}
	}
}
