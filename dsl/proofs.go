package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/prove"
	"github.com/throughline/throughline/dsl/source"
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
	return inOrder(prove.Policy(p, func(file int32) bool { return int(file) < p.Own && !stop() }))
}
