package pipeline_test

import (
	"math"
	"testing"
	"testing/fstest"
	"time"

	"github.com/throughline/throughline/dsl"
	core "github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/examples/internal/replay"
)

// metrics are figures over the pipeline that the reference has too.
const metrics = `
metric WinRate of Opportunity { value share(state == won); where not open_deal; at closed; by owner, region; every month }
metric Cycle of Opportunity { value avg(days_to_close); where state == won; at closed; by owner; every month }
metric Spread of Opportunity { value sd(days_to_close); where state == won; at closed }
metric Worth of Opportunity { value sum(value where state == won); at closed; by region; every quarter }
`

// asked are the questions, all about one run, and the run.
type asked struct {
	t   *testing.T
	p   *core.Policy
	all []*insight.Question
}

func (a *asked) question(metric, by string, every core.Period) *insight.Question {
	var dims []core.Dimension
	for _, m := range a.p.Metrics {
		if m.Full != metric {
			continue
		}
		if d := m.Dimension(by); d != nil {
			dims = append(dims, *d)
		}
		q := insight.Ask(a.p, m, dims, every)
		a.p, a.all = q.Policy, append(a.all, q)
		return q
	}
	a.t.Fatalf("no metric %s", metric)
	return nil
}

// measured are a question's values by group or period.
func measured(q *insight.Question) (map[string]float64, map[string]int64) {
	out, n := map[string]float64{}, map[string]int64{}
	all := q.Figures()
	for i := range all {
		f := &all[i]
		key := q.Label(f)
		if len(f.By) > 0 {
			key = f.By[0].S
		}
		n[key] = f.N
		if out[key] = f.Value.Float(); f.Value.Kind == value.Money {
			out[key] = float64(f.Value.N) / 10_000
		}
	}
	return out, n
}

// TestMetricsOfTheWholePipeline compares metrics with the independent query: by agent, by region,
// by month and quarter.
func TestMetricsOfTheWholePipeline(t *testing.T) {
	ref := reference(t)
	files := policy(t).(fstest.MapFS)
	files["pipeline/metrics.thru"] = &fstest.MapFile{Data: []byte(metrics)}
	p, diags, err := dsl.Load(files, "pipeline")
	if err != nil || dsl.HasErrors(diags) {
		t.Fatal(err, diags)
	}
	a := &asked{t: t, p: p}
	var compare []func() // once the questions are taken
	for _, x := range []struct {
		metric, by string
		every      core.Period
		ref        string
		key, value string
	}{
		{"WinRate", "owner", core.NoPeriod, "by_agent", "sales_agent", "rate"},
		{"Cycle", "owner", core.NoPeriod, "by_agent", "sales_agent", "mean_won_days"},
		{"WinRate", "region", core.NoPeriod, "by_region", "regional_office", "rate"},
		{"Worth", "region", core.NoPeriod, "by_region", "regional_office", "value"},
		{"WinRate", "", core.Monthly, "won_by_close_month", "month", "rate"},
		{"Worth", "", core.Monthly, "won_by_close_month", "month", "value"},
		{"WinRate", "", core.Quarterly, "won_by_close_quarter", "quarter", "rate"},
		{"Worth", "", core.Quarterly, "won_by_close_quarter", "quarter", "value"},
	} {
		q := a.question(x.metric, x.by, x.every)
		compare = append(compare, func() {
			got, _ := measured(q)
			rows := ref.rows(t, x.ref)
			if len(got) != len(rows) {
				t.Errorf("%s, %s: %d figures, want %d", x.metric, x.ref, len(got), len(rows))
			}
			for _, row := range rows {
				key, want := row[x.key].(string), row[x.value].(float64)
				if v, ok := got[key]; !ok || math.Abs(v-want) > 1e-6 {
					t.Errorf("%s of %s: %v, want %v", x.metric, key, v, want)
				}
			}
		})
	}
	whole, spread := a.question("Cycle", "", core.NoPeriod), a.question("Spread", "", core.NoPeriod)
	c := opened(t, replay.Under(t, a.p, nil))
	for _, x := range c.changes {
		c.apply(x)
	}
	c.Until(time.Date(2018, 1, 1, 0, 0, 0, 0, c.Engine.Zone()).Add(-time.Microsecond))
	for _, q := range a.all {
		q.Take(c.Engine)
	}
	for _, f := range compare {
		f()
	}
	won := ref.one(t, "cycle_won")
	mean, n := measured(whole)
	sd, _ := measured(spread)
	if math.Abs(mean[""]-won["mean"]) > 1e-6 || math.Abs(sd[""]-won["sd_sample"]) > 1e-6 ||
		float64(n[""]) != won["n"] {
		t.Errorf("cycle %v ± %v of %d, want %v", mean[""], sd[""], n[""], won)
	}
}
