package dsl

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// journeyShell names a journey's stages and gives its entity stage, stage_since and open, before
// any expression is looked at. A template that is not used gives nothing: its own text sees the
// fields all the same.
func (c *checker) journeyShell(d *decl) {
	if d.of == nil {
		return
	}
	d.journey = &policy.Journey{Head: d.head, Of: d.of}
	stages := &policy.Choice{}
	for _, l := range d.line.Body {
		if n, ok := l.Node.(*syntax.Stage); ok {
			g := c.stageHead(d, l, n)
			g.Index = len(d.journey.Stages)
			d.journey.Stages = append(d.journey.Stages, g)
			v := policy.ChoiceValue{Name: g.Name, Label: g.Label}
			for _, w := range n.Was {
				v.Was = append(v.Was, l.Name(w.Tok))
			}
			stages.Values = append(stages.Values, v)
			c.declaresValue(Symbol{Kind: "stage", In: d.name, Was: true, Whole: l.Span(),
				Doc: l.Doc(), Span: g.Span}, stages, g.Index)
		}
	}
	r := &policy.Record{Head: policy.Head{Name: d.of.Name}}
	switch {
	case !c.inForce(d) || d.useBad:
	case c.journeys[d.of] != nil:
		c.tell(source.TwoJourneys, d.span, d.of.Name).Related =
			[]source.Related{{Span: c.journeys[d.of].Span, Code: source.FirstHere}}
		return
	default:
		c.journeys[d.of] = d.journey
		r = d.of
	}
	fields := []*policy.Field{
		{Name: "stage", System: policy.SysStage, Type: policy.Type{Kind: value.Choice, Choice: stages}},
		{Name: "stage_since", System: policy.SysStageSince, Type: policy.Type{Kind: value.Time}},
		{Name: "open", System: policy.SysOpen, Type: policy.Type{Kind: value.Bool}},
	}
	addFields(r, fields)
	d.journey.Stage, d.journey.Since, d.journey.Open = fields[0], fields[1], fields[2]
	if r == d.of {
		d.journey.Stays = stays(d, fields[0].Type)
		d.record = d.journey.Stays
	}
}

// stays is a journey as a source: its rows are entities that the engine writes.
func stays(d *decl, stage policy.Type) *policy.Record {
	r := &policy.Record{Builtin: true, Kept: true, Head: policy.Head{Name: d.head.Name,
		Full: d.head.Full, Was: d.head.Was, Label: d.head.Label, Span: d.head.Span}}
	addSystem(r, isSource)
	addFields(r, []*policy.Field{
		{Name: "subject", Type: policy.Type{Kind: value.Ref, Record: d.of}},
		{Name: "stage", Type: stage},
		{Name: "entered", Type: policy.Type{Kind: value.Time}},
		{Name: "left", Type: policy.Type{Kind: value.Time, Maybe: true}},
		{Name: "length", Type: policy.Type{Kind: value.Duration, Maybe: true}},
	})
	return r
}

// stageHead is a stage without its lines.
func (c *checker) stageHead(d *decl, l *syntax.Line, n *syntax.Stage) *policy.Stage {
	g := &policy.Stage{Head: policy.Head{Name: l.Name(n.Name.Tok), Mode: d.head.Mode,
		Span: l.TokSpan(n.Name.Tok), Doc: l.Doc()}}
	for _, label := range []*syntax.Label{n.Label, n.Label2} {
		if label != nil && g.Label.Main == "" {
			g.Label = textOf(l, label)
		}
	}
	switch n.Is {
	case "won":
		g.Kind = policy.StageWon
	case "lost":
		g.Kind = policy.StageLost
	}
	names := []string{g.Name}
	for _, w := range n.Was {
		names = append(names, l.Name(w.Tok))
	}
	for i, of := range append([]string{d.head.Full}, d.head.Was...) {
		for j, name := range names {
			if i == 0 && j == 0 {
				g.Full = of + "." + name
			} else {
				g.Was = append(g.Was, of+"."+name)
			}
		}
	}
	return g
}

// under is the head of a part of a stage, such as Deal.Demo.must.
func under(g *policy.Stage, part, name string, at source.Span) policy.Head {
	h := policy.Head{Name: name, Full: g.Full + "." + part, Mode: g.Mode, Span: at}
	for _, w := range g.Was {
		h.Was = append(h.Was, w+"."+part)
	}
	return h
}

