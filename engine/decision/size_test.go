package decision_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/floor"
)

// TestReceiptsTakeHalfThePayloadAtMost holds decision D7 on the policy of the first floor: 8 gates,
// a score, 12 alerts, over leads of 20 fields.
func TestReceiptsTakeHalfThePayloadAtMost(t *testing.T) {
	text, err := os.ReadFile("../testdata/part1.thru")
	if err != nil {
		t.Fatal(err)
	}
	files := []source.File{{Name: "part1.thru", Text: string(text)}}
	p, diags := dsl.Check(files, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	codec, decoder := decision.NewCodec(p), record.NewDecoder(p, e.Zone())
	payload, why, receipts := 0, 0, 0
	for i, line := range floor.LeadLines(2000) {
		r := new(record.Record)
		decoder.Decode(line, &record.Defaults{Type: decoder.Type("Lead"),
			ID: strconv.Itoa(i), At: 1, HasAt: true}, r)
		payload += len(line)
		entry := engine.Entry{Kind: decision.Record, Moment: r.Received, Record: r}
		e.Apply(&entry, func(_ *engine.Entry, d *decision.Decision) {
			why += len(codec.AppendWhy(nil, d))
			receipts += len(d.Receipts)
		})
	}
	if receipts == 0 || 2*why > payload {
		t.Errorf("%d receipts take %d bytes beside a payload of %d", receipts, why, payload)
	}
	t.Logf("%.2f of the payload", float64(why)/float64(payload))
}
