package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/prove"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// Prove tells what section 11 of the reference proves of a policy that Check returned with these
// diagnostics: nothing where it has errors. Load does it; who checks text as it is typed calls it
// when there is time.
func Prove(p *policy.Policy, diags []source.Diagnostic) []source.Diagnostic {
	return ProveUnless(func() bool { return false }, p, diags)
}

// ProveUnless is Prove that looks at no further declaration once it is told to stop; what it found
// until then is not all.
func ProveUnless(
	stop func() bool, p *policy.Policy, diags []source.Diagnostic,
) []source.Diagnostic {
	if HasErrors(diags) {
		return nil
	}
	own := func(at source.Span) bool { return int(at.File) < p.Own && !stop() }
	return inOrder(prove.Policy(p, own, own))
}

// prove is Prove of the policy at hand. What a proof tells of a declaration follows from the same
// texts as what the checker tells, so one that is as it was when nothing was told is left alone.
func (c *checker) prove(diags []source.Diagnostic) []source.Diagnostic {
	if HasErrors(diags) {
		return nil
	}
	plan := c.plan
	own := func(at source.Span) bool { return int(at.File) < c.policy.Own }
	found := inOrder(prove.Policy(c.policy, own, func(at source.Span) bool {
		if !own(at) {
			return false
		}
		i, ok := plan.holding(c, at)
		return !ok || !plan.linked || !plan.entries[i].quiet
	}))
	for i := range plan.entries {
		_, used := plan.entries[i].line.Node.(*syntax.Use) // which may be another by its template
		plan.entries[i].quiet = !used
	}
	for _, d := range found {
		if i, ok := plan.holding(c, d.Span); ok {
			plan.entries[i].quiet = false
		}
	}
	return found
}
