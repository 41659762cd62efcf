package syntax

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/throughline/throughline/dsl/source"
)

// maxDepth bounds how deep expressions nest, so that no text can exhaust the stack.
const maxDepth = 200

// topDepth is the depth of an operand that is the whole expression: one for it, one for itself.
const topDepth = 2

// mistake is what every production of ours returns; participle passes it up untouched because it
// implements participle.Error.
type mistake struct {
	at     int // token, counted from the line's first
	code   source.Code
	arg    string
	want   []string
	opener int   // LeftOpen: the bracket
	wrap   []int // tokens [from, to) that parentheses around mend it
}

// Error is the code alone: sentences are made when somebody reads the diagnostic.
func (e *mistake) Error() string { return string(e.code) }

// Message is participle's name for Error.
func (e *mistake) Message() string { return string(e.code) }

// Position carries the token index in Offset, as every token of the window does.
func (e *mistake) Position() lexer.Position { return lexer.Position{Offset: e.at} }

// The precedences, loosest first.
const (
	pCoalesce = iota + 1
	pOr
	pAnd
	pNot
	pCompare
	pAdd
	pMul
)

// precedence is that of a binary operator, 0 of anything else.
func precedence(op string) int {
	switch op {
	case "??":
		return pCoalesce
	case "or":
		return pOr
	case "and":
		return pAnd
	case "==", "!=", "<", "<=", ">", ">=", "in", "not in", "not", "between", "contains", "matches",
		"within":
		return pCompare
	case "+", "-":
		return pAdd
	case "*", "/":
		return pMul
	}
	return 0
}

// climber parses expressions by climbing precedences over participle's window. At an operand it
// never goes back, so that the deepest error is the true one.
type climber struct {
	*lexer.PeekingLexer
	depth  int
	last   int    // the last token taken
	source string // the aggregate whose argument is read: behind a source `in` begins a window
	called bool   // in an argument of what is no aggregate, or a misspelt one
	full   bool   // no deadline can follow: `within` is always the operator
	expect bool   // in a test: `x of RECORD`, and +- ends an expression
	metric bool   // the same, and `in` and `by` behind a path say which figure of a metric
}

// parseWhole runs one entry of the climber as participle's hook.
func parseWhole(p *climber) (Expr, error) {
	if p.Peek().EOF() {
		return nil, participle.NextMatch
	}
	return p.expr(pCoalesce)
}

func parseExpr(lex *lexer.PeekingLexer) (Expr, error) {
	return parseWhole(&climber{PeekingLexer: lex})
}

func parseFull(lex *lexer.PeekingLexer) (Full, error) {
	return parseWhole(&climber{PeekingLexer: lex, full: true})
}

func parseExpected(lex *lexer.PeekingLexer) (Expected, error) {
	return parseWhole(&climber{PeekingLexer: lex, full: true, expect: true, metric: true})
}

// parseSource reads what stands behind `is` in a step: an expression, or a source in a window.
func parseSource(lex *lexer.PeekingLexer) (Source, error) {
	p := &climber{PeekingLexer: lex, full: true}
	if p.Peek().EOF() {
		return nil, participle.NextMatch
	}
	start := p.here()
	before := p.MakeCheckpoint()
	if x, err := p.unary(); err == nil && isPath(x) && p.windowNext(false) {
		w, err := p.window()
		if err != nil {
			return nil, err
		}
		return &Windowed{p.from(start), x, w}, nil
	}
	p.LoadCheckpoint(before)
	return p.expr(pCoalesce)
}

// windowNext reports whether `in` and the beginning of a window stand here. With params a name may
// be a parameter that stands for a window's length; else it is a list.
func (p *climber) windowNext(params bool) bool {
	before := p.MakeCheckpoint()
	defer p.LoadCheckpoint(before)
	if !p.is("in") {
		return false
	}
	p.Next()
	t := p.Peek()
	return t.Type == tNumber || t.Type == tWord && (params || beginsWindow(t))
}

// beginsWindow reports whether a word of the language that begins a window stands here.
func beginsWindow(t *lexer.Token) bool {
	return t.Value == "this" || t.Value == "last" || t.Value == "stage" || periodOf(t) != ""
}

// strayWindow reports whether the window of an aggregate stands behind the `in` that is here: no
// list looks like `in 7d` or `in last week`, and an aggregate takes its window before its test.
func (p *climber) strayWindow() bool {
	before := p.MakeCheckpoint()
	defer p.LoadCheckpoint(before)
	p.Next()
	switch t := p.Peek(); {
	case t.Type == tNumber:
		return isSpan(t.Value)
	case t.Type == tWord && periodOf(t) != "":
		return true
	case p.is("this"), p.is("last"):
		p.Next()
		switch p.Peek().Value {
		case "day", "week", "month", "quarter", "year":
			return true
		}
		return p.Peek().Type == tNumber && isSpan(p.Peek().Value) // in last 30d, as elsewhere
	}
	return false
}

