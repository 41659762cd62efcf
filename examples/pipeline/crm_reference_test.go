package pipeline_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/throughline/throughline/internal/realdata"
)

// TestTheWholePipelineAsPublished runs all deals and compares with what an independent query
// over the same tables says: counts and sums exactly, the rest to six places.
func TestTheWholePipelineAsPublished(t *testing.T) {
	c := open(t)
	for _, x := range c.changes {
		c.apply(x)
	}
	c.Until(time.Date(2017, 12, 31, 0, 0, 0, 0, c.Engine.Zone()))
	ref := reference(t)
	t.Run("book", func(t *testing.T) { ref.book(t, c) })
	t.Run("agents", func(t *testing.T) { ref.agents(t, c) })
	t.Run("groups", func(t *testing.T) { ref.groups(t, c) })
	t.Run("stalled", func(t *testing.T) { ref.stalled(t, c) })
	// The looks of the last day are when it closes.
	c.Until(time.Date(2018, 1, 1, 0, 0, 0, 0, c.Engine.Zone()))
	t.Run("slow", func(t *testing.T) { ref.slow(t, c) })
}

// published is the reference by name.
type published map[string]json.RawMessage

func reference(t *testing.T) published {
	t.Helper()
	dir := realdata.Dir(t, "crm-sales-opportunities")
	b, err := os.ReadFile(filepath.Join(dir, "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p published
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// one is a reference of one row.
func (p published) one(t *testing.T, name string) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	if err := json.Unmarshal(p[name], &out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// rows are those of a reference, by column.
func (p published) rows(t *testing.T, name string) []map[string]any {
	t.Helper()
	var table struct {
		Columns []string
		Rows    [][]any
	}
	if err := json.Unmarshal(p[name], &table); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var out []map[string]any
	for _, row := range table.Rows {
		m := map[string]any{}
		for i, v := range row {
			m[table.Columns[i]] = v
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		t.Fatalf("%s has no rows", name)
	}
	return out
}

// same compares figures of an entity with a row: the policy's name, then the reference's.
func (c *crm) same(t *testing.T, typ, id string, row map[string]any, names ...string) {
	t.Helper()
	for i := 0; i < len(names); i += 2 {
		got, known := c.Value(typ, id, names[i])
		want, ok := row[names[i+1]].(float64)
		if !ok {
			t.Fatalf("the reference has no %s of %s", names[i+1], id)
		}
		if !known || math.Round(got*1e6)/1e6 != want {
			t.Errorf("%s of %s %s is %v (known %v), published is %v", names[i], typ, id, got, known, want)
		}
	}
}

func (p published) book(t *testing.T, c *crm) {
	compare := func(name string, names ...string) {
		t.Helper()
		row := map[string]any{}
		for k, v := range p.one(t, name) {
			row[k] = v
		}
		c.same(t, "Book", "all", row, names...)
	}
	compare("opportunities", "deals", "n")
	compare("win_rate", "won", "won", "lost", "lost", "rate", "rate")
	compare("cycle_won", "won", "n", "days_min", "min", "days_max", "max", "days_mean", "mean",
		"days_sd", "sd_sample", "days_mid", "median")
	compare("cycle_lost", "lost", "n", "lost_mean", "mean", "lost_sd", "sd_sample",
		"lost_mid", "median")
	compare("won_value", "total", "total", "least", "min", "most", "max")
	// Money keeps four places, half to even: the mean of it too.
	mean, _ := c.Value("Book", "all", "mean")
	if want := p.one(t, "won_value")["mean"]; mean != math.Round(want*1e4)/1e4 {
		t.Errorf("mean of won value is %v, published is %v", mean, want)
	}
	var median float64
	if err := json.Unmarshal(p["won_value_median"], &median); err != nil {
		t.Fatal(err)
	}
	if got, _ := c.Value("Book", "all", "middle"); got != median {
		t.Errorf("median of won value is %v, published is %v", got, median)
	}
}

func (p published) agents(t *testing.T, c *crm) {
	for _, row := range p.rows(t, "by_agent") {
		c.same(t, "Rep", row["sales_agent"].(string), row, "won", "won", "lost", "lost",
			"engaging", "engaging", "waiting", "prospecting", "win_rate", "rate", "value", "value",
			"cycle", "mean_won_days")
	}
	for _, row := range p.rows(t, "by_manager") {
		c.same(t, "Rep", row["manager"].(string), row, "team_deals", "n", "team_won", "won",
			"team_rate", "rate", "team_value", "value")
	}
	none := map[string]any{"0": 0.0}
	for _, row := range p.rows(t, "agents_without_opportunities") {
		id := row["sales_agent"].(string)
		c.same(t, "Rep", id, none, "won", "0", "lost", "0", "load", "0", "value", "0")
		if rate, known := c.Value("Rep", id, "win_rate"); known {
			t.Errorf("%s has closed nothing and a win rate of %v", id, rate)
		}
	}
	busy := map[string]float64{}
	for _, row := range p.rows(t, "open_load_by_agent") {
		busy[row["sales_agent"].(string)] = row["open"].(float64)
	}
	for _, id := range c.IDs("Rep") {
		if load, _ := c.Value("Rep", id, "load"); load != busy[id] {
			t.Errorf("load of %s is %v, published is %v", id, load, busy[id])
		}
	}
}

func (p published) groups(t *testing.T, c *crm) {
	for _, row := range p.rows(t, "by_region") {
		c.same(t, "Region", row["regional_office"].(string), row, "deals", "n", "won", "won",
			"win_rate", "rate", "value", "value")
	}
	for _, row := range p.rows(t, "by_product") {
		c.same(t, "Product", row["product"].(string), row, "deals", "n", "won", "won", "rate", "rate",
			"value", "value", "ratio", "mean_price_ratio")
	}
	var unmatched map[string]any
	if err := json.Unmarshal(p["products_unmatched_without_repair"], &unmatched); err != nil {
		t.Fatal(err)
	}
	c.same(t, "Product", unmatched["product"].(string), unmatched, "recorded", "n")
	all := 0.0
	for _, row := range p.rows(t, "by_sector") {
		if row["sector"] == nil { // deals without an account belong to none
			all += row["n"].(float64)
			continue
		}
		id := row["sector"].(string)
		c.same(t, "Sector", id, row, "deals", "n", "won", "won", "lost", "lost", "rate", "rate",
			"value", "value")
		n, _ := c.Value("Sector", id, "deals")
		all += n
	}
	if all != float64(len(c.deals)) {
		t.Errorf("the sectors hold %v deals of %d", all, len(c.deals))
	}
	for _, row := range p.rows(t, "account_top10_won_value") {
		c.same(t, "Account", row["account"].(string), row, "won", "won", "value", "value")
	}
	for _, row := range p.rows(t, "rfm_by_account_2017_12_31") {
		c.same(t, "Account", row["account"].(string), row, "days(age(last_won))", "r", "won", "f",
			"value", "m")
	}
}

// stalled compares the alerts that are open at the end of the year.
func (p published) stalled(t *testing.T, c *crm) {
	want := p.one(t, "stalled_engaging_2017_12_31")
	for alert, key := range map[string]string{"Stalled30": "over_30", "Stalled60": "over_60",
		"Stalled90": "over_90", "Stalled120": "over_120", "Stalled180": "over_180"} {
		c.onDeals(t, alert, want[key])
	}
}

func (c *crm) onDeals(t *testing.T, alert string, want float64) {
	t.Helper()
	if got := len(c.Engine.OpenAlerts(alert)); float64(got) != want {
		t.Errorf("%s is open on %d deals, published are %v", alert, got, want)
	}
}

// slow compares with what the deals won take.
func (p published) slow(t *testing.T, c *crm) {
	want := p.one(t, "stalled_engaging_2017_12_31")
	c.onDeals(t, "OverMean", want["over_mean"])
	c.onDeals(t, "Slow", want["over_mean_sd"])
	owner := map[string]string{}
	for _, d := range c.deals {
		owner[d.id] = d.agent
	}
	got, by := map[string]float64{}, map[string]float64{}
	for _, id := range c.Engine.OpenAlerts("Slow") {
		got[owner[id]]++
	}
	for _, row := range p.rows(t, "stalled_over_mean_sd_by_agent") {
		by[row["sales_agent"].(string)] = row["stalled"].(float64)
	}
	if !maps.Equal(got, by) {
		t.Errorf("slow deals by agent are %v, published are %v", got, by)
	}
}
