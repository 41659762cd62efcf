package dsl

import (
	"embed"
	"path"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

//go:embed std/*.thru
var std embed.FS

// standard returns the files of an embedded package of the standard vocabulary.
func standard(name string) []source.File {
	text, err := std.ReadFile("std/" + name + ".thru")
	if err != nil {
		return nil
	}
	return []source.File{{Name: "std/" + name + ".thru", Text: string(text)}}
}

// Standard reports whether a name is that of a package which comes with the program, such as sales.
func Standard(name string) bool { return standard(name) != nil }

// open parses the workspace's own files and, through their imports, all packages they need.
func (c *checker) open(files []source.File) {
	for _, f := range files {
		dir := path.Dir(f.Name)
		c.folders[dir] = append(c.folders[dir], f)
	}
	for _, dir := range c.folders { //tidy:order each is sorted by itself
		slices.SortFunc(dir, func(a, b source.File) int { return strings.Compare(a.Name, b.Name) })
	}
	c.builtin = newPkg("")
	c.own = newPkg("")
	c.policy.Own = len(c.folders["."])
	c.load(c.own, c.folders["."])
}

// load parses a package's files and what they import.
func (c *checker) load(p *pkg, files []source.File) {
	p.loading = true
	for _, f := range files {
		i := int32(len(c.policy.Files))
		c.policy.Files = append(c.policy.Files, f)
		file := c.cache.Parse(i, f)
		c.diags = append(c.diags, file.Diags...)
		p.files = append(p.files, file)
	}
	for _, f := range p.files {
		for _, l := range f.Lines {
			switch n := l.Node.(type) {
			case *syntax.Package:
				c.named(p, l, n)
			case *syntax.Import:
				c.imported(p, l, n)
			}
		}
	}
	p.loading = false
}

// named looks at a `package` line: all files of a folder say the same.
func (c *checker) named(p *pkg, l *syntax.Line, n *syntax.Package) {
	if p != c.own {
		return
	}
	name := l.Dotted(n.Path)
	if c.policy.Package != "" && c.policy.Package != name {
		c.tell(source.OtherPackage, l.PathSpan(n.Path), name, c.policy.Package).Related =
			[]source.Related{{Span: p.said, Code: source.FirstLabel}}
		return
	}
	p.said = l.PathSpan(n.Path)
	c.policy.Package = name
}

// imported brings another package's names into scope.
func (c *checker) imported(p *pkg, l *syntax.Line, n *syntax.Import) {
	words := make([]string, len(n.Path))
	for i, w := range n.Path {
		words[i] = l.Name(w.Tok)
	}
	at := l.TokSpan(n.Path[0].Tok)
	at.End = l.TokSpan(n.Path[len(n.Path)-1].Tok).End
	q := c.find(strings.Join(words, "."), at)
	if q == nil {
		return
	}
	name, nameAt := words[len(words)-1], l.TokSpan(n.Path[len(n.Path)-1].Tok)
	if n.As.Ok() {
		name, nameAt = l.Name(n.As.Tok), l.TokSpan(n.As.Tok)
	}
	if n.All && !slices.Contains(p.bare, q) {
		p.bare = append(p.bare, q)
	}
	if a := p.aliases[name]; a != nil && a.pkg != q {
		c.tell(source.TwoAlike, at, name).Related =
			[]source.Related{{Span: a.span, Code: source.FirstHere}}
		return
	}
	p.aliases[name] = &alias{pkg: q, name: name, span: nameAt}
	c.refer(nameAt, p.aliases[name])
}

// find returns the package of a path, loading it where it is not loaded yet.
func (c *checker) find(name string, at source.Span) *pkg {
	if rest, ok := strings.CutPrefix(name, c.policy.Package+"."); ok && c.policy.Package != "" {
		name = rest
	}
	if name == c.policy.Package {
		c.tell(source.ImportCycle, at, name)
		return nil
	}
	i, found := slices.BinarySearchFunc(c.packages, name, func(p *pkg, n string) int {
		return strings.Compare(p.path, n)
	})
	if found {
		if c.packages[i].loading {
			c.tell(source.ImportCycle, at, name)
			return nil
		}
		return c.packages[i]
	}
	files := c.folders[strings.ReplaceAll(name, ".", "/")]
	if files == nil {
		files = standard(name)
	}
	if files == nil {
		d := c.tell(source.UnknownPackage, at, name)
		d.Near = source.Nearest(name, c.packageNames())
		return nil
	}
	p := newPkg(name)
	c.packages = slices.Insert(c.packages, i, p)
	c.load(p, files)
	return p
}

func (c *checker) packageNames() []string {
	names := []string{"sales"}
	for dir := range c.folders { //tidy:order they are sorted below
		if dir != "." {
			names = append(names, strings.ReplaceAll(dir, "/", "."))
		}
	}
	slices.Sort(names)
	return names
}
