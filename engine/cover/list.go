package cover

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// lister makes the points of a policy.
type lister struct {
	c    *Coverage
	seen map[*policy.Expr]bool
	d    *kind.Decl
	n    map[string]int // numbers of parts' parts
}

// all lists what the workspace's own files say: what came with an imported package was tested
// there. A template that is used acts here, so it must act in a test.
//
// What others read comes first, because an aggregate belongs to where it is defined; the points
// then stand in the order of the text.
func (l *lister) all() {
	all := kind.All(l.c.policy)
	slices.SortStableFunc(all, func(a, b kind.Decl) int {
		return cmp.Compare(order(a.Kind.Plain), order(b.Kind.Plain))
	})
	for _, d := range all {
		if d.Head.Mode == policy.Off {
			continue
		}
		l.d, l.n = &d, map[string]int{}
		asked := d.Kind.Word == kind.Metric && l.asked(d.Head.Full)
		if asked || !d.Kind.Plain && d.Kind.State && l.own(&d) {
			l.add(&Point{What: whatOf(d.Kind.Word), Text: d.Head.Name, Span: d.Head.Span})
		}
		var last *policy.Expr // the condition of the row before
		for i := range d.Parts {
			p := &d.Parts[i]
			if asked && p.Role == kind.Shown {
				l.inside(p.Name, p.Expr)
			}
			l.part(p, last)
			if p.Role == kind.Row {
				last = p.Expr
			}
		}
	}
	slices.SortStableFunc(l.c.Points, func(a, b *Point) int {
		x, y := a.Span, b.Span
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Off, y.Off), cmp.Compare(y.End, x.End))
	})
}

// asked reports whether a test expects something of a metric, or an alert looks at it. What nobody
// asks for is never worked out, so no test can see it.
func (l *lister) asked(full string) bool {
	for _, a := range l.c.policy.Alerts {
		if a.Metric != nil && a.Metric.Full == full && a.Mode != policy.Off {
			return true
		}
	}
	found := false
	for _, t := range l.c.policy.Tests {
		for _, s := range t.Steps {
			if s.Expect == nil || s.Expect.X == nil {
				continue
			}
			kind.Visit(s.Expect.X, func(x *policy.Expr) bool {
				found = found || x.Op == policy.OpMetric && x.Asked.Metric.Full == full
				return true
			})
		}
	}
	return found
}

// own reports whether a declaration is the workspace's own, not of a package below it: what an
// allocation fills has a point in its name.
func (l *lister) own(d *kind.Decl) bool {
	if d.Kind.Word == "allocate" {
		return l.inOwnFile(d.Head.Span)
	}
	return !strings.Contains(d.Head.Full, ".")
}

func order(plain bool) int {
	if plain {
		return 0
	}
	return 1
}

func whatOf(word string) What {
	switch word {
	case "rule":
		return Rule
	case "alert":
		return Alert
	case "segment":
		return Segment
	}
	return Acts
}

func (l *lister) part(p *kind.Part, last *policy.Expr) {
	switch p.Role {
	case kind.Condition:
		l.conditions(Condition, p.Name, p.Expr)
	case kind.Proof:
		l.conditions(Proof, p.Name, p.Expr)
	case kind.Term:
		l.point(&Point{What: Term, Part: p.Name, Span: p.Span, x: p.Expr})
		l.inside(p.Name, p.Expr)
	case kind.Row:
		l.row(p.Name, p.Span, p.Expr, last)
	case kind.Stage:
		l.point(&Point{What: Stage, Part: p.Name, Span: p.Span})
	case kind.Transition:
		l.point(&Point{What: Transition, Part: p.Name, Span: p.Span})
	case kind.Ending:
		l.point(&Point{What: Outcome, Part: p.Name, Span: p.Span,
			both: strings.HasPrefix(p.Name, "accept")})
	case kind.Do:
		if l.d.Kind.Word == "allocate" {
			l.point(&Point{What: Outcome, Part: p.Name, Span: p.Span})
		}
		if p.Expr != nil {
			l.conditions(Condition, p.Name+" when", p.Expr)
		}
		p.Exprs(func(x *policy.Expr) { l.inside(p.Name, x) })
	case kind.Shown: // no test sees it
	default:
		p.Exprs(func(x *policy.Expr) { l.inside(p.Name, x) })
	}
}

