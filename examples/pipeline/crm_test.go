package pipeline_test

import (
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/examples/internal/replay"
	"github.com/throughline/throughline/internal/realdata"
)

// deal is one row of the pipeline's table.
type deal struct {
	id, agent, product, account, state string
	engaged, closed, value             string
}

// change is something that happened to a deal: it came, or it closed.
type change struct {
	day    string
	of     *deal
	closes bool
}

// first is the day on which everything begins that has no day of its own.
const first = "2016-10-01"

// table reads a CSV file as rows by column.
func table(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, cell := range row {
			m[strings.TrimPrefix(rows[0][i], "\ufeff")] = cell
		}
		out = append(out, m)
	}
	return out
}

// policy is the example together with what only the comparison asks.
func policy(t *testing.T) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	files, err := fs.Glob(examples.Files, "pipeline/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := fs.ReadFile(examples.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: b}
	}
	b, err := os.ReadFile("testdata/book.thru")
	if err != nil {
		t.Fatal(err)
	}
	all["pipeline/book.thru"] = &fstest.MapFile{Data: b}
	return all
}

// crm is the real pipeline and its run through the policy.
type crm struct {
	*replay.Run
	deals   []*deal
	changes []change
}

func open(t *testing.T) *crm {
	t.Helper()
	return opened(t, replay.New(t, policy(t), "pipeline", nil))
}

// opened reads the pipeline for a run.
func opened(t *testing.T, run *replay.Run) *crm {
	t.Helper()
	dir := realdata.Dir(t, "crm-sales-opportunities")
	c := &crm{Run: run}
	c.base(t, dir)
	for _, row := range table(t, filepath.Join(dir, "sales_pipeline.csv")) {
		d := &deal{id: row["opportunity_id"], agent: row["sales_agent"], product: row["product"],
			account: row["account"], state: strings.ToLower(row["deal_stage"]),
			engaged: row["engage_date"], closed: row["close_date"], value: row["close_value"]}
		c.deals = append(c.deals, d)
		c.changes = append(c.changes, change{day: max(d.engaged, first), of: d})
		if d.closed != "" {
			c.changes = append(c.changes, change{day: d.closed, of: d, closes: true})
		}
	}
	slices.SortStableFunc(c.changes, func(a, b change) int { return strings.Compare(a.day, b.day) })
	return c
}

// base feeds what deals refer to. The one repair of the data is a product's other name.
func (c *crm) base(t *testing.T, dir string) {
	c.Feed("Book", "all", first, nil)
	seen := map[string]bool{}
	once := func(typ, id string, fields map[string]any) {
		if id != "" && !seen[typ+"/"+id] {
			seen[typ+"/"+id] = true
			fields["name"] = id
			c.Feed(typ, id, first, fields)
		}
	}
	for _, row := range table(t, filepath.Join(dir, "sales_teams.csv")) {
		region := row["regional_office"]
		once("Region", region, map[string]any{})
		once("Rep", row["manager"], map[string]any{"region": region})
		once("Rep", row["sales_agent"], map[string]any{"region": region, "manager": row["manager"]})
	}
	for _, row := range table(t, filepath.Join(dir, "accounts.csv")) {
		once("Sector", row["sector"], map[string]any{})
		once("Account", row["account"], map[string]any{"sector": row["sector"],
			"employees": json.Number(row["employees"])})
	}
	for _, row := range table(t, filepath.Join(dir, "products.csv")) {
		once("Product", row["product"], map[string]any{"series": row["series"],
			"price": row["sales_price"]})
	}
	once("Product", "GTXPro", map[string]any{"same_as": "GTX Pro"})
}

// apply feeds one change.
func (c *crm) apply(x change) {
	d := x.of
	switch {
	case x.closes:
		c.Feed("Opportunity", d.id, x.day, map[string]any{"state": d.state, "closed": d.closed,
			"value": d.value})
	case d.engaged == "":
		c.Feed("Opportunity", d.id, x.day, map[string]any{"name": d.id, "owner": d.agent,
			"account": d.account, "sold": d.product, "state": "prospecting"})
	default:
		c.Feed("Opportunity", d.id, x.day, map[string]any{"name": d.id, "owner": d.agent,
			"account": d.account, "sold": d.product, "state": "engaging", "engaged": d.engaged})
	}
}
