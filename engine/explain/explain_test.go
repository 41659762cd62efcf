package explain_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
)

// The policy's words, and below them what a checker makes of them.
const text = `rule Big "大单" on Deal { when amount >= 100万 and level == high }
rule Fair on Deal { when amount >= 90万 }
rule Far on Deal { when size > 500 }
rule Owned on Deal { when owner.region == "East" }
score Heat of Deal { money 60% = scale(amount, 0, 200万)
  talk 40% = talks else skip }
`

var fields = []*policy.Field{
	{Name: "amount", Type: policy.Type{Kind: value.Money}},
	{Name: "level", Type: policy.Type{Kind: value.Choice, Choice: &policy.Choice{
		Values: []policy.ChoiceValue{{Name: "high", Label: policy.Text{Main: "高", Zh: "高"}},
			{Name: "low", Label: policy.Text{Main: "低", Zh: "低"}}}}}},
	{Name: "size", Type: policy.Type{Kind: value.Int}},
	{Name: "owner.region", Type: policy.Type{Kind: value.Text}},
}

func span(words string) source.Span {
	i := strings.Index(text, words)
	return source.Span{Off: int32(i), End: int32(i + len(words))}
}

// condition is `field op constant`, as its words say.
func condition(words string, op policy.Op, field int, v value.Value) *policy.Expr {
	f := fields[field]
	return &policy.Expr{Op: op, Span: span(words), Args: []*policy.Expr{
		{Op: policy.OpField, Field: f, Type: f.Type, Span: span(f.Name)},
		{Op: policy.OpConst, Const: v, Type: policy.Type{Kind: v.Kind}}}}
}

func yuan(n int64) value.Value { return value.OfWord(value.Money, n*10_000) }

func deals() *policy.Policy {
	deal := &policy.Record{Head: policy.Head{Full: "Deal"}, Fields: fields}
	rule := func(name string, when *policy.Expr) *policy.Rule {
		return &policy.Rule{Head: policy.Head{Name: name, Full: name, Span: span(name)}, When: when}
	}
	big := rule("Big", &policy.Expr{Op: policy.OpAnd, Args: []*policy.Expr{
		condition("amount >= 100万", policy.OpGe, 0, yuan(1_000_000)),
		condition("level == high", policy.OpEq, 1, value.OfWord(value.Choice, 0))}})
	big.Label = policy.Text{Main: "大单", Zh: "大单"}
	heat := &policy.Score{Head: policy.Head{Full: "Heat", Span: span("Heat")}, Terms: []policy.Term{
		{Name: "money", Weight: 0.6, X: &policy.Expr{Span: span("scale(amount, 0, 200万)")}},
		{Name: "talk", Weight: 0.4, X: &policy.Expr{Span: span("talks")}, Skip: true}}}
	return &policy.Policy{
		Files: []source.File{{Name: "deals.thru", Text: text}}, Records: []*policy.Record{deal},
		Rules: []*policy.Rule{big,
			rule("Fair", condition("amount >= 90万", policy.OpGe, 0, yuan(900_000))),
			rule("Far", condition("size > 500", policy.OpGt, 2, value.OfWord(value.Int, 500))),
			rule("Owned", condition(`owner.region == "East"`, policy.OpEq, 3, value.OfText("East")))},
		Scores: []*policy.Score{heat}}
}

// decided is a deal of 95万 with 3 people and no owner.
func decided(p *policy.Policy) *decision.Decision {
	when := time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC).UnixMicro()
	d := &decision.Decision{Seq: 17, Kind: decision.Record, Moment: when, At: when,
		Record: decision.Ref{Type: p.Records[0], ID: "d1"}, Outcome: decision.Accepted,
		Seen: []value.Value{yuan(950_000), yuan(950_000), value.OfWord(value.Int, 3), {}},
		Scores: []decision.Scored{{Score: p.Scores[0], Value: 47.5, Known: true,
			Terms: []decision.TermValue{{Value: 0.475, Known: true}, {Skipped: true}}}}}
	verdicts := []value.Tri{value.False, value.True, value.False, value.Unknown}
	for i, w := range decision.Watches(p) {
		part := int16(0)
		if verdicts[i] == value.True {
			part = -1
		}
		d.Receipts = append(d.Receipts, decision.Receipt{Watch: w, Subject: -1, Part: part,
			From: int32(i), To: int32(i + 1), Verdict: verdicts[i]})
	}
	return d
}

