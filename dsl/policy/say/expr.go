package say

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Expr says what an expression is: a value, or where it is a condition what must hold.
func (s Speaker) Expr(x *policy.Expr) Phrase {
	if x == nil {
		return nil
	}
	if x.Type.Kind == value.Bool && x.Op != policy.OpConst {
		return s.cond(x)
	}
	return s.value(x)
}

// Conds are the conditions that must all hold, one by one.
func (s Speaker) Conds(x *policy.Expr) []Phrase {
	if x == nil {
		return nil
	}
	if x.Op != policy.OpAnd || ticked(x) {
		return []Phrase{s.cond(x)}
	}
	var out []Phrase
	for _, a := range x.Args {
		out = append(out, s.Conds(a)...)
	}
	return out
}

// ticked reports whether a condition is the one that the checker makes of a step without any: that
// the step's text stands among those that the event ticks.
func ticked(x *policy.Expr) bool {
	has := x.Args[0]
	return len(x.Args) == 2 && has.Op == policy.OpHas && has.Span == x.Span &&
		has.Args[0].Op == policy.OpField && has.Args[0].Field.Name == "steps" &&
		has.Args[0].Span == x.Span
}

// cond is an expression as a statement.
func (s Speaker) cond(x *policy.Expr) Phrase {
	switch x.Op {
	case policy.OpAnd:
		if ticked(x) {
			return s.form("it is ticked", "已勾选")
		}
		return s.all(x.Args, s.Say(" and ", " 并且 "))
	case policy.OpOr:
		return s.all(x.Args, s.Say(" or ", " 或者 "))
	case policy.OpNot:
		return s.not(x.Args[0])
	case policy.OpHas:
		return s.form("{1} is known", "{1}有值", s.value(x.Args[0]))
	case policy.OpConst:
		if !x.Const.Known() {
			return Plain(s.Say("unknown", "未知"))
		}
		if x.Const.N != 0 {
			return Plain(s.Say("always", "总是"))
		}
		return Plain(s.Say("never", "从不"))
	case policy.OpEq, policy.OpNe, policy.OpLt, policy.OpLe, policy.OpGt, policy.OpGe:
		return s.compare(x)
	case policy.OpIn, policy.OpBetween, policy.OpContains, policy.OpMatches, policy.OpNear:
		return s.relation(x)
	case policy.OpDone:
		if x.Fn == policy.MayCount {
			return s.form("{1} counts as done or may yet", "{1}算作完成或尚可算作完成", s.Head(&x.Action.Head))
		}
		return s.form("{1} counts as done", "{1}算作完成", s.Head(&x.Action.Head))
	case policy.OpField, policy.OpAggregate:
		return s.form("{1} is yes", "{1}为“是”", s.value(x))
	}
	return s.value(x)
}

// not turns a comparison of identity and what has a plain opposite round, else it denies.
func (s Speaker) not(x *policy.Expr) Phrase {
	switch x.Op {
	case policy.OpHas:
		return s.form("{1} is missing", "{1}缺失", s.value(x.Args[0]))
	case policy.OpField:
		return s.form("{1} is no", "{1}为“否”", s.value(x))
	case policy.OpContains:
		return s.form("{1} does not contain {2}", "{1}不包含{2}", s.value(x.Args[0]), s.value(x.Args[1]))
	case policy.OpIn:
		return s.form("{1} is none of {2}", "{1}不是{2}中的任何一个",
			s.value(x.Args[0]), s.values(x.Args[1:]))
	}
	return s.form("it is not so that {1}", "并非（{1}）", s.cond(x))
}

// all joins conditions; those that are joined otherwise inside stand in brackets.
func (s Speaker) all(args []*policy.Expr, word string) Phrase {
	list := make([]Phrase, len(args))
	for i, a := range args {
		list[i] = s.cond(a)
		if a.Op == policy.OpAnd && !ticked(a) || a.Op == policy.OpOr {
			list[i] = s.form("({1})", "（{1}）", list[i])
		}
	}
	return Join(list, word)
}

