package dsl

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// Index is what every name in the text of a policy stands for, as editors ask for it.
type Index struct {
	Texts []source.File // what spans point into
	Diags []source.Diagnostic
	Files []*syntax.File // parsed, by the indexes of Texts; nil for what is no policy text

	refs []Ref // by file and place, each place once
	c    *checker
	r    *recorder
}

// A Ref is one name in the text and what it stands for.
type Ref struct {
	Span source.Span // of the name
	To   *Symbol
}

// Symbol is something that has a name. Two symbols are the same where they are declared at the
// same place; what is built in is declared nowhere.
type Symbol struct {
	Kind  string // the word of the language for what it is: entity, field, value, stage, …
	Name  string
	In    string // the declaration that it is a part of, "" where it stands by itself
	Label policy.Text
	Doc   string
	Span  source.Span // its name where it is declared, zero where it is built in
	Whole source.Span // its declaration without its block
	Type  string      // as a policy would write it, "" where it has none
	Fn    string      // the parameters of an extern
	Was   bool        // its name may be followed by `was`
	Part  bool        // it can be read of a record: a field, score or tier
	Of    *policy.Record

	typ policy.Type
}

// Index looks at one package's files like Diagnose and remembers what names stand for. It looks at
// all of them: who only wants the diagnostics asks Diagnose.
func (k *Checker) Index(files []source.File, set policy.Settings) *Index {
	r := &recorder{known: map[any]*Symbol{}, values: map[source.Span]*Symbol{},
		scopes: map[*syntax.Line]*scope{}}
	c := k.begin(files, set, r)
	c.check()
	for of, s := range r.known { //tidy:order each is described by itself
		c.describe(s, of)
	}
	x := &Index{Texts: c.policy.Files, Diags: c.sorted(), c: c, r: r}
	x.Files = make([]*syntax.File, len(c.policy.Files))
	for _, p := range c.everyPackage() {
		for _, f := range p.files {
			x.Files[f.Index] = f
		}
	}
	// A place stands for what it was first found to stand for: a template that is used twice is
	// looked at twice.
	slices.SortStableFunc(r.refs, func(a, b Ref) int {
		return cmp.Or(cmp.Compare(a.Span.File, b.Span.File), cmp.Compare(a.Span.Off, b.Span.Off),
			cmp.Compare(b.Span.End, a.Span.End))
	})
	x.refs = slices.CompactFunc(r.refs, func(a, b Ref) bool { return a.Span == b.Span })
	return x
}

// Keywords are the words of the language in a file, in order.
func (x *Index) Keywords(file int32) []syntax.Keyword { return x.c.cache.Keywords(x.Files[file]) }

// Refs are the names of a file in order of their places.
func (x *Index) Refs(file int32) []Ref {
	from, _ := slices.BinarySearchFunc(x.refs, file, func(r Ref, f int32) int {
		return cmp.Compare(r.Span.File, f)
	})
	to, _ := slices.BinarySearchFunc(x.refs, file+1, func(r Ref, f int32) int {
		return cmp.Compare(r.Span.File, f)
	})
	return x.refs[from:to]
}

// At is the name that an offset of a file touches.
func (x *Index) At(file, off int32) (Ref, bool) {
	refs := x.Refs(file)
	i, _ := slices.BinarySearchFunc(refs, off+1, func(r Ref, off int32) int {
		return cmp.Compare(r.Span.Off, off)
	})
	if i > 0 && refs[i-1].Span.End >= off {
		return refs[i-1], true
	}
	return Ref{}, false
}

// Same reports whether two symbols are one thing.
func (s *Symbol) Same(t *Symbol) bool {
	if s.Span.IsZero() && t.Span.IsZero() {
		return s.Kind == t.Kind && s.Name == t.Name && s.In == t.In
	}
	return s.Span == t.Span
}

// RefsTo are all names that stand for a symbol, its declaration included.
func (x *Index) RefsTo(s *Symbol) []Ref {
	var out []Ref
	for _, r := range x.refs {
		if s.Same(r.To) {
			out = append(out, r)
		}
	}
	return out
}

// Symbols are the symbols that files declare, in order of their places.
func (x *Index) Symbols() []*Symbol {
	var out []*Symbol
	for _, r := range x.refs {
		if r.Span == r.To.Span {
			out = append(out, r.To)
		}
	}
	return out
}

// recorder remembers what names stand for. A checker without one pays a comparison a name.
type recorder struct {
	refs   []Ref // as they are found
	known  map[any]*Symbol
	values map[source.Span]*Symbol // values of choices, by where they are declared
	scopes map[*syntax.Line]*scope // the lines that were looked at
}

// worth is a value of a choice, a tier of a segment or a stage of a journey.
type worth struct {
	choice *policy.Choice
	i      int
}

// refer records that a name stands for a declaration, field or parameter.
func (c *checker) refer(at source.Span, to any) {
	if c.recorder == nil {
		return
	}
	s := c.recorder.known[to]
	if s == nil {
		s = &Symbol{}
		c.recorder.known[to] = s
	}
	c.recorder.note(at, s)
}

