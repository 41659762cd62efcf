package realdata

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Table reads a CSV file of a set as rows by column.
func Table(t testing.TB, dir, file string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cells, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range cells[1:] {
		m := map[string]string{}
		for i, cell := range row {
			m[strings.TrimPrefix(cells[0][i], "\ufeff")] = cell
		}
		rows = append(rows, m)
	}
	return rows
}

// Pipeline is the opportunities of crm-sales-opportunities as a log of Agent and Deal: every
// opportunity comes on the day of its engagement with its agent, and closes on its own day. The 500
// that nobody has engaged yet come last.
func Pipeline(t testing.TB, dir string) (lines []string) {
	price := map[string]string{}
	for _, p := range Table(t, dir, "products.csv") {
		price[p["product"]] = p["sales_price"]
	}
	price["GTXPro"] = price["GTX Pro"] // the one repair of the data
	type happening struct{ day, line string }
	var all []happening
	owning := map[string]bool{}
	rows := Table(t, dir, "sales_pipeline.csv")
	for _, d := range rows {
		owning[d["sales_agent"]] = true
	}
	for _, a := range Table(t, dir, "sales_teams.csv") {
		if owning[a["sales_agent"]] {
			all = append(all, happening{"2016-10-01", fmt.Sprintf(
				`"type":"Agent","id":%q,"name":%q,"region":%q`, a["sales_agent"], a["sales_agent"],
				a["regional_office"])})
		}
	}
	for _, d := range rows {
		all = append(all, happening{cmp.Or(d["engage_date"], "2017-12-31"), fmt.Sprintf(
			`"type":"Deal","id":%q,"price":%s,"account":%q,"owner":%q`, d["opportunity_id"],
			price[d["product"]], d["account"], d["sales_agent"])})
		if d["close_date"] != "" {
			all = append(all, happening{d["close_date"], fmt.Sprintf(
				`"type":"Deal","id":%q,"live":false,"won":%t,"value":%s`, d["opportunity_id"],
				d["deal_stage"] == "Won", d["close_value"])})
		}
	}
	slices.SortStableFunc(all, func(a, b happening) int { return strings.Compare(a.day, b.day) })
	for _, x := range all {
		lines = append(lines, `{"at":"`+x.day+`T09:00:00+08:00",`+x.line+`}`)
	}
	return lines
}
