package fair_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/fair"
	"github.com/throughline/throughline/engine/trial"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s is %v instead of %v", what, got, want)
	}
}

// TestIndices holds the measures of evenness to their textbook values.
func TestIndices(t *testing.T) {
	near(t, "Gini of equals", fair.Gini([]float64{3, 3, 3}), 0, 1e-12)
	near(t, "Gini of one who has all", fair.Gini([]float64{0, 0, 0, 8}), 0.75, 1e-12)
	near(t, "Gini of 1 2 3 4", fair.Gini([]float64{4, 1, 3, 2}), 0.25, 1e-12)
	near(t, "Gini of nothing", fair.Gini(nil), 0, 0)
	near(t, "Jain of equals", fair.Jain([]float64{3, 3, 3}), 1, 1e-12)
	near(t, "Jain of one who has all", fair.Jain([]float64{0, 0, 0, 8}), 0.25, 1e-12)
	near(t, "Jain of nothing", fair.Jain([]float64{0, 0}), 1, 0)
	w := fair.Wilson(5, 61)
	near(t, "5 of 61, low", w.Low, 0.036, 0.0005)
	near(t, "5 of 61, high", w.High, 0.178, 0.0005)
	if w = fair.Wilson(2, 25); w.High < 0.235 {
		t.Error("2 of 25 is not clearly below 23.5 %")
	}
}

const small = `
entity Rep { name text; team text }
entity Lead { size text; owner Rep?; live bool; won bool?; fill live = true
  effort number = pick { size == "big" : 8; else : 1 } }
event Call { lead Lead; rep Rep }
allocate Lead.owner to Rep { %s }
`

func log(lines string) trial.Log {
	var list []trial.Input
	for line := range strings.Lines(strings.TrimSpace(lines)) {
		list = append(list, trial.Input{Line: []byte(strings.TrimSpace(line))})
	}
	return trial.Slice(list)
}