// asksNothing is the null of `is null` or `is not null`, as other languages ask whether a value is
// missing, where that stands here; else "".
func (p *climber) asksNothing() string {
	before := p.MakeCheckpoint()
	defer p.LoadCheckpoint(before)
	if !p.is("is") {
		return ""
	}
	p.Next()
	if p.is("not") {
		p.Next()
	}
	if t := p.Peek(); t.Type == tWord && IsNothing(t.Value) {
		return t.Value
	}
	return ""
}

// IsNothing reports whether a word is what other languages call a missing value.
func IsNothing(word string) bool {
	switch strings.ToLower(word) {
	case "null", "nil", "none", "undefined", "空", "空值":
		return true
	}
	return false
}

// isSpan reports whether a number carries a unit of time.
func isSpan(number string) bool {
	unit := strings.TrimLeft(number, "0123456789_.")
	return slices.ContainsFunc(Units()[:5], func(u Unit) bool { return unit == u.En || unit == u.Zh })
}

func (p *climber) here() int { return p.Peek().Pos.Offset }

func (p *climber) take() int {
	p.last = p.Next().Pos.Offset
	return p.last
}

func (p *climber) takeTok() Tok { return Tok{int32(p.take()) + 1} }

// is reports whether a sign or word stands here; a text of that value is none.
func (p *climber) is(v string) bool {
	t := p.Peek()
	return t.Value == v && (t.Type == tSign || t.Type == tWord)
}

func (p *climber) opt(v string) bool {
	if p.is(v) {
		p.take()
		return true
	}
	return false
}

func (p *climber) fail(code source.Code, want ...string) error {
	return &mistake{at: p.here(), code: code, want: want}
}

func (p *climber) need(v string) error {
	if p.opt(v) {
		return nil
	}
	return p.fail(source.Unexpected)
}

// from is the range from a token to the last one taken.
func (p *climber) from(start int) extent { return extent{int32(start), int32(p.last) + 1} }

// expr reads an expression whose operators bind at least as tight as min.
func (p *climber) expr(min int) (Expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, &mistake{at: p.here(), code: source.TooDeep, arg: "200"}
	}
	defer func() { p.depth-- }()
	start := p.here()
	left, err := p.operand(min)
	if err != nil {
		return nil, err
	}
	compared := false
	for {
		if null := p.asksNothing(); null != "" {
			return nil, &mistake{at: p.here(), code: source.NoNull, arg: null,
				wrap: []int{start, p.last + 1}}
		}
		op := p.operator(left)
		if op == "in" && !(p.called && isPath(left)) && p.strayWindow() {
			return nil, p.fail(source.WindowOutside)
		}
		prec := precedence(op)
		if prec == 0 || prec < min {
			return left, nil
		}
		if prec == pCompare && compared {
			return nil, p.fail(source.Chained)
		}
		compared = prec == pCompare
		if left, err = p.binary(left, start, op); err != nil {
			return nil, err
		}
	}
}

// operand reads `not x`, where it may stand, or what binds tighter than every operator.
func (p *climber) operand(min int) (Expr, error) {
	if min > pNot || !p.is("not") {
		return p.unary()
	}
	start := p.take()
	x, err := p.expr(pNot)
	if err != nil {
		return nil, err
	}
	return &Unary{p.from(start), "not", x}, nil
}

// operator is the binary operator that stands here and belongs to this expression, or "".
func (p *climber) operator(left Expr) string {
	t := p.Peek()
	if t.Type != tSign && t.Type != tWord {
		return ""
	}
	switch {
	case t.Value == "in" && p.source != "" && isPath(left) && p.windowNext(p.source != "share"):
		return ""
	case t.Value == "within" && !p.full && !p.withinOf():
		return ""
	case t.Value == "+" && p.expect && p.tolerance():
		return ""
	}
	return t.Value
}

// withinOf: `within D of` is an operator, `within D` a deadline that is not ours.
func (p *climber) withinOf() bool {
	before := p.MakeCheckpoint()
	defer p.LoadCheckpoint(before)
	p.Next()
	p.Next()
	return p.is("of")
}

// tolerance: `+-` in a test is the plain form of ±.
func (p *climber) tolerance() bool {
	before := p.MakeCheckpoint()
	defer p.LoadCheckpoint(before)
	at := p.Next().Pos.Offset
	return p.is("-") && p.here() == at+1
}

// binary reads an operator and its right side.
func (p *climber) binary(left Expr, start int, op string) (Expr, error) {
	at := p.takeTok()
	switch op {
	case "between":
		return p.between(left, start)
	case "within":
		return p.near(left, start)
	case "not":
		if err := p.need("in"); err != nil {
			return nil, err
		}
		op = "not in"
	}
	right, err := p.expr(precedence(op) + 1)
	if err != nil {
		return nil, err
	}
	if err := mixed(op, at, left, right); err != nil {
		return nil, err
	}
	return &Binary{p.from(start), op, at, left, right}, nil
}

