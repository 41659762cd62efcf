package ingest

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/record"
)

// FuzzMapping gives any mapping: one that can be read is written and read again alike, and no row
// of a table breaks under it.
func FuzzMapping(f *testing.F) {
	p, diags := dsl.Check([]source.File{{Name: "p.thru", Text: "entity Rep { name text }\n" +
		"event Visit { rep Rep; n number; on date?; note text? }\n"}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		f.Fatal(diags)
	}
	s := &Sheet{Header: []string{"rep", "n", "when", "what"}, At: 1, Rows: []Row{
		{2, []string{"li", "1,234.5", "2026/3/2", "x"}}, {3, []string{"", "(2)", "2/3/26 1:2", "是"}}}}
	f.Add("type = \"Visit\"\nid = [\"rep\", \"n\"]\n[[column]]\nfrom = \"rep\"\nto = \"rep\"\n")
	f.Add("type = \"Visit\"\n[constants]\nat = \"2026-03-02\"\n[[column]]\nfrom = \"n\"\nto = \"n\"\n" +
		"times = \"0.0001\"\nunit = \"km\"\n[[column]]\nfrom = \"when\"\nto = \"on\"\nform = \"D/M/YY H:mm\"\n")
	f.Add("type = \"Visit\"\nempty = [\"x\"]\n[[column]]\nfrom = \"what\"\nto = \"note\"\nvalues = { \"是\" = \"y\" }\n")
	f.Add("type = \"Visit\"\n[[column]]\nfrom = \"n\"\nto = \"n\"\ntimes = \"1e999999999\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ReadMapping(text)
		if err != nil {
			return
		}
		out, err := m.Text()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadMapping(out)
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if once, _ := again.Text(); once != out {
			t.Fatalf("%s\nbecame\n%s", out, once)
		}
		rows, err := NewRows(p, record.NewDecoder(p, time.UTC), s, m)
		if err != nil {
			return
		}
		from := time.Now()
		var rec record.Record
		for {
			if _, _, err := rows.Next(nil, &rec); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(from); d > 5*time.Second {
			t.Fatalf("two rows took %v", d)
		}
	})
}
