package dsl

import "github.com/throughline/throughline/dsl/policy"

func (c *checker) tests() {}

func testExprs(p *policy.Policy, f func(*policy.Expr)) {
	for _, t := range p.Tests {
		for _, s := range t.Steps {
			if s.Expect != nil {
				f(s.Expect.X)
			}
		}
	}
}