// journeyBody checks the lines of a journey's stages.
func (c *checker) journeyBody(d *decl) {
	if d.state != untouched {
		return
	}
	d.state = done
	j := d.journey
	if j == nil {
		return // what it is of could not be resolved
	}
	j.Mode = c.modeOf(d)
	lines, seen, ok, n := once{}, map[string]bool{}, true, 0
	for _, l := range d.line.Body {
		switch node := l.Node.(type) {
		case *syntax.Stage:
			g := j.Stages[n]
			n++
			g.Mode = j.Mode
			if seen[g.Name] {
				c.tell(source.TwoAlike, g.Span, g.Name)
				ok = false
			}
			seen[g.Name] = true
			ok = c.stageBody(d, g, l) && ok
		case *syntax.Unmet:
			lines.seen(c.scopeOf(d, l), "unmet")
			j.Warn = node.How == "warn"
		case *syntax.Mode:
			lines.seen(c.scopeOf(d, l), "mode")
		}
	}
	ok = c.journeyShape(d, j) && ok
	ok = ok && c.journeys[d.of] == j
	c.settle(d, ok, func() {
		c.policy.Journeys = append(c.policy.Journeys, j)
		c.policy.Records = append(c.policy.Records, j.Stays)
	})
}

// stageBody checks the lines of one stage.
func (c *checker) stageBody(d *decl, g *policy.Stage, l *syntax.Line) bool {
	ok := true
	lines := once{}
	for _, line := range l.Body {
		s := c.scopeOf(d, line)
		switch n := line.Node.(type) {
		case *syntax.Require:
			r := s.requirement(n)
			if r == nil {
				ok = false
				continue
			}
			r.Head = under(g, n.Kind, r.Name, line.Span())
			if n.Kind == "entry" {
				g.Entry = append(g.Entry, r)
			} else {
				g.Must = append(g.Must, r)
			}
		case *syntax.Sla:
			due, good := s.due(n.D.Tok)
			ok = good && !lines.seen(s, "sla") && ok
			g.Sla = &policy.Deadline{Head: under(g, "sla", "", line.Span()), Due: due}
		case *syntax.Hook:
			h := &policy.Hook{Head: under(g, n.When(), "", line.HeadSpan())}
			h.Do = s.effects(line.Body)
			ok = !lines.seen(s, "on "+n.When()) && ok
			switch n.When() {
			case "enter":
				g.Enter = h
			case "leave":
				g.Leave = h
			case "late":
				g.Late = h
			}
		default:
			ok = ok && line.Node != nil
		}
	}
	return ok
}

// journeyShape checks what a journey's stages are to each other.
func (c *checker) journeyShape(d *decl, j *policy.Journey) bool {
	if len(j.Stages) == 0 {
		c.tell(source.NoStages, d.span, d.name)
		return false
	}
	first := j.Stages[0]
	if first.Kind != policy.StageOpen {
		c.tell(source.EndsFirst, first.Span, first.Name)
		return false
	}
	last, won := first, false
	for _, g := range j.Stages {
		won = won || g.Kind == policy.StageWon
		if g.Kind != policy.StageLost {
			last = g
		}
	}
	if !won {
		c.tell(source.NoWon, d.span, d.name)
	}
	for _, g := range j.Stages {
		if g == first || g.Kind == policy.StageLost {
			for _, r := range g.Entry {
				c.tell(source.EntryUnasked, r.Span, g.Name)
			}
		}
		if g != last && g.Kind != policy.StageLost {
			continue
		}
		for _, r := range g.Must {
			if r.Within == nil {
				c.tell(source.MustUnasked, r.Span, g.Name)
			}
		}
	}
	for _, g := range j.Stages {
		if g.Late != nil && !hasDeadline(g) {
			c.tell(source.NeverLate, g.Late.Span, g.Name)
		}
	}
	return true
}

func hasDeadline(g *policy.Stage) bool {
	for _, r := range g.Requirements() {
		if r.Within != nil {
			return true
		}
	}
	return g.Sla != nil
}

// requirement checks one line `entry` or `must`.
func (s *scope) requirement(n *syntax.Require) *policy.Requirement {
	r := &policy.Requirement{}
	if n.Count != nil {
		s.required(r, n.Count)
	} else {
		r.X = s.condition(n.X)
	}
	ok := r.X != nil
	if ok && r.Name == "" {
		r.Name = strings.Join(strings.Fields(s.textAt(r.X.Span)), " ")
	}
	if n.Within.Ok() {
		due, good := s.due(n.Within.Tok)
		r.Within = &due
		ok = ok && good && s.c.dated(r.X)
	}
	if r.Text = s.message(n.Text); !ok {
		return nil
	}
	return r
}

