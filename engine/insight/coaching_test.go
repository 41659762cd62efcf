package insight_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/engine/record"
)

const coached = `
entity Rep { name text }
event Week { rep Rep; score number }
alert Coach of Rep { check each week; when avg(Week.score in this week) < 60; for 2 in a row }
`

// TestRegressionToTheMean plays people through of whom nobody is coached: means of 68 with a
// deviation of 7, weeks with one of 6. Those who were below 60 twice do better afterwards all the
// same, by as much as is expected of them: about 3.7 points (method: domain, coaching trigger).
func TestRegressionToTheMean(t *testing.T) {
	p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: coached}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	c, ok := insight.Coach(p.Alerts[0])
	if !ok {
		t.Fatal("the alert holds a number against a threshold")
	}
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const people, weeks = 3000, 4
	figures := playWeeks(e, p, c, people, weeks)
	zone := e.Zone()
	opened := time.Date(2026, 3, 16, 0, 0, 0, 0, zone).UnixMicro() // the second look
	n, expected, actual, better, beyond, rare := 0, 0.0, 0.0, 0, 0.0, 0
	low := func(i int) bool { return figures[i][0] < 60 && figures[i][1] < 60 }
	busy := func(id string, _, _ int64) bool {
		i, err := strconv.Atoi(id[1:])
		return err == nil && low(i)
	}
	for i, own := range figures {
		if !low(i) || n == 150 {
			continue
		}
		r := c.Of(fmt.Sprintf("r%d", i), opened, busy)
		if !r.Enough || r.Looks != 2 || r.Since != 2 || math.Abs(r.Before-(own[0]+own[1])/2) > 1e-9 ||
			math.Abs(r.After-(own[2]+own[3])/2) > 1e-9 {
			t.Fatalf("r%d with %v: %+v", i, own, r)
		}
		n++
		beyond += r.Beyond
		if r.Chance < 0.05 {
			rare++
		}
		if !r.Told || r.Others < 2500 || math.Abs(r.Drift) > 0.5 {
			t.Fatalf("others: %+v", r)
		}
		expected += r.Expected - r.Before
		actual += r.After - r.Before
		if r.After > r.Before {
			better++
		}
		if math.Abs(r.Mean-68) > 0.5 || math.Abs(r.Between-7) > 0.5 || math.Abs(r.Within-6) > 0.3 {
			t.Fatalf("the deviations are %+v", r)
		}
	}
	expected, actual, beyond = expected/float64(n), actual/float64(n), beyond/float64(n)
	if math.Abs(beyond) > 0.8 || rare > n/8 {
		t.Errorf("nobody was coached: %.2f points beyond the others, %d of %d called rare", beyond, rare, n)
	}
	if n < 100 || math.Abs(expected-3.7) > 0.4 || math.Abs(actual-expected) > 0.8 ||
		better*100 < 60*n {
		t.Errorf("of %d flagged: %.2f points expected, %.2f came, %d did better", n, expected, actual, better)
	}
	if r := c.Of("r0", time.Date(2026, 3, 9, 0, 0, 0, 0, zone).UnixMicro(), busy); r.Enough {
		t.Errorf("one look tells nothing of luck: %+v", r)
	}
}

// playWeeks gives an engine a score a week of everybody.
func playWeeks(e *engine.Engine, p *policy.Policy, c *insight.Coaching, people, weeks int) [][]float64 {
	luck := rand.New(rand.NewPCG(1, 2))
	figures := make([][]float64, people)
	truly := make([]float64, people)
	d := record.NewDecoder(p, e.Zone())
	var r record.Record
	feed := func(at time.Time, line string) {
		d.Decode([]byte(line), nil, &r)
		e.Absorb(&engine.Entry{Kind: decision.Record, Moment: at.UnixMicro(), Record: &r})
	}
	for w := range weeks {
		at := time.Date(2026, 3, 3+7*w, 9, 0, 0, 0, e.Zone())
		for i := range people {
			if w == 0 {
				truly[i] = 68 + 7*luck.NormFloat64()
				feed(at, fmt.Sprintf(`{"type":"Rep","id":"r%d","at":"%s","name":"x"}`, i, at.Format(time.RFC3339)))
			}
			s := truly[i] + 6*luck.NormFloat64()
			figures[i] = append(figures[i], s)
			feed(at, fmt.Sprintf(`{"type":"Week","id":"w%d-%d","at":"%s","rep":"r%d","score":%v}`, w, i,
				at.Format(time.RFC3339), i, s))
		}
		e.AbsorbUntil(c.Closes(e, e.Now()) - 1)
		c.Take(e)
	}
	return figures
}
