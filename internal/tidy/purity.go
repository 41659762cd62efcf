package tidy

import (
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// pure reports whether a folder's code must give the same answer always and everywhere.
func pure(dir string) bool {
	return under(dir, "dsl", "engine", "internal/decimal", "internal/geo", "internal/calendar")
}

// bannedCalls are functions of otherwise harmless packages that depend on when or where they run.
// LoadLocation asks the machine for zones; the product carries its own.
func bannedCalls() []string {
	return []string{
		"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.AfterFunc",
		"time.Tick", "time.NewTicker", "time.NewTimer", "time.LoadLocation", "time.Local",
		"fmt.Print", "fmt.Printf", "fmt.Println",
	}
}

// banned keeps clocks, luck, goroutines and the machine out of the pure folders.
func banned(t *tree) []finding {
	var out []finding
	for f := range t.code {
		if !pure(f.dir) {
			continue
		}
		for _, spec := range f.ast.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if name == "net/url" || name == "os" && under(f.dir, "dsl/lsp") {
				continue // a URI is only a text; an editor's workspace lies on a disk
			}
			if under(name, "os", "net", "math/rand", "crypto/rand", "log", "syscall", "runtime") {
				out = append(out, t.at("banned", f, spec, "import of "+name+" in "+f.dir))
			}
		}
		calls := bannedCalls()
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				out = append(out, t.at("banned", f, n, "go statement in "+f.dir))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && slices.Contains(calls, x.Name+"."+n.Sel.Name) {
					out = append(out, t.at("banned", f, n, x.Name+"."+n.Sel.Name+" in "+f.dir))
				}
			}
			return true
		})
	}
	return out
}

// A lens looks at one package's code with its types.
type lens struct {
	*tree
	file *goFile
	info *types.Info
	pkg  *types.Package
	out  []finding
}

// typed runs the rules that need types: exports maps import paths to files of export data. Code
// that does not compile is looked at as far as its types are known; the compiler tells the rest.
func typed(t *tree, exports map[string]string) []finding {
	byDir := map[string][]*goFile{}
	var dirs []string
	for f := range t.code {
		if byDir[f.dir] == nil {
			dirs = append(dirs, f.dir)
		}
		byDir[f.dir] = append(byDir[f.dir], f)
	}
	conf := types.Config{
		Error: func(error) {},
		Importer: importer.ForCompiler(t.fset, "gc", func(p string) (io.ReadCloser, error) {
			return os.Open(exports[p])
		}),
	}
	var out []finding
	for _, dir := range dirs {
		l := lens{tree: t, info: &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
		}}
		var files []*ast.File
		for _, f := range byDir[dir] {
			files = append(files, f.ast)
		}
		l.pkg, _ = conf.Check(module+"/"+dir, t.fset, files, l.info)
		for _, l.file = range byDir[dir] {
			l.look()
		}
		out = append(out, l.out...)
	}
	return out
}

func (l *lens) look() {
	sorted := map[ast.Expr]bool{} // map iterators that are sorted at once
	ast.Inspect(l.file.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			l.order(n, n.X)
		case *ast.CallExpr:
			if strings.HasPrefix(l.callee(n), "slices.Sorted") {
				sorted[ast.Unparen(n.Args[0])] = true
			}
			if c := l.callee(n); !sorted[n] && (c == "maps.Keys" || c == "maps.Values" || c == "maps.All") {
				l.order(n, n.Args[0])
			}
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") {
				l.mutable(n.Args[0])
			}
		case *ast.BinaryExpr:
			if n.Op == token.ADD || n.Op == token.SUB {
				l.fused(n.X)
				l.fused(n.Y)
			}
		case *ast.AssignStmt:
			if n.Tok == token.ADD_ASSIGN || n.Tok == token.SUB_ASSIGN {
				l.fused(n.Rhs[0])
			}
			for _, x := range n.Lhs {
				if n.Tok != token.DEFINE {
					l.mutable(x)
				}
			}
		case *ast.IncDecStmt:
			l.mutable(n.X)
		}
		return true
	})
}

// callee is "package.Function" for a call of an imported function.
func (l *lens) callee(c *ast.CallExpr) string {
	if s, ok := c.Fun.(*ast.SelectorExpr); ok {
		if f, ok := l.info.Uses[s.Sel].(*types.Func); ok && f.Pkg() != nil {
			return f.Pkg().Name() + "." + f.Name()
		}
	}
	return ""
}

// order finds walks over maps in the pure folders. Where their order cannot matter the line says
// so: //tidy:order and why.
func (l *lens) order(at ast.Node, x ast.Expr) {
	if !pure(l.file.dir) || l.info.Types[x].Type == nil {
		return
	}
	if _, ok := l.info.Types[x].Type.Underlying().(*types.Map); ok && !l.marked(at, "order") {
		l.out = append(l.out, l.at("order", l.file, at,
			"walk over a map: sort, or say //tidy:order why"))
	}
}

// fused finds a float product that is added to something, which some machines compute with one
// rounding and others with two (decision D11).
func (l *lens) fused(x ast.Expr) {
	b, ok := ast.Unparen(x).(*ast.BinaryExpr)
	if !ok || b.Op != token.MUL || !pure(l.file.dir) {
		return
	}
	tv := l.info.Types[b]
	if tv.Type == nil || tv.Value != nil {
		return
	}
	if basic, ok := tv.Type.Underlying().(*types.Basic); ok && basic.Info()&types.IsFloat != 0 {
		l.out = append(l.out, l.at("fused", l.file, b, "write float64(a*b) where a product is added"))
	}
}

// mutable finds writes to variables of a package.
func (l *lens) mutable(x ast.Expr) {
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.SelectorExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		case *ast.Ident:
			v, ok := l.info.Uses[e].(*types.Var)
			if ok && l.pkg != nil && v.Parent() == l.pkg.Scope() {
				l.out = append(l.out, l.at("global", l.file, e, "package variable "+e.Name+" changes"))
			}
			return
		default:
			return
		}
	}
}

// marked reports whether a //tidy:word with a reason stands on the node's line or the one above.
func (t *tree) marked(n ast.Node, word string) bool {
	pos := t.fset.Position(n.Pos())
	for _, f := range t.gos {
		if f.path != pos.Filename {
			continue
		}
		for _, group := range f.ast.Comments {
			for _, c := range group.List {
				line := t.fset.Position(c.Pos()).Line
				why, ok := strings.CutPrefix(c.Text, "//tidy:"+word+" ")
				if ok && strings.TrimSpace(why) != "" && (line == pos.Line || line == pos.Line-1) {
					return true
				}
			}
		}
	}
	return false
}
