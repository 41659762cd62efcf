package eval

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/decimal"
)

// flat is a strict piece of arithmetic as a list of instructions over one accumulator. A closure
// costs a call for every operation and every operand; here a piece costs one. The operations are
// the functions of arithmetic, called directly; what is no arithmetic is an operand to be called.
type flat struct {
	code []instr
}

// instr is acc = acc ∘ operand, or acc = operand for load. Floats stand in words as their bits.
type instr struct {
	op   flatOp
	from operand
	base base

	reversed bool  // operand ∘ acc
	word     int32 // of Known
	pos      int32
	mask     uint64
	k        int64
	int      Int
	num      Num
}

// operand says where the second operand of an instruction is.
type operand uint8

const (
	fromNone operand = iota
	fromSlot
	fromConst
	fromStack // the operand is acc, and acc is what was pushed
	fromInt   // called
	fromNum   // called
)

type flatOp uint8

const (
	flatNone flatOp = iota
	flatLoad
	flatPush
	flatAdd
	flatSub
	flatMul
	flatAddTime
	flatSubTime
	flatRatio
	flatMin
	flatMax
	flatAddF
	flatSubF
	flatMulF
	flatDivF
	flatMinF
	flatMaxF
	flatFloat    // of a word
	flatMoney    // a number of money
	flatSame     // a number as it is
	flatFraction // of a percentage
)

// flatDepth is how many values may wait on the stack; deeper pieces are closures.
const flatDepth = 2

// flatOp finds the instruction of a node: the same cases as special, arithmetic and extreme.
func (c *Compiler) flatOp(e *policy.Expr) flatOp {
	if e.Op == policy.OpCall {
		return flatExtreme(e)
	}
	if len(e.Args) == 0 {
		return flatNone
	}
	from := e.Args[0].Type.Kind
	switch {
	case e.Op == policy.OpSub && from == value.Date:
		return flatNone
	case e.Op == policy.OpAdd && e.Type.Kind == value.Time:
		return flatAddTime
	case e.Op == policy.OpSub && e.Type.Kind == value.Time:
		return flatSubTime
	case e.Op == policy.OpFloat && from == value.Money:
		return flatMoney
	}
	key := arith{op: e.Op, a: from.Class()}
	if len(e.Args) > 1 {
		key.b = e.Args[1].Type.Kind.Class()
	}
	return flatOps[key]
}

var flatOps = map[arith]flatOp{
	{policy.OpAdd, value.Word, value.Word}:   flatAdd,
	{policy.OpSub, value.Word, value.Word}:   flatSub,
	{policy.OpMul, value.Word, value.Word}:   flatMul,
	{policy.OpDiv, value.Word, value.Word}:   flatRatio,
	{policy.OpAdd, value.Float, value.Float}: flatAddF,
	{policy.OpSub, value.Float, value.Float}: flatSubF,
	{policy.OpMul, value.Float, value.Float}: flatMulF,
	{policy.OpDiv, value.Float, value.Float}: flatDivF,
	{policy.OpFloat, value.Word, 0}:          flatFloat,
	{policy.OpFloat, value.Float, 0}:         flatSame,
	{policy.OpRatio, value.Float, 0}:         flatSame,
	{policy.OpFraction, value.Float, 0}:      flatFraction,
}

func flatExtreme(e *policy.Expr) flatOp {
	if len(e.Args) != 2 || e.Fn != "min" && e.Fn != "max" {
		return flatNone
	}
	switch class := e.Type.Kind.Class(); {
	case class == value.Word && e.Type.Kind != value.Bool && e.Fn == "min":
		return flatMin
	case class == value.Word && e.Type.Kind != value.Bool:
		return flatMax
	case class == value.Float && e.Fn == "min":
		return flatMinF
	case class == value.Float:
		return flatMaxF
	}
	return flatNone
}

// flatten compiles a piece, if it is arithmetic over words and numbers.
func (c *Compiler) flatten(e *policy.Expr) (*flat, bool) {
	if c.flatOp(e) == flatNone {
		return nil, false
	}
	f := &flat{}
	return f, c.node(f, e, 0)
}

// emit appends the instructions that leave an expression's value in acc.
func (c *Compiler) emit(f *flat, e *policy.Expr, depth int) bool {
	if c.simpleOperand(e) {
		return c.apply(f, flatLoad, e, false)
	}
	return c.node(f, e, depth)
}

// node is emit for an operation that is not worked out beforehand.
func (c *Compiler) node(f *flat, e *policy.Expr, depth int) bool {
	op, args := c.flatOp(e), e.Args
	if len(args) == 1 {
		ok := c.emit(f, args[0], depth)
		f.code = append(f.code, instr{op: op})
		return ok
	}
	switch {
	case c.simpleOperand(args[1]):
		return c.emit(f, args[0], depth) && c.apply(f, op, args[1], false)
	case c.simpleOperand(args[0]):
		return c.emit(f, args[1], depth) && c.apply(f, op, args[0], true)
	}
	if depth == flatDepth || !c.emit(f, args[0], depth) {
		return false
	}
	f.code = append(f.code, instr{op: flatPush})
	ok := c.emit(f, args[1], depth+1)
	f.code = append(f.code, instr{op: op, from: fromStack})
	return ok
}

