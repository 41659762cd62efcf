package dsl_test

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

func in(text, lang string) string { return syntax.Format(text, syntax.Options{Lang: lang}) }

// written are all policy texts of the repository, by where they stand: .thru files, the sections
// of archives that are such, and the examples of the documentation.
func written(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	root := ".."
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != root:
			return fs.SkipDir
		case d.IsDir() || !slices.Contains([]string{".thru", ".txtar", ".md"}, filepath.Ext(name)):
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		switch filepath.Ext(name) {
		case ".thru":
			out[name] = string(data)
		case ".txtar":
			for _, f := range txtar.Parse(data).Files {
				if strings.HasSuffix(f.Name, ".thru") {
					out[name+":"+f.Name] = string(f.Data)
				}
			}
		case ".md":
			for i, text := range fencedPolicies(string(data)) {
				out[fmt.Sprintf("%s, example %d", name, i+1)] = text
			}
		}
		return nil
	})
	if err != nil || len(out) < 100 {
		t.Fatalf("%d texts (%v)", len(out), err)
	}
	return out
}

func fencedPolicies(text string) []string {
	var out []string
	for i, part := range strings.Split(text, "```thru") {
		if block, _, ok := strings.Cut(part, "\n```"); i > 0 && ok {
			if _, body, ok := strings.Cut(block+"\n", "\n"); ok {
				out = append(out, body)
			}
		}
	}
	return out
}

// TestEveryTextTranslates writes every policy text of the repository in the other vocabulary and
// back: the bytes are the same again, from either side, and where the text has no mistakes of
// form it has none in the other words.
func TestEveryTextTranslates(t *testing.T) {
	for name, text := range written(t) {
		en, zh := in(text, "en"), in(text, "zh")
		if back := in(zh, "en"); back != en {
			t.Errorf("%s: English, Chinese, English:\n%s", name, differing(en, back))
		}
		if back := in(en, "zh"); back != zh {
			t.Errorf("%s: Chinese, English, Chinese:\n%s", name, differing(zh, back))
		}
		a, b := syntax.Parse(0, source.File{Text: en}), syntax.Parse(0, source.File{Text: zh})
		if len(a.Diags) == 0 && len(b.Diags) > 0 {
			t.Errorf("%s in Chinese:\n%s", name, source.Text([]source.File{{Text: zh}}, b.Diags[0], "en"))
		}
	}
}

func differing(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d: %s\n     now: %s", i+1, x[i], y[i])
		}
	}
	return "more or fewer lines"
}

// folders are the policies of the repository, each its files.
func folders(t testing.TB) map[string][]source.File {
	t.Helper()
	out := map[string][]source.File{}
	for name, text := range written(t) {
		dir := filepath.Dir(name)
		if file, section, ok := strings.Cut(name, ".txtar:"); ok {
			dir, name = file, section
		} else if strings.Contains(name, ", example") {
			dir, text = name, "import sales.*\n"+strings.ReplaceAll(strings.ReplaceAll(
				text, "import sales.*\n", ""), "引入 sales.*\n", "")
			name = "a.thru"
		} else {
			name = filepath.Base(name)
		}
		out[dir] = append(out[dir], source.File{Name: name, Text: text})
	}
	for _, files := range out {
		slices.SortFunc(files, func(a, b source.File) int { return strings.Compare(a.Name, b.Name) })
	}
	return out
}

// TestWhatShipsIsLaidOut: what people read first is in the one layout.
func TestWhatShipsIsLaidOut(t *testing.T) {
	n := 0
	for _, folder := range []string{"std", "../templates", "../examples"} {
		err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() && d.Name() == "testdata" {
				return cmp.Or(err, fs.SkipDir)
			}
			if filepath.Ext(name) != ".thru" {
				return nil
			}
			data, err := os.ReadFile(name)
			if n++; err == nil && in(string(data), "") != string(data) {
				t.Errorf("%s is not as thru fmt writes it", name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 100 {
		t.Errorf("only %d files were looked at", n)
	}
}

// TestTranslatedMeansTheSame holds the meaning of every policy of the repository in English, in
// Chinese and with every other file in the other vocabulary: the hash is the same, and so is what
// the checker tells.
func TestTranslatedMeansTheSame(t *testing.T) {
	var k dsl.Checker
	sound := 0
	for dir, files := range folders(t) {
		p, diags := k.Check(files, policy.Settings{})
		if !dsl.HasErrors(diags) {
			sound++
		} else if strings.Contains(dir, "syntax") {
			continue // a line that could not be read is in no vocabulary
		}
		for _, how := range []string{"en", "zh", "mixed"} {
			other := slices.Clone(files)
			for i := range other {
				lang := how
				if how == "mixed" {
					lang = []string{"en", "zh"}[i%2]
				}
				other[i].Text = in(other[i].Text, lang)
			}
			q, now := k.Check(other, policy.Settings{})
			if a, b := tally(diags), tally(now); a != b {
				t.Errorf("%s (%s) is told %s, not %s", dir, how, b, a)
			} else if !dsl.HasErrors(diags) && p.Hash != q.Hash {
				t.Errorf("%s (%s) means something else", dir, how)
			}
		}
	}
	if sound < 30 {
		t.Errorf("only %d policies without mistakes", sound)
	}
}

// tally is what is told, by code. That a word is the form for another place (T0118) is left out:
// writing the words puts it right.
func tally(diags []source.Diagnostic) string {
	var codes []string
	for _, d := range diags {
		if d.Code != source.OtherRole {
			codes = append(codes, string(d.Code))
		}
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// TestWordsAsNames gives fields, values and declarations the names of all words of the language, in
// both vocabularies: position alone tells, so the policy has no mistakes, translating keeps every
// name, and the meaning stays.
func TestWordsAsNames(t *testing.T) {
	system := []string{"type", "id", "at", "received", "created", "updated", "stage", "stage_since", "open"}
	for _, v := range syntax.Vocabulary() {
		for _, word := range []string{v.En, v.Zh} {
			if strings.Contains(word, " ") || slices.Contains(system, word) {
				continue
			}
			text := strings.ReplaceAll(`entity E { WORD text?; name text }
event F { e E; WORD int? }
rule R on E {
  when self.WORD == "x" and has self.WORD
  do { note "{self.WORD}" }
}
rule S on F {
  when e.WORD == "x"
  do { note "{e.WORD}" }
}
segment G of E {
  when count(F in 7d where self2(WORD)) > 1
  enter { note "x" }
}
test "t" {
  given E a { name: "a", WORD: "x" }
  expect a accepted
}
`, "WORD", word)
			text = strings.ReplaceAll(text, "self2("+word+")", "has e."+word)
			files := []source.File{{Name: "a.thru", Text: text}}
			p, diags := dsl.Check(files, policy.Settings{})
			if len(diags) > 0 {
				t.Errorf("a field called %s: %s", word, source.Text(p.Files, diags[0], "en"))
				continue
			}
			zh := in(text, "zh")
			if back := in(zh, "en"); back != in(text, "en") {
				t.Errorf("a field called %s: %s", word, differing(in(text, "en"), back))
			}
			q, diags := dsl.Check([]source.File{{Name: "a.thru", Text: zh}}, policy.Settings{})
			if len(diags) > 0 || p.Hash != q.Hash {
				t.Errorf("a field called %s, in Chinese: %v\n%s", word, tally(diags), zh)
			}
		}
	}
}