// required resolves `[N] Name [distinct f] [of X] [where e]`: an action, else what records are of,
// else a truth. Two of these alike is an error.
func (s *scope) required(r *policy.Requirement, n *syntax.Counted) {
	at := s.line.PathSpan(n.Name)
	name := s.line.Name(n.Name.Names[0].Tok)
	alone := len(n.Name.Names) == 1 && !n.N.Ok() && n.Distinct == nil && n.Of == nil &&
		n.Where == nil
	d, _ := s.c.visible(s.pkg, name)
	counts := d != nil && (d.kind.isRecord() || d.kind == isAction)
	if alone && s.self != nil {
		f := fieldNamed(s.self, name)
		switch {
		case f != nil && counts:
			s.tell(source.TwoMeanings, at, name, string(d.kind), s.self.Name)
			return
		case !counts:
			if x, ok := s.member(name, at); ok {
				r.X = s.fit(x, boolType())
				return
			}
		}
	}
	if alone && d != nil && d.kind == isLet {
		r.X = s.fit(s.declared(d, at), boolType())
		return
	}
	if d = s.c.path(s.pkg, s.line, n.Name); d != nil {
		s.countOf(r, n, d)
	}
}

// countOf makes the condition `count(Name where e) >= N`.
func (s *scope) countOf(r *policy.Requirement, n *syntax.Counted, d *decl) {
	at := s.line.PathSpan(n.Name)
	list := []*uses{nil}
	switch {
	case d.kind == isSource:
		s.needsLater(d.name)
	case d.kind == isAction:
		found, ok := s.standsFor(d, at)
		if !ok {
			return // told
		}
		list = found
	case d.record == nil:
		s.tell(source.NotA, at, d.name, string(d.kind), "action | event")
		return
	}
	whole := at
	r.Name, r.N = d.name, 1
	if n.N.Ok() {
		r.N = s.count(n.N.Tok)
		whole.Off = s.line.TokSpan(n.N.Tok).Off
	}
	if n.Distinct != nil && len(list) > 1 {
		s.apartUses(list, "distinct", at)
		return
	}
	waits := false
	for _, u := range list {
		count, open := s.countOne(r, n, d.record, u)
		if count == nil {
			return
		}
		waits = waits || open != nil
		if open == nil {
			open = count
		}
		r.Count, r.Open = plus(r.Count, count), plus(r.Open, open)
	}
	if !waits {
		r.Open = nil
	}
	whole.End = r.Count.Span.End
	r.X = &policy.Expr{Op: policy.OpGe, Type: boolType(), Span: whole, Args: []*policy.Expr{r.Count,
		constOf(value.OfWord(value.Int, int64(r.N)), r.Count.Type, whole)}}
}

// countOne is how many a requirement counts of one source, and, where an action's completions may
// count later, how many there are with those that may.
func (s *scope) countOne(
	r *policy.Requirement, n *syntax.Counted, of *policy.Record, u *uses,
) (count, open *policy.Expr) {
	at := s.line.PathSpan(n.Name)
	a := &policy.Aggregate{Fn: policy.Count, Source: of, Subject: s.self,
		Type: policy.Type{Kind: value.Int}}
	if u != nil {
		a.Source, a.Action = u.on, u.one()
	}
	t := *s
	t.counting = u
	row := t.inside(a)
	if n.Distinct != nil {
		a.Fn, a.Value = policy.Distinct, row.fieldPath(a.Source, n.Distinct)
		at.End = s.line.PathSpan(n.Distinct).End
	}
	if n.Of != nil {
		if a.Of = s.reference(n.Of); a.Of == nil {
			return nil, nil
		}
		a.Subject = a.Of.Type.Record
		at.End = s.line.PathSpan(n.Of).End
	}
	if n.Where != nil {
		a.Where = row.condition(n.Where)
		at.End = s.line.ExprSpan(n.Where).End
	}
	a.Span = at
	ok := r.N > 0 && (n.Distinct == nil || a.Value != nil) && (n.Where == nil || a.Where != nil)
	if a.Value = s.identity(a.Value); a.Value != nil && !comparable(a.Value.Type.Kind, false) {
		s.tell(source.WrongArgument, a.Value.Span, "distinct", typeWord(a.Value.Type), quantities)
		ok = false
	}
	switch {
	case s.self == nil || !ok || !t.aboutSelf(a, at):
		return nil, nil
	case u != nil && u.mixed && (n.Distinct != nil || n.Where != nil):
		s.apartUses([]*uses{u}, "count", at)
		return nil, nil
	}
	asked := a.Where
	if u != nil {
		a.Where = and(u.counts(policy.OpRow, "", at), asked)
	}
	count = &policy.Expr{Op: policy.OpAggregate, Agg: a, Type: a.Type, Span: at}
	if u == nil || !slices.ContainsFunc(u.acts, (*policy.Action).Waits) {
		return count, nil
	}
	may := *a
	if may.Open = a.Action != nil; !may.Open {
		may.Where = and(u.counts(policy.OpRow, policy.MayCount, at), asked)
	}
	return count, &policy.Expr{Op: policy.OpAggregate, Agg: &may, Type: a.Type, Span: at}
}

