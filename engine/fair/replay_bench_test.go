package fair_test

import (
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/fair"
	"github.com/throughline/throughline/engine/trial"
)

const leads = `
entity Rep { region text; skill text; active bool; capacity number
  load number = sum(Lead.use where live) / capacity }
entity Lead { region text; industry text; effort int; days int; amount money?; owner Rep?
  live bool; won bool?; use number = effort / days; fill live = true }
event Call { lead Lead; rep Rep }
allocate Lead.owner to Rep {
  where candidate.active and candidate.region == region
  weigh { idle 60% = 1 - candidate.load; fit 40% = candidate.skill == industry }
  limit candidate.load < 12
}`

func check(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, diags, err := dsl.Load(fstest.MapFS{"a.thru": {Data: []byte(text)}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	return p
}

// expr is an expression over a type of the policy.
func expr(t testing.TB, p *policy.Policy, of, text string) *policy.Expr {
	t.Helper()
	for _, r := range p.Records {
		if r.Full == of {
			x, diags := dsl.Expression(p, r, text)
			if x == nil {
				t.Fatal(text, diags)
			}
			return x
		}
	}
	t.Fatal("no type ", of)
	return nil
}

func asked(t testing.TB, p *policy.Policy) fair.Questions {
	return fair.Questions{Effort: expr(t, p, "Lead", "effort"), Value: expr(t, p, "Lead", "amount"),
		Open: expr(t, p, "Lead", "live"), Won: expr(t, p, "Lead", "won"),
		Team: expr(t, p, "Rep", "region"), Capacity: expr(t, p, "Rep", "capacity"),
		Load: expr(t, p, "Rep", "load")}
}

// period is a log of n leads for so many people in two regions: each comes, is called by nobody or
// somebody, and closes.
func period(n, people int) trial.Log {
	start := time.Date(2025, 1, 1, 9, 0, 0, 0, time.UTC)
	var list []trial.Input
	add := func(at time.Time, rest string, args ...any) {
		line := fmt.Sprintf(`{"at":"%s",`, at.Format(time.RFC3339)) + fmt.Sprintf(rest, args...) + "}"
		list = append(list, trial.Input{Line: []byte(line)})
	}
	regions, skills := []string{"east", "west"}, []string{"auto", "food", "it"}
	for i := range people {
		add(start, `"type":"Rep","id":"r%03d","region":"%s","skill":"%s","active":true,"capacity":%d`, i,
			regions[i%2], skills[i%3], 2+i%3)
	}
	step := 300 * 24 * time.Hour / time.Duration(n)
	open := min(n/4, people*12)
	for i := range n {
		at := start.Add(step * time.Duration(i))
		add(at, `"type":"Lead","id":"l%d","region":"%s","industry":"%s","effort":%d,"days":%d,"amount":%d`,
			i, regions[i%5&1], skills[i%7%3], 1+i%8, 10+i%30, 1000*(1+i%9))
		if k := i - open; k >= 0 {
			add(at, `"type":"Lead","id":"l%d","live":false,"won":%t`, k, k%4 == 0)
		}
	}
	return trial.Slice(list)
}

// BenchmarkSlider is one move of a slider: five thousand leads given out anew to twelve people under
// other weights, from the engine's start to who has what.
func BenchmarkSlider(b *testing.B) { replay(b, 5000, 12) }

// BenchmarkReplayLeads is the same of a hundred thousand over two hundred.
func BenchmarkReplayLeads(b *testing.B) { replay(b, 100_000, 200) }

func replay(b *testing.B, n, people int) {
	p := check(b, leads)
	book, err := fair.NewBook(p, p.Allocations[0], period(n, people),
		fair.Options{Questions: asked(b, p)})
	if err != nil {
		b.Fatal(err)
	}
	other, err := (&dsl.Rival{Weights: map[string]float64{"idle": 0.3, "fit": 0.7}}).With(p, "Lead.owner")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		x, err := book.Play(other)
		if err != nil || len(x.Cases) != n {
			b.Fatal(len(x.Cases), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/lead")
}
