package prove

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// hints tells what a condition most likely does not mean.
func (r *prover) hints(x *policy.Expr, check *policy.Check) {
	if x == nil {
		return
	}
	r.missingToo(x)
	if check != nil && (check.Each == policy.Daily || check.Each == policy.Workday) {
		r.soFar(x, true)
	}
}

// soFar tells of a daily look at the part of a week, a month or more that has passed, where little
// of it makes the condition true: every period begins with nothing.
func (r *prover) soFar(x *policy.Expr, positive bool) {
	switch x.Op {
	case policy.OpAnd, policy.OpOr:
		for _, a := range x.Args {
			r.soFar(a, positive)
		}
		return
	case policy.OpNot:
		r.soFar(x.Args[0], !positive)
		return
	case policy.OpLt, policy.OpLe, policy.OpGt, policy.OpGe:
	default:
		return
	}
	low, high := x.Args[0], x.Args[1] // what is less where the condition holds
	if (x.Op == policy.OpGt || x.Op == policy.OpGe) == positive {
		low, high = high, low
	}
	a := periodSoFar(low)
	if a == nil || periodSoFar(high) != nil {
		return
	}
	d := r.tell(source.PeriodSoFar, x.Span)
	if a.Window.Period == policy.Weekly {
		d.Fix = r.swap(x.Span, `\bin this week\b`, "in 7d", `属于 ?本周`, "属于 7天")
	}
}

// periodSoFar is the aggregate over a period so far that an amount is, if it is one.
func periodSoFar(x *policy.Expr) *policy.Aggregate {
	for {
		switch {
		case x.Op == policy.OpAggregate:
			a := x.Agg
			grows := a.Fn == policy.Count || a.Fn == policy.Sum || a.Fn == policy.Distinct
			if grows && a.Window.Kind == policy.This && a.Window.Period >= policy.Weekly {
				return a
			}
			return nil
		case x.Op == policy.OpField && x.Field.Compute != nil && x.Field.Of != nil:
			x = x.Field.Compute
		case x.Op == policy.OpFloat || x.Op == policy.OpRatio:
			x = x.Args[0]
		default:
			return nil
		}
	}
}

// swap is the fix that replaces the first of two patterns that stands in a place.
func (r *prover) swap(at source.Span, pairs ...string) *source.Fix {
	text := r.p.Files[at.File].Text[at.Off:at.End]
	for i := 0; i+1 < len(pairs); i += 2 {
		if m := regexp.MustCompile(pairs[i]).FindStringIndex(text); m != nil {
			return &source.Fix{Edits: []source.Edit{{New: pairs[i+1], Span: source.Span{File: at.File,
				Off: at.Off + int32(m[0]), End: at.Off + int32(m[1])}}}}
		}
	}
	return nil
}

// due tells of a person's deadline in days that count rest days.
func (r *prover) due(e *policy.Effect) {
	if e.Kind != policy.Task || e.Due == nil || e.Due.Work || e.Due.Micro%value.Day != 0 ||
		e.Due.Micro <= 0 {
		return
	}
	text := r.p.Files[e.Span.File].Text[e.Span.Off:e.Span.End]
	m := regexp.MustCompile(`(?:\bdue|期限)\s+(\d+)(d\b|天)`).FindStringSubmatchIndex(text)
	if m == nil {
		return // in weeks: somebody who thinks in calendar time
	}
	at := source.Span{File: e.Span.File, Off: e.Span.Off + int32(m[2]), End: e.Span.Off + int32(m[5])}
	unit := "wd"
	if text[m[4]:m[5]] == "天" {
		unit = "个工作日"
	}
	better := text[m[2]:m[3]] + unit
	r.tell(source.CalendarDue, at, text[m[2]:m[5]], better).Fix =
		&source.Fix{Edits: []source.Edit{{Span: at, New: better}}}
}

// rowBytes is what a kept row costs at most (docs/architecture.md).
const rowBytes = 64

// kept tells of an aggregate that keeps every record for ever.
func (r *prover) kept(x *policy.Expr) {
	a := x.Agg
	if a.Window.Kind != policy.Ever || a.Source == nil || a.List != nil || x.Span.IsZero() ||
		a.Source.Kind != policy.Event || !r.own(x.Span) {
		return
	}
	switch a.Fn {
	case policy.Median, policy.P90, policy.Distinct, policy.Corr:
		r.tell(source.KeepsRows, x.Span, a.Source.Name, strconv.Itoa(rowBytes))
	}
}

// missingToo tells where a condition that asks whether something behind a reference is missing, or
// gives it a default, also holds where the reference itself is missing.
func (r *prover) missingToo(x *policy.Expr) {
	asked := map[string]bool{} // references that the condition asks about by themselves
	r.absent(x, func(of *policy.Expr) { asked[path(of)] = true })
	visit(x, func(e *policy.Expr) {
		if e.Op == policy.OpHas {
			asked[path(e.Args[0])] = true
		}
	})
	told := map[string]bool{}
	r.absent(x, func(of *policy.Expr) {
		ref := behind(of)
		if ref == nil || asked[path(ref)] || told[path(ref)] {
			return
		}
		told[path(ref)] = true
		gone := &policy.Expr{Op: policy.OpHas, Type: policy.Type{Kind: value.Bool},
			Args: []*policy.Expr{ref}, Span: ref.Span}
		if _, v := r.one(is(x), isNot(gone)); v == refuted {
			r.tell(source.MissingToo, of.Span, path(ref))
		}
	})
}

// absent calls f for what a condition takes the lack of: missing(a), not has a, a ?? b.
func (r *prover) absent(x *policy.Expr, f func(*policy.Expr)) {
	visit(x, func(e *policy.Expr) {
		switch {
		case e.Op == policy.OpCall && e.Fn == "missing", e.Op == policy.OpCoalesce:
			f(e.Args[0])
		case e.Op == policy.OpNot && e.Args[0].Op == policy.OpHas:
			f(e.Args[0].Args[0])
		}
	})
}

// behind is the optional reference that a field is read through, nil where there is none.
func behind(x *policy.Expr) *policy.Expr {
	if x.Op != policy.OpField || x.Args[0].Op != policy.OpField {
		return nil
	}
	ref := x.Args[0]
	if ref.Type.Kind == value.Ref && ref.Field.Type.Maybe {
		return ref
	}
	return nil
}

// path is a field as a policy reads it.
func path(x *policy.Expr) string {
	var names []string
	for x.Op == policy.OpField {
		names = append([]string{x.Field.Name}, names...)
		x = x.Args[0]
	}
	return strings.Join(names, ".")
}
