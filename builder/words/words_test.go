package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var verb = regexp.MustCompile(`%(\[\d+\])?[a-z]`)

// TestBothLanguages reads the table: every text is there in both languages, the Chinese one is
// Chinese, both take the same arguments, and neither shouts.
func TestBothLanguages(t *testing.T) {
	n := 0
	for name, text := range table(t) {
		n++
		verbs := func(s string) []string {
			v := verb.FindAllString(strings.ReplaceAll(s, "%%", ""), -1)
			if strings.Contains(s, "%[") {
				slices.Sort(v)
			}
			return v
		}
		switch {
		case text.En == "" || text.Zh == "":
			t.Errorf("%s lacks a language", name)
		case name == "Colon":
		case !strings.ContainsFunc(text.Zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
			t.Errorf("%s has no Chinese: %q", name, text.Zh)
		case strings.ContainsFunc(text.En, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
			t.Errorf("%s has Chinese in its English: %q", name, text.En)
		case len(verbs(text.En)) != len(verbs(text.Zh)):
			t.Errorf("%s takes other arguments in Chinese: %q, %q", name, text.En, text.Zh)
		case strings.HasSuffix(text.En, "!") || strings.HasSuffix(text.Zh, "！"):
			t.Errorf("%s shouts", name)
		case strings.HasSuffix(text.En, ".") != strings.HasSuffix(text.Zh, "。"):
			t.Errorf("%s is a sentence in one language alone: %q, %q", name, text.En, text.Zh)
		}
	}
	if n < 30 {
		t.Errorf("only %d texts were read: is the table still here?", n)
	}
}

// table is every text of this package by its name, as its source has it.
func table(t *testing.T) map[string]Text {
	out := map[string]Text{}
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, v := range s.Values {
				if c, ok := v.(*ast.CompositeLit); ok && len(c.Elts) == 2 {
					out[s.Names[i].Name] = Text{constant(t, c.Elts[0]), constant(t, c.Elts[1])}
				}
			}
			return true
		})
	}
	return out
}

// constant is a text that may be put together from several.
func constant(t *testing.T, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		return s
	case *ast.BinaryExpr:
		return constant(t, e.X) + constant(t, e.Y)
	}
	t.Fatalf("a text is a constant, not %T", e)
	return ""
}
