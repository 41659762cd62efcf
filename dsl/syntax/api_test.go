package syntax

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/dsl/source"
)

func TestDoc(t *testing.T) {
	f := parseText(`// not for a

// one
//   two
let a = 1 // behind a
let b = 2
rule R on D { // behind the brace
  // three
  when x
  when y; when z
}
`)
	rule := f.Lines[2]
	for _, c := range []struct {
		l    *Line
		want string
	}{{f.Lines[0], "one\n  two"}, {f.Lines[1], ""}, {rule, ""}, {rule.Body[0], "three"}, {rule.Body[1], ""}, {rule.Body[2], ""}} {
		if got := c.l.Doc(); got != c.want {
			t.Errorf("doc of %q is %q, want %q", f.slice(c.l.Span()), got, c.want)
		}
	}
}

func TestString(t *testing.T) {
	for in, want := range map[string]string{
		`"a\"b\\c\nd\te\{f}"`: "a\"b\\c\nd\te{f}", "“甲”": "甲", "`\\d{2}`": `\d{2}`, `""`: "", `"说“好”"`: "说“好”",
	} {
		f := parseText("let x = " + in)
		lit, ok := f.Lines[0].Node.(*Let).X.(*Lit)
		if !ok || len(f.Diags) > 0 {
			t.Errorf("%s does not parse: %s", in, tellAll(f))
			continue
		}
		if got := f.Lines[0].String(lit.Tok); got != want {
			t.Errorf("%s reads %q, want %q", in, got, want)
		}
	}
}

// TestMessage: the parts of a message are in order, and their expressions have places in the file.
func TestMessage(t *testing.T) {
	f := parseText(`rule R on D { do { note "a\{{name}：{ sum(Order.amount in 7d) }b" } }`)
	l := f.Lines[0].Body[0].Body[0]
	var got []string
	for _, p := range l.Message(l.Node.(*EffectLine).Do.Say.Text.Text) {
		if p.X == nil {
			got = append(got, p.Lit)
		} else {
			got = append(got, "<"+f.slice(p.Line.ExprSpan(p.X))+"> "+sexpr(p.Line, p.X))
		}
	}
	want := []string{"a{", "<name> name", "：", "<sum(Order.amount in 7d)> (sum! Order.amount (in d=7d))", "b"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseExpr(t *testing.T) {
	x, l, diags := ParseExpr(3, source.File{Text: " count(Visit in 7d) > 1 // so"})
	if len(diags) > 0 || sexpr(l, x) != "(> (count! Visit (in d=7d)) 1)" {
		t.Errorf("%s %v", sexpr(l, x), diags)
	}
	if s := l.ExprSpan(x); s != (source.Span{File: 3, Off: 1, End: 23}) {
		t.Errorf("span %v", s)
	}
	for _, bad := range []string{"", "a b", "a +", "(a", "pick", "a\nb", "a; b", "{", "x = 1"} {
		if x, l, diags := ParseExpr(0, source.File{Text: bad}); len(diags) != 1 || x != nil {
			t.Errorf("%q: %d diagnostics, %s", bad, len(diags), sexpr(l, x))
		}
	}
}

// TestSpans: a line, a path, an expression and what is missing have their places.
func TestSpans(t *testing.T) {
	f := parseText("alert A of acme.Deal {\n  when a.b + 1 > 2 and c // x\n}\n")
	l, when := f.Lines[0], f.Lines[0].Body[0]
	and := when.Node.(*Cond).X.(*Binary)
	for _, c := range []struct {
		got  source.Span
		want string
	}{
		{l.Span(), "alert A of acme.Deal"}, {l.HeadSpan(), "alert"}, {l.TokSpan(l.Node.(*Alert).Head.Name.Tok), "A"},
		{l.PathSpan(l.Node.(*Alert).Of), "acme.Deal"}, {when.Span(), "when a.b + 1 > 2 and c"},
		{when.ExprSpan(and.L), "a.b + 1 > 2"}, {when.TokSpan(and.OpAt), "and"}, {when.ExprSpan(and.R), "c"},
	} {
		if got := f.slice(c.got); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if s := when.TokSpan(Tok{}); s.Off != when.Span().End || s.End != s.Off {
		t.Errorf("what is missing stands at %v", s)
	}
}

// TestCache: a cache gives the same tree and the same diagnostics as none, whatever was parsed
// with it before.
func TestCache(t *testing.T) {
	text := sample(t)
	tokens := Scan(text)
	r := rand.New(rand.NewPCG(1, 1))
	var c Cache
	for range 60 {
		k := tokens[r.IntN(len(tokens))]
		edited := text[:k.Off] + []string{"", "x", "\n", "when", "{"}[r.IntN(5)] + text[k.End:]
		a, b := c.Parse(0, source.File{Text: edited}), parseText(edited)
		if tree(a.Lines) != tree(b.Lines) {
			t.Fatalf("another tree:\n%s", edited)
		}
		if d := cmp.Diff(b.Diags, a.Diags); d != "" {
			t.Fatal(d)
		}
	}
}

// TestDeep: what nests too deep is told and does not exhaust the stack.
func TestDeep(t *testing.T) {
	for _, s := range []string{"(", "-", "not ", "[", "f(", "if a then ", "has ", "x + ("} {
		if f := parseText("let a = " + strings.Repeat(s, 5000)); len(f.Diags) == 0 {
			t.Errorf("%q: nothing told", s)
		}
	}
	parseText(strings.Repeat("entity A {\n", 20000))
	parseText("test \"t\" {\ngiven A a " + strings.Repeat("{a:", 5000))
	Format(strings.Repeat("{", 3000)+strings.Repeat("}", 2000), Options{})
}

// TestNames: names are compared in NFC and without full-width forms.
func TestNames(t *testing.T) {
	f := parseText("let ａ１ = 1\nlet e\u0301 = 2")
	if got := f.Lines[0].Name(f.Lines[0].Node.(*Let).Head.Name.Tok); got != "a1" {
		t.Errorf("%q", got)
	}
	if got := f.Lines[1].Name(f.Lines[1].Node.(*Let).Head.Name.Tok); got != "\u00e9" {
		t.Errorf("%q", got)
	}
}

// TestSampleTranslates: the sample reads the same in Chinese, and back it is the same text.
func TestSampleTranslates(t *testing.T) {
	en := Format(sample(t), Options{Lang: "en"})
	zh := Format(en, Options{Lang: "zh"})
	if f := parseText(zh); len(f.Diags) > 0 {
		t.Error(tellAll(f))
	}
	if d := cmp.Diff(en, Format(zh, Options{Lang: "en"})); d != "" {
		t.Error(d)
	}
	if again := Format(zh, Options{Lang: "zh"}); again != zh {
		t.Error("Chinese text is not stable:\n" + cmp.Diff(zh, again))
	}
}
