package dsl

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// fieldDecl is where a field was declared. Its computation is checked when it is first read.
type fieldDecl struct {
	field *policy.Field
	pkg   *pkg
	line  *syntax.Line
	node  *syntax.FieldLine
	rows  bool // a column of a list's rows
	bad   bool // its type could not be resolved: what reads it is not told again
	state stage
	later string
}

// fields declares the fields of a record or of a list's rows.
func (c *checker) fields(r *policy.Record, p *pkg, body []*syntax.Line, rows bool) {
	for _, l := range body {
		n, ok := l.Node.(*syntax.FieldLine)
		if !ok {
			continue
		}
		c.field(c.fieldDecls.put(fieldDecl{pkg: p, line: l, node: n, rows: rows}), r)
	}
}

// field declares one field of a record.
func (c *checker) field(d *fieldDecl, r *policy.Record) *fieldDecl {
	l, n := d.line, d.node
	f := c.fieldSlab.put(policy.Field{Name: l.Name(n.Name.Tok), Span: l.TokSpan(n.Name.Tok)})
	for _, label := range [...]*syntax.Label{n.Label, n.Label2, n.Label3} {
		if label != nil && f.Label.Main == "" {
			f.Label = textOf(l, label)
		}
	}
	for _, w := range n.Was {
		f.Was = append(f.Was, l.Name(w.Tok))
	}
	d.field = f
	t, ok := c.typ(d.pkg, l, n.Type, l.Body)
	f.Type, d.bad = t, !ok
	switch {
	case reserved(f.Name) && !d.rows:
		c.tell(source.ReservedField, f.Span, f.Name)
		return d
	case fieldNamed(r, f.Name) != nil:
		c.tell(source.TwoFields, f.Span, f.Name, recordName(r)).Related =
			[]source.Related{{Span: fieldNamed(r, f.Name).Span, Code: source.FirstHere}}
		return d
	}
	if n.Personal != nil {
		f.Personal = c.personal(l, n.Personal)
	}
	addField(r, f)
	c.byField[f] = d
	c.refer(f.Span, f)
	return d
}

func (c *checker) personal(l *syntax.Line, n *syntax.Personal) *policy.Personal {
	out := &policy.Personal{Purpose: textOf(l, n.For).Main}
	if n.Due.Ok() {
		out.Keep = c.scopeOf(nil, l).duration(n.Due.Tok)
	}
	return out
}

func recordName(r *policy.Record) string {
	if r.Name == "" {
		return "list"
	}
	return r.Name
}

