package fair_test

import (
	"cmp"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/baseline"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/engine/fair"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/realdata"
)

func reference(t *testing.T, dir string, to any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		t.Fatal(err)
	}
}

// deals gives opportunities to agents by effort for each expected day: effort by a scorecard of the
// product's price, an expected 52 days as the mean won deal takes.
const deals = `
entity Agent { name text; region text; capacity number = 1
  load number = sum(Deal.use where live) / 40 / capacity }
entity Deal { price number; account text?; value money?; owner Agent?; live bool; won bool?
  fill live = true
  complexity int = pick { price >= 20000 : 5; price >= 5000 : 4; price >= 3000 : 3; price >= 500 : 2; else : 1 }
  effort number = pick { complexity == 5 : 8; complexity == 4 : 5.5; complexity == 3 : 3.5; else : complexity }
  use number = effort / 52 }
allocate Deal.owner to Agent {
  weigh { idle 100% = 1 / (1 + candidate.load) }
}`

// pipeline is what of the reference is compared with.
type pipeline struct {
	Opportunities struct{ N, Agents int }
	Won           struct{ Won, Lost int } `json:"win_rate"`
	ByAgent       struct{ Rows [][]any }  `json:"by_agent"`
	ByRegion      struct{ Rows [][]any }  `json:"by_region"`
	WonValue      struct{ Total float64 } `json:"won_value"`
}

// TestPipelineGivenOutAgain gives 8 800 real opportunities to their 30 agents by each rule, in the
// order in which they came: as it was agrees with the published figures, nothing is lost, and every
// assignment is explained with everybody who could have got it.
func TestPipelineGivenOutAgain(t *testing.T) {
	dir := realdata.Dir(t, "crm-sales-opportunities")
	var ref pipeline
	reference(t, dir, &ref)
	lines := realdata.Pipeline(t, dir)
	p := check(t, deals)
	ask := fair.Questions{Effort: expr(t, p, "Deal", "effort"), Value: expr(t, p, "Deal", "value"),
		Open: expr(t, p, "Deal", "live"), Won: expr(t, p, "Deal", "won"),
		Team: expr(t, p, "Agent", "region"), Capacity: expr(t, p, "Agent", "capacity"),
		Load: expr(t, p, "Agent", "load")}
	b, err := fair.NewBook(p, p.Allocations[0], log(strings.Join(lines, "\n")),
		fair.Options{Questions: ask})
	if err != nil {
		t.Fatal(err)
	}
	model := fair.NewModel(b.Was())
	was := fair.NewReport(b.Was(), model, b.Last())
	t.Run("as it was", func(t *testing.T) { asPublished(t, was, &ref) })
	t.Run("old enough", func(t *testing.T) { cohorts(t, was, dir, b.Last()) })
	report := func(p *policy.Policy) *fair.Report {
		x, err := b.Play(p)
		if err != nil {
			t.Fatal(err)
		}
		explained(t, p, lines)
		r := fair.NewReport(x, model, b.Last())
		if r.Cases != ref.Opportunities.N || r.Nobody != 0 || len(r.People) != ref.Opportunities.Agents {
			t.Errorf("%d opportunities, %d with nobody, %d agents", r.Cases, r.Nobody, len(r.People))
		}
		for i := range r.People {
			t.Logf("%-18s %4d %7.1f %5.2f", r.People[i].Name, r.People[i].Count, r.People[i].Effort,
				r.People[i].Load)
		}
		return r
	}
	rival := func(rule policy.Baseline) *policy.Policy {
		x, err := (&dsl.Rival{Rule: rule, Open: ask.Open}).With(p, "Deal.owner")
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	t.Run("round robin", func(t *testing.T) {
		for _, l := range report(rival(policy.RoundRobin)).People {
			if l.Count != 293 && l.Count != 294 { // 8 800 ÷ 30
				t.Errorf("%s has %d", l.Name, l.Count)
			}
		}
	})
	t.Run("least open", func(t *testing.T) {
		r := report(rival(policy.LeastOpen))
		if c := even(t, r, "count"); c.Gini > even(t, was, "count").Gini/4 {
			t.Errorf("counts are as uneven as before: %+v", c)
		}
	})
	t.Run("load rate", func(t *testing.T) { report(rival(policy.LoadRate)) })
	t.Run("utilisation", func(t *testing.T) {
		r := report(p)
		if e := even(t, r, "effort"); e.Gini > 0.05 || e.Gini > even(t, was, "effort").Gini/4 {
			t.Errorf("effort is uneven: %+v, it was %+v", e, even(t, was, "effort"))
		}
		apart := func(r *fair.Report) float64 {
			least, most := math.Inf(1), 0.0
			for _, l := range r.People {
				least, most = min(least, l.Load), max(most, l.Load)
			}
			return most / least
		}
		if apart(r) > 1.1 || apart(was) < 3 {
			t.Errorf("the busiest is %.2f times as busy as the idlest, and was %.2f", apart(r), apart(was))
		}
	})
}

// cohorts counts again, from the file itself, what is old enough to have ended: what is still open
// by then counts as not won.
func cohorts(t *testing.T, r *fair.Report, dir string, until int64) {
	region := map[string]string{}
	for _, a := range realdata.Table(t, dir, "sales_teams.csv") {
		region[a["sales_agent"]] = a["regional_office"]
	}
	want := map[string]fair.TeamOutcome{}
	for _, d := range realdata.Table(t, dir, "sales_pipeline.csv") {
		name := region[d["sales_agent"]]
		o := want[name]
		o.Name = name
		came, err := time.Parse(time.RFC3339, cmp.Or(d["engage_date"], "2017-12-31")+"T09:00:00+08:00")
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case float64(until-came.UnixMicro())/86400e6 < r.Spread.After:
			o.Young++
		default:
			o.N++
			if d["deal_stage"] == "Won" {
				o.Won++
			}
			if d["close_date"] == "" {
				o.Open++
			}
		}
		want[name] = o
	}
	for _, x := range r.Spread.Teams {
		if x.In = (fair.Range{}); x != want[x.Name] {
			t.Errorf("%+v, counted are %+v", x, want[x.Name])
		}
	}
}