func TestExplanationsPutTheNearestMissFirst(t *testing.T) {
	p := deals()
	// Far fails one conjunct and Big up to two, so Far is the nearer although 3 is far from 500.
	want := `17  Deal/d1  2026-03-02T01:30:00Z  accepted

What holds
  Fair: yes  (deals.thru:2:6)
    amount >= 90万  (deals.thru:2:26)
      amount = 950000.00

What does not hold, the nearest first
  Far: no  (deals.thru:3:6)
    size > 500  (deals.thru:3:25)
      size = 3
  Owned: unknown  (deals.thru:4:6)
    owner.region == "East"  (deals.thru:4:27)
      owner.region is missing
  Big 大单: no  (deals.thru:1:6)
    amount >= 100万  (deals.thru:1:30)
      amount = 950000.00
    of 2 conditions the first that does not hold

Scores
  Heat = 47.5  (deals.thru:5:7)
    money 60% × 0.47  scale(amount, 0, 200万)
    talk 40% × left out  talks
`
	got := explain.New(p, decision.Options{Lang: "en"}).Text(decided(p), nil)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDerivedReceiptsOfOneConditionAreOneMiss(t *testing.T) {
	p := deals()
	d, watches := decided(p), decision.Watches(p)
	d.Receipts = d.Receipts[2:3]
	// The index left Big out; looking again told of both of its conjuncts.
	excluded := &decision.Decision{Seen: []value.Value{yuan(950_000), value.OfWord(value.Choice, 1)},
		Receipts: []decision.Receipt{
			{Watch: watches[0], Subject: -1, Part: 0, From: 0, To: 1},
			{Watch: watches[0], Subject: -1, Part: 1, From: 1, To: 2}}}
	got := explain.New(p, decision.Options{Lang: "zh"}).Text(d, excluded)
	want := `
未成立的条件（最接近的在前）
  Far: 否  (deals.thru:3:6)
    size > 500  (deals.thru:3:25)
      size = 3
  Big 大单: 否  (deals.thru:1:6)
    amount >= 100万  (deals.thru:1:30)
      amount = 950000.00
    level == high  (deals.thru:1:49)
      level = 低
`
	if !strings.Contains(got, want) {
		t.Error(cmp.Diff(want, got))
	}
}

func TestExplanationsAsJSON(t *testing.T) {
	p := deals()
	line := explain.New(p, decision.Options{}).AppendJSON(nil, decided(p), nil)
	var got struct {
		Looked []struct {
			Rule, Verdict, Source string
			Conditions            []struct {
				Text     string
				Distance *float64
				Values   []struct {
					Text  string
					Value any
				}
			}
		}
		Scored []struct {
			Score string
			Terms []struct {
				Name    string
				Value   *float64
				Skipped bool
			}
		}
	}
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	var rules []string
	for _, l := range got.Looked {
		rules = append(rules, l.Rule+" "+l.Verdict)
	}
	want := []string{"Fair true", "Far false", "Owned unknown", "Big false"}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Error(diff)
	}
	big := got.Looked[3].Conditions[0]
	if big.Distance == nil || *big.Distance != 0.05 || big.Values[0].Value != 950000.0 {
		t.Errorf("Big is explained as %+v", big)
	}
	if terms := got.Scored[0].Terms; !terms[1].Skipped || terms[1].Value != nil {
		t.Errorf("terms are %+v", terms)
	}
}

func TestOneRuleIsExplainedByItself(t *testing.T) {
	p := deals()
	x := explain.New(p, decision.Options{Lang: "en"})
	if got := x.Rule(decided(p), "Far"); !strings.HasPrefix(got, "  Far: no") ||
		strings.Contains(got, "Big") {
		t.Errorf("Far is explained by\n%s", got)
	}
	if got := x.Rule(decided(p), "Nothing"); got != "" {
		t.Errorf("a rule that did not look is explained by\n%s", got)
	}
}
