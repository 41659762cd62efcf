package lsp

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// Every word and unit of the language has a meaning in both languages, and nothing else has.
func TestMeanings(t *testing.T) {
	want := map[string]bool{"unit %/": true, "unit 万/": true, "unit 亿/": true}
	for _, v := range syntax.Vocabulary() {
		want[v.En+"/"+v.Role] = true
	}
	for _, u := range syntax.Units() {
		want["unit "+u.En+"/"] = true
	}
	for key := range want {
		m, ok := meanings()[key]
		if !ok || m.en == "" || m.zh == "" || !strings.HasSuffix(m.en, ".") ||
			!strings.HasSuffix(m.zh, "。") {
			t.Errorf("%s means %q, %q", key, m.en, m.zh)
		}
	}
	for key := range meanings() {
		if !want[key] {
			t.Errorf("%s is no word of the language", key)
		}
	}
}

// The two forms of a snippet are one declaration, laid out as the formatter does.
func TestSnippets(t *testing.T) {
	for _, sn := range snippets() {
		en, zh := plain(sn.en), plain(sn.zh)
		if f := syntax.Parse(0, source.File{Text: en}); len(f.Diags) > 0 {
			t.Errorf("%s: %s", sn.word, source.Render(f.Diags[0], "en"))
		}
		if got := syntax.Format(en, syntax.Options{Lang: "zh"}); got != syntax.Format(zh, syntax.Options{}) {
			t.Errorf("%s in Chinese is\n%s\nnot\n%s", sn.word, got, zh)
		}
	}
}

// Every function that is offered is one of the language, and all of them are.
func TestFunctions(t *testing.T) {
	for _, f := range functions() {
		if functionNamed(syntax.WordIn(f.name, f.role(), "zh")) != f.name {
			t.Errorf("%s has no Chinese form", f.name)
		}
		if _, ok := meanings()[f.name+"/"+f.role()]; !ok {
			t.Errorf("%s/%s is no word", f.name, f.role())
		}
	}
}

// A position is where its offset stands, in either way of counting, and an edit is a replacement.
func TestPositions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"a", "é", "规", "😀", "\n", "\r\n",
			"\r", " ", "\xff"})).Draw(t, "text"), "")
		x := newText(s, rapid.Bool().Draw(t, "wide"))
		var at []int32
		for i := range s {
			at = append(at, int32(i))
		}
		at = append(at, int32(len(s)))
		from := rapid.SampledFrom(at).Draw(t, "from")
		to := rapid.SampledFrom(at).Draw(t, "to")
		inEnd := func(off int32) bool { // between CR and LF there is no position
			return off > 0 && int(off) < len(s) && s[off-1] == '\r' && s[off] == '\n'
		}
		if inEnd(from) || inEnd(to) {
			return
		}
		if got := x.offset(x.position(from)); got != from {
			t.Fatalf("%q: %d is %v, which is %d", s, from, x.position(from), got)
		}
		from, to = min(from, to), max(from, to)
		r := span{x.position(from), x.position(to)}
		if got, want := x.apply(change{&r, "新"}), s[:from]+"新"+s[to:]; got != want {
			t.Fatalf("%q with %v: %q, want %q", s, r, got, want)
		}
	})
}

// The edits of a formatting, applied from the last to the first, are the formatted text.
func TestLineEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOf(rapid.SampledFrom([]string{"a", "  b", "{", "}", "", "规则 x", "\r"}))
		from := strings.Join(lines.Draw(t, "from"), "\n")
		to := strings.Join(lines.Draw(t, "to"), "\n")
		d := &document{text: newText(from, true)}
		edits := d.lineEdits(to, nil)
		got := from
		for i := len(edits) - 1; i >= 0; i-- {
			got = newText(got, true).apply(change{&edits[i].Range, edits[i].NewText})
		}
		if got != to {
			t.Fatalf("%q to %q: %q with %v", from, to, got, edits)
		}
	})
}
