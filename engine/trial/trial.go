// Package trial runs a policy's own tests: each over a fresh engine, in virtual time (reference,
// section 10). It is the engine's public face used the way a workspace uses it, without disk,
// network or clock.
package trial

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/cover"
	"github.com/throughline/throughline/engine/decision"
)

// Options say how tests are run. The zero value runs tests without files and says what failed in
// the policy's own language.
type Options struct {
	Lang   string                            // en or zh, of messages
	Read   func(name string) ([]byte, error) // the files of `given file`
	Engine engine.Options

	// Recorder is told what the tests see of the policy; nil: nobody asks.
	Recorder *cover.Recorder
}

// Result is what became of one test.
type Result struct {
	Name    string
	File    string
	Line    int // of the first line that failed, else of the test
	Passed  bool
	Message string // what failed: what was expected, what is so, and what came nearest
}

// Run runs one test of a policy.
func Run(p *policy.Policy, t *policy.Test, o Options) Result {
	if o.Lang == "" {
		o.Lang = p.Settings.Lang
	}
	r, err := newRun(p, t, o)
	if err != nil {
		res := Result{Name: t.Name, Message: err.Error()}
		w := decision.NewWriter(p, decision.Options{})
		res.File, res.Line = w.Line(t.Span)
		return res
	}
	r.test(t)
	if o.Recorder != nil {
		r.record(o.Recorder)
	}
	return r.result(t)
}

// All runs every test whose name is wanted, in the policy's order; nil wants all.
func All(p *policy.Policy, o Options, wanted func(name string) bool) []Result {
	var all []Result
	for _, t := range p.Tests {
		if wanted == nil || wanted(t.Name) {
			all = append(all, Run(p, t, o))
		}
	}
	return all
}

// AppendJSON writes a result as one object (reference, section 14).
func (r Result) AppendJSON(dst []byte) []byte {
	dst = value.AppendQuoted(append(dst, `{"name":`...), r.Name)
	dst = value.AppendQuoted(append(dst, `,"file":`...), r.File)
	dst = strconv.AppendInt(append(dst, `,"line":`...), int64(r.Line), 10)
	dst = strconv.AppendBool(append(dst, `,"passed":`...), r.Passed)
	return append(value.AppendQuoted(append(dst, `,"message":`...), r.Message), '}')
}

// failure is one line of a test that did not hold.
type failure struct {
	at   source.Span
	says string
}

func (r *run) fail(at source.Span, format string, args ...any) {
	r.failures = append(r.failures, failure{at, fmt.Sprintf(format, args...)})
}

func (r *run) result(t *policy.Test) Result {
	res := Result{Name: t.Name, Passed: len(r.failures) == 0}
	res.File, res.Line = r.w.Line(t.Span)
	var says []string
	for i, f := range r.failures {
		file, line := r.w.Line(f.at)
		if i == 0 && file != "" {
			res.File, res.Line = file, line
		}
		says = append(says, f.says)
	}
	res.Message = strings.Join(says, "\n")
	return res
}

// test runs the steps in order. What a step brings is what
// expectations look at; a step that cannot be made ends the test, because all behind it would fail
// for the same cause.
func (r *run) test(t *policy.Test) {
	expects := 0
	r.begin(t)
	for _, s := range t.Steps {
		if s.Kind == policy.StepExpect {
			expects++
			r.expect(s)
			continue
		}
		if !r.step(s) {
			return
		}
	}
	if expects == 0 {
		r.fail(t.Span, r.say.expectsNothing, t.Name)
	}
}
