package trial

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/cover"
)

// Covered are the tests of a policy with what each of them saw.
type Covered struct {
	Results []Result
	Cover   *cover.Coverage
	Each    []*cover.Recorder // by test, as Results
	Tests   []*policy.Test    // the same
}

// Cover runs every test whose name is wanted and says what they saw of the policy; nil wants all.
func Cover(p *policy.Policy, o Options, wanted func(name string) bool) *Covered {
	c := &Covered{Cover: cover.New(p)}
	for _, t := range p.Tests {
		if wanted != nil && !wanted(t.Name) {
			continue
		}
		o.Recorder = cover.NewRecorder()
		c.Results = append(c.Results, Run(p, t, o))
		c.Each, c.Tests = append(c.Each, o.Recorder), append(c.Tests, t)
		c.Cover.Run(o.Recorder)
	}
	return c
}

// record tells what only the engine counts: which declarations did what they are for.
func (r *run) record(to *cover.Recorder) {
	for name, c := range r.engine.Counters() { //tidy:order each is counted by itself
		to.Fired(name, c.Fired)
	}
	r.lookedAt(to)
}