func even(t *testing.T, r *fair.Report, of string) fair.Even {
	t.Helper()
	for _, e := range r.Even {
		if e.Of == of {
			return e
		}
	}
	t.Fatal("nothing is told of ", of)
	return fair.Even{}
}

// asPublished holds the period as it was to the reference, agent by agent.
func asPublished(t *testing.T, r *fair.Report, ref *pipeline) {
	num := func(x any) int { return int(x.(float64)) }
	by := map[string]fair.Line{}
	won, closed := 0, 0
	for _, l := range r.People {
		by[l.Name] = l
		won, closed = won+l.Won, closed+l.Closed
	}
	if won != ref.Won.Won || closed-won != ref.Won.Lost {
		t.Errorf("%d won, %d lost", won, closed-won)
	}
	if len(ref.ByAgent.Rows) != len(r.People) {
		t.Errorf("%d agents of %d", len(r.People), len(ref.ByAgent.Rows))
	}
	for _, row := range ref.ByAgent.Rows {
		l := by[row[0].(string)]
		n := num(row[3]) + num(row[4]) + num(row[5]) + num(row[6])
		if l.Count != n || l.Won != num(row[3]) || l.Closed != num(row[3])+num(row[4]) ||
			l.Team != row[2] {
			t.Errorf("%s: %+v, published is %v", row[0], l, row)
		}
	}
	for _, row := range ref.ByRegion.Rows {
		i := slices.IndexFunc(r.Teams, func(l fair.Line) bool { return l.Name == row[0] })
		l := &r.Teams[i]
		if l.Count != num(row[1]) || l.Won != num(row[2]) {
			t.Errorf("%s: %+v, published is %v", row[0], l, row)
		}
	}
	// 62.6, 63.0 and 63.9 % of what ended: no more apart than chance makes them.
	var ended []baseline.Group
	for _, l := range r.Teams {
		ended = append(ended, baseline.Group{N: int64(l.Closed), True: int64(l.Won)})
	}
	band, over := baseline.Band(ended, fair.Spread(ended))
	if fair.Spread(ended) > band || over < 0.2 {
		t.Errorf("of what ended regions win alike: %v of at most %v", fair.Spread(ended), band)
	}
	// And who gets how many is anything but chance: 349 + 204 + … for one, 110 for another.
	if e := even(t, r, "count"); e.Chance > 0.01 {
		t.Errorf("chance does not explain who got how many: %+v", e)
	}
}

