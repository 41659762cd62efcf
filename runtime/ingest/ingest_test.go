package ingest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/golden"
	"github.com/throughline/throughline/runtime/ingest"
)

func sound(t *testing.T, text string) (*policy.Policy, *time.Location) {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "policy.thru", Text: text}},
		policy.Settings{Timezone: "Asia/Shanghai", Calendar: "CN"})
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			t.Fatalf("policy: %s", source.Render(d, "en"))
		}
	}
	zone, err := calendar.Zone("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return p, zone
}

// TestTables: each archive is a policy and a table: what is suggested for it, which records its
// rows are, what a trial says, or what is wrong with it as a whole.
func TestTables(t *testing.T) {
	golden.Run(t, "testdata", func(t *testing.T, c *golden.Case) golden.Outputs {
		p, zone := sound(t, c.Input(t, "policy.thru"))
		name, table := "table.csv", ""
		for _, n := range c.Names() {
			if strings.HasPrefix(n, "table.") {
				name, table = n, c.Input(t, n)
			}
		}
		out := golden.Outputs{}
		fault := func(err error) golden.Outputs {
			var f *ingest.Fault
			if !errors.As(err, &f) {
				t.Fatal(err)
			}
			return golden.Outputs{"fault": f.In("en") + "\n" + f.In("zh") + "\n"}
		}
		s, err := ingest.Read(name, []byte(table), ingest.Options{})
		if err != nil {
			return fault(err)
		}
		typ, _ := c.Section("type")
		var m *ingest.Mapping
		if text, ok := c.Section("mapping.toml"); ok {
			if m, err = ingest.ReadMapping(text); err != nil {
				return fault(err)
			}
		} else {
			var guesses []ingest.Guess
			if m, guesses, err = ingest.Suggest(p, s, ingest.Hints{
				Type: strings.TrimSpace(typ), Zone: zone, At: "2026-03-01"}); err != nil {
				return fault(err)
			}
			var b strings.Builder
			for _, g := range guesses {
				fmt.Fprintf(&b, "%s -> %s %.2f\n", g.Header, g.Field, g.Confidence)
			}
			out["guesses"] = b.String()
			if out["suggested.toml"], err = m.Text(); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := ingest.NewRows(p, record.NewDecoder(p, zone), s, m)
		if err != nil {
			return fault(err)
		}
		out["lines"] = lines(t, rows)
		for _, lang := range []string{"en", "zh"} {
			rows, _ = ingest.NewRows(p, record.NewDecoder(p, zone), s, m)
			r, err := rows.Try(p, lang, func(_, id string) bool { return id == "known" })
			if err != nil {
				t.Fatal(err)
			}
			text, _ := json.MarshalIndent(r, "", " ")
			out["report."+lang] = string(text)
		}
		return out
	})
}

// lines are the rows' numbers and records.
func lines(t *testing.T, rows *ingest.Rows) string {
	var b strings.Builder
	var rec record.Record
	for {
		line, number, err := rows.Next(nil, &rec)
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%d %s\n", number, line)
	}
}

func differ(want, got any) string { return cmp.Diff(want, got) }
