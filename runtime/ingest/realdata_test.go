package ingest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/realdata"
	"github.com/throughline/throughline/runtime/ingest"
)

// A real table that nobody here wrote is mapped to a policy that was not written for it, and all its
// rows are records.
func TestRealTable(t *testing.T) {
	dir := realdata.Dir(t, "crm-sales-opportunities")
	data, err := os.ReadFile(filepath.Join(dir, "sales_pipeline.csv"))
	must(t, err)
	p, err := throughline.Load("../../examples/pipeline")
	must(t, err)
	zone, err := calendar.Zone(p.Settings.Timezone)
	must(t, err)
	s, err := ingest.Read("sales_pipeline.csv", data, ingest.Options{})
	must(t, err)
	m, _, err := ingest.Suggest(p, s, ingest.Hints{Zone: zone, At: "2017-12-31"})
	must(t, err)
	got := map[string]string{"type": m.Type}
	for _, c := range m.Columns {
		got[c.From] = c.To
	}
	want := map[string]string{"type": "Opportunity", "opportunity_id": "id", "sales_agent": "owner",
		"product": "sold", "account": "account", "deal_stage": "state", "engage_date": "engaged",
		"close_date": "closed", "close_value": "value"}
	if diff := differ(want, got); diff != "" {
		t.Error(diff)
	}
	rows, err := ingest.NewRows(p, record.NewDecoder(p, zone), s, m)
	must(t, err)
	r, err := rows.Try(p, "en", nil)
	must(t, err)
	if r.Rows != 8800 || r.New != 8800 || r.Refused != 0 {
		t.Errorf("%+v", r)
	}
}