// explained gives the opportunities out again on an engine of their own and holds every account to
// what was decided: its terms add up to its keys, its best is the winner, and the page says so in
// both languages.
func explained(t *testing.T, p *policy.Policy, lines []string) {
	t.Helper()
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dec, page := record.NewDecoder(p, e.Zone()), map[string]*explain.Explainer{}
	for _, lang := range []string{"en", "zh"} {
		page[lang] = explain.New(p, decision.Options{Lang: lang, Zone: e.Zone()})
	}
	n := 0
	var r record.Record
	for _, line := range lines {
		if i := strings.Index(line, `,"owner"`); i > 0 {
			line = line[:i] + "}"
		}
		dec.Decode([]byte(line), nil, &r)
		e.Apply(&engine.Entry{Kind: decision.Record, Moment: max(e.Now(), r.Received), Record: &r},
			func(_ *engine.Entry, d *decision.Decision) {
				for i := range d.Accounts {
					n++
					accounted(t, &d.Accounts[i])
					if n%100 != 1 {
						continue
					}
					for lang, x := range page {
						a := &d.Accounts[i]
						text := x.Text(d, nil)
						for _, who := range []int32{a.Winner, a.Next} {
							if !strings.Contains(text, "Agent/"+a.IDs[who]) {
								t.Errorf("%s: %s is not told:\n%s", lang, a.IDs[who], text)
							}
						}
					}
				}
			})
	}
	if n != 8800 {
		t.Errorf("%d assignments are accounted for", n)
	}
}

func accounted(t *testing.T, a *decision.Account) {
	t.Helper()
	if len(a.Out) != 30 || a.Winner < 0 || a.Next < 0 || a.Count(decision.In) != 30 {
		t.Fatalf("%s: winner %d of %d", a.Record, a.Winner, len(a.Out))
	}
	for i := range a.Out {
		if len(a.Rule.Weigh) > 0 && math.Abs(a.Sum(i)-a.Keys[i]) > 1e-9 {
			t.Fatalf("%s: terms of %s add up to %v, its key is %v", a.Record, a.IDs[i], a.Sum(i), a.Keys[i])
		}
		if int32(i) != a.Winner && a.Better(int32(i), a.Winner) {
			t.Fatalf("%s: %s is better than the winner %s", a.Record, a.IDs[i], a.IDs[a.Winner])
		}
	}
}

// learners gives leads of an education firm to six advisers by a complexity from 1 to 5. The points
// are those of a hand-written score that was published beside the data.
const learners = `
entity Adviser { name text; capacity number
  load number = sum(Lead.effort where live) / 400 / capacity }
entity Lead { origin text; source text?; occupation text?; activity text?; visits int?; seconds int
  no_mail bool; owner Adviser?; live bool; won bool?
  fill live = true
  points int = (if (occupation ?? "") == "Working Professional" then 3 else 0) +
    (if origin == "Lead Add Form" then 2 else 0) + (if seconds >= 600 then 2 else 0) +
    (if (activity ?? "") == "SMS Sent" then 1 else 0) + (if (visits ?? 0) >= 3 then 1 else 0) -
    (if no_mail then 2 else 0) - (if (source ?? "") == "Olark Chat" then 1 else 0)
  complexity int = pick { points >= 6 : 5; points >= 4 : 4; points >= 2 : 3; points >= 1 : 2; else : 1 }
  effort number = pick { complexity == 5 : 8; complexity == 4 : 5.5; complexity == 3 : 3.5; else : complexity } }
allocate Lead.owner to Adviser {
  weigh { idle 100% = 1 / (1 + candidate.load) }
  limit candidate.load < 100
}`

