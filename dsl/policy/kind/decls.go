package kind

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// each makes the declarations of a list.
func each[T any](list []T, of func(T) Decl) []Decl {
	out := make([]Decl, len(list))
	for i, x := range list {
		out[i] = of(x)
	}
	return out
}

func scores() *Kind {
	return &Kind{Word: "score", Label: both("scores", "评分"), decls: func(p *policy.Policy) []Decl {
		return each(p.Scores, func(s *policy.Score) Decl {
			l := list{mode(&s.Head)}
			for i := range s.Terms {
				l.term(&s.Terms[i])
			}
			return Decl{Head: &s.Head, Of: s.Of, Parts: l}
		})
	}}
}

func (l *list) term(t *policy.Term) {
	says := both(percent(t.Weight), percent(t.Weight))
	if t.Skip {
		says = both(says.En+" else skip", says.Zh+" 否则 略过")
	}
	l.add(Part{Role: Term, Name: "term " + t.Name, Expr: t.X, Says: says, Span: t.Span,
		Names: []Thing{{t.Name, t.Label}}})
}

func alerts() *Kind {
	return &Kind{Word: "alert", Label: both("alerts", "预警"), State: true,
		decls: func(p *policy.Policy) []Decl { return each(p.Alerts, alert) }}
}

func alert(a *policy.Alert) Decl {
	l := list{mode(&a.Head)}
	l.check(a.Check)
	l.cond("needs", a.Needs)
	l.cond("when", a.When)
	switch {
	case a.ForN > 0:
		n := strconv.Itoa(a.ForN)
		l.set("for", both(n+" in a row", "连续 "+n+" 次"), a.Span)
	case a.For > 0:
		l.set("for", span(a.For), a.Span)
	}
	l.cond("until", a.Until)
	if a.UntilFor > 0 {
		l.set("until for", span(a.UntilFor), a.Span)
	}
	l.effects("do", a.Do)
	return Decl{Head: &a.Head, Of: a.Of, Parts: l}
}

func segments() *Kind {
	return &Kind{Word: "segment", Label: both("segments", "分群"), State: true,
		decls: func(p *policy.Policy) []Decl { return each(p.Segments, segment) }}
}

func segment(s *policy.Segment) Decl {
	l := list{mode(&s.Head)}
	l.check(s.Check)
	l.cond("when", s.When)
	for i := range s.Tiers {
		t, from := &s.Tiers[i], len(l)
		// A row is known by its place and not only its name: the first row that holds wins.
		l.add(Part{Role: Row, Name: "row " + t.Name, Expr: t.When, Span: t.Span,
			Says: both("row "+strconv.Itoa(i+1), "第 "+strconv.Itoa(i+1)+" 行")})
		l.effects("enter "+t.Name, t.Enter)
		l.effects("leave "+t.Name, t.Leave)
		l.named(from, Thing{t.Name, t.Label})
	}
	l.effects("enter", s.Enter)
	l.effects("leave", s.Leave)
	return Decl{Head: &s.Head, Of: s.Of, Parts: l}
}

func rules() *Kind {
	return &Kind{Word: "rule", Label: both("rules", "规则"), State: true,
		decls: func(p *policy.Policy) []Decl { return each(p.Rules, rule) }}
}

func rule(r *policy.Rule) Decl {
	l := list{mode(&r.Head)}
	l.check(r.Check)
	if r.Every != nil {
		l.set("every", schedule(r.Every), r.Every.Span)
	}
	l.cond("where", r.Where)
	l.cond("when", r.When)
	if r.Top != nil {
		n := strconv.Itoa(r.Top.N)
		l.add(Part{Role: Value, Name: "top", Expr: r.Top.By, Says: both(n, n), Span: r.Top.By.Span})
	}
	l.effects("do", r.Do)
	return Decl{Head: &r.Head, Of: r.On, Parts: l}
}

func records() *Kind {
	return &Kind{Word: "record", Label: both("records", "记录"), Plain: true,
		decls: func(p *policy.Policy) []Decl { return each(p.Records, record) }}
}

func record(r *policy.Record) Decl {
	var l list
	for _, f := range r.Fields {
		if f.System != policy.NotSystem {
			continue
		}
		from := len(l)
		p := Part{Role: Member, Name: "field " + f.Name, Was: f.Was, Says: typeOf(f.Type), Span: f.Span,
			Tells: thingsOf(f.Type)}
		if f.Compute != nil {
			p.Role, p.Expr = Value, f.Compute
		}
		l.add(p)
		if f.Fill != nil {
			l.add(Part{Role: Value, Name: "fill " + f.Name, Expr: f.Fill, Span: f.Fill.Span})
		}
		if f.Personal != nil {
			l.set("personal "+f.Name, personal(f.Personal), f.Span)
		}
		l.named(from, Thing{f.Name, f.Label})
	}
	for i, x := range r.Drop {
		l.cond(numbered("drop", i), x)
	}
	return Decl{Head: &r.Head, Of: r, Parts: l}
}