// describe says what a symbol is. That is done at the end, when all that it says is known.
func (c *checker) describe(s *Symbol, of any) {
	switch of := of.(type) {
	case *decl:
		*s = c.symbolOfDecl(of)
	case *policy.Field:
		*s = c.symbolOfField(of)
	case *alias:
		*s = Symbol{Kind: "package", Name: of.name, Span: of.span, Whole: of.span,
			Type: of.pkg.path}
	case *param:
		*s = Symbol{Kind: "parameter", Name: of.of.line.Name(of.node.Name.Tok), Span: of.span,
			Whole: of.of.line.Span(), In: of.of.name, Type: maybeWord(of.typ), typ: of.typ}
	}
}

func (r *recorder) note(at source.Span, s *Symbol) {
	if at.End > at.Off {
		r.refs = append(r.refs, Ref{at, s})
	}
}

// declares records a symbol that nothing else stands for, at its name.
func (c *checker) declares(s Symbol) *Symbol {
	if c.recorder == nil {
		return nil
	}
	c.recorder.note(s.Span, &s)
	return &s
}

// referValue records that a name stands for a value of a choice.
func (c *checker) referValue(at source.Span, ch *policy.Choice, i int) {
	if c.recorder == nil {
		return
	}
	key := worth{ch, i}
	s := c.recorder.known[key]
	if s == nil {
		v := ch.Values[i]
		s = &Symbol{Kind: "value", Name: v.Name, In: ch.Name, Label: v.Label}
		c.recorder.known[key] = s
	}
	c.recorder.note(at, s)
}

// declaresValue records where a value of a choice is declared.
func (c *checker) declaresValue(s Symbol, ch *policy.Choice, i int) {
	if c.recorder == nil {
		return
	}
	v := ch.Values[i]
	s.Name, s.Label = v.Name, v.Label
	if first := c.recorder.values[s.Span]; first != nil { // a type that was resolved twice
		c.recorder.known[worth{ch, i}] = first
		return
	}
	c.recorder.known[worth{ch, i}] = &s
	c.recorder.values[s.Span] = &s
	c.recorder.note(s.Span, &s)
}

func (c *checker) symbolOfDecl(d *decl) Symbol {
	s := Symbol{Kind: string(d.kind), Name: d.name, Label: d.head.Label, Doc: d.head.Doc,
		Span: d.span, Of: d.of}
	if d.record != nil {
		s.Of = d.record
	}
	if d.of != nil {
		s.In = d.of.Name
	}
	if d.line != nil {
		s.Whole = d.line.Span()
	}
	if d.useLine != nil {
		s.Whole = d.useLine.Span()
	}
	switch d.kind {
	case isLet:
		if x := d.let; x != nil {
			s.typ, s.Type = x.Type, maybeWord(x.Type)
		}
	case isScore:
		s.typ = policy.Type{Kind: value.Number, Maybe: true}
		s.Type, s.Part = maybeWord(s.typ), true
	case isSegment:
		if d.segment != nil && d.segment.Kinds != nil {
			s.typ = policy.Type{Kind: value.Choice, Choice: d.segment.Kinds, Maybe: true}
			s.Type, s.Part = maybeWord(s.typ), true
		}
	case isExtern:
		c.externType(d, &s)
	case isChoice:
		if d.choice != nil {
			s.Type = typeWord(policy.Type{Kind: value.Choice,
				Choice: &policy.Choice{Values: d.choice.Values}})
		}
	}
	switch d.kind {
	case isLet, isExtern, isCalendar, isSource, isAllocate:
	default:
		s.Was = d.line != nil
	}
	return s
}

// externType says what an extern takes and gives.
func (c *checker) externType(d *decl, s *Symbol) {
	n, ok := d.node.(*syntax.Extern)
	if !ok || d.extern == nil {
		return
	}
	s.typ, s.Type = d.extern.Result, maybeWord(d.extern.Result)
	for i, p := range n.Head.Params {
		if i > 0 {
			s.Fn += ", "
		}
		s.Fn += d.line.Name(p.Name.Tok) + " " + maybeWord(d.extern.Params[i])
	}
}

func (c *checker) symbolOfField(f *policy.Field) Symbol {
	s := Symbol{Kind: "field", Name: f.Name, Label: f.Label, Span: f.Span, Type: maybeWord(f.Type),
		Of: f.Of, Part: true, typ: f.Type}
	if f.Of != nil {
		s.In = f.Of.Name
	}
	if d := c.byField[f]; d != nil {
		s.Doc, s.Whole, s.Was = d.line.Doc(), d.line.Span(), true
	}
	return s
}

// maybeWord is a type as a policy would write it, with its question mark.
func maybeWord(t policy.Type) string {
	w := typeWord(t)
	if t.Maybe {
		w += "?"
	}
	return w
}
