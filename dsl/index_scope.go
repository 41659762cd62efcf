package dsl

import (
	"maps"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// remember keeps the scope of a line for whoever asks what may be written there.
func (s *scope) remember() {
	if s.c.recorder != nil {
		s.c.recorder.scopes[s.line] = s
	}
}

// referName records that a bare name stands for a declaration in scope.
func (s *scope) referName(at source.Span, name string) {
	if s.c.recorder == nil {
		return
	}
	if d, _ := s.c.visible(s.pkg, name); d != nil {
		s.c.refer(at, d)
	}
}

// referPart records that a name stands for a field, score or tier of a record.
func (s *scope) referPart(at source.Span, r *policy.Record, name string) {
	if s.c.recorder == nil {
		return
	}
	f := fieldNamed(r, name)
	if f == nil {
		f = fieldLabelled(r, name)
	}
	if f == nil {
		f = s.given(r, func(f *policy.Field) bool { return f.Name == name })
	}
	if f != nil {
		s.c.refer(at, f)
		return
	}
	d, clash := s.c.visible(s.pkg, name)
	if d != nil && clash == nil && d.of == r && r != nil && (d.score != nil || d.segment != nil) {
		s.c.refer(at, d)
	}
}

// referID records that a name of a test stands for a record that the test has made.
func (s *scope) referID(at source.Span, name string) {
	if s.c.recorder != nil && s.made[name] != nil {
		s.c.recorder.note(at, s.made[name])
	}
}

// A Place is where a name may be written: what it could be there.
type Place struct {
	x *Index
	s *scope
}

// Place is the place of a line, given with the lines around it, outermost first.
func (x *Index) Place(around []*syntax.Line) Place {
	p := Place{x, &scope{c: x.c, pkg: x.c.own}}
	for _, l := range around {
		if s := x.r.scopes[l]; s != nil {
			p.s = s
			continue
		}
		for _, d := range x.c.decls {
			if d.line == l && d.used == nil {
				p.s = &scope{c: x.c, pkg: d.pkg, line: l, self: d.of, params: d.params, d: d}
				if d.record != nil {
					p.s.self = d.record
				}
			}
		}
		if n, ok := l.Node.(*syntax.Extend); ok {
			if d, _ := x.c.visible(x.c.own, l.Name(n.Path.Names[0].Tok)); d != nil {
				p.s = &scope{c: x.c, pkg: x.c.own, line: l, self: d.record}
			}
		}
	}
	return p
}

// Subject is the record whose fields bare names are, nil where there is none.
func (p Place) Subject() *policy.Record {
	r, _ := p.s.subject()
	return r
}

// Names are what a bare name may stand for that has a value: parameters, what can be read of the
// subject, records of the test, constants.
func (p Place) Names() []*Symbol {
	var out []*Symbol
	for _, name := range slices.Sorted(maps.Keys(p.s.params)) {
		out = append(out, p.x.symbol(p.s.params[name]))
	}
	r, _ := p.s.subject()
	out = append(out, p.parts(r)...)
	for _, name := range slices.Sorted(maps.Keys(p.s.extra)) {
		t := p.s.extra[name]
		out = append(out, &Symbol{Kind: "name", Name: name, Type: maybeWord(t), typ: t})
	}
	for _, name := range slices.Sorted(maps.Keys(p.s.made)) {
		out = append(out, p.s.made[name])
	}
	return append(out, p.declared(func(d *decl) bool { return d.kind == isLet })...)
}

// Declared are the declarations in scope of the kinds, all of them where none is given, and the
// packages by the names they were imported under.
func (p Place) Declared(kinds ...string) []*Symbol {
	out := p.declared(func(d *decl) bool {
		return len(kinds) == 0 || slices.Contains(kinds, string(d.kind))
	})
	for _, name := range slices.Sorted(maps.Keys(p.s.pkg.aliases)) {
		if s := p.x.symbol(p.s.pkg.aliases[name]); s != nil {
			t := *s
			t.Name = name
			out = append(out, &t)
		}
	}
	return out
}

func (p Place) declared(want func(*decl) bool) []*Symbol {
	var out []*Symbol
	seen := map[string]bool{}
	for _, q := range append(append([]*pkg{p.s.pkg}, p.s.pkg.bare...), p.s.c.builtin) {
		for _, name := range q.order {
			if d := q.names[name]; d != nil && want(d) && !seen[name] {
				seen[name] = true
				out = append(out, p.x.symbol(d))
			}
		}
	}
	return out
}

// parts are what can be read of a record: fields, then scores and tiers.
func (p Place) parts(r *policy.Record) []*Symbol {
	if r == nil {
		return nil
	}
	var out []*Symbol
	fields := append(slices.Clone(r.Fields), p.s.c.givenTo(r)...)
	slices.SortStableFunc(fields, func(a, b *policy.Field) int { // one's own before what is built in
		return int(min(a.System, 1)) - int(min(b.System, 1))
	})
	for _, f := range fields {
		out = append(out, p.x.symbol(f))
	}
	return append(out, p.declared(func(d *decl) bool {
		return d.of == r && (d.score != nil || d.segment != nil && d.segment.Kinds != nil)
	})...)
}

// symbol is the symbol of a declaration, field, parameter or import.
func (x *Index) symbol(of any) *Symbol {
	s := x.r.known[of]
	if s == nil {
		s = &Symbol{}
		x.c.describe(s, of)
		x.r.known[of] = s
	}
	return s
}

// Behind is what may stand behind a path and a point: parts of the record it leads to, or the
// declarations of a package.
func (p Place) Behind(path []string) []*Symbol {
	if len(path) == 0 { // a point that nothing stands before
		return nil
	}
	if a := p.s.pkg.aliases[path[0]]; a != nil && len(path) == 1 {
		var out []*Symbol
		for _, name := range a.pkg.order {
			out = append(out, p.x.symbol(a.pkg.names[name]))
		}
		return out
	}
	t, ok := p.typeOf(path)
	if !ok {
		return nil
	}
	switch t.Kind {
	case value.Ref, value.Row:
		return p.parts(t.Record)
	case value.List:
		if t.Elem != nil && t.Elem.Record != nil {
			return p.parts(t.Elem.Record)
		}
	case value.Photo, value.Audio, value.File:
		return p.parts(p.s.c.media[t.Kind])
	}
	return nil
}

// Values are the values that a choice may have which a path leads to, nil where it leads elsewhere.
func (p Place) Values(path []string) []*Symbol {
	t, ok := p.typeOf(path)
	if !ok {
		return nil
	}
	if t.Kind == value.List && t.Elem != nil {
		t = *t.Elem
	}
	if t.Kind != value.Choice || t.Choice == nil {
		return nil
	}
	var out []*Symbol
	for i, v := range t.Choice.Values {
		if s := p.x.r.known[worth{t.Choice, i}]; s != nil {
			out = append(out, s)
		} else {
			out = append(out, &Symbol{Kind: "value", Name: v.Name, In: t.Choice.Name, Label: v.Label})
		}
	}
	return out
}

// TypeOf is the type that a path has, as a policy would write it, "" where it leads nowhere.
func (p Place) TypeOf(path []string) string {
	if t, ok := p.typeOf(path); ok {
		return maybeWord(t)
	}
	return ""
}

// Row is the place inside an aggregate over a path: names there are the counted record's.
func (p Place) Row(path []string) (Place, bool) {
	r := p.source(path)
	if r == nil {
		return p, false
	}
	t := *p.s
	t.inRow, t.row, t.extra, t.made = true, r, nil, nil
	return Place{p.x, &t}, true
}

// source is the record that an aggregate over a path counts.
func (p Place) source(path []string) *policy.Record {
	if t, ok := p.typeOf(path); ok {
		if t.Kind == value.List && t.Elem != nil {
			return t.Elem.Record
		}
		return t.Record
	}
	return nil
}

// Of is the place with another subject, such as the fields of a record in a test.
func (p Place) Of(path []string) (Place, bool) {
	r := p.source(path)
	if r == nil {
		return p, false
	}
	t := *p.s
	t.self, t.inRow, t.made = r, false, nil
	return Place{p.x, &t}, true
}

// typeOf finds the type of a path: its first name is a part of the subject, a parameter, a
// constant, a record of the test, or a source.
func (p Place) typeOf(path []string) (policy.Type, bool) {
	if len(path) == 0 {
		return policy.Type{}, false
	}
	t, ok := p.first(path[0])
	rest := path[1:]
	if a := p.s.pkg.aliases[path[0]]; !ok && a != nil && len(path) > 1 {
		d := a.pkg.named(path[1])
		t, ok = typeOfDecl(d)
		rest = path[2:]
	}
	for _, name := range rest {
		if !ok {
			break
		}
		r := t.Record
		switch t.Kind {
		case value.List:
			if t.Elem != nil {
				r = t.Elem.Record
			}
		case value.Photo, value.Audio, value.File:
			r = p.s.c.media[t.Kind]
		}
		t, ok = p.part(r, name)
	}
	return t, ok
}

func (p Place) first(name string) (policy.Type, bool) {
	if q := p.s.params[name]; q != nil {
		return q.typ, true
	}
	r, _ := p.s.subject()
	if t, ok := p.part(r, name); ok {
		return t, true
	}
	if t, ok := p.s.extra[name]; ok {
		return t, true
	}
	if r := p.s.ids[name]; r != nil {
		return standingOf(policy.OpSelf, r, source.Span{}).Type, true
	}
	if r != nil && (name == "self" || name == "自身") {
		return standingOf(policy.OpSelf, r, source.Span{}).Type, true
	}
	if p.s.cand != nil && (name == "candidate" || name == "候选人") {
		return standingOf(policy.OpCandidate, p.s.cand, source.Span{}).Type, true
	}
	d, _ := p.s.c.visible(p.s.pkg, name)
	return typeOfDecl(d)
}

// typeOfDecl is the type of a constant, or the record that a declared name stands for.
func typeOfDecl(d *decl) (policy.Type, bool) {
	switch {
	case d == nil:
	case d.let != nil:
		return d.let.Type, true
	case d.record != nil:
		return policy.Type{Kind: value.Row, Record: d.record}, true
	case d.choice != nil:
		return policy.Type{Kind: value.Choice, Choice: d.choice}, true
	case d.kind == isAction && d.of != nil:
		return policy.Type{Kind: value.Row, Record: d.of}, true
	}
	return policy.Type{}, false
}

// part is the type of a part of a record.
func (p Place) part(r *policy.Record, name string) (policy.Type, bool) {
	if r == nil {
		return policy.Type{}, false
	}
	f := fieldNamed(r, name)
	if f == nil {
		f = fieldLabelled(r, name)
	}
	for _, g := range p.s.c.givenTo(r) {
		if f == nil && g.Name == name {
			f = g
		}
	}
	if f != nil {
		return f.Type, true
	}
	d, _ := p.s.c.visible(p.s.pkg, name)
	if d != nil && d.of == r && (d.score != nil || d.segment != nil) {
		s := p.x.symbol(d)
		return s.typ, s.Part
	}
	return policy.Type{}, false
}
