package syntax

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// inputs are the inputs of all archives.
func inputs(t testing.TB) (out []string) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range txtar.Parse(data).Files {
			if s.Name == "in.thru" || s.Name == "zh" {
				out = append(out, unescapeInput(string(s.Data)))
			}
		}
	}
	if len(out) == 0 {
		t.Fatal("no archives")
	}
	return out
}

// seed adds short declarations of the archives and some broken ones. Long texts would make a fuzzer
// slow: they are ordinary tests.
func seed(f *testing.F) {
	kinds := map[string]int{}
	for _, text := range inputs(f) {
		for _, l := range parseText(text).Lines {
			at := l.Whole()
			if word := l.Written(0); at.End-at.Off <= 100 && kinds[word] < 2 {
				kinds[word]++
				f.Add(text[at.Off:at.End])
			}
		}
	}
	for _, s := range []string{"", "{", "}", "let a = (", "entity A {\n x (\n}\nlet b = 1", "a\r\nb\r", "\"", "``", "//",
		"test \"t\" {\n given A a {\n b: [\n at 2026-01-01\n}", "rule R on A {\n when a\ndo { note \"x\n}", "let x =\n1", "。\u3000"} {
		f.Add(s)
	}
}

// FuzzScan: the tokens joined are the text, none is empty, and numbers and words keep what touches them.
func FuzzScan(f *testing.F) {
	seed(f)
	f.Fuzz(scans)
}

func scans(t *testing.T, text string) {
	at := int32(0)
	for _, k := range Scan(text) {
		if k.Off != at || k.End <= k.Off || k.Kind == 0 || k.Kind > KindBad {
			t.Fatalf("token %+v at %d", k, at)
		}
		at = k.End
	}
	if int(at) != len(text) {
		t.Fatalf("%d of %d bytes", at, len(text))
	}
}

// FuzzRescan: a text that follows another has the tokens that it has by itself.
func FuzzRescan(f *testing.F) {
	seed(f)
	f.Add("a\r\nb\nc\nd\n")
	f.Fuzz(rescans)
}

func rescans(t *testing.T, text string) {
	r := rand.New(rand.NewPCG(uint64(len(text)), 7))
	last := &File{Text: text, Tokens: Scan(text)}
	for range 8 {
		from := r.IntN(len(text) + 1)
		to := from + r.IntN(min(len(text)-from, 20)+1)
		put := []string{"", "\n", "\r", "x", "\"", "`", "// ", "7d", "\r\n", "“"}[r.IntN(10)]
		text = text[:from] + put + text[to:]
		got, want := last.rescan(text), Scan(text)
		if !slices.Equal(got, want) {
			t.Fatalf("%q\n got %v\nwant %v", text, got, want)
		}
		last = &File{Text: text, Tokens: got}
	}
}

// FuzzParse: no panic; every Bad token is told of; the formatted text has the same tree, and
// formatting it again changes nothing, also where the text is broken.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(parses)
}

func parses(t *testing.T, text string) {
	if len(text) > 4000 {
		return
	}
	file := parseText(text)
	for i, k := range file.Tokens {
		if k.Kind == KindBad && len(file.Diags) == 0 {
			t.Fatalf("nothing told of %q", file.tokenText(i))
		}
	}
	for _, d := range file.Diags {
		if d.Span.Off < 0 || d.Span.End < d.Span.Off || int(d.Span.End) > len(text) {
			t.Fatalf("span %+v of %d bytes", d.Span, len(text))
		}
	}
	out := Format(text, Options{})
	if again := Format(out, Options{}); again != out {
		t.Fatalf("not idempotent:\n%s\n---\n%s", out, again)
	}
	if a, b := words(file), words(parseText(out)); a != b {
		t.Fatalf("words changed:\n%s\n---\n%s", a, b)
	}
	if len(file.Diags) == 0 {
		if a, b := plainTree(file), plainTree(parseText(out)); a != b {
			t.Fatalf("tree changed:\n%s\n---\n%s\n---\n%s", out, a, b)
		}
	}
}

// words are all tokens that matter and all comments, in their plain form.
func words(f *File) string {
	m := &formatter{f: f}
	var b strings.Builder
	for i, t := range f.Tokens {
		switch t.Kind {
		case KindBlank, KindNewline:
		case KindComment:
			b.WriteString(strings.TrimRight(f.tokenText(i), " \t\u3000\u00a0") + "\n")
		default:
			b.WriteString(m.written(i) + "\n")
		}
	}
	return b.String()
}

// plainTree is the tree with every token in its plain form.
func plainTree(f *File) string {
	s := fold(tree(f.Lines))
	return strings.NewReplacer("“", `"`, "”", `"`, "\u3000", " ", "\u00a0", " ").Replace(s)
}

// FuzzTranslate: English to Chinese and back is the identity, and so is the other way round, also
// where the text is broken; where it is not, the Chinese text has no mistakes and the same tree but
// for the words.
func FuzzTranslate(f *testing.F) {
	seed(f)
	f.Fuzz(translates)
}

func translates(t *testing.T, text string) {
	if len(text) > 4000 {
		return
	}
	en, zh := Format(text, Options{Lang: "en"}), Format(text, Options{Lang: "zh"})
	if back := Format(zh, Options{Lang: "en"}); back != en {
		t.Fatalf("not the same again:\n%s\n---\n%s\n---\n%s", en, zh, back)
	}
	if back := Format(en, Options{Lang: "zh"}); back != zh {
		t.Fatalf("not the same again:\n%s\n---\n%s\n---\n%s", zh, en, back)
	}
	a, b := parseText(en), parseText(zh)
	if len(a.Diags) > 0 {
		return
	}
	if len(b.Diags) > 0 {
		t.Fatalf("the Chinese text has mistakes:\n%s\n%s", zh, tellAll(b))
	}
	if x, y := shape(a.Lines), shape(b.Lines); x != y {
		t.Fatalf("not the same tree:\n%s\n%s\n---\n%s", zh, x, y)
	}
}

// shape is what lines are, by their nodes, without their words.
func shape(lines []*Line) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%T{%s}", l.Node, shape(l.kids))
	}
	return b.String()
}

// TestInputs holds what the fuzz targets hold for every input of the archives.
func TestInputs(t *testing.T) {
	for _, text := range inputs(t) {
		scans(t, text)
		rescans(t, text)
		parses(t, text)
		translates(t, text)
	}
}