// plus adds a number to what there is, which may be nothing yet.
func plus(sum, x *policy.Expr) *policy.Expr {
	if sum == nil {
		return x
	}
	return &policy.Expr{Op: policy.OpAdd, Type: x.Type, Args: []*policy.Expr{sum, x}, Span: x.Span}
}

// aboutSelf finds how what is counted points at whom it is counted for: a completion by what its
// action is about before by whose it is.
func (s *scope) aboutSelf(a *policy.Aggregate, at source.Span) bool {
	of := a.Action
	if s.counting != nil {
		of = s.counting.lead
	}
	switch {
	case of != nil && of.Subject() == a.Subject:
		a.Via = rowOf(of.About)
	case of != nil && of.Person() == a.Subject:
		a.Via = rowOf(of.By)
	default:
		return s.pointing(a, at)
	}
	return true
}

// stageFunction is time_in(S), entered(S) and left(S): of the record at hand, a stage of its
// journey.
func (s *scope) stageFunction(f function, n *syntax.Call) *policy.Expr {
	at := s.line.ExprSpan(n)
	switch {
	case s.inRow:
		s.tell(source.NotInWhere, s.line.TokSpan(n.FnAt), f.name)
		return nil
	case len(n.Args) != 1:
		s.arity(n, f.name, 1, 1)
		return nil
	case s.self == nil:
		if !s.lost {
			s.tell(source.NoSubject, at)
		}
		return nil
	}
	stage := s.stageField(s.self)
	if stage == nil {
		if x := s.sampled(s.self, "stage", at); x != nil {
			return s.neverIn(f, n, x.Type)
		}
		s.tell(source.NeedsJourney, at, f.name, s.self.Name)
		return nil
	}
	x := s.fitted(n.Args[0].X, stage.Type)
	switch {
	case x == nil:
		return nil
	case x.Op == policy.OpConst && !x.Const.Known():
		return s.neverIn(f, n, stage.Type)
	case x.Op != policy.OpConst:
		s.tell(source.NotLiteral, x.Span, s.textAt(x.Span), "stage")
		return nil
	}
	t := f.result(nil)
	t.Maybe = f.name != "time_in"
	return &policy.Expr{Op: policy.OpCall, Fn: f.name, Type: t, Span: at,
		Args: []*policy.Expr{standing(policy.OpSelf, s.self, at), x}}
}

// neverIn is what a stage function says of a stage that no record is ever in.
func (s *scope) neverIn(f function, n *syntax.Call, stages policy.Type) *policy.Expr {
	if s.fitted(n.Args[0].X, stages) == nil {
		return nil
	}
	return absent(f.result(nil), s.line.ExprSpan(n))
}

// stageField is the field `stage` of a record with a journey; nil where it has none.
func (s *scope) stageField(r *policy.Record) *policy.Field {
	return s.systemField(r, policy.SysStage)
}

// systemField finds a field that a journey gives.
func (s *scope) systemField(r *policy.Record, is policy.System) *policy.Field {
	for _, f := range r.Fields {
		if f.System == is {
			return f
		}
	}
	return s.given(r, func(f *policy.Field) bool { return f.System == is })
}

// stageOf finds it by name.
func (s *scope) stageOf(r *policy.Record, name string) *policy.Field {
	return s.given(r, func(f *policy.Field) bool { return f.Name == name })
}

// given finds a field of a journey that its entity does not have: inside the text of a template
// that is not in force, and where the journey needs what no engine runs yet.
func (s *scope) given(r *policy.Record, is func(*policy.Field) bool) *policy.Field {
	waits := s.c.givenTo(r)
	fields := waits
	if s.d != nil && s.d.journey != nil && s.d.of == r {
		fields = apart(s.d.journey)
	}
	for _, f := range fields {
		if is(f) {
			if len(waits) > 0 {
				s.needsLater(f.Name)
			}
			return f
		}
	}
	return nil
}

// givenTo are the fields that a record would have if its journey could run.
func (c *checker) givenTo(r *policy.Record) []*policy.Field {
	if j := c.journeys[r]; j != nil {
		return apart(j)
	}
	return nil
}

// apart are a journey's fields where they are not its entity's.
func apart(j *policy.Journey) []*policy.Field {
	if j.Stage == nil || j.Stage.Of == j.Of {
		return nil
	}
	return []*policy.Field{j.Stage, j.Since, j.Open}
}

// journeyParts are the names under which parts of a journey speak.
func journeyParts(j *policy.Journey) (out []string) {
	for _, g := range j.Stages {
		out = append(out, g.Full)
		for _, part := range []string{"entry", "must", "sla", "enter", "leave", "late"} {
			out = append(out, g.Full+"."+part)
		}
	}
	return out
}
