package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The walls. What is good lies well inside them.
const (
	maxFileLines = 800
	maxFuncLines = 70
	maxColumns   = 100
	maxParams    = 4
	maxResults   = 3
	maxMethods   = 4 // of an interface
	maxPanics    = 2 // a thousand lines, and in what is smaller
)

// sizes holds files, functions, signatures and lines inside their walls. Tests may have long
// functions and lines, since a table reads best whole.
func sizes(t *tree) []finding {
	var out []finding
	over := func(f finding, what string, wall int) {
		if f.n > wall {
			f.rule, f.text = "size", fmt.Sprintf("%s: %d, at most %d", what, f.n, wall)
			out = append(out, f)
		}
	}
	for _, f := range t.gos {
		if f.generated {
			continue
		}
		whole := finding{path: f.path, n: bytes.Count(f.src, []byte("\n"))}
		over(whole, "lines of the file", maxFileLines)
		if f.test {
			continue
		}
		exempt := tagLines(t, f)
		for i, line := range strings.Split(string(f.src), "\n") {
			at := finding{path: f.path, line: i + 1, subject: "columns"}
			if at.n = utf8.RuneCountInString(line); !exempt[i+1] {
				over(at, "columns", maxColumns)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				at := finding{path: f.path, line: t.line(n), subject: n.Name.Name}
				at.n = t.fset.Position(n.End()).Line - at.line + 1
				if !isLong(n.Doc) {
					over(at, "lines of "+n.Name.Name, maxFuncLines)
				}
				at.subject += "()"
				at.n = n.Type.Params.NumFields()
				over(at, "parameters of "+n.Name.Name, maxParams)
				at.n = n.Type.Results.NumFields()
				over(at, "results of "+n.Name.Name, maxResults)
			case *ast.InterfaceType:
				at := finding{path: f.path, line: t.line(n), subject: "interface"}
				at.n = n.Methods.NumFields()
				over(at, "methods of an interface", maxMethods)
			}
			return true
		})
	}
	return out
}

// panics holds each part of the house to few panics: they are for our own bugs, broken invariants,
// and nothing that a person or the world can bring about may end in one.
func panics(t *tree) []finding {
	lines, count := map[string]int{}, map[string]int{}
	last := map[string]finding{}
	for f := range t.code {
		part, _, _ := strings.Cut(f.dir, "/")
		lines[part] += bytes.Count(f.src, []byte("\n"))
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if x, ok := call.Fun.(*ast.Ident); ok && x.Name == "panic" {
				count[part]++
				last[part] = t.at("panics", f, n, "")
			}
			return true
		})
	}
	var out []finding
	for part, n := range count {
		if f := last[part]; n*1000 > maxPanics*max(lines[part], 1000) {
			f.n, f.subject = n, part
			f.text = fmt.Sprintf("panics in %s: %d in %d lines, at most %d a thousand", part, n,
				lines[part], maxPanics)
			out = append(out, f)
		}
	}
	return out
}

// isLong reports whether a function says why it is long.
func isLong(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		if why, ok := strings.CutPrefix(c.Text, "//tidy:long "); ok && strings.TrimSpace(why) != "" {
			return true
		}
	}
	return false
}

// tagLines are the lines with struct tags, which cannot be broken.
func tagLines(t *tree, f *goFile) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok && field.Tag != nil {
			lines[t.line(field.Tag)] = true
		}
		return true
	})
	return lines
}

// docs asks for a comment on every exported name, beginning with the name, and on every package.
func docs(t *tree) []finding {
	var out []finding
	first := map[string]*goFile{}
	documented := map[string]bool{}
	for f := range t.code {
		if first[f.dir] == nil {
			first[f.dir] = f
		}
		documented[f.dir] = documented[f.dir] || f.ast.Doc != nil
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && !onHidden(d.Recv) && !begins(d.Doc, d.Name.Name) {
					out = append(out, t.undocumented(f, d, d.Name.Name))
				}
			case *ast.GenDecl:
				out = append(out, t.undocumentedSpecs(f, d)...)
			}
		}
	}
	for dir, f := range first {
		if !documented[dir] {
			out = append(out, finding{rule: "docs", path: f.path, line: 1,
				subject: "package", text: "package without a comment"})
		}
	}
	return out
}

func (t *tree) undocumented(f *goFile, n ast.Node, name string) finding {
	found := t.at("docs", f, n, "the comment of "+name+" does not begin with its name")
	found.subject = name
	return found
}

func (t *tree) undocumentedSpecs(f *goFile, d *ast.GenDecl) []finding {
	var out []finding
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if d.Lparen.IsValid() && d.Doc != nil && s.Doc == nil {
				continue // the group's comment speaks for all
			}
			doc := s.Doc
			if !d.Lparen.IsValid() {
				doc = d.Doc
			}
			if s.Name.IsExported() && !begins(doc, s.Name.Name) {
				out = append(out, t.undocumented(f, s, s.Name.Name))
			}
		case *ast.ValueSpec:
			// A list of values is documented by its group, by its type, or each by itself.
			if d.Doc != nil || s.Doc != nil || s.Comment != nil || enumeration(d) {
				continue
			}
			for _, name := range s.Names {
				if name.IsExported() {
					out = append(out, t.undocumented(f, s, name.Name))
				}
			}
		}
	}
	return out
}

