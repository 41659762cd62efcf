package decision_test

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// The policy that the tests of this package decide by, as text and as what a checker makes of it.
const dealsText = `entity Rep { name text; manager Rep? }
choice Level = high "高" | low "低"
entity Deal { name text; amount money; owner Rep?; level Level? }
rule BigDeal on Deal {
  when amount >= 100万 and level == high
  do { task "跟进 {name}：{amount}" en "Follow up {name}" for owner due 2wd; set level = high }
}
alert Quiet of Rep {
  when count(Deal in 7d) == 0
  do { notify manager via wecom "{name}" }
}
segment Tiered of Deal { pick { amount > 5 : Gold "金"; else : Plain } }
`

type shop struct {
	policy          *policy.Policy
	rep, deal       *policy.Record
	level           *policy.Choice
	score           *policy.Score
	task, set, tell *policy.Effect
	rule            *policy.Rule
	alert           *policy.Alert
}

// at returns the place of the first occurrence of a text in the policy.
func at(text string) source.Span {
	i := strings.Index(dealsText, text)
	if i < 0 {
		panic("not in the policy: " + text)
	}
	return source.Span{Off: int32(i), End: int32(i + len(text))}
}

func head(name string) policy.Head {
	return policy.Head{Name: name, Full: name, Span: at(name)}
}

func newRecord(name string, kind policy.RecordKind, fields ...*policy.Field) *policy.Record {
	r := &policy.Record{Head: policy.Head{Name: name, Full: name}, Kind: kind, Fields: fields}
	for i, f := range fields {
		f.Index, f.Of = i, r
	}
	return r
}

func read(r *policy.Record, name string) *policy.Expr {
	for _, f := range r.Fields {
		if f.Name == name {
			self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: r}}
			return &policy.Expr{Op: policy.OpField, Field: f, Type: f.Type,
				Args: []*policy.Expr{self}, Span: at(name)}
		}
	}
	panic("no field " + name)
}

func constant(v value.Value, text string) *policy.Expr {
	return &policy.Expr{Op: policy.OpConst, Const: v, Type: policy.Type{Kind: v.Kind}, Span: at(text)}
}

func compare(op policy.Op, text string, a, b *policy.Expr) *policy.Expr {
	return &policy.Expr{Op: op, Type: policy.Type{Kind: value.Bool}, Span: at(text),
		Args: []*policy.Expr{a, b}}
}

func newShop() *shop {
	s := &shop{}
	s.level = &policy.Choice{Head: head("Level"), Values: []policy.ChoiceValue{
		{Name: "high", Label: policy.Text{Main: "高", Zh: "高"}},
		{Name: "low", Label: policy.Text{Main: "低", Zh: "低"}}}}
	text := policy.Type{Kind: value.Text}
	s.rep = newRecord("Rep", policy.Entity, &policy.Field{Name: "name", Type: text})
	s.rep.Fields = append(s.rep.Fields, &policy.Field{Name: "manager", Index: 1, Of: s.rep,
		Type: policy.Type{Kind: value.Ref, Record: s.rep, Maybe: true}})
	s.deal = newRecord("Deal", policy.Entity,
		&policy.Field{Name: "name", Type: text},
		&policy.Field{Name: "amount", Type: policy.Type{Kind: value.Money}},
		&policy.Field{Name: "owner", Type: policy.Type{Kind: value.Ref, Record: s.rep, Maybe: true}},
		&policy.Field{Name: "level", Type: policy.Type{Kind: value.Choice, Choice: s.level}})
	s.rule, s.alert = s.bigDeal(), s.quiet()
	s.score = &policy.Score{Head: policy.Head{Name: "Heat", Full: "Heat"}, Of: s.deal}
	gold := compare(policy.OpGt, "amount > 5", read(s.deal, "amount"),
		constant(value.OfWord(value.Money, 50_000), "5"))
	tiered := &policy.Segment{Head: head("Tiered"), Of: s.deal,
		Tiers: []policy.Tier{{Name: "Gold", When: gold}, {Name: "Plain"}}}
	s.policy = &policy.Policy{
		Package:  "deals",
		Settings: policy.Settings{Timezone: "Asia/Shanghai", Lang: "zh"},
		Files:    []source.File{{Name: "deals.thru", Text: dealsText}},
		Records:  []*policy.Record{s.deal, s.rep},
		Choices:  []*policy.Choice{s.level},
		Scores:   []*policy.Score{s.score},
		Rules:    []*policy.Rule{s.rule},
		Actions:  []*policy.Action{{Head: policy.Head{Name: "Shelf", Full: "Shelf"}, On: s.deal}}, Alerts: []*policy.Alert{s.alert},
		Segments: []*policy.Segment{tiered},
	}
	return s
}

func (s *shop) bigDeal() *policy.Rule {
	name, amount := read(s.deal, "name"), read(s.deal, "amount")
	level := read(s.deal, "level")
	big := compare(policy.OpGe, "amount >= 100万", amount,
		constant(value.OfWord(value.Money, 1_000_000_0000), "100万"))
	high := compare(policy.OpEq, "level == high", level,
		constant(value.OfWord(value.Choice, 0), "high"))
	s.task = &policy.Effect{Kind: policy.Task, Who: read(s.deal, "owner"),
		Span: at(`task "跟进`),
		Text: &policy.Message{Lang: "en",
			Parts: []policy.Part{{Lit: "跟进 "}, {X: name}, {Lit: "："}, {X: amount}},
			Other: []policy.Part{{Lit: "Follow up "}, {X: name}}}}
	s.set = &policy.Effect{Kind: policy.Set, Field: s.deal.Fields[3], Span: at("set level")}
	return &policy.Rule{Head: head("BigDeal"), On: s.deal, Do: []*policy.Effect{s.task, s.set},
		When: &policy.Expr{Op: policy.OpAnd, Args: []*policy.Expr{big, high},
			Span: at("amount >= 100万 and level == high")}}
}

func (s *shop) quiet() *policy.Alert {
	s.tell = &policy.Effect{Kind: policy.Notify, Via: "wecom", Span: at("notify manager"),
		Text: &policy.Message{Parts: []policy.Part{{X: read(s.rep, "name")}}}}
	count := &policy.Expr{Op: policy.OpAggregate, Type: policy.Type{Kind: value.Int},
		Agg: &policy.Aggregate{Fn: policy.Count, Source: s.deal}, Span: at("count(Deal in 7d)")}
	return &policy.Alert{Head: head("Quiet"), Of: s.rep, Do: []*policy.Effect{s.tell},
		When: compare(policy.OpEq, "count(Deal in 7d) == 0", count,
			constant(value.OfWord(value.Int, 0), "0"))}
}
