package dsl_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// archives are the texts of all conformance cases, file by file.
func archives(t testing.TB) []string {
	names, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no archives", err)
	}
	var texts []string
	for _, n := range names {
		data, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(data).Files {
			texts = append(texts, string(f.Data))
		}
	}
	return texts
}

// sound reports a diagnostic whose places are not in the files, or that has no text.
func sound(t *testing.T, p *policy.Policy, diags []source.Diagnostic) {
	t.Helper()
	for i, d := range diags {
		if int(d.Span.File) >= len(p.Files) || d.Span.Off > d.Span.End ||
			int(d.Span.End) > len(p.Files[d.Span.File].Text) {
			t.Fatalf("%s is nowhere: %+v", d.Code, d.Span)
		}
		if i >= 200 {
			continue // a fuzz target has ten seconds an input, however starved
		}
		for _, lang := range []string{"en", "zh"} {
			if text := source.Text(p.Files, d, lang); text == "" {
				t.Fatalf("%s says nothing", d.Code)
			}
		}
	}
}

// FuzzCheck: whatever the text, the checker answers, its places are in the text, and the text in
// the one layout, in either vocabulary, means the same.
func FuzzCheck(f *testing.F) {
	for _, text := range short() {
		f.Add(text)
	}
	f.Fuzz(checks)
}

// short are policies of a few words, one for each kind of declaration: a fuzzer gets far with them.
// The long ones are an ordinary test.
func short() []string {
	const a = "entity A \"甲\" { n int; m money?; k x | y; o A? }\nevent E { a A; q int? }\n"
	return []string{"", a,
		"let a = 3\nlet b = [a, 4]\nentity A { n int = a }\n",
		"choice C = x \"甲\" | y\nentity A { c C; d C = if c == x then y else x }\n",
		a + "extend A { z int? ; w int = o.n }\n",
		a + "score S of A { p 50% = scale(m, 0, 9); q 50% = count(E in 7d) / 5 else skip }\n",
		a + "rule R on A { when n > 1 and k == x; do { flag \"{n} 甲\"; set k = y } }\n",
		a + "alert L of A { when count(E in 2d where q > 1) == 0; for 1d; do { notify o \"x\" } }\n",
		a + "segment G of A { check each day; pick { n > 5 : hi; else : lo } }\n",
		a + "journey J of A { stage P { must E within 2d }; stage W is won }\n",
		a + "action D { on E; by a; done q > 1; target 3 per week }\n",
		a + "extend E { overdue int? }\naction D { on E; by a; done overdue > 1; target 1 per week }\n",
		a + "metric M of A { value avg(n); by k; every month; better lower }\n",
		a + "test \"t\" { given A a1 { n: 1, k: x }; at 2026-03-02; E e { a: \"a1\" }; expect e accepted }\n",
		"对象 甲 { 数 整数 }\n规则 乙 基于 甲 { 每当 数 > 1; 执行 { 标记 \"x\" } }\n",
		"calendar K from CN { open 10:00 .. 21:00; rest 2026-05-06 }\n",
		"rule T(n int = 2) on E { when q > n; do { flag \"x\" } }\nevent E { q int }\nuse T(n: 3) as U\n",
	}
}

// TestArchivesCheck holds what the fuzz target holds for every text of the conformance cases, and
// that the short ones mean something.
func TestArchivesCheck(t *testing.T) {
	for _, text := range archives(t) {
		checks(t, text)
	}
	for _, text := range short() {
		checks(t, text)
		p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: text}}, policy.Settings{})
		for _, d := range diags {
			if d.Code.Severity() == source.Error {
				t.Error(source.Text(p.Files, d, "en"))
			}
		}
	}
}

func checks(t *testing.T, text string) {
	p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: text}}, policy.Settings{})
	sound(t, p, diags)
	if dsl.HasErrors(diags) {
		return
	}
	for _, lang := range []string{"", "en", "zh"} {
		again := syntax.Format(text, syntax.Options{Lang: lang})
		q, diags := dsl.Check([]source.File{{Name: "a.thru", Text: again}}, policy.Settings{})
		if dsl.HasErrors(diags) || q.Hash != p.Hash {
			t.Fatalf("written in %q, the policy means something else: %+v\n%s", lang, diags, again)
		}
	}
}

// TestDamage takes tokens out of policies and swaps them: nothing panics, and a checker that has
// seen other texts says the same as a new one.
func TestDamage(t *testing.T) {
	var k dsl.Checker
	rng := rand.New(rand.NewPCG(1, 2))
	for _, text := range archives(t) {
		tokens := syntax.Scan(text)
		for range 12 {
			var b strings.Builder
			cut, swap := rng.IntN(len(tokens)+1), rng.IntN(len(tokens)+1)
			for i, tok := range tokens {
				switch {
				case i == cut:
				case i == swap:
					o := tokens[rng.IntN(len(tokens))]
					b.WriteString(text[o.Off:o.End])
				default:
					b.WriteString(text[tok.Off:tok.End])
				}
			}
			files := []source.File{{Name: "a.thru", Text: b.String()}}
			p, diags := k.Check(files, policy.Settings{})
			sound(t, p, diags)
			if q, other := dsl.Check(files, policy.Settings{}); q.Hash != p.Hash || len(other) != len(diags) {
				t.Fatalf("a checker with a memory says something else of\n%s", b.String())
			}
		}
	}
}
