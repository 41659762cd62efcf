package explain_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/golden"
)

// TestExplanations runs records through a policy and explains every decision from what the log
// would hold: the decision and its receipts are packed and read again first.
func TestExplanations(t *testing.T) {
	golden.Run(t, "testdata", func(t *testing.T, c *golden.Case) golden.Outputs {
		text := c.Input(t, "deals.thru")
		p, diags := dsl.Check([]source.File{{Name: "deals.thru", Text: text}}, policy.Settings{})
		if dsl.HasErrors(diags) {
			t.Fatalf("the policy has errors: %+v", diags)
		}
		e, err := engine.New(p, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		out := golden.Outputs{}
		for _, d := range decide(t, e, c.Input(t, "records.ndjson")) {
			for _, lang := range []string{"en", "zh"} {
				x := explain.New(p, decision.Options{Zone: e.Zone(), Lang: lang})
				if line := x.AppendJSON(nil, d, nil); !json.Valid(line) {
					t.Errorf("not JSON: %s", line)
				}
				out[lang] += x.Text(d, nil) + "----\n"
			}
		}
		return out
	})
}

// decide runs records and returns their decisions as the log gives them back.
func decide(t *testing.T, e *engine.Engine, records string) []*decision.Decision {
	codec := decision.NewCodec(e.Policy())
	decoder := record.NewDecoder(e.Policy(), e.Zone())
	var all []*decision.Decision
	keep := func(_ *engine.Entry, d *decision.Decision) {
		stored := new(decision.Decision)
		if err := codec.Decode(codec.AppendDecision(nil, d), stored); err != nil {
			t.Fatal(err)
		}
		if err := codec.DecodeWhy(codec.AppendWhy(nil, d), stored); err != nil {
			t.Fatal(err)
		}
		all = append(all, stored)
	}
	for line := range strings.Lines(records) {
		rec := new(record.Record)
		decoder.Decode([]byte(strings.TrimSpace(line)), nil, rec)
		e.Apply(&engine.Entry{Kind: decision.Record, Moment: rec.Received, Record: rec}, keep)
	}
	return all
}
