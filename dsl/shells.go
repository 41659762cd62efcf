package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// shells makes the records, choices and headers of everything, so that names have types before any
// expression is looked at.
func (c *checker) shells() {
	for _, d := range c.decls {
		switch n := d.node.(type) {
		case *syntax.Choice:
			d.choice = c.choice(d, n)
		case *syntax.Record:
			d.record = &policy.Record{Head: d.head}
			if d.kind == isEvent {
				d.record.Kind = policy.Event
			}
			addSystem(d.record, d.kind)
			c.byRecord[d.record] = d
		}
	}
	for _, d := range c.decls {
		if d.record != nil && d.kind.isRecord() {
			c.fields(d.record, d.pkg, d.line.Body, false)
		}
	}
	for _, p := range c.everyPackage() {
		for _, l := range p.extends {
			c.extend(p, l)
		}
	}
	for _, d := range c.decls {
		c.header(d)
	}
	for _, d := range c.decls {
		c.parameters(d)
	}
	for _, d := range c.decls {
		c.refer(d.span, d)
		if d.kind == isJourney {
			c.journeyShell(d)
		}
	}
}

func (c *checker) choice(d *decl, n *syntax.Choice) *policy.Choice {
	ch := &policy.Choice{Head: d.head}
	c.choiceValues(ch, d.line, n.Values)
	return ch
}

func (c *checker) choiceValues(ch *policy.Choice, l *syntax.Line, values []*syntax.ChoiceValue) {
	for _, v := range values {
		name := l.Name(v.Name.Tok)
		for i, w := range ch.Values {
			if w.Name == name {
				c.tell(source.ValueTwice, l.TokSpan(v.Name.Tok), name).Related =
					[]source.Related{{Span: l.TokSpan(values[i].Name.Tok), Code: source.FirstHere}}
				break
			}
		}
		ch.Values = append(ch.Values, policy.ChoiceValue{Name: name, Label: textOf(l, v.Label)})
		c.declaresValue(Symbol{Kind: "value", In: ch.Name, Was: true, Whole: l.Span(),
			Span: l.TokSpan(v.Name.Tok)}, ch, len(ch.Values)-1)
	}
	if len(ch.Values) == 1 {
		c.tell(source.OneValue, l.TokSpan(values[0].Name.Tok), ch.Values[0].Name)
	}
}

// header resolves what a declaration is of or on.
func (c *checker) header(d *decl) {
	switch n := d.node.(type) {
	case *syntax.Score:
		d.of = c.subject(d, n.Of, "")
		d.score = &policy.Score{Head: d.head, Of: d.of}
		c.byScore[d.score] = d
	case *syntax.Rule:
		d.of = c.subject(d, n.Of, "")
	case *syntax.Alert:
		if m, _ := c.visible(d.pkg, d.line.Dotted(n.Of)); m == nil || m.kind != isMetric {
			d.of = c.subject(d, n.Of, isEntity)
		}
	case *syntax.Segment:
		d.of = c.subject(d, n.Of, isEntity)
		d.segment = &policy.Segment{Head: d.head, Of: d.of}
		c.tiers(d)
		c.bySegment[d.segment] = d
	case *syntax.Action:
		d.of = c.eventOf(d)
		d.action = &policy.Action{}
		c.stepsField(d)
	case *syntax.Journey:
		d.of = c.subject(d, n.Of, isEntity)
	case *syntax.Allocate:
		c.allocateHead(d, n)
	}
}

// tiers makes a segment's rows a choice before anything reads it.
func (c *checker) tiers(d *decl) {
	for _, l := range d.line.Body {
		if _, ok := l.Node.(*syntax.Table); !ok || d.segment.Kinds != nil {
			continue
		}
		kinds := &policy.Choice{}
		for _, row := range l.Body {
			r, ok := row.Node.(*syntax.Row)
			if !ok {
				continue
			}
			if name, ok := r.Value.(*syntax.Name); ok {
				word := row.Name(name.Tok)
				if i := valueNamed(kinds, word); i >= 0 {
					continue
				}
				kinds.Values = append(kinds.Values,
					policy.ChoiceValue{Name: word, Label: textOf(row, r.Label)})
				c.declaresValue(Symbol{Kind: "value", In: d.name, Whole: row.Span(),
					Span: row.ExprSpan(name)}, kinds, len(kinds.Values)-1)
			}
		}
		d.segment.Kinds = kinds
	}
}

// subject resolves the type a declaration is of; want says that only an entity will do.
func (c *checker) subject(d *decl, p *syntax.Path, want declKind) *policy.Record {
	found := c.path(d.pkg, d.line, p)
	if found == nil {
		return nil
	}
	switch {
	case !found.kind.isRecord():
		c.tell(source.NotA, d.line.PathSpan(p), d.line.Dotted(p), string(found.kind), "entity")
		return nil
	case want == isEntity && found.kind != isEntity:
		c.tell(source.NotA, d.line.PathSpan(p), d.line.Dotted(p), string(found.kind), "entity")
		return nil
	case found.kind == isSource:
		d.later = found.name
	}
	return found.record
}

