package kind

import (
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
)

func actions() *Kind {
	return &Kind{Word: "action", Label: both("actions", "动作"),
		decls: func(p *policy.Policy) []Decl { return each(p.Actions, action) }}
}

func action(a *policy.Action) Decl {
	l := list{mode(&a.Head)}
	l.value("by", a.By)
	l.value("about", a.About)
	l.cond("done", a.Done)
	if a.DoneWithin != nil {
		l.set("within", due(*a.DoneWithin), a.Span)
	}
	for i := range a.Steps { // what they say is looked at by `done all steps`, as parts of done
		s := &a.Steps[i]
		l.add(Part{Role: Shown, Name: numbered("step", i), Expr: s.X, Span: s.Span})
	}
	for _, p := range a.Proof {
		says := verdict(p.Else)
		if p.Unknown != policy.Review {
			u := verdict(p.Unknown)
			says = both(says.En+" unknown "+u.En, says.Zh+" 未知 "+u.Zh)
		}
		l.add(Part{Role: Proof, Name: "proof " + p.Name, Expr: p.X, Says: says, Span: p.Span})
		l.message("proof "+p.Name+" says", p.Text)
		if p.Within != nil {
			l.set("proof "+p.Name+" within", due(*p.Within), p.Span)
		}
	}
	if t := a.Target; t != nil {
		n, per := strconv.Itoa(t.N), period(t.Per)
		l.set("target", both(n+" per "+per.En, n+" 每一 "+per.Zh), t.Span)
		l.value("target distinct", t.Distinct)
	}
	if a.Weight > 0 {
		l.set("weight", both(percent(a.Weight), percent(a.Weight)), a.Span)
	}
	l.message("why", a.Why)
	l.effects("feedback", a.Feedback)
	return Decl{Head: &a.Head, Of: a.On, Parts: l}
}

func (l *list) value(name string, x *policy.Expr) {
	if x != nil {
		l.add(Part{Role: Value, Name: name, Expr: x, Span: x.Span})
	}
}

// message adds a text with what is filled into it, as an effect that only says it.
func (l *list) message(name string, m *policy.Message) {
	if m != nil {
		l.add(Part{Role: Setting, Name: name, Effect: &policy.Effect{Kind: policy.Note, Text: m,
			Span: m.Span}, Span: m.Span})
	}
}

func verdict(v policy.Verdict) policy.Text {
	return [...]policy.Text{policy.Review: both("else review", "否则 复核"),
		policy.Reject: both("else reject", "否则 拒绝"), policy.Remark: both("else note", "否则 备注"),
		policy.Waived: {}, policy.Passed: {}, policy.Failed: {}}[v]
}