// fieldNamed finds a field by its name, else by its label where just one has it.
func fieldNamed(r *policy.Record, name string) *policy.Field {
	for _, f := range r.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func fieldLabelled(r *policy.Record, name string) *policy.Field {
	var found *policy.Field
	for _, f := range r.Fields {
		if f.Label.Main != "" && (f.Label.Main == name || f.Label.En == name || f.Label.Zh == name) {
			if found != nil {
				return nil
			}
			found = f
		}
	}
	return found
}

// extend adds fields to a record that is declared elsewhere.
func (c *checker) extend(p *pkg, l *syntax.Line) {
	n := l.Node.(*syntax.Extend)
	d := c.path(p, l, n.Path)
	if d == nil {
		return
	}
	if !d.kind.isRecord() || d.kind == isSource || d.record == nil {
		c.tell(source.NotA, l.PathSpan(n.Path), l.Dotted(n.Path), string(d.kind), "entity | event")
		return
	}
	for _, line := range l.Body {
		fl, ok := line.Node.(*syntax.FieldLine)
		if !ok {
			continue
		}
		fd := c.field(&fieldDecl{pkg: p, line: line, node: fl}, d.record)
		if fl.Type != nil && !fl.Type.Maybe && fl.Value == nil && !hasFill(l.Body, fd.field.Name) {
			d := c.tell(source.ExtendNeeds, fd.field.Span, fd.field.Name)
			if fl.Type.Name != nil && !fl.Type.List {
				end := line.PathSpan(fl.Type.Name)
				end.Off = end.End
				d.Fix = &source.Fix{Edits: []source.Edit{{Span: end, New: "?"}}}
			}
		}
	}
	c.byRecord[d.record].extended(l, p)
}

func hasFill(body []*syntax.Line, name string) bool {
	return slices.ContainsFunc(body, func(l *syntax.Line) bool {
		n, ok := l.Node.(*syntax.Fill)
		return ok && l.Name(n.Name.Tok) == name
	})
}

// extended remembers that a line has fills and drops for the record.
func (d *decl) extended(l *syntax.Line, p *pkg) {
	d.more = append(d.more, moreLines{line: l, pkg: p})
}

// record checks the computed fields, fills and drops of a record.
func (c *checker) record(d *decl) {
	if d.record == nil {
		return
	}
	for _, f := range d.record.Fields {
		c.compute(f)
		if e := f.Type.Elem; e != nil && e.Kind == value.Row && e.Record != nil {
			for _, column := range e.Record.Fields {
				c.compute(column)
			}
		}
	}
	if d.line != nil {
		c.fillsAndDrops(d, d.line.Body, d.pkg)
	}
	for _, m := range d.more {
		c.fillsAndDrops(d, m.line.Body, m.pkg)
	}
}

func (c *checker) fillsAndDrops(d *decl, body []*syntax.Line, p *pkg) {
	for _, l := range body {
		switch l.Node.(type) {
		case *syntax.Fill, *syntax.Drop:
		default:
			if c.recorder == nil {
				continue
			}
		}
		s := &scope{c: c, pkg: p, line: l, self: d.record, d: d}
		s.remember()
		switch n := l.Node.(type) {
		case *syntax.Fill:
			name := l.Name(n.Name.Tok)
			f := fieldNamed(d.record, name)
			if f == nil {
				f = fieldLabelled(d.record, name)
			}
			if f != nil {
				c.refer(l.TokSpan(n.Name.Tok), f)
			}
			switch {
			case f == nil:
				s.unknownField(d.record, name, l.TokSpan(n.Name.Tok))
			case f.System != policy.NotSystem || c.isComputed(f):
				c.tell(source.NotStored, l.TokSpan(n.Name.Tok), name)
			case f.Fill != nil:
				c.tell(source.TwoFields, l.TokSpan(n.Name.Tok), name, d.record.Name)
			default:
				f.Fill = s.fitted(n.X, f.Type)
			}
		case *syntax.Drop:
			if x := s.condition(n.X); x != nil {
				d.record.Drop = append(d.record.Drop, x)
			}
		}
	}
}

func (c *checker) isComputed(f *policy.Field) bool {
	d := c.byField[f]
	return d != nil && d.node.Value != nil
}

// compute checks a computed field once; what reads it is checked after it.
func (c *checker) compute(f *policy.Field) *fieldDecl {
	d := c.byField[f]
	if d == nil || d.state != untouched || d.node == nil || d.node.Value == nil {
		return d
	}
	d.state = inHand
	if f.Of.Kind == policy.Rows {
		c.tell(source.RowCompute, f.Span, f.Name)
		d.bad, d.state = true, done
		return d
	}
	s := &scope{c: c, pkg: d.pkg, line: d.line, self: f.Of, field: d}
	if !d.bad {
		f.Compute = s.fitted(d.node.Value, f.Type)
	} else {
		s.expr(d.node.Value, nil)
	}
	if f.Compute != nil {
		f.Type.Maybe = f.Type.Maybe || f.Compute.Type.Maybe
	} else {
		f.Type.Maybe = true
		d.bad = d.bad || d.later == ""
	}
	if d.later != "" {
		// It stays a computed field, so that no record can bring a value for it.
		f.Compute = &policy.Expr{Op: policy.OpConst, Type: f.Type, Span: d.line.ExprSpan(d.node.Value)}
		f.Type.Maybe, d.bad = true, false
		c.tell(source.ReadsLater, f.Span, f.Of.Name+"."+f.Name, d.later)
	}
	d.state = done
	return d
}