func (s Speaker) compare(x *policy.Expr) Phrase {
	a, b := x.Args[0], x.Args[1]
	if a.Type.Kind == value.Bool && b.Op == policy.OpConst {
		if yes := (b.Const.N != 0) == (x.Op == policy.OpEq); yes {
			return s.cond(a)
		}
		return s.not(a)
	}
	when := a.Type.Kind == value.Time || a.Type.Kind == value.Date
	var en, zh string
	switch x.Op {
	case policy.OpEq:
		en, zh = "{1} is {2}", "{1}是{2}"
	case policy.OpNe:
		en, zh = "{1} is not {2}", "{1}不是{2}"
	case policy.OpLt:
		en, zh = "{1} is less than {2}", "{1}小于 {2}"
	case policy.OpLe:
		en, zh = "{1} is at most {2}", "{1}不超过 {2}"
	case policy.OpGt:
		en, zh = "{1} is more than {2}", "{1}大于 {2}"
	default:
		en, zh = "{1} is at least {2}", "{1}不少于 {2}"
	}
	if when {
		switch x.Op {
		case policy.OpLt:
			en, zh = "{1} is before {2}", "{1}早于 {2}"
		case policy.OpLe:
			en, zh = "{1} is not after {2}", "{1}不晚于 {2}"
		case policy.OpGt:
			en, zh = "{1} is after {2}", "{1}晚于 {2}"
		case policy.OpGe:
			en, zh = "{1} is not before {2}", "{1}不早于 {2}"
		}
	}
	if numeric(a.Type.Kind) && x.Op == policy.OpEq {
		en, zh = "{1} is exactly {2}", "{1}等于 {2}"
	}
	return s.form(en, zh, s.value(a), s.value(b))
}

func numeric(k value.Kind) bool {
	switch k {
	case value.Int, value.Number, value.Percent, value.Money, value.Duration, value.Distance:
		return true
	}
	return false
}

func (s Speaker) relation(x *policy.Expr) Phrase {
	args := make([]Phrase, len(x.Args))
	for i, a := range x.Args {
		args[i] = s.value(a)
	}
	switch x.Op {
	case policy.OpIn:
		return s.form("{1} is one of {2}", "{1}是{2}之一", args[0], s.values(x.Args[1:]))
	case policy.OpBetween:
		return s.form("{1} is between {2} and {3}", "{1}在 {2} 与 {3} 之间", args...)
	case policy.OpContains:
		return s.form("{1} contains {2}", "{1}包含{2}", args...)
	case policy.OpMatches:
		return s.form("{1} is of the form {2}", "{1}符合格式 {2}", args...)
	}
	return s.form("{1} is within {2} of {3}", "{1}与{3}相距不超过 {2}", args...)
}

func (s Speaker) values(args []*policy.Expr) Phrase {
	list := make([]Phrase, len(args))
	for i, a := range args {
		list[i] = s.value(a)
	}
	return Join(list, s.Say(", ", "、"))
}

// value is an expression as a thing.
func (s Speaker) value(x *policy.Expr) Phrase {
	switch x.Op {
	case policy.OpConst:
		return s.constant(x)
	case policy.OpSelf, policy.OpRow, policy.OpCandidate:
		return s.itself(x)
	case policy.OpNow:
		return Plain(s.Say("now", "现在"))
	case policy.OpField:
		return s.of(x.Args[0], s.Field(x.Field))
	case policy.OpScore:
		return s.of(x.Args[0], s.Head(&x.Score.Head))
	case policy.OpTier:
		return s.of(x.Args[0], s.Head(&x.Tier.Head))
	case policy.OpAggregate:
		return s.aggregate(x.Agg)
	case policy.OpCompleted:
		return s.completed(x)
	case policy.OpCoalesce:
		return s.form("{1} (where missing: {2})", "{1}（缺失时：{2}）", s.value(x.Args[0]), s.value(x.Args[1]))
	case policy.OpPick:
		return s.pick(x)
	case policy.OpTerm:
		return s.form("full if {1}, else nothing", "若{1}则满分，否则零分", s.cond(x.Args[0]))
	case policy.OpAdd, policy.OpSub, policy.OpMul, policy.OpDiv, policy.OpNeg, policy.OpAddWork:
		return s.sum(x)
	case policy.OpFloat, policy.OpFraction, policy.OpDateStart, policy.OpRatio, policy.OpLink:
		return s.value(x.Args[0])
	case policy.OpCall, policy.OpRank:
		return s.call(x)
	case policy.OpExtern:
		return s.form("{1} of {2}", "{2}的{1}", Phrase{{Text: x.Fn, Own: true}}, s.values(x.Args))
	case policy.OpList:
		return s.values(x.Args)
	case policy.OpAnd, policy.OpOr, policy.OpNot, policy.OpHas, policy.OpEq, policy.OpNe, policy.OpLt,
		policy.OpLe, policy.OpGt, policy.OpGe, policy.OpIn, policy.OpBetween, policy.OpContains,
		policy.OpMatches, policy.OpNear, policy.OpDone:
		return s.form("whether {1}", "是否{1}", s.cond(x))
	}
	return s.other(x)
}

