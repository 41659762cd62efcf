package syntax_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// TestExpect asks at every ¦ what the grammar takes there.
func TestExpect(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"at file level", "¦", "action … use"},
		{"a declaration's head", "score Health ¦", "of was text"},
		{"a type", "entity A {\n  x ¦\n}", "list of was name text type"},
		{"in a rule", "rule A on B {\n  ¦\n}", "check do every mode top when where"},
		{"in an alert", "alert A of B {\n  when x ¦\n}",
			"and between contains in matches not not in or within"},
		{"behind check", "alert A of B {\n  check ¦\n}", "each"},
		{"a period", "alert A of B {\n  check each ¦ when a\n}", "day month quarter week workday year"},
		{"an operand", "alert A of B {\n  when ¦\n}",
			"has if not pick name operand number text"},
		{"an effect", "rule A on B {\n  do { ¦ }\n}",
			"assign call flag note notify pool set suggest task"},
		{"of a task", "rule A on B {\n  do { task \"x\" ¦ }\n}", "en for zh"},
		{"in a test", "test \"a\" {\n  ¦\n}", "after at expect given name number"},
	} {
		text, rest, _ := strings.Cut(c.text, "¦")
		f := syntax.Parse(0, source.File{Text: text + rest})
		e := f.At(int32(len(text))).Expect()
		got := strings.Join(e.Words, " ")
		for _, w := range []struct {
			is   bool
			word string
		}{{e.Name, "name"}, {e.Operand, "operand"}, {e.Number, "number"}, {e.Text, "text"}, {e.Type, "type"}} {
			if w.is {
				got += " " + w.word
			}
		}
		first, last, cut := strings.Cut(c.want, " … ")
		if cut && strings.HasPrefix(got, first) && strings.HasSuffix(got, last) {
			continue
		}
		if got = strings.TrimSpace(got); got != c.want {
			t.Errorf("%s: %s\n want %s", c.name, got, c.want)
		}
	}
}

// TestKeywords shows that the two vocabularies of a file have the same words at the same places.
func TestKeywords(t *testing.T) {
	en := "alert A of B {\n  check each workday\n  when count(V in this week) > 2 and x not in [1]\n  for 3 in a row\n}\n"
	words := func(text string) string {
		f := syntax.Parse(0, source.File{Text: text})
		var out []string
		for _, k := range new(syntax.Cache).Keywords(f) {
			out = append(out, fmt.Sprint(k.En, "/", k.Role))
		}
		return strings.Join(out, " ")
	}
	zh := syntax.Format(en, syntax.Options{Lang: "zh"})
	a, b := words(en), words(zh)
	a = strings.ReplaceAll(a, strings.Repeat(" in a row/", 4), " in a row/ in a row/")
	if a != b || !strings.Contains(a, "not in/") || !strings.Contains(a, "this week/") {
		t.Errorf("%s\n%s\n%s", zh, a, b)
	}
}

func TestInitials(t *testing.T) {
	for _, c := range [][2]string{{"预警", "yj"}, {"分群", "fq"}, {"个工作日", "ggzr"}, {"对象", "dx"},
		{"Q4 铺货", "Q4 ph"}, {"是否", "sf"}, {"啊", "a"}, {"座", "z"}, {"華東", ""}, {"😀", ""}} {
		if got := syntax.Initials(c[0]); got != c[1] {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
	}
}