// simpleOperand knows what is no operation, and operations that read nothing.
func (c *Compiler) simpleOperand(e *policy.Expr) bool {
	return c.flatOp(e) == flatNone || c.folded([]*policy.Expr{e})[0].Op == policy.OpConst
}

// apply appends an instruction with its operand, which comes first where it is reversed.
func (c *Compiler) apply(f *flat, op flatOp, e *policy.Expr, reversed bool) bool {
	in, ok := c.operand(e)
	in.op, in.reversed = op, reversed
	f.code = append(f.code, in)
	return ok
}

// operand is a slot, a constant, or anything else called.
func (c *Compiler) operand(e *policy.Expr) (instr, bool) {
	class := e.Type.Kind.Class()
	if e.Type.Kind == value.Bool || class != value.Word && class != value.Float {
		return instr{}, false
	}
	if s, ok := c.slot(e); ok {
		return instr{from: fromSlot, base: s.base, word: s.word, pos: s.pos, mask: s.mask}, true
	}
	if k := c.folded([]*policy.Expr{e})[0]; k.Op == policy.OpConst && k.Const.Known() {
		if class == value.Float {
			x, _ := literal[float64](c, k)
			return instr{from: fromConst, k: int64(math.Float64bits(x))}, true
		}
		x, _ := literal[int64](c, k)
		return instr{from: fromConst, k: x}, true
	}
	if class == value.Float {
		return instr{from: fromNum, num: c.Num(e)}, true
	}
	return instr{from: fromInt, int: c.Int(e)}, true
}

// run gives the piece's value as a word; false: missing.
//
//tidy:long one flat switch over operands and one over operations
func (f *flat) run(v *Env) (acc int64, ok bool) {
	var stack [flatDepth]int64
	top := 0
	ok = true
	for i := range f.code {
		in := &f.code[i]
		var b int64
		switch in.from {
		case fromSlot:
			x := v.Self
			if in.base != self {
				x = in.base.slots(v)
			}
			if x.Known[in.word]&in.mask == 0 {
				return 0, false
			}
			b = x.N[in.pos]
		case fromConst:
			b = in.k
		case fromStack:
			top--
			acc, b = stack[top&(flatDepth-1)], acc
		case fromInt:
			var known bool
			b, known = in.int(v)
			ok = ok && known
		case fromNum:
			var x float64
			var known bool
			x, known = in.num(v)
			b, ok = asWord(x), ok && known
		}
		if !ok {
			return 0, false
		}
		a := acc
		if in.reversed {
			a, b = b, a
		}
		switch in.op {
		case flatLoad:
			acc = b
		case flatPush:
			stack[top&(flatDepth-1)] = acc
			top++
		case flatAdd:
			acc, ok = decimal.Add(a, b)
		case flatSub:
			acc, ok = decimal.Sub(a, b)
		case flatMul:
			acc, ok = decimal.Mul(a, b)
		case flatAddTime:
			acc, ok = moment(decimal.Add(a, b))
		case flatSubTime:
			acc, ok = moment(decimal.Sub(a, b))
		case flatMin:
			acc = min(a, b)
		case flatMax:
			acc = max(a, b)
		case flatRatio:
			acc, ok = asWords(ratio(a, b))
		case flatAddF:
			acc, ok = asWords(finite(asFloat(a) + asFloat(b)))
		case flatSubF:
			acc, ok = asWords(finite(asFloat(a) - asFloat(b)))
		case flatMulF:
			acc, ok = asWords(finite(asFloat(a) * asFloat(b)))
		case flatDivF:
			acc, ok = asWords(divide(asFloat(a), asFloat(b)))
		case flatMinF:
			acc = asWord(min(asFloat(a), asFloat(b)))
		case flatMaxF:
			acc = asWord(max(asFloat(a), asFloat(b)))
		case flatFloat:
			acc = asWord(float64(a))
		case flatMoney:
			acc = asWord(decimal.Float(a))
		case flatFraction:
			acc = asWord(asFloat(a) / 100)
		}
	}
	return acc, ok
}

func asWords(x float64, ok bool) (int64, bool) { return asWord(x), ok }

func asWord(x float64) int64  { return int64(math.Float64bits(x)) }
func asFloat(n int64) float64 { return math.Float64frombits(uint64(n)) }

// Number is a compiled number. What is arithmetic runs without a call through a closure.
type Number struct {
	flat *flat
	num  Num
}

// Number compiles an expression of a kind of class Float.
func (c *Compiler) Number(e *policy.Expr) Number {
	if c.Backend == Closures && c.Probe == nil && !tolerant(e) && !isLeaf(e) && !callsOut(e) {
		if f, ok := c.flatten(e); ok {
			return Number{flat: f}
		}
	}
	return Number{num: c.Num(e)}
}

// NumberOf is a number that a function gives.
func NumberOf(f Num) Number { return Number{num: f} }

// Of is the number's value; false: missing.
func (n *Number) Of(v *Env) (float64, bool) {
	if n.flat != nil {
		w, ok := n.flat.run(v)
		return asFloat(w), ok
	}
	return n.num(v)
}

// program is the piece as a program of its class.
//
//go:noinline
func (f *flat) program(class value.Class) any {
	if class == value.Float {
		return program[float64](func(v *Env) (float64, bool) {
			n, ok := f.run(v)
			return asFloat(n), ok
		})
	}
	return program[int64](f.run)
}
