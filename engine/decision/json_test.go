package decision_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

func shanghai(t testing.TB) *time.Location {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func moment(text string) int64 {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UnixMicro()
}

// bigDeal is the decision on one deal of a hundred and twenty thousand yuan times ten.
func (s *shop) bigDealDecision() *decision.Decision {
	deal := decision.Ref{Type: s.deal, ID: "d1"}
	li := decision.Ref{Type: s.rep, ID: "li"}
	when := moment("2026-03-02T01:30:00Z")
	return &decision.Decision{
		Seq: 17, Kind: decision.Record, Moment: when, At: when, Record: deal,
		Outcome: decision.Accepted,
		Scores: []decision.Scored{{Score: s.score, Value: 72.5, Known: true},
			{Score: &policy.Score{Head: policy.Head{Full: "Cold"}}}},
		Effects: []decision.Effect{
			{Kind: decision.Task, Rule: "BigDeal", Effect: s.task, Span: s.task.Span, Subject: deal,
				For: []decision.Ref{li}, Due: moment("2026-03-04T01:30:00Z"), With: []decision.Ref{deal},
				Args: []value.Value{value.OfText(`光明 "一期"`), value.OfWord(value.Money, 1_200_000_0000)}},
			{Kind: decision.Set, Rule: "BigDeal", Effect: s.set, Span: s.set.Span, Subject: deal,
				Target: deal, Value: value.OfWord(value.Choice, 0)},
		},
	}
}

func TestDecisionsAsJSON(t *testing.T) {
	s := newShop()
	deal, li := decision.Ref{Type: s.deal, ID: "d1"}, decision.Ref{Type: s.rep, ID: "li"}
	when := moment("2026-03-02T01:30:00.25Z")
	quiet := decision.Effect{Kind: decision.Alert, Rule: "Quiet", Subject: li, State: decision.Open,
		Span: s.alert.Span}
	cases := []struct {
		name, lang string
		d          *decision.Decision
		want       string
	}{
		{"a record with scores and effects", "zh", s.bigDealDecision(),
			`{"seq":17,"at":"2026-03-02T09:30:00+08:00","record":{"type":"Deal","id":"d1"},` +
				`"outcome":"accepted","scores":{"Heat":72.5,"Cold":null},"effects":[` +
				`{"kind":"task","rule":"BigDeal","for":"Rep/li",` +
				`"text":"跟进 光明 \"一期\"：1200000.00","due":"2026-03-04T09:30:00+08:00",` +
				`"with":["Deal/d1"],"source":"deals.thru:6:8"},` +
				`{"kind":"set","rule":"BigDeal","record":"Deal/d1","field":"level","value":"high",` +
				`"source":"deals.thru:6:75"}]}`},
		{"what a timer did", "", &decision.Decision{Seq: 3, Kind: decision.Tick, At: when,
			Effects: []decision.Effect{quiet,
				{Kind: decision.Notify, Rule: "Quiet", Effect: s.tell, Subject: li,
					For: []decision.Ref{{}}, Args: []value.Value{value.OfText("李")}, Shadow: true}}},
			`{"seq":3,"at":"2026-03-02T09:30:00.25+08:00","record":null,"effects":[` +
				`{"kind":"alert","state":"open","rule":"Quiet","of":"Rep/li",` +
				`"source":"deals.thru:8:7"},` +
				`{"kind":"notify","rule":"Quiet","of":"Rep/li","for":null,"via":"wecom","text":"李",` +
				`"shadow":true}]}`},
		{"what a decision caused", "", &decision.Decision{Seq: 18, Cause: 17, Depth: 1, Record: deal,
			Outcome: decision.Accepted},
			`{"seq":18,"at":"1970-01-01T08:00:00+08:00","record":{"type":"Deal","id":"d1"},` +
				`"outcome":"accepted","cause":17}`},
		{"a refusal", "", &decision.Decision{Outcome: decision.Rejected,
			Record: decision.Ref{ID: "x"},
			Findings: []decision.Finding{{Code: "T9999", Field: s.deal.Fields[1], Rule: "BigDeal",
				Span: s.rule.Span}}},
			`{"seq":0,"at":"1970-01-01T08:00:00+08:00","record":{"type":null,"id":"x"},` +
				`"outcome":"rejected","findings":[{"rule":"BigDeal","code":"T9999","field":"amount",` +
				`"message":"T9999 ","source":"deals.thru:4:6"}]}`},
		{"a member of a tier", "", &decision.Decision{Seq: 1, Effects: []decision.Effect{
			{Kind: decision.Segment, Rule: "Tiered", Subject: deal, State: decision.Enter, Tier: "Gold"}}},
			`{"seq":1,"at":"1970-01-01T08:00:00+08:00","record":null,"effects":[` +
				`{"kind":"segment","state":"enter","rule":"Tiered","of":"Deal/d1","tier":"Gold"}]}`},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			w := decision.NewWriter(s.policy, decision.Options{Zone: shanghai(t), Lang: tt.lang})
			if diff := cmp.Diff(tt.want, string(w.AppendJSON(nil, tt.d))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMessagesInTheOtherLanguageTakeTheSameValues(t *testing.T) {
	s := newShop()
	w := decision.NewWriter(s.policy, decision.Options{Lang: "en"})
	d := s.bigDealDecision()
	want := `Follow up 光明 "一期"`
	if got := string(w.AppendMessage(nil, &d.Effects[0])); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// An engine that evaluates both languages' expressions gives the other's after the first's.
	d.Effects[0].Args = append(d.Effects[0].Args, value.OfText("Guangming"))
	if got, want := string(w.AppendMessage(nil, &d.Effects[0])), "Follow up Guangming"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChoicesAreShownByLabelAndStoredByName(t *testing.T) {
	s := newShop()
	w := decision.NewWriter(s.policy, decision.Options{Lang: "zh"})
	list := policy.Type{Kind: value.List, Elem: &s.deal.Fields[3].Type}
	v := value.Value{Kind: value.List, X: []value.Value{value.OfWord(value.Choice, 0),
		value.OfWord(value.Choice, 1)}}
	if got := string(w.AppendValue(nil, list, v)); got != "高、低" {
		t.Errorf("message shows %s", got)
	}
	if got := string(w.AppendValueJSON(nil, list, v)); got != `["high","low"]` {
		t.Errorf("JSON shows %s", got)
	}
}

func TestFindingsAreWrittenInBothLanguages(t *testing.T) {
	s := newShop()
	entry := source.Codes()[0]
	f := decision.Finding{Code: entry.Code, Args: []string{"a", "b", "c"}}
	en := decision.NewWriter(s.policy, decision.Options{Lang: "en"})
	zh := decision.NewWriter(s.policy, decision.Options{})
	if a, b := string(en.AppendFinding(nil, &f)), string(zh.AppendFinding(nil, &f)); a == b || a == "" {
		t.Errorf("en %q, zh %q", a, b)
	}
}

func TestEveryDecisionIsValidJSON(t *testing.T) {
	s := newShop()
	w := decision.NewWriter(s.policy, decision.Options{Zone: shanghai(t)})
	rapid.Check(t, func(rt *rapid.T) {
		d := draw{rt, s}.decision()
		d.At %= moment("9000-01-01T00:00:00Z")
		line := w.AppendJSON(nil, d)
		if !json.Valid(line) {
			rt.Fatalf("not JSON: %s", line)
		}
		for _, c := range line {
			if c == '\n' {
				rt.Fatalf("more than one line: %q", line)
			}
		}
	})
}

func TestWritingJSONDoesNotAllocate(t *testing.T) {
	s := newShop()
	w := decision.NewWriter(s.policy, decision.Options{Zone: shanghai(t)})
	d := s.bigDealDecision()
	d.Effects[0].Args[0] = value.OfText("光明")
	buf := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { buf = w.AppendJSON(buf[:0], d) }); n != 0 {
		t.Errorf("writing a decision allocates %v times", n)
	}
}

func TestPlacesAreThoseOfDiagnostics(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"a", "规则", "\n", "\r", "\r\n", " "}))
		f := source.File{Name: "a.thru", Text: "\uFEFF" + strings.Join(parts.Draw(rt, "text"), "") + "x"}
		w := decision.NewWriter(&policy.Policy{Files: []source.File{f}}, decision.Options{})
		off := int32(rapid.IntRange(0, len(f.Text)-1).Draw(rt, "off"))
		if strings.HasPrefix(f.Text[off-min(off, 1):], "\r\n") {
			off-- // nothing stands between the two
		}
		at := f.Position(off)
		got := string(w.AppendPlace(nil, source.Span{Off: off, End: off + 1}))
		if want := fmt.Sprintf("a.thru:%d:%d", at.Line, at.Col); got != want {
			rt.Errorf("offset %d of %q is %s, want %s", off, f.Text, got, want)
		}
	})
}

func TestFindingsReadLikeDiagnostics(t *testing.T) {
	s := newShop()
	for _, e := range source.Codes() {
		f := decision.Finding{Code: e.Code, Args: []string{"a", "b", "c"}}
		for _, lang := range []string{"en", "zh"} {
			w := decision.NewWriter(s.policy, decision.Options{Lang: lang})
			got := string(w.AppendFinding(nil, &f))
			if want := e.Code.Message(lang, f.Args); got != want {
				t.Errorf("%s says %q, want %q", e.Code, got, want)
			}
		}
	}
}
