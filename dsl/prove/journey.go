package prove

import (
	"math"
	"slices"
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

func (r *prover) journeys() {
	for _, j := range r.p.Journeys {
		if !r.begin(&j.Head) {
			continue
		}
		w := &way{r: r, j: j, bad: map[*policy.Requirement]bool{}}
		for _, g := range j.Stages {
			r.left = stepsInAll
			for _, q := range g.Requirements() {
				w.inside(q)
				w.bad[q] = w.alone(g, q)
			}
			for _, h := range g.Hooks() {
				r.effects(h.Do)
			}
		}
		w.gates()
	}
}

// inside looks at what a requirement counts. It keeps its rows for as long as there are records, as
// all history counts: that is no oversight.
func (w *way) inside(q *policy.Requirement) {
	if q.Count != nil {
		w.r.told[q.Count] = true
		w.r.cond(q.Count.Agg.Where)
	}
	w.r.inside(q.X)
}

// way is one journey that is looked at.
type way struct {
	r   *prover
	j   *policy.Journey
	bad map[*policy.Requirement]bool // told of by themselves
}

// alone looks at one requirement by itself, and reports whether it can never be met.
func (w *way) alone(g *policy.Stage, q *policy.Requirement) bool {
	r := w.r
	switch {
	case r.fixed(q.X):
		return false
	case w.tooMany(q), w.noneCounts(q):
		return true
	case r.none(is(q.X)) == proved:
		r.never(q.X, nil)
		return true
	}
	r.cond(q.X)
	w.inTime(g, q)
	return false
}

// tooMany tells of more different values than there are.
func (w *way) tooMany(q *policy.Requirement) bool {
	if q.Count == nil || q.Count.Agg.Fn != policy.Distinct || q.Count.Agg.Value == nil {
		return false
	}
	v := q.Count.Agg.Value
	n := 0
	switch {
	case v.Type.Kind == value.Bool:
		n = 2
	case v.Type.Kind == value.Choice && v.Type.Choice != nil:
		n = len(v.Type.Choice.Values)
	}
	if n == 0 || n >= q.N {
		return false
	}
	w.r.tell(source.TooManyKinds, q.X.Span, strconv.Itoa(q.N), path(v), strconv.Itoa(n))
	return true
}

// noneCounts tells where what a requirement wants of the counted records excludes that they count:
// what is `done` for the action, and what the record's `drop` leaves. A proof line may be waived or
// passed by a person, so it excludes nothing.
func (w *way) noneCounts(q *policy.Requirement) bool {
	if q.Count == nil || q.Count.Agg.Where == nil {
		return false
	}
	a := q.Count.Agg
	goals := []goal{is(a.Where)}
	if w.r.none(goals...) == proved {
		return true // told inside
	}
	var others []source.Related
	add := func(x *policy.Expr, mask uint8) {
		if x != nil && !w.r.fixed(x) {
			goals = append(goals, goal{counts(x), mask})
			others = append(others, source.Related{Span: x.Span, Code: source.ExcludesThis})
		}
	}
	if a.Action != nil {
		add(a.Action.Done, isTrue)
	}
	for _, x := range a.Source.Drop {
		add(x, isFalse|isUnknown)
	}
	if len(others) == 0 || w.r.none(goals...) != proved {
		return false
	}
	for i := range others { // one alone where it suffices
		if w.r.none(goals[0], goals[i+1]) == proved {
			others = others[i : i+1]
			break
		}
	}
	w.r.tell(source.NoneCounts, a.Where.Span, q.Name).Related = others
	return true
}

// counts reads the counted record where an expression reads the subject.
func counts(x *policy.Expr) *policy.Expr {
	y := *x
	if y.Op == policy.OpSelf {
		y.Op = policy.OpRow
	}
	y.Args = nil
	for _, a := range x.Args {
		y.Args = append(y.Args, counts(a))
	}
	return &y
}

// inTime tells of a deadline before which its requirement cannot be met.
func (w *way) inTime(g *policy.Stage, q *policy.Requirement) {
	d := q.Within
	if d == nil || d.Work || d.Days > 0 || d.Micro >= math.MaxInt64/2 {
		return
	}
	since := w.field(w.j.Since)
	goals := []goal{is(q.X), is(w.inOneOf([]*policy.Stage{g})),
		is(compared(policy.OpGe, present(), since)),
		is(compared(policy.OpLe, present(), later(since, d.Micro)))}
	visit(q.X, func(e *policy.Expr) {
		if e.Op != policy.OpAggregate || e.Agg.Window.Kind != policy.After {
			return
		}
		// A window behind a moment is missing until it is over.
		has := &policy.Expr{Op: policy.OpHas, Type: policy.Type{Kind: value.Bool},
			Args: []*policy.Expr{e}, Span: e.Span}
		if w.r.none(is(q.X), isNot(has)) == proved {
			over := later(e.Agg.Window.T, e.Agg.Window.D)
			goals = append(goals, is(compared(policy.OpGe, present(), over)))
		}
	})
	if w.r.none(goals...) == proved {
		w.r.tell(source.NeverInTime, q.Span, g.Name)
	}
}

// field reads a field of the journey's record.
func (w *way) field(f *policy.Field) *policy.Expr {
	self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: w.j.Of}}
	return &policy.Expr{Op: policy.OpField, Field: f, Type: f.Type, Args: []*policy.Expr{self}}
}

func present() *policy.Expr {
	return &policy.Expr{Op: policy.OpNow, Type: policy.Type{Kind: value.Time}}
}

func compared(op policy.Op, a, b *policy.Expr) *policy.Expr {
	return &policy.Expr{Op: op, Type: policy.Type{Kind: value.Bool}, Args: []*policy.Expr{a, b}}
}

