package syntax

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/throughline/throughline/dsl/source"
)

// primary reads one operand.
func (p *climber) primary() (Expr, error) {
	t := p.Peek()
	start := t.Pos.Offset
	switch t.Type {
	case tNumber, tMoment, tText, tRaw:
		tok := p.takeTok()
		return &Lit{p.from(start), tok}, nil
	case tSign:
		switch t.Value {
		case "(":
			return p.paren(start)
		case "[":
			return p.list(start)
		}
	case tWord:
		return p.word(start, t.Value)
	}
	return nil, p.fail(source.Unexpected)
}

// word reads an operand that begins with a word.
func (p *climber) word(start int, word string) (Expr, error) {
	switch word {
	case "true", "false", "self", "now":
		p.take()
		return &Const{p.from(start), word}, nil
	case "if":
		return p.ifThen(start)
	case "pick":
		return p.pick(start)
	case "not", "and", "or", "then", "else":
		return nil, p.fail(source.Unexpected)
	}
	tok := p.takeTok()
	if !p.is("(") {
		return &Name{p.from(start), tok}, nil
	}
	if p.here() != start+1 { // a function's ( touches its name
		return nil, p.fail(source.BlankBeforeParen)
	}
	return p.call(start, word, tok)
}

// pick is the whole right side and ends its line: it stands at the top of the expression, and
// nothing but its block follows.
func (p *climber) pick(start int) (Expr, error) {
	if p.depth > topDepth {
		return nil, p.fail(source.TableNotLast)
	}
	p.take()
	if !p.Peek().EOF() {
		return nil, p.fail(source.TableNotLast)
	}
	return &Pick{p.from(start)}, nil
}

func (p *climber) paren(start int) (Expr, error) {
	p.take()
	src, full := p.source, p.full
	p.source, p.full = "", true
	x, err := p.expr(pCoalesce)
	p.source, p.full = src, full
	if err != nil {
		return nil, err
	}
	if err := p.closing(")", start); err != nil {
		return nil, err
	}
	return &Paren{p.from(start), x}, nil
}

func (p *climber) list(start int) (Expr, error) {
	p.take()
	src, full := p.source, p.full
	p.source, p.full = "", true
	defer func() { p.source, p.full = src, full }()
	l := &List{}
	for !p.is("]") {
		x, err := p.expr(pCoalesce)
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, x)
		if !p.opt(",") {
			break
		}
	}
	if err := p.closing("]", start); err != nil {
		return nil, err
	}
	l.extent = p.from(start)
	return l, nil
}

// closing takes the bracket that closes the one at opener.
func (p *climber) closing(s string, opener int) error {
	if p.opt(s) {
		return nil
	}
	if p.Peek().EOF() {
		return &mistake{at: p.here(), code: source.LeftOpen, opener: opener}
	}
	return p.fail(source.Unexpected)
}

func (p *climber) ifThen(start int) (Expr, error) {
	p.take()
	x := &If{}
	var err error
	if x.Cond, err = p.expr(pCoalesce); err != nil {
		return nil, err
	}
	if err = p.need("then"); err != nil {
		return nil, err
	}
	if x.Then, err = p.expr(pCoalesce); err != nil {
		return nil, err
	}
	if p.opt("else") {
		if x.Else, err = p.expr(pCoalesce); err != nil {
			return nil, err
		}
	}
	x.extent = p.from(start)
	return x, nil
}

// call reads the arguments of a function or aggregate and the clauses behind a source.
func (p *climber) call(start int, fn string, at Tok) (Expr, error) {
	open := p.take()
	c := &Call{Fn: fn, FnAt: at}
	was := *p
	p.expect, p.full, p.metric = false, true, p.metric && !takesWindow(fn) && !ranks(fn)
	defer func() {
		p.source, p.expect, p.full, p.metric = was.source, was.expect, was.full, was.metric
		p.called = was.called
	}()
	for !p.is(")") {
		if err := p.argument(c); err != nil {
			return nil, err
		}
		if !p.opt(",") {
			break
		}
	}
	if err := p.closing(")", open); err != nil {
		return nil, err
	}
	c.extent = p.from(start)
	return c, nil
}