// path resolves a dotted name of a declaration; it reports one that is none.
func (c *checker) path(p *pkg, l *syntax.Line, path *syntax.Path) *decl {
	if path == nil || len(path.Names) == 0 {
		return nil
	}
	name := l.Name(path.Names[0].Tok)
	in := p
	if len(path.Names) > 1 {
		if a := p.aliases[name]; a != nil {
			in, name = a.pkg, l.Name(path.Names[1].Tok)
			if d := in.named(name); d != nil {
				c.refer(l.TokSpan(path.Names[0].Tok), a)
				c.refer(l.TokSpan(path.Names[1].Tok), d)
				return d
			}
			c.tell(source.UnknownIn, l.PathSpan(path), name, in.path).Near =
				source.Nearest(name, in.order)
			return nil
		}
	}
	d, clash := c.visible(p, name)
	switch {
	case clash != nil:
		c.tell(source.TwoImports, l.PathSpan(path), name, d.pkg.path, clash.path)
	case d == nil:
		c.tell(source.UnknownName, l.PathSpan(path), l.Dotted(path)).Near =
			source.Nearest(name, c.typeNames(p, func(*decl) bool { return true }))
	default:
		c.refer(l.TokSpan(path.Names[0].Tok), d)
	}
	return d
}

// typeNames are the names in scope of a package that a filter lets through.
func (c *checker) typeNames(p *pkg, want func(*decl) bool) []string {
	var out []string
	for _, q := range append(append([]*pkg{p}, p.bare...), c.builtin) {
		for _, n := range q.order {
			if want(q.names[n]) {
				out = append(out, n)
				out = append(out, q.labelsOf(q.names[n])...)
			}
		}
	}
	return out
}

// typ resolves a written type. Rows are the lines of a `list of { … }`.
func (c *checker) typ(
	p *pkg, l *syntax.Line, t *syntax.Type, rows []*syntax.Line,
) (policy.Type, bool) {
	if t == nil {
		return policy.Type{}, false
	}
	var out policy.Type
	ok := true
	switch {
	case t.Rows:
		r := &policy.Record{Kind: policy.Rows, Head: policy.Head{Span: l.Span()}}
		c.fields(r, p, rows, true)
		return policy.Type{Kind: value.List, Maybe: t.Maybe,
			Elem: &policy.Type{Kind: value.Row, Record: r}}, true
	case len(t.Values) > 0:
		ch := &policy.Choice{Head: policy.Head{Span: l.TokSpan(t.Values[0].Name.Tok)}}
		c.choiceValues(ch, l, t.Values)
		out = policy.Type{Kind: value.Choice, Choice: ch}
	default:
		out, ok = c.namedType(p, l, t.Name)
	}
	if t.List {
		elem := out
		out = policy.Type{Kind: value.List, Elem: &elem}
	}
	out.Maybe = t.Maybe
	return out, ok
}

// namedType resolves a type that is one name.
func (c *checker) namedType(p *pkg, l *syntax.Line, path *syntax.Path) (policy.Type, bool) {
	if path == nil || len(path.Names) == 0 {
		return policy.Type{}, false
	}
	name := l.Name(path.Names[0].Tok)
	if len(path.Names) == 1 {
		// A declaration goes before the Chinese word of a built-in type, never before the English.
		word := l.Word(path.Names[0].Tok)
		if k := kindNamed(word); k != value.Missing {
			if d, _ := c.visible(p, name); word == name || d == nil {
				return policy.Type{Kind: k}, true
			}
		}
	}
	d, clash := c.visible(p, name)
	at := l.PathSpan(path)
	if a := p.aliases[name]; a != nil && len(path.Names) > 1 {
		in := l.Name(path.Names[1].Tok)
		if d, clash = a.pkg.named(in), nil; d == nil {
			c.tell(source.UnknownIn, at, in, a.pkg.path).Near = source.Nearest(in, a.pkg.order)
			return policy.Type{}, false
		}
	}
	if d != nil {
		c.refer(l.TokSpan(path.Names[len(path.Names)-1].Tok), d)
	}
	switch {
	case clash != nil:
		c.tell(source.TwoImports, at, name, d.pkg.path, clash.path)
	case d == nil:
		c.tell(source.UnknownType, at, l.Dotted(path)).Near = source.Nearest(name, c.typeWords(p))
	case d.kind == isChoice:
		return policy.Type{Kind: value.Choice, Choice: d.choice}, d.choice != nil
	case d.kind == isEntity:
		return policy.Type{Kind: value.Ref, Record: d.record}, d.record != nil
	default:
		c.tell(source.NotA, at, l.Dotted(path), string(d.kind), "type")
	}
	return policy.Type{}, false
}

// typeWords are all names of types in scope.
func (c *checker) typeWords(p *pkg) []string {
	return append(syntax.TypeWords(), c.typeNames(p, func(d *decl) bool {
		return d.kind == isChoice || d.kind == isEntity
	})...)
}
