package dsl

import (
	"maps"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// uses makes a declaration of one's own from every template that is used.
func (c *checker) uses() {
	for _, p := range c.everyPackage() {
		for _, u := range p.uses {
			if p == c.own {
				c.use(p, u.line, u.node.(*syntax.Use))
			}
		}
	}
}

// use puts a template in force under a name of its own.
func (c *checker) use(p *pkg, l *syntax.Line, n *syntax.Use) {
	t := c.path(p, l, n.Path)
	if t == nil {
		return
	}
	if !t.kind.acts() {
		c.tell(source.UseActs, l.PathSpan(n.Path), l.Dotted(n.Path), string(t.kind))
		return
	}
	last := n.Path.Names[len(n.Path.Names)-1].Tok
	d := &decl{kind: t.kind, pkg: t.pkg, line: t.line, node: t.node, syn: t.syn,
		name: t.name, span: l.TokSpan(last), used: &useBlock{line: l}}
	if n.As.Ok() {
		d.name, d.span = l.Name(n.As.Tok), l.TokSpan(n.As.Tok)
	}
	d.full = d.name
	if first := p.names[d.name]; first != nil && first != t {
		c.tell(source.TwoAlike, d.span, d.name).Related =
			[]source.Related{{Span: first.span, Code: source.FirstHere}}
		return
	}
	d.head = t.head
	d.head.Name, d.head.Full, d.head.Span, d.head.Was = d.name, d.name, d.span, nil
	for _, w := range n.Was {
		d.head.Was = append(d.head.Was, l.Name(w.Tok))
	}
	if n.Label != nil {
		d.head.Label = textOf(l, n.Label)
	}
	if t.pkg != p || n.As.Ok() {
		p.names[d.name] = d
		p.order = append(p.order, d.name)
	}
	d.given = n.Args
	for _, line := range l.Body {
		if m, ok := line.Node.(*syntax.Mode); ok {
			d.used.mode, d.used.line = m, line
		}
		switch line.Node.(type) {
		case *syntax.Target:
			d.used.target = line
		case *syntax.Weight:
			d.used.weight = line
		}
	}
	d.usedBy, d.usedOn = p, n.On
	d.useLine = l
	t.usedAs = append(t.usedAs, d)
	c.decls = append(c.decls, d)
}

// parameters resolves a template's parameters and what a use gives for them.
func (c *checker) parameters(d *decl) {
	if d.kind == isExtern || d.syn == nil || len(d.syn.Params) == 0 {
		c.given(d)
		c.bindTo(d)
		return
	}
	d.params = map[string]*param{}
	for _, n := range d.syn.Params {
		name := d.line.Name(n.Name.Tok)
		t, ok := c.typ(d.pkg, d.line, n.Type, nil)
		if !ok {
			t = policy.Type{}
		}
		p := &param{typ: t, line: d.line, x: n.Default, pkg: d.pkg, node: n,
			span: d.line.TokSpan(n.Name.Tok), of: d}
		c.refer(p.span, p)
		if d.params[name] != nil {
			c.tell(source.TwoAlike, p.span, name).Related =
				[]source.Related{{Span: d.params[name].span, Code: source.FirstHere}}
		}
		if d.of != nil && fieldNamed(d.of, name) != nil {
			c.tell(source.ParamIsField, p.span, name, d.of.Name).Related =
				[]source.Related{{Span: fieldNamed(d.of, name).Span, Code: source.FirstHere}}
		}
		d.params[name] = p
	}
	c.given(d)
	c.bindTo(d)
	for _, n := range d.syn.Params {
		c.inRange(d, d.params[d.line.Name(n.Name.Tok)])
	}
}

// given puts the values of a use into its parameters.
func (c *checker) given(d *decl) {
	if d.used == nil {
		return
	}
	l := d.useLine
	for i, g := range d.given {
		var p *param
		name := ""
		switch {
		case g.Name.Ok():
			name = l.Name(g.Name.Tok)
			p = d.params[name]
		case i < len(d.syn.Params):
			p = d.params[d.line.Name(d.syn.Params[i].Name.Tok)]
		}
		if p == nil {
			d.useBad = true
			c.tell(source.UnknownParam, l.ExprSpan(g.X), d.name, name).Near =
				source.Nearest(name, slices.Sorted(maps.Keys(d.params)))
			continue
		}
		if g.Name.Ok() {
			c.refer(l.TokSpan(g.Name.Tok), p)
		}
		p.x, p.line, p.pkg = g.X, l, d.usedBy
	}
	if d.open() {
		for _, n := range d.syn.Params {
			if d.params[d.line.Name(n.Name.Tok)].x == nil {
				d.useBad = true
				c.tell(source.ParamMissing, d.span, d.name, d.line.Name(n.Name.Tok)).Related =
					[]source.Related{{Span: d.line.TokSpan(n.Name.Tok), Code: source.FirstHere}}
			}
		}
	}
}

// inRange checks a parameter's value against its type and range.
func (c *checker) inRange(d *decl, p *param) {
	if p == nil || p.x == nil || p.typ.Kind == value.Missing {
		return
	}
	s := &scope{c: c, pkg: p.pkg, line: p.line}
	x := s.fitted(p.x, p.typ)
	r := p.node.Range
	d.useBad = d.useBad || x == nil
	if x == nil || r == nil || x.Op != policy.OpConst {
		return
	}
	t := &scope{c: c, pkg: d.pkg, line: d.line}
	lo, okLo := t.bound(r.Low.Tok, r.LowMinus, p.typ)
	hi, okHi := t.bound(r.High.Tok, r.HighMinus, p.typ)
	if okLo && less(x.Const, lo) || okHi && less(hi, x.Const) {
		c.tell(source.ParamRange, x.Span, d.line.Name(p.node.Name.Tok), value.Style{}.Text(lo),
			value.Style{}.Text(hi)).Related = []source.Related{{Span: p.span, Code: source.FirstHere}}
	}
}

func (s *scope) bound(t syntax.Tok, minus bool, want policy.Type) (value.Value, bool) {
	if s.line.Kind(t) == syntax.KindWord {
		return value.Value{}, false
	}
	l, ok := s.number(t, &want)
	if !ok {
		return value.Value{}, false
	}
	x := s.fitLiteral(l, minus, &want, s.line.TokSpan(t))
	if x == nil || x.Type.Kind != want.Kind {
		return value.Value{}, false
	}
	return x.Const, true
}

func less(a, b value.Value) bool {
	if a.Kind.Class() == value.Float {
		return a.Float() < b.Float()
	}
	return a.N < b.N
}

// bindTo resolves `on Event { theirs = ours }` of a use.
func (c *checker) bindTo(d *decl) {
	if d.used == nil || d.usedOn == nil {
		return
	}
	l := d.useLine
	e := c.path(d.usedBy, l, d.usedOn)
	if e == nil || e.record == nil {
		if e != nil {
			c.tell(source.NotA, l.PathSpan(d.usedOn), e.name, string(e.kind), "event")
		}
		return
	}
	theirs := d.of
	if theirs == nil {
		theirs = c.eventOf(d)
	}
	b := &binding{from: theirs, to: e.record, line: l, fields: map[string]bound{}}
	for _, line := range l.Body {
		n, ok := line.Node.(*syntax.Bind)
		if !ok {
			continue
		}
		name := line.Name(n.Theirs.Tok)
		if f := fieldOf(theirs, name); f != nil {
			c.refer(line.TokSpan(n.Theirs.Tok), f)
		}
		if theirs != nil && fieldNamed(theirs, name) == nil {
			d.useBad = true
			c.tell(source.UnknownField, line.TokSpan(n.Theirs.Tok), theirs.Name, name).Near =
				source.Nearest(name, fieldNames(theirs))
			continue
		}
		b.fields[name] = bound{line: line, x: n.Ours, pkg: d.usedBy}
		s := &scope{c: c, pkg: d.usedBy, line: line, self: e.record}
		x := s.expr(n.Ours, nil)
		d.useBad = d.useBad || x == nil
		if f := fieldOf(theirs, name); f != nil && x != nil && !sameType(f.Type, x.Type) {
			d.useBad = true
			c.tell(source.WrongType, x.Span, typeWord(f.Type), typeWord(x.Type))
		}
	}
	d.bind, d.of = b, e.record
}

func fieldOf(r *policy.Record, name string) *policy.Field {
	if r == nil {
		return nil
	}
	return fieldNamed(r, name)
}
