// Package prove finds what is wrong with a policy whose every line is right by itself (reference,
// section 11): rows that nothing reaches, conditions that are never or always true, two rules that
// set one field differently.
//
// It is a bounded solver of our own. A question is a conjunction of wishes (this condition true,
// that one false, a third unknown) about one record; truths follow Kleene. Choices and truths are
// split into cases, numbers and moments are ranges and differences, texts and references are equal
// or not, computed fields are written out, and what an aggregate or a score is, is free within its
// type. An answer is one of three: proved, there is no such record; refuted, here is one, and the
// reference evaluator agrees; or unknown, which is never shown.
package prove

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// verdict is the answer to: is there no such record?
type verdict uint8

const (
	unknown verdict = iota
	proved
	refuted
)

// The work that may be done, in steps of some ten nanoseconds; what takes more stays unknown.
// Steps are counted, not time, so that a policy has the same findings everywhere.
const (
	stepsEach  = 200_000 // a question
	stepsInAll = 500_000
)

// Policy tells what can be proved of a policy that has no errors. Only declarations whose name
// stands in a file of the workspace's own are looked at, own says which; and of what follows from
// one declaration and what it reaches, only of those that look says are to be looked at.
func Policy(p *policy.Policy, own, look func(at source.Span) bool) []source.Diagnostic {
	r := newProver(p, own)
	r.look = look
	r.records()
	r.actions()
	r.scores()
	r.rules()
	r.alerts()
	r.segments()
	r.journeys()
	r.allocations()
	r.sets()
	return r.diags
}

// prover asks the questions and tells the findings.
type prover struct {
	p       *policy.Policy
	own     func(at source.Span) bool
	look    func(at source.Span) bool
	s       *solver
	left    int // steps for the declaration at hand
	diags   []source.Diagnostic
	told    map[*policy.Expr]bool // conditions that findings are about
	drawn   map[game]float64      // flags that chance raises
	flagged []flagged             // by the alerts so far
}

func newProver(p *policy.Policy, own func(at source.Span) bool) *prover {
	return &prover{p: p, own: own, look: own, s: &solver{t: newTerms(p)},
		told: map[*policy.Expr]bool{}}
}

// begin gives a declaration its share of work, and says whether it is to be looked at.
func (r *prover) begin(h *policy.Head) bool {
	r.left = stepsInAll
	return !h.Span.IsZero() && r.look(h.Span)
}

// tell reports a finding.
func (r *prover) tell(code source.Code, at source.Span, args ...string) *source.Diagnostic {
	r.diags = append(r.diags, source.Diagnostic{Code: code, Span: at, Args: args})
	return &r.diags[len(r.diags)-1]
}

// question runs f with a share of the work that is left, and takes back what it found out.
func (r *prover) question(f func()) {
	s := r.s
	s.fresh()
	s.steps, s.limit, s.lost, s.moved = 0, min(stepsEach, r.left), false, true
	mark := len(s.trail)
	f()
	s.undoTo(mark)
	r.left -= s.steps
}

// none asks whether no record meets all goals.
func (r *prover) none(goals ...goal) verdict {
	out := unknown
	r.wish(goals, func() {
		found := r.s.solve(func() bool { return true })
		if !found && !r.s.lost {
			out = proved
		}
	}, func() { out = proved })
	return out
}

// one asks for a record that meets all goals.
func (r *prover) one(goals ...goal) (*model, verdict) {
	var m *model
	out := unknown
	r.wish(goals, func() {
		open := false
		found := r.s.solve(func() bool {
			var ok bool
			m, ok = r.s.witness(goals)
			open = open || !ok
			return ok
		})
		switch {
		case found:
			out = refuted
		case !open && !r.s.lost:
			out = proved
		}
	}, func() { out = proved })
	return m, out
}

// wish asserts the goals and goes on with search, or with never where they exclude one another.
func (r *prover) wish(goals []goal, search, never func()) {
	list := make([]lit, len(goals))
	for i, g := range goals {
		list[i] = lit{r.s.t.of(g.x, 0), g.mask}
	}
	r.question(func() {
		for _, l := range list {
			if !r.s.want(l.n, l.mask) {
				if !r.s.lost {
					never()
				}
				return
			}
		}
		search()
	})
}

func is(x *policy.Expr) goal    { return goal{x, isTrue} }
func isNot(x *policy.Expr) goal { return goal{x, isFalse} }
