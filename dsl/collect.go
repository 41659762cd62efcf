package dsl

import (
	"slices"
	"strings"
	"unicode"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// collect finds every declaration of every package, also the bad ones, so that their uses are not
// reported again.
func (c *checker) collect() {
	c.builtins()
	for _, p := range c.everyPackage() {
		for _, f := range p.files {
			for _, l := range f.Lines {
				c.declare(p, l)
			}
		}
	}
	for _, p := range c.everyPackage() {
		c.labels(p)
		c.hidden(p)
	}
	for _, d := range c.decls {
		d.full = c.fullName(d)
		d.head = c.head(d)
	}
	c.uses()
}

// declare files one line at file level.
func (c *checker) declare(p *pkg, l *syntax.Line) {
	switch n := l.Node.(type) {
	case *syntax.Use:
		p.uses = append(p.uses, &decl{pkg: p, line: l, node: n})
	case *syntax.Extend:
		p.extends = append(p.extends, l)
	case *syntax.Test:
		if p == c.own {
			p.tests = append(p.tests, l)
		}
	case *syntax.Allocate:
		c.define(p, c.declSlab.put(decl{kind: isAllocate, pkg: p, line: l, node: n,
			name: l.Dotted(n.Path), span: l.PathSpan(n.Path),
			syn: &syntax.Head{Label: n.Label, Params: n.Params}}))
	default:
		kind, head := headOf(l)
		if head == nil {
			return
		}
		c.define(p, c.declSlab.put(decl{kind: kind, pkg: p, line: l, node: n, syn: head,
			name: l.Name(head.Name.Tok), span: l.TokSpan(head.Name.Tok)}))
	}
}

// headOf finds a declaration's head.
//
//tidy:long one flat switch over the kinds of declaration
func headOf(l *syntax.Line) (declKind, *syntax.Head) {
	switch n := l.Node.(type) {
	case *syntax.Let:
		return isLet, &n.Head
	case *syntax.Choice:
		return isChoice, &n.Head
	case *syntax.Extern:
		return isExtern, &n.Head
	case *syntax.Record:
		return declKind(n.Kind), &n.Head
	case *syntax.Calendar:
		return isCalendar, &n.Head
	case *syntax.Score:
		return isScore, &n.Head
	case *syntax.Rule:
		return isRule, &n.Head
	case *syntax.Alert:
		return isAlert, &n.Head
	case *syntax.Segment:
		return isSegment, &n.Head
	case *syntax.Journey:
		return isJourney, &n.Head
	case *syntax.Action:
		return isAction, &n.Head
	case *syntax.Metric:
		return isMetric, &n.Head
	case *syntax.Goal:
		return isGoal, &n.Head
	case *syntax.Remedy:
		return isRemedy, &n.Head
	}
	return "", nil
}

// laterLabel is the label that stands behind the rest of a header.
func laterLabel(n syntax.Node) *syntax.Label {
	switch n := n.(type) {
	case *syntax.Extern:
		return n.Label
	case *syntax.Score:
		return n.Label
	case *syntax.Rule:
		return n.Label
	case *syntax.Alert:
		return n.Label
	case *syntax.Segment:
		return n.Label
	case *syntax.Journey:
		return n.Label
	case *syntax.Action:
		return n.Label
	case *syntax.Metric:
		return n.Label
	case *syntax.Goal:
		return n.Label
	case *syntax.Remedy:
		return n.Label
	case *syntax.Allocate:
		return n.Label2
	}
	return nil
}

// define puts a declaration into its package's namespace. One that is declared twice is still
// checked, under the same name.
func (c *checker) define(p *pkg, d *decl) {
	c.decls = append(c.decls, d)
	first := p.names[d.name]
	named := d.kind.isRecord() || d.kind == isJourney || d.kind == isMetric // records bear its name
	if first == nil && c.builtin.names[d.name] != nil && named {
		c.tell(source.BuiltinName, d.span, d.name)
		return
	}
	if first == nil {
		p.names[d.name] = d
		p.order = append(p.order, d.name)
		return
	}
	c.tell(source.TwoAlike, d.span, d.name).Related =
		[]source.Related{{Span: first.span, Code: source.FirstHere}}
}

// labels makes labels that are lawful names second names of their declarations, unless two clash.
func (c *checker) labels(p *pkg) {
	for _, name := range p.order {
		d := p.names[name]
		label := d.syn.Label
		if label == nil {
			label = laterLabel(d.node)
		}
		for _, text := range labelTexts(d.line, label) {
			if !isName(text) {
				continue
			}
			if other, ok := p.labels[text]; ok && other != d {
				p.labels[text] = nil
				continue
			}
			p.labels[text] = d
		}
	}
}

// labelsOf are the second names that a declaration has by its labels.
func (p *pkg) labelsOf(d *decl) []string {
	if d.syn == nil { // built in
		return nil
	}
	label := d.syn.Label
	if label == nil {
		label = laterLabel(d.node)
	}
	return slices.DeleteFunc(labelTexts(d.line, label),
		func(s string) bool { return p.labels[s] != d || s == d.name })
}

func labelTexts(l *syntax.Line, label *syntax.Label) []string {
	t := textOf(l, label)
	var out []string
	for _, s := range []string{t.Main, t.En, t.Zh} {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// textOf reads a text for people.
func textOf(l *syntax.Line, label *syntax.Label) policy.Text {
	if label == nil {
		return policy.Text{}
	}
	t := policy.Text{Main: l.String(label.Text.Tok)}
	switch label.Lang {
	case "en":
		t.En = l.String(label.Other.Tok)
	case "zh":
		t.Zh = l.String(label.Other.Tok)
	}
	return t
}

// hidden notes what a package's own names hide of its bare imports.
func (c *checker) hidden(p *pkg) {
	if p != c.own {
		return
	}
	for _, name := range p.order {
		for _, q := range p.bare {
			if other := q.names[name]; other != nil {
				c.tell(source.HidesImport, p.names[name].span, name, q.path).Related =
					[]source.Related{{Span: other.span, Code: source.HiddenHere}}
			}
		}
	}
}

// fullName is how decisions and state name a declaration: by its bare name where the workspace's
// own package can call it so, else qualified.
func (c *checker) fullName(d *decl) string {
	if d.pkg == c.own {
		return d.name
	}
	if found, others := c.visible(c.own, d.name); found == d && others == nil {
		return d.name
	}
	return d.pkg.qualified(d.name)
}

// visible finds what a bare name stands for inside a package, and the other package where two bare
// imports have it.
func (c *checker) visible(p *pkg, name string) (found *decl, clash *pkg) {
	if d := p.named(name); d != nil {
		return d, nil
	}
	var from *pkg
	for _, q := range p.bare {
		d := q.named(name)
		switch {
		case d == nil || d == found:
		case found == nil:
			found, from = d, q
		case found.name == name && d.name != name: // a name goes before a label
		case found.name != name && d.name == name:
			found, from = d, q
		default:
			return found, q
		}
	}
	if found == nil {
		found = c.builtin.names[name]
	}
	_ = from
	return found, nil
}

// named finds a declaration of the package by its name, else by its label.
func (p *pkg) named(name string) *decl {
	if d := p.names[name]; d != nil {
		return d
	}
	return p.labels[name]
}

// head makes the contract's head of a declaration.
func (c *checker) head(d *decl) policy.Head {
	label := d.syn.Label
	if label == nil {
		label = laterLabel(d.node)
	}
	h := policy.Head{Name: d.name, Full: d.full, Label: textOf(d.line, label),
		Doc: d.line.Doc(), Span: d.span}
	if n, ok := d.node.(*syntax.Allocate); ok {
		for _, w := range n.Was {
			h.Was = append(h.Was, strings.TrimSuffix(d.full, d.name)+d.line.Dotted(w))
		}
	}
	for _, w := range d.syn.Was {
		was := d.line.Name(w.Tok)
		h.Was = append(h.Was, strings.TrimSuffix(d.full, d.name)+was)
		if d.pkg.names[was] != nil && was != d.name {
			c.tell(source.WasExists, d.line.TokSpan(w.Tok), was).Related =
				[]source.Related{{Span: d.pkg.names[was].span, Code: source.FirstHere}}
		}
	}
	return h
}

// isName reports whether a text could stand as a name in a policy.
func isName(s string) bool {
	for i, r := range s {
		switch {
		case r == '_' || unicode.IsLetter(r):
		case i > 0 && (unicode.IsDigit(r) || unicode.IsMark(r)):
		default:
			return false
		}
	}
	return s != ""
}
