package intake

import (
	"testing"

	"github.com/throughline/throughline/runtime/ingest"
)

// FuzzDelivery gives any delivery and any path: what is made of it is a table as wide as the mapping
// asks for.
func FuzzDelivery(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[1,{"c":"x"}]}}`), "a.b[1].c", "")
	f.Add([]byte(`[{"a":1},{"a":null},7]`), "a", "$")
	f.Add([]byte(`{"a":[[1,2],[3]]}`), "$.a[0][1]", "a")
	f.Add([]byte(`{"a":1e999}`), "a[", "")
	f.Add([]byte(`{"":{"":1}}`), ".", "]")
	f.Fuzz(func(t *testing.T, body []byte, path, rows string) {
		m := &ingest.Mapping{Type: "Visit", Columns: []ingest.Column{{From: path, To: "n"}}}
		s, err := sheetOf(&Hook{Name: "h", Rows: rows}, m, &Delivery{"d", body})
		if err != nil {
			return
		}
		if len(m.Columns) != 1 || len(s.mapping.Columns) != 2 || len(s.Header) != 2 {
			t.Fatalf("%+v of %+v", s.mapping, m)
		}
		for _, r := range s.Rows {
			if len(r.Cells) != len(s.Header) {
				t.Fatalf("%q of %q", r.Cells, s.Header)
			}
		}
	})
}
