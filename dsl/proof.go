package dsl

import (
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// proof checks the proof lines of an action: those of the preset first, then its own; one of its
// own takes the place of the preset's of the same name.
func (s *scope) proof(a *policy.Action, l *syntax.Line, n *syntax.Proof) bool {
	ok := true
	var own []*policy.ProofLine
	for _, line := range l.Body {
		p, is := line.Node.(*syntax.ProofLine)
		if !is {
			continue
		}
		x, good := s.at(line).proofLine(p)
		ok = ok && good
		if x == nil {
			continue
		}
		for _, o := range own {
			if o.Name == x.Name {
				s.tell(source.TwoAlike, line.TokSpan(p.Name.Tok), x.Name)
			}
		}
		own = append(own, x)
	}
	for _, x := range s.preset(n.Preset, a) {
		if lineNamed(own, x.Name) == nil && lineNamed(a.Proof, x.Name) == nil {
			a.Proof = append(a.Proof, x)
		}
	}
	a.Proof = append(a.Proof, own...)
	return ok
}

func lineNamed(list []*policy.ProofLine, name string) *policy.ProofLine {
	for _, x := range list {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// proofLine checks one line. One that needs what no engine runs yet is told of and left out: it
// can neither prove nor refute.
func (s *scope) proofLine(n *syntax.ProofLine) (*policy.ProofLine, bool) {
	p := &policy.ProofLine{Name: s.line.Name(n.Name.Tok), Else: verdictNamed(n.Else),
		Unknown: verdictNamed(n.Unknown), Strength: policy.Strong, Span: s.line.Span()}
	d := *s.d
	d.later = ""
	t := *s
	t.d = &d
	p.X = t.condition(n.X)
	p.Text = s.message(n.Text)
	if n.Text2 != nil {
		p.Text = s.message(n.Text2)
	}
	if n.Within.Ok() {
		if due, ok := s.due(n.Within.Tok); ok {
			p.Within = &due
		}
		if p.Else != policy.Review && p.Unknown != policy.Review {
			s.tell(source.ReviewNever, s.line.TokSpan(n.Within.Tok), p.Name)
		}
	}
	if n.Strength == "weak" || n.Strength == "" && weak(p.X) {
		p.Strength = policy.Weak
	}
	if d.later != "" {
		s.tell(source.ProofNotRun, s.line.TokSpan(n.Name.Tok), p.Name, d.later)
		return nil, true
	}
	return p, p.X != nil
}

func verdictNamed(word string) policy.Verdict {
	switch word {
	case "reject":
		return policy.Reject
	case "note":
		return policy.Remark
	}
	return policy.Review
}

// weak reports whether a check is weak evidence by itself: that a photo, recording or text is
// there, or what its sender says of it, can be had without the work being done.
func weak(x *policy.Expr) bool {
	if x == nil {
		return false
	}
	switch x.Op {
	case policy.OpHas:
		return true
	case policy.OpAnd, policy.OpOr:
		for _, a := range x.Args {
			if !weak(a) {
				return false
			}
		}
		return true
	case policy.OpField:
		return x.Type.Kind == value.Bool
	}
	return false
}

// preset are the lines that a preset of proof adds (reference, section 6): triangle asks for place
// and time, interaction proof and business output; photo for a photo taken then and there; strict
// for all of it, refusing what is not there. They read the event's fields by their names in the
// standard vocabulary; one that the event does not have is told once.
func (s *scope) preset(name string, a *policy.Action) []*policy.ProofLine {
	if name == "" || s.self == nil {
		return nil
	}
	b := &presets{s: s, a: a, name: name}
	switch name {
	case "triangle":
		b.place(policy.Review)
		b.any("interaction", policy.Review, "recording", "photo", "quote")
		b.any("output", policy.Review, "quote", "need", "appointment")
	case "strict":
		b.place(policy.Review)
		b.any("photo", policy.Reject, "photo")
		b.taken(policy.Review)
		b.any("recording", policy.Reject, "recording")
		b.any("output", policy.Reject, "quote", "need", "appointment")
	case "photo":
		b.any("photo", policy.Review, "photo")
		b.taken(policy.Review)
	}
	return b.out
}

// presets builds the lines of one preset.
type presets struct {
	s    *scope
	a    *policy.Action
	name string
	out  []*policy.ProofLine
}

func (b *presets) add(name string, x *policy.Expr, v policy.Verdict, st policy.Strength) {
	b.out = append(b.out, &policy.ProofLine{Name: name, X: x, Else: v, Strength: st,
		Span: b.s.line.Span()})
}

// field reads a field of the event or of what the action is about; nil where there is none.
func (b *presets) field(of *policy.Expr, name string) *policy.Expr {
	r := b.s.self
	if of != nil {
		r = of.Type.Record
	} else {
		of = standing(policy.OpSelf, r, b.s.line.Span())
	}
	f := fieldNamed(r, name)
	if f == nil {
		return nil
	}
	b.s.c.compute(f)
	t := f.Type
	t.Maybe = t.Maybe || of.Type.Maybe
	return &policy.Expr{Op: policy.OpField, Field: f, Type: t, Args: []*policy.Expr{of},
		Span: b.s.line.Span()}
}

// place wants the event within 500 m of what it is about.
func (b *presets) place(v policy.Verdict) {
	at := b.field(nil, "location")
	var to *policy.Expr
	if b.a.About != nil {
		to = b.field(b.a.About, "location")
	}
	if at == nil || to == nil || at.Type.Kind != value.Point || to.Type.Kind != value.Point {
		b.missing("place", "location")
		return
	}
	d := constOf(value.OfFloat(value.Distance, 500), policy.Type{Kind: value.Distance}, at.Span)
	b.add("place", &policy.Expr{Op: policy.OpNear, Type: boolType(), Span: at.Span,
		Args: []*policy.Expr{at, d, to}}, v, policy.Strong)
}

// any wants one of several fields.
func (b *presets) any(name string, v policy.Verdict, fields ...string) {
	var has []*policy.Expr
	for _, n := range fields {
		if f := b.field(nil, n); f != nil {
			has = append(has, &policy.Expr{Op: policy.OpHas, Type: boolType(), Span: f.Span,
				Args: []*policy.Expr{f}})
		}
	}
	switch len(has) {
	case 0:
		b.missing(name, fields[0])
	case 1:
		b.add(name, has[0], v, policy.Weak)
	default:
		b.add(name, &policy.Expr{Op: policy.OpOr, Type: boolType(), Span: has[0].Span, Args: has},
			v, policy.Weak)
	}
}

// taken wants the photo taken within 10 minutes of the event.
func (b *presets) taken(v policy.Verdict) {
	photo, at := b.field(nil, "photo"), b.field(nil, "at")
	if photo == nil || photo.Type.Kind != value.Photo {
		return // told already
	}
	f := fieldNamed(b.s.c.media[value.Photo], "taken")
	taken := &policy.Expr{Op: policy.OpField, Field: f, Span: photo.Span,
		Type: policy.Type{Kind: value.Time, Maybe: true}, Args: []*policy.Expr{photo}}
	d := constOf(value.OfWord(value.Duration, 10*value.Minute), policy.Type{Kind: value.Duration},
		at.Span)
	b.add("taken", &policy.Expr{Op: policy.OpNear, Type: boolType(), Span: photo.Span,
		Args: []*policy.Expr{taken, d, at}}, v, policy.Weak)
}

func (b *presets) missing(line, field string) {
	b.s.tell(source.PresetField, b.s.line.HeadSpan(), b.name, line, field)
}

// steps checks the checklist of an action. A step says itself what does it (`is E`, `is Visit in
// 7d`); without, it is a tick in the event's `steps`.
func (s *scope) steps(a *policy.Action, l *syntax.Line, lines once) bool {
	if s.at(l).line == nil || lines.seen(s, "steps") {
		return false
	}
	ok := true
	for _, line := range l.Body {
		n, is := line.Node.(*syntax.Step)
		if !is {
			continue
		}
		t := s.at(line)
		x := t.step(n)
		if x != nil && n.Needs != nil {
			x = t.needing(x, n.Needs)
		}
		if x == nil {
			ok = false
			continue
		}
		a.Steps = append(a.Steps, policy.ActionStep{Text: textOf(line, n.Text), X: x, Span: line.Span()})
	}
	return ok
}

// needing adds `needs photo` to a step.
func (t *scope) needing(x *policy.Expr, p *syntax.Path) *policy.Expr {
	f := t.pathExpr(p)
	if f == nil {
		return nil
	}
	has := &policy.Expr{Op: policy.OpHas, Type: boolType(), Span: f.Span, Args: []*policy.Expr{f}}
	return &policy.Expr{Op: policy.OpAnd, Type: boolType(), Span: x.Span,
		Args: []*policy.Expr{x, has}}
}

func (t *scope) step(n *syntax.Step) *policy.Expr {
	at := t.line.Span()
	if n.Is == nil {
		return t.tick(n, at)
	}
	if w, ok := n.Is.(*syntax.Windowed); ok {
		return t.happened(w.X, w.Window)
	}
	if p := pathOf(n.Is); len(p) == 1 {
		name := t.line.Name(p[0])
		if t.self == nil || fieldNamed(t.self, name) == nil {
			if d, _ := t.c.visible(t.pkg, name); d != nil && (d.kind.isRecord() || d.kind == isAction) {
				return t.happened(n.Is, nil)
			}
		}
	}
	x := t.expr(n.Is, nil)
	if x == nil || x.Type.Kind == value.Bool {
		return x
	}
	if x.Type.Kind == value.List { // `is lines`: something is in the list
		zero := constOf(value.OfWord(value.Int, 0), policy.Type{Kind: value.Int}, at)
		n := &policy.Expr{Op: policy.OpCall, Fn: "len", Type: policy.Type{Kind: value.Int,
			Maybe: x.Type.Maybe}, Args: []*policy.Expr{x}, Span: x.Span}
		return &policy.Expr{Op: policy.OpGt, Type: boolType(), Span: x.Span,
			Args: []*policy.Expr{n, zero}}
	}
	return &policy.Expr{Op: policy.OpHas, Type: boolType(), Args: []*policy.Expr{x}, Span: x.Span}
}

// tick is a step that a person ticks: its text, or its number, stands in the event's `steps`.
func (t *scope) tick(n *syntax.Step, at source.Span) *policy.Expr {
	f := fieldOf(t.self, "steps")
	if f == nil || f.Type.Kind != value.List || f.Type.Elem.Kind != value.Text {
		if t.self != nil {
			t.tell(source.NoTicks, at, t.self.Name)
		}
		return nil
	}
	list := &policy.Expr{Op: policy.OpField, Field: f, Type: f.Type, Span: at,
		Args: []*policy.Expr{standing(policy.OpSelf, t.self, at)}}
	text := func(s string) *policy.Expr {
		return constOf(value.OfText(s), policy.Type{Kind: value.Text}, at)
	}
	label := textOf(t.line, n.Text)
	var ticked []*policy.Expr
	for _, s := range []string{label.Main, label.En, label.Zh} {
		if s != "" {
			ticked = append(ticked, &policy.Expr{Op: policy.OpContains, Type: boolType(), Span: at,
				Args: []*policy.Expr{list, text(s)}})
		}
	}
	x := ticked[0]
	if len(ticked) > 1 {
		x = &policy.Expr{Op: policy.OpOr, Type: boolType(), Args: ticked, Span: at}
	}
	// Without any tick none is there: that is not unknown.
	has := &policy.Expr{Op: policy.OpHas, Type: boolType(), Span: at, Args: []*policy.Expr{list}}
	return &policy.Expr{Op: policy.OpAnd, Type: boolType(), Args: []*policy.Expr{has, x}, Span: at}
}

// stepsField gives an event the field in which the steps of its actions are ticked, unless it
// declares one.
func (c *checker) stepsField(d *decl) {
	if d.of == nil || fieldNamed(d.of, "steps") != nil {
		return
	}
	for _, l := range d.line.Body {
		for _, line := range l.Body {
			if n, ok := line.Node.(*syntax.Step); ok && n.Is == nil {
				text := policy.Type{Kind: value.Text}
				addFields(d.of, []*policy.Field{{Name: "steps", Span: line.Span(),
					Type: policy.Type{Kind: value.List, Elem: &text, Maybe: true}}})
				return
			}
		}
	}
}

// happened is `is Visit in 7d`: one was there about the same subject.
func (t *scope) happened(x syntax.Expr, w *syntax.Window) *policy.Expr {
	call := &syntax.Call{Fn: "count"}
	call.Args = append(call.Args, syntax.Arg{X: x})
	src := t.source(call, x)
	if src == nil || src.bad {
		return nil
	}
	at := t.line.ExprSpan(x)
	a := &policy.Aggregate{Fn: policy.Count, Source: src.decl.record, Action: src.action,
		Type: policy.Type{Kind: value.Int}, Span: at}
	row := t.inside(a)
	if w != nil && !t.window(a, row, w) {
		return nil
	}
	about := t.aboutOf()
	if about == nil {
		t.tell(source.StepAbout, at, t.d.name)
		return nil
	}
	a.Subject, a.Of = about.Type.Record, about
	if !t.via(a, row, call) {
		return nil
	}
	n := &policy.Expr{Op: policy.OpAggregate, Agg: a, Type: a.Type, Span: at}
	one := constOf(value.OfWord(value.Int, 1), policy.Type{Kind: value.Int}, at)
	return &policy.Expr{Op: policy.OpGe, Type: boolType(), Args: []*policy.Expr{n, one}, Span: at}
}

// aboutOf is what the action in hand is about, else who does it.
func (t *scope) aboutOf() *policy.Expr {
	for _, want := range []string{"about", "by"} {
		for _, l := range t.d.line.Body {
			switch n := l.Node.(type) {
			case *syntax.About:
				if want == "about" {
					return t.at(l).pathExpr(n.Path)
				}
			case *syntax.By:
				if want == "by" && len(n.Paths) > 0 {
					return t.at(l).pathExpr(n.Paths[0])
				}
			}
		}
	}
	return nil
}

// doneCall is verified(A): the event at hand is a counted completion of the action.
func (s *scope) doneCall(n *syntax.Call, at source.Span) *policy.Expr {
	if len(n.Args) != 1 {
		s.arity(n, n.Fn, 1, 1)
		return nil
	}
	list, ok := s.actionsNamed(n.Args[0].X)
	if !ok {
		return nil
	}
	r, op := s.subject()
	for _, u := range list {
		if u.on == r {
			return verified(u, op, at)
		}
	}
	u := list[0]
	if u.of != nil && s.c.eventOf(u.of) == r { // its uses are all on other events
		return constOf(value.OfBool(false), boolType(), at)
	}
	s.tell(source.VerifiedOf, at, u.lead.Name, u.on.Name)
	return nil
}

// verified is whether the event at hand is a counted completion of one of the uses on it.
func verified(u *uses, op policy.Op, at source.Span) *policy.Expr {
	if a := u.one(); a != nil {
		return &policy.Expr{Op: policy.OpDone, Action: a, Span: at,
			Type: policy.Type{Kind: value.Bool, Maybe: true},
			Args: []*policy.Expr{standing(op, u.on, at)}}
	}
	return u.counts(op, "", at)
}

// completedCall is completion(A in W): of a person, or of all whose one field names the subject.
func (s *scope) completedCall(n *syntax.Call, at source.Span) *policy.Expr {
	switch {
	case s.inRow:
		s.tell(source.NotInWhere, s.line.TokSpan(n.FnAt), n.Fn)
		return nil
	case len(n.Args) != 1:
		s.arity(n, n.Fn, 1, 1)
		return nil
	case n.Window == nil:
		s.tell(source.CompletionWindow, at)
		return nil
	}
	list, ok := s.actionsNamed(n.Args[0].X)
	if !ok {
		return nil
	}
	var out *policy.Expr
	for _, u := range list {
		for _, a := range u.acts {
			x := s.completed(a, n, at)
			switch {
			case x == nil:
				return nil
			case out == nil:
				out = x
			case x.Agg.Subject != out.Agg.Subject:
				s.apartUses(list, n.Fn, at)
				return nil
			default: // what is counted of any of them, of what all of them owe
				out.Args = append(out.Args, x)
			}
		}
	}
	if out == nil { // nobody uses it: nothing is due
		if a := list[0].lead; s.completed(a, n, at) == nil {
			return nil
		}
		return constOf(value.Value{}, policy.Type{Kind: value.Percent, Maybe: true}, at)
	}
	return out
}

// completed is the completion of one action.
func (s *scope) completed(a *policy.Action, n *syntax.Call, at source.Span) *policy.Expr {
	if s.cell == a && a.Target == nil {
		s.c.cellless = true // an alert by action has no cell of what nobody owes
		return nil
	}
	if a.Person() == nil || a.Target == nil {
		s.tell(source.CompletionTarget, at, a.Name)
		return nil
	}
	if s.self == nil {
		return nil
	}
	g := &policy.Aggregate{Fn: policy.Count, Source: a.On, Action: a, Subject: a.Person(),
		Via: rowOf(a.By), Type: policy.Type{Kind: value.Int}, Span: at}
	if a.Target.Distinct != nil {
		g.Fn, g.Value = policy.Distinct, rowOf(a.Target.Distinct)
	}
	if !s.window(g, s.inside(g), n.Window) {
		return nil
	}
	switch g.Window.Kind {
	case policy.Sliding, policy.This, policy.Prior:
	default:
		s.tell(source.CompletionWindow, at)
		return nil
	}
	x := &policy.Expr{Op: policy.OpCompleted, Action: a, Agg: g, Span: at,
		Type: policy.Type{Kind: value.Percent, Maybe: true}}
	if s.self == a.Person() {
		return x
	}
	x.Field = s.memberOf(a.Person())
	if x.Field == nil {
		s.tell(source.CompletionOf, at, a.Name, a.Person().Name, s.self.Name, strconv.Quote(a.Name))
		return nil
	}
	return x
}

// memberOf is the one stored reference by which people belong to the subject.
func (s *scope) memberOf(person *policy.Record) *policy.Field {
	var found *policy.Field
	for _, f := range person.Fields {
		if f.Type.Kind == value.Ref && f.Type.Record == s.self && !s.c.isComputed(f) {
			if found != nil {
				return nil
			}
			found = f
		}
	}
	return found
}
