package doc

import (
	"github.com/throughline/throughline/dsl/syntax"
)

// parameters are what whoever uses a template may choose, as its head writes them: in the checked
// policy their values stand in their places.
func (v *sheet) parameters() {
	t := &table{heads: []string{v.Say("Of", "所属"), v.Say("Parameter", "参数"),
		v.Say("Kind", "类型"), v.Say("Bounds", "范围"), v.Say("Default", "默认值")}}
	for i := range v.policy.Files[:v.policy.Own] {
		f := syntax.Parse(int32(i), v.policy.Files[i])
		for _, l := range f.Lines {
			head := headOf(l.Node)
			if head == nil {
				continue
			}
			for _, p := range head.Params {
				t.rows = append(t.rows, v.parameter(l, head, p))
			}
		}
	}
	if len(t.rows) > 0 {
		v.head("Parameters", "参数")
		v.table(t)
	}
}

func (v *sheet) parameter(l *syntax.Line, head *syntax.Head, p *syntax.Param) row {
	name := l.Name(head.Name.Tok)
	of := own(name)
	for _, pg := range v.pages {
		for _, d := range pg.decls {
			if d.Head.Span == l.TokSpan(head.Name.Tok) {
				of = own(v.Name(d.Head))
			}
		}
	}
	minus := func(is bool, t syntax.Tok) string {
		if is {
			return "-" + l.Text(t)
		}
		return l.Text(t)
	}
	cells := make([]cell, 4)
	cells[0].Phrase = own(l.Name(p.Name.Tok))
	if p.Type != nil && p.Type.Name != nil {
		cells[1].Phrase = own(l.Dotted(p.Type.Name))
	}
	if r := p.Range; r != nil {
		cells[2].Phrase = own(minus(r.LowMinus, r.Low.Tok) + " – " + minus(r.HighMinus, r.High.Tok))
	}
	if p.Default != nil {
		s := l.ExprSpan(p.Default)
		cells[3].Phrase = own(l.File().Text[s.Off:s.End])
	}
	return row{name: of, cells: cells}
}

// headOf is the head of what may take parameters.
func headOf(n syntax.Node) *syntax.Head {
	switch n := n.(type) {
	case *syntax.Action:
		return &n.Head
	case *syntax.Rule:
		return &n.Head
	case *syntax.Alert:
		return &n.Head
	case *syntax.Score:
		return &n.Head
	case *syntax.Segment:
		return &n.Head
	case *syntax.Metric:
		return &n.Head
	case *syntax.Journey:
		return &n.Head
	}
	return nil
}