// mixed refuses `??` beside and, or, not or a comparison without parentheses. The fix puts them
// around what most likely was meant: the `??` and its nearest operands.
func mixed(op string, at Tok, sides ...Expr) error {
	if op != "??" {
		return nil
	}
	for _, x := range sides {
		if other := logical(x); other != "" {
			from, _ := lastOperand(sides[0]).Range()
			_, to := firstOperand(sides[1]).Range()
			return &mistake{at: at.at(), code: source.CoalesceMixed, arg: other, wrap: []int{from, to}}
		}
	}
	return nil
}

// logical is the operator of an expression if it is and, or, not or a comparison, else "".
func logical(x Expr) string {
	op := ""
	switch x := x.(type) {
	case *Binary:
		op = x.Op
	case *Unary:
		op = x.Op
	case *Between:
		return "between"
	case *Near:
		return "within"
	}
	if p := precedence(op); op == "not" || p >= pOr && p <= pCompare {
		return op
	}
	return ""
}

// lastOperand is the operand that stands last in an expression of and, or, not and comparisons.
func lastOperand(x Expr) Expr {
	for logical(x) != "" {
		switch y := x.(type) {
		case *Binary:
			x = y.R
		case *Unary:
			x = y.X
		case *Between:
			x = y.Hi
		case *Near:
			x = y.Of
		}
	}
	return x
}

// firstOperand is the operand that stands first.
func firstOperand(x Expr) Expr {
	for logical(x) != "" {
		switch y := x.(type) {
		case *Binary:
			x = y.L
		case *Unary:
			return x
		case *Between:
			x = y.X
		case *Near:
			x = y.X
		}
	}
	return x
}

func (p *climber) between(left Expr, start int) (Expr, error) {
	lo, err := p.expr(pAdd)
	if err != nil {
		return nil, err
	}
	if err := p.need("and"); err != nil {
		return nil, err
	}
	hi, err := p.expr(pAdd)
	if err != nil {
		return nil, err
	}
	return &Between{p.from(start), left, lo, hi}, nil
}

func (p *climber) near(left Expr, start int) (Expr, error) {
	expect := p.expect
	p.expect = false // the `of` behind the distance is the operator's
	d, err := p.unary()
	p.expect = expect
	if err != nil {
		return nil, err
	}
	if err := p.need("of"); err != nil {
		return nil, err
	}
	of, err := p.expr(pAdd)
	if err != nil {
		return nil, err
	}
	return &Near{p.from(start), left, d, of}, nil
}

// unary reads -x, has x, and an operand with what hangs on it by points.
func (p *climber) unary() (Expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, &mistake{at: p.here(), code: source.TooDeep, arg: "200"}
	}
	defer func() { p.depth-- }()
	start := p.here()
	if op := p.Peek().Value; p.is("-") || p.is("has") && p.operandNext() {
		p.take()
		x, err := p.unary()
		if err != nil {
			return nil, err
		}
		return &Unary{p.from(start), op, x}, nil
	}
	x, err := p.primary()
	for err == nil && p.is(".") {
		p.take()
		if p.Peek().Type != tWord {
			return nil, p.fail(source.Unexpected)
		}
		name := p.takeTok()
		x = &Dot{p.from(start), x, name}
	}
	if err == nil && p.metric && isPath(x) && (p.is("by") || p.windowNext(false)) {
		return p.measured(x, start)
	}
	if err == nil && p.expect && p.opt("of") {
		if t := p.Peek().Type; t != tWord && t != tText {
			return nil, p.fail(source.Unexpected)
		}
		of := p.takeTok()
		x = &Subject{p.from(start), x, of}
	}
	return x, err
}

// measured reads the period and the group of a metric in an expectation.
func (p *climber) measured(x Expr, start int) (_ Expr, err error) {
	m := &Measured{X: x}
	if p.is("in") {
		if m.Window, err = p.window(); err != nil {
			return nil, err
		}
	}
	for more := p.opt("by"); more; more = p.opt(",") {
		var g Group
		if g.Name, err = p.path(); err != nil {
			return nil, err
		}
		if err = p.need(":"); err != nil {
			return nil, err
		}
		if g.X, err = p.value(); err != nil {
			return nil, err
		}
		m.By = append(m.By, g)
	}
	m.extent = p.from(start)
	return m, nil
}

// path reads names with points between.
func (p *climber) path() (x Expr, err error) {
	start := p.here()
	for first := true; first || p.opt("."); first = false {
		if p.Peek().Type != tWord {
			return nil, p.fail(source.Unexpected)
		}
		name := p.takeTok()
		if first {
			x = &Name{p.from(start), name}
		} else {
			x = &Dot{p.from(start), x, name}
		}
	}
	return x, nil
}

// operandNext: `has` is a word of the language only where an operand follows.
func (p *climber) operandNext() bool {
	before := p.MakeCheckpoint()
	defer p.LoadCheckpoint(before)
	p.Next()
	t := p.Peek()
	if t.Type != tWord {
		return p.is("(")
	}
	return precedence(t.Value) == 0 && t.Value != "else" && t.Value != "then"
}
