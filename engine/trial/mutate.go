package trial

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/cover"
)

// Mutants are changes of a policy, one at a time.
type Mutants interface {
	Len() int
	// Place is what a change touches, and the declaration around it.
	Place(i int) (place, around source.Span)
	// Policy is the policy with the change; false where it is none, or means the same.
	Policy(i int) (*policy.Policy, bool)
}

// Mutated is what became of the changes.
type Mutated struct {
	Fates   []Fate
	Noticed int
	All     int // those that are mutants at all
}

// Fate is what became of one change.
type Fate uint8

// The fates.
const (
	None      Fate = iota // no mutant: the checker refuses it, or it means the same
	Noticed               // a test failed
	Unnoticed             // tests ran over it and passed
	Unreached             // no test looks at the place
)

// Score is noticed changes out of all, as a share.
func (m *Mutated) Score() cover.Share { return cover.Share{Seen: m.Noticed, All: m.All} }

// Mutate makes each change in turn and runs the tests that have looked at its place, until one
// fails. The tests must pass without changes. Progress is told after each.
func (c *Covered) Mutate(ms Mutants, o Options, progress func(done, all int)) *Mutated {
	reach := c.reach()
	m := &Mutated{Fates: make([]Fate, ms.Len())}
	for i := range m.Fates {
		m.Fates[i] = c.fate(ms, i, reach, o)
		switch m.Fates[i] {
		case None:
		case Noticed:
			m.Noticed++
			m.All++
		default:
			m.All++
		}
		if progress != nil {
			progress(i+1, len(m.Fates))
		}
	}
	return m
}

func (c *Covered) fate(ms Mutants, i int, reach *reach, o Options) Fate {
	p, ok := ms.Policy(i)
	if !ok {
		return None
	}
	tests := reach.tests(ms.Place(i))
	for _, n := range tests {
		at := slices.IndexFunc(p.Tests, func(t *policy.Test) bool { return t.Name == c.Tests[n].Name })
		if at < 0 || !Run(p, p.Tests[at], o).Passed {
			return Noticed
		}
	}
	if len(tests) == 0 {
		return Unreached
	}
	return Unnoticed
}

// reach knows which tests have looked at which expressions.
type reach struct {
	nodes []node
	all   []int // every test
}

// node is an expression of the policy, or a declaration, with the tests that looked at it.
type node struct {
	at    source.Span
	tests []int
	whole bool // a declaration that did what it is for
}

func (c *Covered) reach() *reach {
	r := &reach{}
	for i := range c.Tests {
		r.all = append(r.all, i)
	}
	add := func(at source.Span, whole bool, saw func(*cover.Recorder) bool) {
		n := node{at: at, whole: whole}
		for i, e := range c.Each {
			if saw(e) {
				n.tests = append(n.tests, i)
			}
		}
		r.nodes = append(r.nodes, n)
	}
	for _, d := range kind.All(c.Cover.Policy()) {
		add(d.Head.Span, true, func(e *cover.Recorder) bool { return e.Acted(d.Head.Full) })
		// What a metric makes of its rows is worked out when somebody asks.
		shown := d.Kind.Word == kind.Metric
		for i := range d.Parts {
			d.Parts[i].Exprs(func(x *policy.Expr) {
				kind.Visit(x, func(y *policy.Expr) bool {
					add(y.Span, false, func(e *cover.Recorder) bool {
						return e.Reached(y) || shown && e.Acted(d.Head.Full)
					})
					return true
				})
			})
		}
	}
	return r
}

// tests lists those worth running for a change: those that looked at the smallest expression
// around it that anybody looked at; for what is no expression, such as `for 2d`, those that looked
// at any of its declaration; for what is read in no declaration, such as a constant, all.
func (r *reach) tests(place, around source.Span) []int {
	var best *node
	inside := false
	for i := range r.nodes {
		n := &r.nodes[i]
		if n.whole || !holds(n.at, place) || !holds(around, n.at) {
			continue
		}
		inside = true
		if len(n.tests) > 0 && (best == nil || n.at.End-n.at.Off < best.at.End-best.at.Off) {
			best = n
		}
	}
	if best != nil {
		return best.tests
	}
	if inside {
		return nil
	}
	met := false
	var out []int
	for i := range r.nodes {
		if n := &r.nodes[i]; holds(around, n.at) {
			met = met || !n.whole
			out = append(out, n.tests...)
		}
	}
	if !met {
		return r.all
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// holds reports whether one place lies in another.
func holds(outer, inner source.Span) bool {
	return outer.File == inner.File && outer.Off <= inner.Off && inner.End <= outer.End
}

// String is a fate as JSON writes it.
func (f Fate) String() string {
	return [...]string{"none", "noticed", "unnoticed", "unreached"}[f]
}