// row is a row of a table: it won, or nobody has seen it win. What its condition is made of is
// seen both ways.
func (l *lister) row(name string, at source.Span, x, last *policy.Expr) {
	p := &Point{What: Row, Part: name, Span: at, x: x}
	if x == nil {
		p.x, p.other = last, last != nil
	}
	l.point(p)
	if x != nil && l.first(x) {
		l.below(Condition, name, x)
	}
}

// conditions makes a point of a condition and of every part of it.
func (l *lister) conditions(w What, name string, x *policy.Expr) {
	if !l.first(x) {
		return
	}
	if x.Op != policy.OpConst && x.Op != policy.OpNot && x.Op != policy.OpPick {
		l.point(&Point{What: w, Part: l.numbered(name), Span: x.Span, x: x})
	}
	l.below(w, name, x)
}

// below goes on inside a condition. An `and` directly in an `and` is one chain and has no truth of
// its own; `not` is told by what it turns round.
func (l *lister) below(w What, name string, x *policy.Expr) {
	switch x.Op {
	case policy.OpHas:
		return // whether a value is there, not what it is
	case policy.OpPick:
		l.pick(name, x)
		return
	}
	if x.Op == policy.OpCall && x.Fn == "missing" {
		return
	}
	for _, a := range x.Args {
		switch {
		case a.Type.Kind != value.Bool:
			l.inside(name, a)
		case compared(x, a): // the comparison is the condition, the field a value in it
		case x.Op == policy.OpAnd && a.Op == policy.OpAnd:
			l.below(w, name, a)
		default:
			l.conditions(w, name, a)
		}
	}
	l.counted(name, x)
}

// compared reports whether part of a condition is a stored truth that it compares: `done == true`.
func compared(x, part *policy.Expr) bool {
	return (x.Op == policy.OpEq || x.Op == policy.OpNe) && part.Op == policy.OpField
}

// inside looks for conditions in a value.
func (l *lister) inside(name string, x *policy.Expr) {
	if x.Type.Kind == value.Bool {
		l.conditions(Condition, name, x)
		return
	}
	if !l.first(x) {
		return
	}
	if x.Op == policy.OpPick {
		l.pick(name, x)
		return
	}
	for _, a := range x.Args {
		l.inside(name, a)
	}
	l.counted(name, x)
}

// counted goes into an aggregate, whose parts are conditions of the records that it counts.
func (l *lister) counted(name string, x *policy.Expr) {
	g := x.Agg
	if g == nil {
		return
	}
	for _, y := range []*policy.Expr{g.Where, g.Value, g.Value2, g.List, g.Of} {
		if y != nil {
			l.inside(name, y)
		}
	}
}

// pick makes a point of every row, and goes into its conditions and values.
func (l *lister) pick(name string, x *policy.Expr) {
	n := len(x.Args)
	var last *policy.Expr
	for i := 0; i+1 < n; i += 2 {
		when, then := x.Args[i], x.Args[i+1]
		at := when.Span
		if then.Span.File == at.File && then.Span.End > at.End {
			at.End = then.Span.End
		}
		l.row(l.numbered(name+" row"), at, when, nil)
		l.inside(name, then)
		last = when
	}
	if n%2 == 1 {
		l.row(l.numbered(name+" row"), x.Args[n-1].Span, nil, last)
		l.inside(name, x.Args[n-1])
	}
}

// first reports whether an expression is met for the first time: an aggregate that two
// declarations read is shown where it stands first.
func (l *lister) first(x *policy.Expr) bool {
	if l.seen[x] {
		return false
	}
	l.seen[x] = true
	return true
}

// numbered tells the parts of a part from one another: when, when 2, when 3.
func (l *lister) numbered(name string) string {
	l.n[name]++
	if l.n[name] == 1 {
		return name
	}
	return name + " " + strconv.Itoa(l.n[name])
}

// point adds a point that stands in the workspace's own files.
func (l *lister) point(p *Point) {
	files := l.c.policy.Files
	if !l.inOwnFile(p.Span) {
		return
	}
	p.Text = files[p.Span.File].Text[p.Span.Off:p.Span.End]
	l.add(p)
}

func (l *lister) inOwnFile(s source.Span) bool {
	files := l.c.policy.Files
	return int(s.File) < len(files) && path.Dir(files[s.File].Name) == "."
}

func (l *lister) add(p *Point) {
	p.Kind, p.Decl = l.d.Kind.Word, l.d.Head.Full
	k := key{p.What, p.Decl, p.Part}
	if l.c.byKey[k] == nil {
		l.c.byKey[k] = p
		l.c.Points = append(l.c.Points, p)
	}
}
