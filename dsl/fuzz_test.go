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
	for _, d := range diags {
		if int(d.Span.File) >= len(p.Files) || d.Span.Off > d.Span.End ||
			int(d.Span.End) > len(p.Files[d.Span.File].Text) {
			t.Fatalf("%s is nowhere: %+v", d.Code, d.Span)
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
	for _, text := range archives(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
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
	})
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
