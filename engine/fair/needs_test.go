package fair_test

import (
	"io/fs"
	"reflect"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/engine/fair"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/examples/distributor"
)

// TestNeeds: of a distributor's weeks, what leads do not depend on is left out, and nothing comes
// out another way for it.
func TestNeeds(t *testing.T) {
	dir, err := fs.Sub(examples.Files, distributor.PolicyFolder)
	if err != nil {
		t.Fatal(err)
	}
	p, diags, err := dsl.Load(dir, ".")
	if err != nil || dsl.HasErrors(diags) {
		t.Fatal(err, diags)
	}
	now := time.Date(2026, 11, 29, 13, 0, 0, 0, time.UTC)
	year := distributor.New(now, "en")
	var log []trial.Input
	for i, r := range year.Records() {
		if i < 400 || r.At.After(now.AddDate(0, 0, -28)) {
			log = append(log, trial.Input{Line: r.Line()})
		}
	}
	of := p.Allocations[0]
	q := fair.Questions{Effort: expr(t, p, "Lead", "effort"), Open: expr(t, p, "Lead", "live"),
		Won: expr(t, p, "Lead", "won"), Team: expr(t, p, "Rep", "region"),
		Capacity: expr(t, p, "Rep", "capacity"), Load: expr(t, p, "Rep", "load")}
	book := func(o fair.Options) *fair.Book {
		b, err := fair.NewBook(p, of, trial.Slice(log), o)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	some, all := book(fair.Options{Questions: q}), book(fair.Whole(q))
	if some.Records() == 0 || 2*some.Records() > all.Records() {
		t.Errorf("%d of %d records were gone through", some.Records(), all.Records())
	}
	rival, err := (&dsl.Rival{Weights: map[string]float64{"idle": 0.1}}).With(p, of.Full)
	if err != nil {
		t.Fatal(err)
	}
	reports := func(b *fair.Book) []*fair.Report {
		x, err := b.Play(rival)
		if err != nil {
			t.Fatal(err)
		}
		m := fair.NewModel(b.Was())
		return []*fair.Report{fair.NewReport(b.Was(), m, b.Last()), fair.NewReport(x, m, b.Last())}
	}
	if a, b := reports(some), reports(all); !reflect.DeepEqual(a, b) {
		t.Errorf("with what matters alone:\n%+v\nwith all:\n%+v", a, b)
	}
}