// later is a moment moved by microseconds.
func later(t *policy.Expr, by int64) *policy.Expr {
	d := policy.Type{Kind: value.Duration}
	return &policy.Expr{Op: policy.OpAdd, Type: policy.Type{Kind: value.Time}, Args: []*policy.Expr{t,
		{Op: policy.OpConst, Type: d, Const: value.OfWord(value.Duration, by)}}}
}

// inOneOf is that the record is in one of some stages, with what `open` is there.
func (w *way) inOneOf(stages []*policy.Stage) *policy.Expr {
	truth := policy.Type{Kind: value.Bool}
	var any []*policy.Expr
	for _, g := range stages {
		at := &policy.Expr{Op: policy.OpConst, Type: w.j.Stage.Type,
			Const: value.OfWord(value.Choice, int64(g.Index))}
		open := w.field(w.j.Open)
		if g.Kind != policy.StageOpen {
			open = &policy.Expr{Op: policy.OpNot, Type: truth, Args: []*policy.Expr{open}}
		}
		any = append(any, &policy.Expr{Op: policy.OpAnd, Type: truth,
			Args: []*policy.Expr{compared(policy.OpEq, w.field(w.j.Stage), at), open}})
	}
	if len(any) == 1 {
		return any[0]
	}
	return &policy.Expr{Op: policy.OpOr, Type: truth, Args: any}
}

// gates looks at what a move forward asks for at once: `must` of the stage that is left and `entry`
// of the next one, however many are skipped. Behind a gate that nothing passes nothing is told.
func (w *way) gates() {
	var before, lost []*policy.Stage
	for _, g := range w.j.Stages {
		if g.Kind == policy.StageLost {
			lost = append(lost, g) // leaving it is judged as from the stage before
		}
	}
	for _, g := range w.j.Stages {
		if g.Kind == policy.StageLost {
			continue
		}
		if n := len(before); n > 0 {
			w.r.left = stepsInAll
			if !w.gate(before[n-1], g, w.inOneOf(append(slices.Clone(before), lost...))) {
				return
			}
		}
		before = append(before, g)
	}
}

// gate looks at the way from one stage to the next, and reports whether records may pass.
func (w *way) gate(from, to *policy.Stage, at *policy.Expr) bool {
	asked := append(slices.Clone(from.Must), to.Entry...)
	if slices.ContainsFunc(asked, func(q *policy.Requirement) bool { return w.bad[q] }) {
		return w.passes()
	}
	code, name, span, list := source.StageStuck, from.Name, from.Span, from.Must
	if !w.excluded(at, list) {
		code, name, span, list = source.StageUnreached, to.Name, to.Span, asked
		if !w.excluded(at, list) {
			w.again(from.Must)
			w.again(to.Entry)
			return true
		}
	}
	d := w.r.tell(code, span, name)
	for _, q := range w.core(at, list) {
		d.Related = append(d.Related, source.Related{Span: q.Span, Code: source.AskedHere})
	}
	return w.passes()
}

// passes reports whether a gate lets through what does not meet it.
func (w *way) passes() bool { return w.j.Warn || w.j.Mode != policy.Enforce }

func (w *way) excluded(at *policy.Expr, list []*policy.Requirement) bool {
	if len(list) == 0 {
		return false
	}
	goals := []goal{is(at)}
	for _, q := range list {
		goals = append(goals, is(q.X))
	}
	return w.r.none(goals...) == proved
}

// core is the fewest requirements that exclude one another there.
func (w *way) core(at *policy.Expr, list []*policy.Requirement) []*policy.Requirement {
	core := slices.Clone(list)
	for i := 0; i < len(core) && len(core) > 1; {
		if rest := slices.Delete(slices.Clone(core), i, i+1); w.excluded(at, rest) {
			core = rest
		} else {
			i++
		}
	}
	return core
}

// again tells of what a stage asks for although something else that it asks for includes it. A
// deadline of its own is more.
func (w *way) again(asked []*policy.Requirement) {
	for i, b := range asked {
		if b.Within != nil || w.r.fixed(b.X) || w.r.none(goal{b.X, isFalse | isUnknown}) == proved {
			continue
		}
		for k, a := range asked {
			if k == i || w.r.fixed(a.X) || w.r.none(is(a.X), goal{b.X, isFalse | isUnknown}) != proved {
				continue
			}
			if k > i && a.Within == nil && w.r.none(is(b.X), goal{a.X, isFalse | isUnknown}) == proved {
				continue // they say the same: the later one is told of
			}
			w.r.tell(source.AskedAlready, b.X.Span).Related = []source.Related{
				{Span: a.Span, Code: source.AskedHere}}
			break
		}
	}
}

// actions looks at what completes an action and what proves it, each as a whole: steps and presets
// are made of parts that nobody wrote.
func (r *prover) actions() {
	for _, a := range r.p.Actions {
		if !r.begin(&a.Head) {
			continue
		}
		var done []goal
		switch r.inside(a.Done); {
		case a.Done == nil || r.fixed(a.Done):
		case r.none(is(a.Done)) == proved:
			r.never(a.Done, nil)
		case r.none(isNot(a.Done)) == proved:
			r.always(a.Done)
		default:
			done = append(done, is(a.Done))
		}
		for _, l := range a.Proof {
			if l.X.Span.IsZero() || !r.own(l.X.Span) || r.fixed(l.X) {
				continue
			}
			r.inside(l.X)
			if r.none(append(done, is(l.X))...) == proved {
				r.never(l.X, done)
			}
		}
		r.effects(a.Feedback, a.Done)
	}
}
