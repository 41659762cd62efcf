package explain

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// far is the distance of what cannot be measured: another choice, a flag, a missing value.
const far = 1

// distance says how far a conjunct was from holding: for a comparison of numbers |a − b| over the
// greater of both, from 0 to 1; else far, as where a value is missing. It only orders what people
// read, so it works in floats and does not have to agree with the engine to the last bit.
func (c *cond) distance() float64 {
	if c.verdict == value.True {
		return far
	}
	d := c.apart(c.x)
	if math.IsNaN(d) {
		return far
	}
	return min(d, far)
}

// apart is the distance of one truth from holding; NaN where it cannot be measured.
func (c *cond) apart(x *policy.Expr) float64 {
	switch x.Op {
	case policy.OpEq, policy.OpLt, policy.OpLe, policy.OpGt, policy.OpGe:
		if !measurable(x.Args[0].Type.Kind) {
			return math.NaN()
		}
		return gap(c.number(x.Args[0]), c.number(x.Args[1]))
	case policy.OpBetween:
		v := c.number(x.Args[0])
		return min(gap(v, c.number(x.Args[1])), gap(v, c.number(x.Args[2])))
	case policy.OpOr:
		best := math.NaN()
		for _, a := range x.Args {
			if d := c.apart(a); math.IsNaN(best) || d < best {
				best = d
			}
		}
		return best
	}
	return math.NaN()
}

// gap is how far two numbers are apart, relative to the greater one.
func gap(a, b float64) float64 {
	if a == b {
		return 0
	}
	return math.Abs(a-b) / max(math.Abs(a), math.Abs(b))
}

func measurable(k value.Kind) bool {
	switch k {
	case value.Int, value.Number, value.Percent, value.Money, value.Duration, value.Distance:
		return true
	case value.Date, value.Time: // moments have no zero to be relative to
		return false
	}
	return false
}

// number works an expression out from the values that the receipt holds; NaN where it cannot.
func (c *cond) number(x *policy.Expr) float64 {
	for i, leaf := range c.leaves {
		if leaf == x && i < len(c.seen) {
			return plain(c.seen[i])
		}
	}
	switch x.Op {
	case policy.OpConst:
		return plain(x.Const)
	case policy.OpFloat, policy.OpRatio:
		return c.number(x.Args[0])
	case policy.OpFraction:
		return c.number(x.Args[0]) / 100
	case policy.OpNeg:
		return -c.number(x.Args[0])
	case policy.OpAdd:
		return c.number(x.Args[0]) + c.number(x.Args[1])
	case policy.OpSub:
		return c.number(x.Args[0]) - c.number(x.Args[1])
	case policy.OpMul:
		return c.number(x.Args[0]) * c.number(x.Args[1])
	case policy.OpDiv:
		return c.number(x.Args[0]) / c.number(x.Args[1])
	}
	return math.NaN()
}

// plain is a value as a number in its plain unit: yuan, seconds, metres.
func plain(v value.Value) float64 {
	switch v.Kind {
	case value.Int, value.Bool:
		return float64(v.N)
	case value.Money:
		return float64(v.N) / 10_000
	case value.Duration:
		return float64(v.N) / float64(value.Second)
	case value.Number, value.Percent, value.Distance:
		return v.Float()
	}
	return math.NaN()
}
