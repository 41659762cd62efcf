package examples_test

import (
	"io/fs"
	"path"
	"testing"

	"github.com/throughline/throughline/dsl/mutate"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/examples"
)

// TestPipelineHoldsWhatItSays changes the example's rules one at a time: its tests must notice
// nine of ten changes.
func TestPipelineHoldsWhatItSays(t *testing.T) {
	p := load(t, "pipeline")
	o := trial.Options{Lang: "en", Read: func(file string) ([]byte, error) {
		return fs.ReadFile(examples.Files, path.Join("pipeline", file))
	}}
	all := trial.Cover(p, o, nil)
	set := mutate.Of(p)
	m := all.Mutate(set, o, nil)
	w := decision.NewWriter(p, decision.Options{})
	for i, f := range m.Fates {
		if f == trial.Unnoticed || f == trial.Unreached {
			x := set.Mutant(i)
			t.Logf("%s: %s %s: %q -> %q: %s", w.AppendPlace(nil, x.Place), x.Decl, x.What, x.Old, x.New, f)
		}
	}
	t.Logf("%d of %d changes were noticed: %s", m.Noticed, m.All, m.Score())
	if m.Score().Percent() < 90 {
		t.Errorf("the mutation score is %s; it must be at least 90%%", m.Score())
	}
}
