package prove

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// Answers of Ask.
const (
	Unknown = uint8(unknown)
	Proved  = uint8(proved)
	Refuted = uint8(refuted)
)

// Masks of Ask.
const (
	IsFalse   = isFalse
	IsUnknown = isUnknown
	IsTrue    = isTrue
)

// Ask asks whether no record makes an expression one of several truths. It returns the witness as
// values by the name of what is read, and the work that was done.
func Ask(p *policy.Policy, x *policy.Expr, mask uint8) (uint8, map[string]value.Value, int) {
	r := newProver(p, func(source.Span) bool { return true })
	r.begin(&policy.Head{Span: source.Span{End: 1}})
	before := r.left
	m, v := r.one(goal{x, mask})
	out := map[string]value.Value{}
	if v == refuted {
		for n, val := range m.vals {
			x := &r.s.t.list[n]
			name := x.name
			if x.op == opThere {
				name = r.s.t.list[x.args[0]].name + ".*"
			}
			out[name] = val
		}
	}
	return uint8(v), out, before - r.left
}
