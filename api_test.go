package throughline_test

import (
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/golden"
)

// TestPromise holds the names of this package to api.txt: from version 1 on a line of it is neither
// changed nor taken away. A new name is a new line (-update), looked at like any other change.
func TestPromise(t *testing.T) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "throughline.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	show := func(n any) {
		var b strings.Builder
		if err := printer.Fprint(&b, set, n); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Join(strings.Fields(b.String()), " "))
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body = nil; d.Name.IsExported() {
				show(d)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() {
					show(s)
				}
			}
		}
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if golden.Update() {
		if err := os.WriteFile("api.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("api.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the names are\n%snot\n%s", got, want)
	}
}