// argument reads one argument, named or not, and its clauses.
func (p *climber) argument(c *Call) error {
	var a Arg
	if p.namedNext() {
		a.Name = p.takeTok()
		p.take()
	}
	p.source, p.called = "", !takesWindow(c.Fn)
	if !p.called {
		p.source = c.Fn
	}
	x, err := p.expr(pCoalesce)
	p.source = ""
	if err != nil {
		return err
	}
	a.X = x
	c.Args = append(c.Args, a)
	if takesWindow(c.Fn) && isPath(x) && p.is("in") {
		if c.Window, err = p.window(); err != nil {
			return err
		}
	}
	if isPath(x) {
		return p.clauses(c, "of", "via", "where", "by")
	}
	return p.clauses(c, "where", "by") // of a metric's rows: avg(days(won_at - created) where …)
}

// namedNext: `least: 5`.
func (p *climber) namedNext() bool {
	if p.Peek().Type != tWord {
		return false
	}
	before := p.MakeCheckpoint()
	defer p.LoadCheckpoint(before)
	p.Next()
	return p.is(":")
}

// isPath reports whether an expression is names with points between.
func isPath(x Expr) bool {
	switch x := x.(type) {
	case *Name:
		return true
	case *Dot:
		return isPath(x.X)
	}
	return false
}

// takesWindow reports whether `in` behind a function's argument begins a window.
func takesWindow(fn string) bool {
	switch fn {
	case "count", "sum", "avg", "sd", "min", "max", "median", "p90", "share", "distinct", "first",
		"last", "corr", "completion":
		return true
	}
	return false
}

// ranks reports whether `by` behind a function's argument says among whom.
func ranks(fn string) bool { return fn == "rank" || fn == "quintile" || fn == "percentile" }

func (p *climber) clauses(c *Call, words ...string) (err error) {
	for _, w := range words {
		if !p.opt(w) {
			continue
		}
		var x Expr
		if x, err = p.expr(pCoalesce); err != nil {
			return err
		}
		switch w {
		case "of":
			c.Of = x
		case "via":
			c.Via = x
		case "where":
			c.Where = x
		case "by":
			c.By = x
		}
	}
	return nil
}

// periodOf splits a joined word such as `this week` (本周) and answers its period, else "".
func periodOf(t *lexer.Token) string {
	if t.Type != tWord {
		return ""
	}
	for _, head := range [...]string{"this ", "last "} {
		if len(t.Value) > len(head) && t.Value[:len(head)] == head {
			return t.Value[len(head):]
		}
	}
	return ""
}

// window reads `in 7d`, `in this week`, `in stage`, `in 7d after t`, `in 30d at closed_at`.
func (p *climber) window() (*Window, error) {
	start := p.take()
	w := &Window{}
	t := p.Peek()
	period := periodOf(t)
	switch {
	case period != "":
		w.Kind, w.Period = This, period
		if t.Value[:4] == "last" {
			w.Kind = Last
		}
		p.take()
	case p.is("this") || p.is("last"):
		if p.is("last") {
			w.Kind = Last
		} else {
			w.Kind = This
		}
		p.take()
		if !isPeriod(p.Peek().Value) {
			return nil, p.fail(source.Unexpected)
		}
		w.Period = p.Peek().Value
		p.take()
	case p.opt("stage"):
		w.Kind = InStage
	case t.Type == tNumber || t.Type == tWord:
		return w, p.sliding(w, start)
	default:
		return nil, p.fail(source.Unexpected)
	}
	err := p.placed(w, start)
	return w, err
}

// sliding reads a window that begins with its length.
func (p *climber) sliding(w *Window, start int) (err error) {
	at := p.here()
	word := p.Peek().Type == tWord
	if tok := p.takeTok(); word {
		w.D = &Name{p.from(at), tok}
	} else {
		w.D = &Lit{p.from(at), tok}
	}
	switch {
	case p.opt("after"):
		w.Kind = After
	case p.opt("before"):
		w.Kind = Before
	default:
		return p.placed(w, start)
	}
	if w.T, err = p.expr(pAdd); err != nil {
		return err
	}
	return p.placed(w, start)
}

// placed reads the `at` of a window and sets its range.
func (p *climber) placed(w *Window, start int) (err error) {
	if p.opt("at") {
		if w.At, err = p.expr(pAdd); err != nil {
			return err
		}
	}
	w.extent = p.from(start)
	return nil
}

func isPeriod(word string) bool {
	switch word {
	case "day", "week", "month", "quarter", "year":
		return true
	}
	return false
}