func book(t *testing.T, p *policy.Policy, l trial.Log) *fair.Book {
	t.Helper()
	b, err := fair.NewBook(p, p.Allocations[0], l, fair.Options{Questions: fair.Questions{
		Effort: expr(t, p, "Lead", "effort"), Open: expr(t, p, "Lead", "live"),
		Won: expr(t, p, "Lead", "won"), Team: expr(t, p, "Rep", "team")}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// owners is who has what, in words.
func owners(p *fair.Play) string {
	var out []string
	for _, c := range p.Cases {
		who := "-"
		if c.To >= 0 {
			who = p.People[c.To].ID
		}
		out = append(out, c.ID+":"+who)
	}
	return strings.Join(out, " ")
}

const week = `
{"type":"Rep","id":"an","at":"2026-03-02T08:00:00+08:00","name":"An","team":"A"}
{"type":"Rep","id":"bo","at":"2026-03-02T08:00:00+08:00","name":"Bo","team":"B"}
{"type":"Lead","id":"l1","at":"2026-03-02T09:00:00+08:00","size":"big","owner":"an"}
{"type":"Lead","id":"l2","at":"2026-03-02T10:00:00+08:00","size":"small","owner":"an"}
{"type":"Call","id":"c1","at":"2026-03-02T12:00:00+08:00","lead":"l2","rep":"an"}
{"type":"Call","id":"c2","at":"2026-03-02T13:00:00+08:00","lead":"l1","rep":"bo"}
{"type":"Lead","id":"l2","at":"2026-03-03T10:00:00+08:00","live":false,"won":true}
{"type":"Lead","id":"l3","at":"2026-03-03T11:00:00+08:00","size":"small","owner":"an"}
`

// TestPlay: a period as it was, and as a rule alone would have given it out. What somebody did about
// a lead is then done by whoever has it; what others did stays theirs; a lead closes when it did.
func TestPlay(t *testing.T) {
	p := check(t, fmt.Sprintf(small, "by least_open where live"))
	b := book(t, p, log(week))
	was := b.Was()
	if got := owners(was); got != "l1:an l2:an l3:an" {
		t.Error("as it was:", got)
	}
	if c := was.Cases[1]; c.First-c.Given != 2*3600e6 || c.Closed-c.Given != 24*3600e6 ||
		c.Won != value.True {
		t.Errorf("l2 as it was: %+v", c)
	}
	if c := was.Cases[0]; c.First != 0 || c.Effort != 8 {
		t.Errorf("somebody else's call is no beginning: %+v", c)
	}
	x, err := b.Play(p)
	if err != nil {
		t.Fatal(err)
	}
	if got := owners(x); got != "l1:an l2:bo l3:bo" {
		t.Error("by the fewest open:", got)
	}
	if c := x.Cases[1]; c.First-c.Given != 2*3600e6 || c.Won != value.True {
		t.Errorf("l2 by the rule: %+v", c)
	}
	turn, err := (&dsl.Rival{Rule: policy.RoundRobin}).With(p, "Lead.owner")
	if err != nil {
		t.Fatal(err)
	}
	if x, err = b.Play(turn); err != nil || owners(x) != "l1:an l2:bo l3:an" {
		t.Error("in turn:", owners(x), err)
	}
	if p.Allocations[0].Base != policy.LeastOpen {
		t.Error("the policy itself has changed")
	}
}

// TestReplayIsWhatWas: where the rule gave everything out, going through it again under the same
// rule comes to the same, acceptances and all.
func TestReplayIsWhatWas(t *testing.T) {
	p := check(t, fmt.Sprintf(small, "by least_open where live; accept within 4h; else pool for 10h"))
	b := book(t, p, log(`
{"type":"Rep","id":"an","at":"2026-03-02T08:00:00+08:00","name":"An","team":"A"}
{"type":"Rep","id":"bo","at":"2026-03-02T08:00:00+08:00","name":"Bo","team":"B"}
{"type":"Lead","id":"l1","at":"2026-03-02T09:00:00+08:00","size":"big"}
{"type":"Lead","id":"l2","at":"2026-03-02T10:00:00+08:00","size":"small"}
{"type":"Accept","id":"a1","at":"2026-03-02T11:00:00+08:00","record":"Lead/l1","by":"an"}
{"type":"Call","id":"c1","at":"2026-03-02T12:00:00+08:00","lead":"l2","rep":"bo"}
{"type":"Lead","id":"l3","at":"2026-03-03T11:00:00+08:00","size":"small"}
{"type":"Lead","id":"l4","at":"2026-03-03T23:00:00+08:00","size":"small"}
`))
	x, err := b.Play(p)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(x.Cases), fmt.Sprint(b.Was().Cases); got != want {
		t.Errorf("again:\n%s\nas it was:\n%s", got, want)
	}
}

// TestOffersToSeveral: what is offered to several is with nobody until one of them begins. Gone
// through again it is the same one, where the rule still offers it to him, and else the first of
// those whom it offers it to; who was refused stays refused.
func TestOffersToSeveral(t *testing.T) {
	const rule = `weigh { fit %s%% = candidate.team == "A"; rest %s%% = candidate.team != "A" }
accept top 2 within 4h; else pool for 10h`
	p := check(t, fmt.Sprintf(small, fmt.Sprintf(rule, "60", "40")))
	b := book(t, p, log(`
{"type":"Rep","id":"an","at":"2026-03-02T08:00:00+08:00","name":"An","team":"A"}
{"type":"Rep","id":"bo","at":"2026-03-02T08:00:00+08:00","name":"Bo","team":"A"}
{"type":"Rep","id":"cy","at":"2026-03-02T08:00:00+08:00","name":"Cy","team":"B"}
{"type":"Rep","id":"di","at":"2026-03-02T08:00:00+08:00","name":"Di","team":"B"}
{"type":"Lead","id":"l1","at":"2026-03-02T09:00:00+08:00","size":"big"}
{"type":"Accept","id":"a0","at":"2026-03-02T09:30:00+08:00","record":"Lead/l1","by":"cy"}
{"type":"Accept","id":"a1","at":"2026-03-02T11:00:00+08:00","record":"Lead/l1","by":"Rep/bo"}
{"type":"Accept","id":"a2","at":"2026-03-02T11:30:00+08:00","record":"Lead/l1","by":"an"}
{"type":"Lead","id":"l2","at":"2026-03-03T09:00:00+08:00","size":"small"}
{"type":"Call","id":"c0","at":"2026-03-03T09:10:00+08:00","lead":"l2","rep":"di"}
{"type":"Call","id":"c1","at":"2026-03-03T10:00:00+08:00","lead":"l2","rep":"an"}
{"type":"Lead","id":"l3","at":"2026-03-03T11:00:00+08:00","size":"small"}
{"type":"Rep","id":"an","at":"2026-03-05T08:00:00+08:00","name":"An"}
`))
	was := b.Was()
	if got := owners(was); got != "l1:bo l2:an l3:-" {
		t.Fatal("as it was:", got)
	}
	if c := was.Cases[0]; c.First-c.Given != 2*3600e6 {
		t.Errorf("bo began two hours after it was offered to him: %+v", c)
	}
	if c := was.Cases[1]; c.First-c.Given != 3600e6 {
		t.Errorf("an began an hour after it was offered to him: %+v", c)
	}
	again, err := b.Play(p)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(again.Cases), fmt.Sprint(was.Cases); got != want {
		t.Errorf("again:\n%s\nas it was:\n%s", got, want)
	}
	other, err := b.Play(check(t, fmt.Sprintf(small, fmt.Sprintf(rule, "40", "60"))))
	if err != nil {
		t.Fatal(err)
	}
	// Cy asks for l1 half an hour before Bo did: now it is offered to her. Di calls about l2.
	if got := owners(other); got != "l1:cy l2:di l3:-" {
		t.Error("offered to team B:", got)
	}
	one, err := b.Play(check(t, fmt.Sprintf(small, `weigh { fit 100% = candidate.team == "A" }
accept within 4h; else pool for 10h`)))
	if err != nil {
		t.Fatal(err)
	}
	if got := owners(one); got != "l1:an l2:bo l3:-" {
		t.Error("offered to one:", got)
	}
}

// TestGivenOutLater: what came outside working time is given out when that begins, by the clock
// alone, and to one of those who could have got it.
func TestGivenOutLater(t *testing.T) {
	p := check(t, fmt.Sprintf(small, `where candidate.team == "A"; by round_robin; hold until open`))
	var lines strings.Builder
	for _, who := range []string{"an", "bo", "cy", "di"} {
		team := "A"
		if who > "bz" {
			team = "B"
		}
		fmt.Fprintf(&lines, `{"type":"Rep","id":"%s","at":"2026-03-02T08:00:00+08:00","name":"x","team":"%s"}`+
			"\n", who, team)
	}
	for i := range 6 {
		fmt.Fprintf(&lines, `{"type":"Lead","id":"l%d","at":"2026-03-02T22:%02d:00+08:00","size":"big"}`+"\n",
			i, i)
	}
	lines.WriteString(`{"type":"Rep","id":"an","at":"2026-03-04T08:00:00+08:00","name":"x"}`)
	was := book(t, p, log(lines.String())).Was()
	r := fair.NewReport(was, fair.NewModel(was), 1775000000000000)
	if len(r.Teams) != 2 || r.Teams[0].Count != 6 || r.Nobody != 0 {
		t.Fatalf("all six are team A's: %+v", r.Teams)
	}
	near(t, "target of A", r.Teams[0].Target, 1, 1e-9)
	near(t, "target of B", r.Teams[1].Target, 0, 1e-9)
}

// TestRivals refuses what cannot be meant.
func TestRivals(t *testing.T) {
	p := check(t, fmt.Sprintf(small, `weigh { a 60% = candidate.team == "A"; b 40% = effort }`))
	for _, c := range []struct {
		rival dsl.Rival
		want  string
	}{
		{dsl.Rival{Rule: "luck"}, "no rule is called luck"},
		{dsl.Rival{Rule: policy.LeastOpen}, "nothing says which records"},
		{dsl.Rival{Weights: map[string]float64{"c": 1}}, "no term"},
		{dsl.Rival{Weights: map[string]float64{"a": 0, "b": 0}}, "add up to 0"},
		{dsl.Rival{Weights: map[string]float64{"a": -1}}, "below 0"},
	} {
		if _, err := c.rival.With(p, "Lead.owner"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v instead of %s", c.rival, err, c.want)
		}
	}
	if _, err := (&dsl.Rival{}).With(p, "Deal.owner"); err == nil {
		t.Error("an allocation that is not there is taken")
	}
	q, err := (&dsl.Rival{Weights: map[string]float64{"a": 1, "b": 3}}).With(p, "Lead.owner")
	if err != nil || q.Allocations[0].Weigh[1].Weight != 0.75 {
		t.Error("weights are not brought to 100 %:", err)
	}
}

// TestReport: who has more work than chance would give them is told, who has less is not.
func TestReport(t *testing.T) {
	p := check(t, fmt.Sprintf(small, "by round_robin"))
	var lines strings.Builder
	for _, who := range []string{"an", "bo", "cy", "di"} {
		team := "A"
		if who > "bz" {
			team = "B"
		}
		fmt.Fprintf(&lines, `{"type":"Rep","id":"%s","at":"2026-01-01T08:00:00+08:00","name":"x","team":"%s"}`+
			"\n", who, team)
	}
	for i := range 80 { // all big ones are An's and Bo's, and take five times as long
		who, size := []string{"an", "cy", "bo", "di"}[i%4], "small"
		if i%2 == 0 {
			size = "big"
		}
		fmt.Fprintf(&lines, `{"type":"Lead","id":"l%d","at":"2026-01-%02dT09:00:00+08:00","size":"%s","owner":"%s"}`+
			"\n", i, 1+i/4, size, who)
	}
	for k := range 80 {
		month, i := 2, 2*k+1 // small ones first
		if k >= 40 {
			month, i = 3, 2*k-80
		}
		fmt.Fprintf(&lines, `{"type":"Lead","id":"l%d","at":"2026-%02d-09T09:00:00+08:00","live":false,`+
			`"won":%t}`+"\n", i, month, i%3 == 0)
	}
	was := book(t, p, log(lines.String())).Was()
	r := fair.NewReport(was, fair.NewModel(was), 1775000000000000)
	if r.Cases != 80 || r.Nobody != 0 || len(r.People) != 4 || len(r.Teams) != 2 {
		t.Fatalf("%+v", r)
	}
	by := map[string]fair.Even{}
	for _, e := range r.Even {
		by[e.Of] = e
	}
	if e := by["count"]; e.Gini != 0 || e.Jain != 1 || e.Chance < 0.9 {
		t.Errorf("counts are exactly even: %+v", e)
	}
	if e := by["effort"]; e.Chance > 0.01 || e.Gini < 0.3 {
		t.Errorf("effort is anything but: %+v", e)
	}
	if _, there := by["value"]; there || r.Worth {
		t.Error("nobody asked what records are worth")
	}
	a := r.Teams[0]
	near(t, "share of A", a.Share, 0.5, 1e-9)
	near(t, "target of A", a.Target, 0.5, 1e-9)
	near(t, "effort of A", a.Effort, 320, 1e-9)
	near(t, "outlook of both", a.Outlook+r.Teams[1].Outlook, 27, 0.5)
	if r.Circle == nil || r.Circle.Long != "A" || r.Circle.Effort != 8 || r.Circle.ByCount >= 0.5 {
		t.Errorf("cycles differ: %+v %+v", r.Circle, r.Teams)
	}
	if r.Spread == nil || r.Spread.Teams[0].N != 40 || r.Spread.Teams[0].Won != r.Teams[0].Won {
		t.Errorf("all are old enough: %+v", r.Spread)
	}
}
