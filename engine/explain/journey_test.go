package explain_test

import (
	"encoding/json"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/internal/golden"
)

// TestStuck explains how every deal stands once all records are in: why it is where it is.
func TestStuck(t *testing.T) {
	golden.Run(t, "testdata/stuck", func(t *testing.T, c *golden.Case) golden.Outputs {
		text := c.Input(t, "deals.thru")
		p, diags := dsl.Check([]source.File{{Name: "deals.thru", Text: text}}, policy.Settings{})
		if dsl.HasErrors(diags) {
			t.Fatalf("the policy has errors: %+v", diags)
		}
		e, err := engine.New(p, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		decide(t, e, c.Input(t, "records.ndjson"))
		out := golden.Outputs{}
		for _, r := range p.Records {
			if r.Name != "Deal" {
				continue
			}
			for _, id := range e.IDs(r) {
				d, _ := e.Why(r, id)
				for _, lang := range []string{"en", "zh"} {
					x := explain.New(p, decision.Options{Zone: e.Zone(), Lang: lang})
					out[lang] += x.Text(d, nil) + "----\n"
					if lang == "en" {
						line := x.AppendJSON(nil, d, nil)
						if !json.Valid(line) {
							t.Errorf("not JSON: %s", line)
						}
						out["json"] += string(line) + "\n"
					}
				}
			}
		}
		return out
	})
}