// enumeration reports whether a group of values begins with one of a named type, whose comment
// then speaks for all.
func enumeration(d *ast.GenDecl) bool {
	s, ok := d.Specs[0].(*ast.ValueSpec)
	return ok && d.Lparen.IsValid() && s.Type != nil
}

func onHidden(recv *ast.FieldList) bool {
	if recv == nil {
		return false
	}
	x := recv.List[0].Type
	for {
		switch e := x.(type) {
		case *ast.StarExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.IndexListExpr:
			x = e.X
		case *ast.Ident:
			return !e.IsExported()
		default:
			return false
		}
	}
}

func begins(doc *ast.CommentGroup, name string) bool {
	text := doc.Text()
	for _, article := range []string{"A ", "An ", "The "} {
		if rest, ok := strings.CutPrefix(text, article); ok {
			text = rest
			break
		}
	}
	rest, ok := strings.CutPrefix(text, name)
	r, _ := utf8.DecodeRuneInString(rest)
	return ok && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// names keeps words out that say nothing, and init functions, which run before anyone asked.
func names(t *tree) []finding {
	var out []finding
	for f := range t.code {
		bad := func(n ast.Node, name, why string) {
			found := t.at("names", f, n, name+": "+why)
			found.subject = name
			out = append(out, found)
		}
		if p := f.ast.Name.Name; p == "util" || p == "utils" || p == "common" || p == "helpers" {
			bad(f.ast.Name, p, "a package is named by what it holds")
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				name := n.Name.Name
				rest, got := strings.CutPrefix(strings.ToLower(name[:1])+name[1:], "get")
				if r, _ := utf8.DecodeRuneInString(rest); got && unicode.IsUpper(r) {
					bad(n, name, "a function is named by what it yields")
				}
				if name == "init" && n.Recv == nil {
					bad(n, name, "nothing happens before main")
				}
				if n.Recv != nil && len(n.Recv.List[0].Names) > 0 {
					if r := n.Recv.List[0].Names[0]; len(r.Name) > 2 {
						bad(r, r.Name, "a receiver has one or two letters")
					}
				}
			case *ast.TypeSpec:
				for _, empty := range []string{"Manager", "Helper", "Util", "Utils", "Impl"} {
					if strings.HasSuffix(n.Name.Name, empty) {
						bad(n, n.Name.Name, empty+" says nothing")
					}
				}
			}
			return true
		})
	}
	return out
}

// errorTexts holds error texts to the form in which they can be wrapped: lower case, no full stop,
// and no "failed to", which every error says by being one.
func errorTexts(t *tree) []finding {
	var out []finding
	for f := range t.code {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			s, _ := call.Fun.(*ast.SelectorExpr)
			lit, isLit := call.Args[0].(*ast.BasicLit)
			if s == nil || !isLit || s.Sel.Name != "Errorf" && s.Sel.Name != "New" {
				return true
			}
			if x, ok := s.X.(*ast.Ident); !ok || x.Name != "fmt" && x.Name != "errors" {
				return true
			}
			text, _ := strconv.Unquote(lit.Value)
			if why := errorText(text); why != "" {
				out = append(out, t.at("errors", f, call, fmt.Sprintf("%s: %q", why, text)))
			}
			return true
		})
	}
	return out
}

func errorText(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	lower := strings.ToLower(s)
	switch {
	case s == "":
		return "empty error"
	// A second capital or digit is an abbreviation or a name: EXIF, I/O, D12.
	case unicode.IsUpper(first) && (unicode.IsLower(second) || second == ' '):
		return "capital letter"
	case strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "...") || strings.HasSuffix(s, "。"),
		strings.HasSuffix(s, "!"), strings.HasSuffix(s, "\n"):
		return "full stop"
	}
	for _, noise := range []string{"failed to", "unable to", "could not ", "error "} {
		if strings.HasPrefix(lower, noise) || strings.Contains(lower, "failed to") {
			return "says that it is an error"
		}
	}
	return ""
}

// todos wants a person and an event: TODO(name): when this ends.
func todos(t *tree) []finding {
	var out []finding
	for _, f := range t.gos {
		for _, group := range f.ast.Comments {
			for _, c := range group.List {
				for _, word := range []string{"TODO", "FIXME", "XXX"} {
					_, rest, ok := strings.Cut(c.Text, word)
					if ok && !(strings.HasPrefix(rest, "(") && strings.Contains(rest, "): ")) {
						out = append(out, t.at("todo", f, c, "no owner or no end: write "+word+"(name): event"))
					}
				}
			}
		}
	}
	return out
}