// TestLeadsByComplexity scores 9 240 real leads as published, and gives them out by the work that
// they are: effort by capacity comes out even, the number of leads does not have to.
func TestLeadsByComplexity(t *testing.T) {
	dir := realdata.Dir(t, "xeducation-leads")
	var ref struct {
		Facts  struct{ Leads, Converted int }
		Score  struct{ Rows [][]float64 } `json:"simple_score"`
		AtFour struct{ N, Won int }       `json:"simple_score_at_least_4"`
	}
	reference(t, dir, &ref)
	p := check(t, learners)
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	points, complexity, effort := e.Program(expr(t, p, "Lead", "points")),
		e.Program(expr(t, p, "Lead", "complexity")), e.Program(expr(t, p, "Lead", "effort"))
	load := e.Program(expr(t, p, "Adviser", "load"))
	dec := record.NewDecoder(p, e.Zone())
	var r record.Record
	given := map[string][2]float64{} // leads and effort
	feed := func(fields map[string]any) {
		line, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		dec.Decode(line, nil, &r)
		e.Apply(&engine.Entry{Kind: decision.Record, Moment: max(e.Now(), r.Received), Record: &r},
			func(_ *engine.Entry, d *decision.Decision) {
				if d.Outcome != decision.Accepted {
					t.Fatalf("%s: %v", line, d.Findings)
				}
				for i := range d.Effects {
					if x := &d.Effects[i]; x.Kind == decision.Assign {
						f, _ := effort.Ask(p.Allocations[0].Of, x.Target.ID)
						g := given[x.For[0].ID]
						given[x.For[0].ID] = [2]float64{g[0] + 1, g[1] + f.Float()}
					}
				}
			})
	}
	capacity := map[string]float64{"a": 1, "b": 1, "c": 1, "d": 0.5, "e": 2, "f": 0.3}
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		feed(map[string]any{"type": "Adviser", "id": id, "at": "2026-01-05T09:00:00+08:00", "name": id,
			"capacity": capacity[id]})
	}
	got, bands := map[int][2]int{}, map[int]int{}
	four := [2]int{}
	for _, row := range realdata.Table(t, dir, "leads.csv") {
		m := map[string]any{"type": "Lead", "id": row["Prospect ID"], "at": "2026-01-05T10:00:00+08:00",
			"origin": row["Lead Origin"], "seconds": json.Number(row["Total Time Spent on Website"]),
			"no_mail": row["Do Not Email"] == "Yes", "won": row["Converted"] == "1"}
		for field, column := range map[string]string{"source": "Lead Source",
			"occupation": "What is your current occupation", "activity": "Last Activity"} {
			if row[column] != "" {
				m[field] = row[column]
			}
		}
		if row["TotalVisits"] != "" {
			m["visits"] = json.Number(row["TotalVisits"])
		}
		feed(m)
		v, _ := points.Ask(p.Allocations[0].Of, row["Prospect ID"])
		c, _ := complexity.Ask(p.Allocations[0].Of, row["Prospect ID"])
		won := 0
		if row["Converted"] == "1" {
			won = 1
		}
		x := got[int(v.N)]
		got[int(v.N)] = [2]int{x[0] + 1, x[1] + won}
		if v.N >= 4 {
			four = [2]int{four[0] + 1, four[1] + won}
		}
		bands[int(c.N)]++
	}
	if len(got) != len(ref.Score.Rows) || four != [2]int{ref.AtFour.N, ref.AtFour.Won} {
		t.Errorf("%d scores, %v of four and more", len(got), four)
	}
	for _, row := range ref.Score.Rows {
		if x := got[int(row[0])]; x != [2]int{int(row[1]), int(row[2])} {
			t.Errorf("%v points: %v, published is %v", row[0], x, row)
		}
	}
	if len(bands) != 5 {
		t.Errorf("complexities are %v", bands)
	}
	all, sum := 0.0, 0.0
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		all, sum = all+given[id][0], sum+given[id][1]
	}
	if int(all) != ref.Facts.Leads {
		t.Errorf("%v of %d leads are given", all, ref.Facts.Leads)
	}
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		v, _ := load.Ask(p.Allocations[0].To, id)
		t.Logf("%s: capacity %v, %v leads, effort %v, load %.3f", id, capacity[id], given[id][0],
			given[id][1], v.Float())
		if share := given[id][1] / sum * 5.8 / capacity[id]; math.Abs(share-1) > 0.01 {
			t.Errorf("%s has %.3f times what their capacity would give", id, share)
		}
	}
}