func choices() *Kind {
	return &Kind{Word: "choice", Label: both("choices", "选项"), Plain: true,
		decls: func(p *policy.Policy) []Decl {
			var out []Decl
			for _, c := range p.Choices {
				if c.Name == "" {
					continue // an inline choice is part of its field's type
				}
				var l list
				for i, v := range c.Values {
					n := strconv.Itoa(i + 1)
					l.add(Part{Role: Member, Name: "value " + v.Name, Says: both(n, n), Span: c.Span,
						Names: []Thing{{v.Name, v.Label}}})
				}
				out = append(out, Decl{Head: &c.Head, Parts: l})
			}
			return out
		}}
}

func shifts(hours []policy.Shift) string {
	var out []string
	for _, h := range hours {
		out = append(out, clock(h.Open)+" .. "+clock(h.Close))
	}
	return strings.Join(out, ", ")
}

func calendars() *Kind {
	return &Kind{Word: "calendar", Label: both("calendars", "日历"), Plain: true,
		decls: func(p *policy.Policy) []Decl {
			return each(p.Calendars, func(c *policy.Calendar) Decl {
				var l list
				l.set("from", both(c.From, c.From), c.Span)
				if hours := shifts(c.Hours); hours != "" {
					l.set("open", both(hours, hours), c.Span)
				}
				l.set("work", days(c.Work), c.Span)
				l.set("rest", days(c.Rest), c.Span)
				return Decl{Head: &c.Head, Parts: l}
			})
		}}
}

func externs() *Kind {
	return &Kind{Word: "extern", Label: both("extern functions", "外部函数"), Plain: true,
		decls: func(p *policy.Policy) []Decl {
			return each(p.Externs, func(x *policy.Extern) Decl {
				var l list
				v := strconv.Itoa(x.Version)
				l.set("version", both(v, v), x.Span)
				for i, t := range x.Params {
					l.set(numbered("parameter", i), typeOf(t), x.Span)
				}
				l.set("result", typeOf(x.Result), x.Span)
				return Decl{Head: &x.Head, Parts: l}
			})
		}}
}

// later are declarations that are checked and that no engine runs: they can be told of by name.
func later() *Kind {
	return &Kind{Word: "declaration", Label: both("not yet run", "尚不运行"), Plain: true,
		decls: func(p *policy.Policy) []Decl {
			return each(p.Later, func(x *policy.Later) Decl {
				return Decl{Head: &x.Head, Parts: list{{Role: Setting, Name: "kind",
					Says: both(x.What, x.What), Span: x.Span}}}
			})
		}}
}

// list collects the parts of a declaration.
type list []Part

func (l *list) add(p Part) { *l = append(*l, p) }

func (l *list) set(name string, says policy.Text, at source.Span) {
	if says.En != "" {
		l.add(Part{Role: Setting, Name: name, Says: says, Span: at})
	}
}

func (l *list) cond(name string, x *policy.Expr) {
	if x != nil {
		l.add(Part{Role: Condition, Name: name, Expr: x, Span: x.Span})
	}
}

func (l *list) check(c *policy.Check) {
	if c == nil {
		return
	}
	l.set("check each", period(c.Each), c.Span)
	if c.Late > 0 {
		l.set("late", span(c.Late), c.Span)
	}
}

func (l *list) effects(name string, effects []*policy.Effect) {
	for i, e := range effects {
		l.add(Part{Role: Do, Name: numbered(name, i), Effect: e, Expr: e.When, Span: e.Span})
		if e.Until != nil {
			l.add(Part{Role: Condition, Name: numbered(name, i) + " until", Expr: e.Until.X, Span: e.Span})
		}
	}
}

// named says what the names of the parts from one on call.
func (l list) named(from int, things ...Thing) {
	for i := from; i < len(l); i++ {
		l[i].Names = things
	}
}

func mode(h *policy.Head) Part {
	return Part{Role: Setting, Name: "mode", Says: modeOf(h.Mode), Span: h.Span}
}

func numbered(name string, i int) string { return name + " " + strconv.Itoa(i+1) }
