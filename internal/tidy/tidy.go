// Package tidy holds the house rules and runs them as tests, so that nobody has to remember them
// in a review. Each rule looks at the whole tree of files and returns findings; each has an
// archive in testdata that breaks it on purpose.
//
// What broke a rule before the rule existed stands in excess.txt with its size. That list may only
// shrink: an entry that is larger than what it excuses fails as well.
package tidy

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// module is the import path that everything here is under.
const module = "github.com/throughline/throughline"

// A finding is one place that breaks one rule.
type finding struct {
	rule    string
	path    string
	line    int    // 0: the whole file
	subject string // what excess.txt calls it: a function, a heading; "" for the file
	n       int    // its size, where the rule has a limit
	text    string
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.path, f.line, f.rule, f.text)
}

// A tree is the repository as the rules see it: all text files, the Go ones parsed.
type tree struct {
	fset  *token.FileSet
	texts map[string][]byte // by slash path from the root
	gos   []*goFile         // by path
}

// A goFile is one parsed file. Data of tests is not code and is left out.
type goFile struct {
	path, dir string
	src       []byte
	ast       *ast.File
	test      bool // *_test.go
	generated bool
}

// rules are all of them, in the order in which a reader wants to hear.
func rules(exports map[string]string) []func(*tree) []finding {
	return []func(*tree) []finding{
		layers, doors, banned, sizes, panics, docs, names, errorTexts, todos,
		markdown, architecture, machinePaths, readmePair, makefile,
		func(t *tree) []finding { return typed(t, exports) },
	}
}

// readTree reads the text files under root. Folders that begin with a dot are skipped but for the
// ones that are ours.
func readTree(root string) (*tree, error) {
	texts := map[string][]byte{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, name)
		rel = filepath.ToSlash(rel)
		base := d.Name()
		if d.IsDir() {
			if rel != "." && rel != ".ci" && strings.HasPrefix(base, ".") || rel == "bin" ||
				base == "node_modules" || base == "dist" {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(base) == ".webp" { // a picture: that it is there is all
			texts[rel] = nil
		}
		if !isText(base) {
			return nil
		}
		texts[rel], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newTree(texts)
}

func isText(name string) bool {
	switch path.Ext(name) {
	case ".go", ".md", ".mod", ".sum", ".thru", ".toml", ".txt", ".txtar", ".templ", ".css", ".js",
		".json", ".jsonl", ".csv", ".yml", ".yaml", ".html", ".svg":
		return true
	}
	return name == "Makefile" || name == "run" || name == ".gitignore" || name == "LICENSE"
}

func newTree(texts map[string][]byte) (*tree, error) {
	t := &tree{fset: token.NewFileSet(), texts: texts}
	for _, p := range t.paths(".go") {
		if strings.Contains("/"+p, "/testdata/") {
			continue
		}
		const mode = parser.ParseComments | parser.SkipObjectResolution
		file, err := parser.ParseFile(t.fset, p, texts[p], mode)
		if err != nil {
			return nil, err
		}
		t.gos = append(t.gos, &goFile{
			path: p, dir: path.Dir(p), src: texts[p], ast: file,
			test: strings.HasSuffix(p, "_test.go"), generated: ast.IsGenerated(file),
		})
	}
	return t, nil
}

// paths are the files with one of the endings, sorted.
func (t *tree) paths(endings ...string) []string {
	var out []string
	for p := range t.texts {
		if slices.Contains(endings, path.Ext(p)) || len(endings) == 0 {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// code yields the files that people wrote for others to run: neither tests nor generated.
func (t *tree) code(yield func(*goFile) bool) {
	for _, f := range t.gos {
		if !f.test && !f.generated && !yield(f) {
			return
		}
	}
}

func (t *tree) line(n ast.Node) int { return t.fset.Position(n.Pos()).Line }

// at is a finding at a node of a file.
func (t *tree) at(rule string, f *goFile, n ast.Node, text string) finding {
	return finding{rule: rule, path: f.path, line: t.line(n), text: text}
}

// run applies every rule and sorts what they found.
func run(t *tree, exports map[string]string) []finding {
	var all []finding
	for _, rule := range rules(exports) {
		all = append(all, rule(t)...)
	}
	slices.SortStableFunc(all, func(a, b finding) int {
		return cmp.Or(strings.Compare(a.path, b.path), cmp.Compare(a.line, b.line))
	})
	return all
}

// excuse takes the findings out that the list of old excess allows, and adds one for every entry
// that allows more than there is.
func excuse(all []finding, list []byte) ([]finding, error) {
	allowed := map[string]int{}
	var order []string
	for line := range bytes.Lines(list) {
		f := strings.Fields(string(line))
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		n, err := strconv.Atoi(f[len(f)-1])
		if err != nil || len(f) < 3 {
			return nil, fmt.Errorf("entry %q is not: rule path [subject] size", line)
		}
		key := strings.Join(f[:len(f)-1], " ")
		allowed[key] = n
		order = append(order, key)
	}
	var left []finding
	largest := map[string]int{}
	for _, f := range all {
		key := strings.TrimSpace(f.rule + " " + f.path + " " + f.subject)
		largest[key] = max(largest[key], f.n, 1)
		if max(f.n, 1) > allowed[key] {
			left = append(left, f)
		}
	}
	for _, key := range order {
		if largest[key] < allowed[key] {
			text := fmt.Sprintf("%q excuses %d where there is %d: shrink it",
				key, allowed[key], largest[key])
			left = append(left, finding{rule: "excess", path: "internal/tidy/excess.txt", text: text})
		}
	}
	return left, nil
}