func (s Speaker) itself(x *policy.Expr) Phrase {
	if r := x.Type.Record; r != nil && x.Op != policy.OpRow && r.Kind != policy.Rows {
		return s.form("the {1} itself", "该{1}", s.Head(&r.Head))
	}
	return Plain(s.Say("it", "它"))
}

// of is a part of something; of the one that is spoken about it is named alone.
func (s Speaker) of(x *policy.Expr, part Phrase) Phrase {
	switch x.Op {
	case policy.OpSelf, policy.OpRow:
		return part
	}
	return s.form("{2} of {1}", "{1}的{2}", s.value(x), part)
}

func (s Speaker) constant(x *policy.Expr) Phrase {
	v := x.Const
	switch {
	case !v.Known():
		return Plain(s.Say("nothing known", "未知"))
	case v.Kind == value.Choice && x.Type.Choice != nil && int(v.N) < len(x.Type.Choice.Values):
		return Phrase{{Text: "“" + s.choiceValue(x.Type.Choice.Values[v.N]) + "”", Own: true}}
	case v.Kind == value.Text || v.Kind == value.Ref:
		return Phrase{{Text: "“" + v.S + "”", Own: true}}
	case v.Kind == value.Duration:
		return Plain(s.Span(v.N))
	case v.Kind == value.WorkDays:
		return Plain(s.Count(v.N, "working day", "个工作日"))
	case v.Kind == value.WorkHours:
		return Plain(s.Span(v.N) + s.Say(" of working time", "工作时间"))
	case v.Kind == value.Bool:
		return Plain(s.yes(v.N != 0))
	}
	text := value.Style{Lang: s.Say("en", "zh")}.Text(v)
	return Plain(grouped(text, v.Kind))
}

func (s Speaker) yes(b bool) string {
	if b {
		return s.Say("yes", "是")
	}
	return s.Say("no", "否")
}

// grouped writes large amounts with commas and without empty places: 30,000.
func grouped(text string, k value.Kind) string {
	if k != value.Money && k != value.Int {
		return text
	}
	text = strings.TrimSuffix(text, ".00")
	whole, rest, _ := strings.Cut(text, ".")
	from := strings.IndexFunc(whole, func(r rune) bool { return r >= '0' && r <= '9' })
	for i := len(whole) - 3; i > from && from >= 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		return whole + "." + rest
	}
	return whole
}

func (s Speaker) pick(x *policy.Expr) Phrase {
	var list []Phrase
	i := 0
	for ; i+1 < len(x.Args); i += 2 {
		list = append(list, s.form("{2} if {1}", "若{1}则{2}", s.cond(x.Args[i]), s.value(x.Args[i+1])))
	}
	if i < len(x.Args) {
		list = append(list, s.form("otherwise {1}", "否则{1}", s.value(x.Args[i])))
	}
	return Join(list, s.Say("; ", "；"))
}

func (s Speaker) sum(x *policy.Expr) Phrase {
	sign := map[policy.Op]string{policy.OpAdd: " + ", policy.OpAddWork: " + ", policy.OpSub: " − ",
		policy.OpMul: " × ", policy.OpDiv: " ÷ "}[x.Op]
	var list []Phrase
	for _, a := range x.Args {
		p := s.value(a)
		switch a.Op {
		case policy.OpAdd, policy.OpSub, policy.OpMul, policy.OpDiv, policy.OpPick:
			p = s.form("({1})", "（{1}）", p)
		}
		list = append(list, p)
	}
	if x.Op == policy.OpNeg {
		return s.form("−{1}", "−{1}", list...)
	}
	return Join(list, sign)
}

// other is an expression that these sentences have no words for.
func (s Speaker) other(x *policy.Expr) Phrase {
	list := []Phrase{}
	for _, a := range x.Args {
		list = append(list, s.value(a))
	}
	return s.form("a value from {1}", "由{1}得出的值", Join(list, s.Say(", ", "、")))
}
