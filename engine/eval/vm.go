package eval

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// piece is one strict piece on its way to expr-lang's VM. Only what is made here ever reaches it:
// slots s0, s1, … for everything that is read, operations $name0, $name1, … that are registered
// for this piece alone, constants, and comparisons. There is no text, no name of a user's, and the
// table of builtins is empty, so that nothing can reach a clock.
type piece struct {
	c     *Compiler
	conf  *conf.Config
	env   map[string]any
	types types.Map
	fill  []func(*Env) bool
}

func newPiece(c *Compiler) *piece {
	p := &piece{c: c, conf: conf.CreateNew(), env: map[string]any{}, types: types.Map{}}
	p.conf.Builtins = map[string]*builtin.Function{}
	p.conf.Optimize = false
	return p
}

// onVM compiles a strict piece for the VM. It runs only where everything it reads is known.
func onVM[R any](c *Compiler, e *policy.Expr) program[R] {
	p := newPiece(c)
	prog := p.compile(p.lower(e), e)
	machine := &vm.VM{}
	return func(v *Env) (r R, ok bool) {
		for _, f := range p.fill {
			if !f(v) {
				return r, false
			}
		}
		out, err := machine.Run(prog, p.env)
		var fault *Fault
		switch {
		case err == nil:
			return out.(R), true
		case errors.Is(err, errMissing):
			return r, false
		case errors.As(err, &fault):
			panic(fault)
		}
		panic(fmt.Sprintf("eval: the VM failed: %v", err))
	}
}

// compile has expr's own checker judge the tree against the slots' types: a refusal is a fault of
// ours, found when the plan is made.
func (p *piece) compile(n ast.Node, e *policy.Expr) *vm.Program {
	p.conf.WithEnv(p.types)
	tree := &parser.Tree{Node: n}
	if _, err := new(checker.Checker).PatchAndCheck(tree, p.conf); err != nil {
		panic(fmt.Sprintf("eval: operation %d lowered wrongly: %v", e.Op, err))
	}
	prog, err := compiler.Compile(tree, p.conf)
	if err != nil {
		panic(fmt.Sprintf("eval: operation %d does not compile: %v", e.Op, err))
	}
	return prog
}

// lower builds expr's tree: identifiers, constants, binary comparisons and float arithmetic, unary
// minus, and calls.
func (p *piece) lower(e *policy.Expr) ast.Node {
	if isLeaf(e) || tolerant(e) {
		return p.slot(e)
	}
	if e.Op == policy.OpConst {
		if n := p.constant(e); n != nil {
			return n
		}
		return p.slot(e)
	}
	if sign, ok := signs(e.Op); ok && e.Args[0].Type.Kind.Class() != value.Wide {
		return &ast.BinaryNode{Operator: sign, Left: p.lower(e.Args[0]), Right: p.lower(e.Args[1])}
	}
	if n := p.floats(e); n != nil {
		return n
	}
	k := p.c.operation(e)
	return p.call(k.name, k.op, k.args)
}

// signs are the comparisons that expr does itself, as a second opinion on ours.
func signs(op policy.Op) (string, bool) {
	switch op {
	case policy.OpEq:
		return "==", true
	case policy.OpNe:
		return "!=", true
	case policy.OpLt:
		return "<", true
	case policy.OpLe:
		return "<=", true
	case policy.OpGt:
		return ">", true
	case policy.OpGe:
		return ">=", true
	}
	return "", false
}

// floats is arithmetic of numbers that expr does itself; only what is no number is ours to judge.
func (p *piece) floats(e *policy.Expr) ast.Node {
	for _, a := range e.Args {
		if a.Type.Kind.Class() != value.Float {
			return nil
		}
	}
	binary := func(sign string) ast.Node {
		return &ast.BinaryNode{Operator: sign, Left: p.lower(e.Args[0]), Right: p.lower(e.Args[1])}
	}
	var n ast.Node
	switch e.Op {
	case policy.OpNeg:
		n = &ast.UnaryNode{Operator: "-", Node: p.lower(e.Args[0])}
	case policy.OpAdd:
		n = binary("+")
	case policy.OpSub:
		n = binary("-")
	case policy.OpMul:
		n = binary("*")
	default:
		return nil
	}
	return p.function("finite", op1[float64, float64](finite), []ast.Node{n})
}

// constant is a literal that expr can hold; wide ones and missing ones are slots.
func (p *piece) constant(e *policy.Expr) ast.Node {
	if !e.Const.Known() {
		return nil
	}
	switch e.Type.Kind.Class() {
	case value.Float:
		return &ast.ConstantNode{Value: e.Const.Float()}
	case value.String:
		return &ast.ConstantNode{Value: e.Const.S}
	case value.Wide:
		return nil
	}
	if e.Type.Kind == value.Bool {
		return &ast.ConstantNode{Value: e.Const.N != 0}
	}
	n, _ := literal[int64](p.c, e)
	return &ast.ConstantNode{Value: n}
}

// slot is a value that is read or worked out before the piece runs.
func (p *piece) slot(e *policy.Expr) ast.Node {
	name := "s" + strconv.Itoa(len(p.fill))
	switch e.Type.Kind.Class() {
	case value.Float:
		input(p, name, types.Float64, p.c.Num(e))
	case value.String:
		input(p, name, types.String, p.c.Str(e))
	case value.Wide:
		input(p, name, types.Any, p.c.Any(e))
	default:
		if e.Type.Kind == value.Bool {
			input(p, name, types.Bool, argument[bool](p.c, e))
		} else {
			input(p, name, types.Int64, p.c.Int(e))
		}
	}
	return &ast.IdentifierNode{Value: name}
}

func input[F ~func(*Env) (R, bool), R any](p *piece, name string, t types.Type, x F) {
	p.types[name] = t
	p.fill = append(p.fill, func(v *Env) bool {
		r, ok := x(v)
		if ok {
			p.env[name] = r
		}
		return ok
	})
}

func (p *piece) call(name string, op operation, args []*policy.Expr) ast.Node {
	nodes := make([]ast.Node, len(args))
	for i, a := range args {
		nodes[i] = p.lower(a)
	}
	return p.function(name, op, nodes)
}

// function registers an operation for this piece and calls it.
func (p *piece) function(name string, op operation, args []ast.Node) ast.Node {
	name = "$" + name + strconv.Itoa(len(p.conf.Functions))
	expr.Function(name, op.boxed, op.signature())(p.conf)
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: args}
}
