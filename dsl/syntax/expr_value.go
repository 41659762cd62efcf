package syntax

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/throughline/throughline/dsl/source"
)

// parseValue reads a JSON-like value of a test, with bare names and moments.
func parseValue(lex *lexer.PeekingLexer) (Value, error) {
	if lex.Peek().EOF() {
		return nil, participle.NextMatch
	}
	p := &climber{PeekingLexer: lex}
	return p.value()
}

func (p *climber) value() (Value, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, &mistake{at: p.here(), code: source.TooDeep, arg: "200"}
	}
	defer func() { p.depth-- }()
	t := p.Peek()
	start := t.Pos.Offset
	switch {
	case p.is("{"):
		return p.object(start)
	case p.is("["):
		return p.values(start)
	case p.is("-"):
		p.take()
		if p.Peek().Type != tNumber {
			return nil, p.fail(source.Unexpected)
		}
		at := p.here()
		tok := p.takeTok()
		return &Unary{p.from(start), "-", &Lit{p.from(at), tok}}, nil
	case t.Type == tWord && (t.Value == "true" || t.Value == "false" || t.Value == "null"):
		p.take()
		return &Const{p.from(start), t.Value}, nil
	case t.Type == tWord:
		tok := p.takeTok()
		return &Name{p.from(start), tok}, nil
	case t.Type == tNumber || t.Type == tMoment || t.Type == tText || t.Type == tRaw:
		tok := p.takeTok()
		return &Lit{p.from(start), tok}, nil
	}
	return nil, p.fail(source.Unexpected)
}

// values reads [a, b].
func (p *climber) values(start int) (Value, error) {
	p.take()
	l := &List{}
	for !p.is("]") {
		x, err := p.value()
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

// object reads { key: value, … }; a line end or `;` may stand for a comma's place only with one.
func (p *climber) object(start int) (Value, error) {
	p.take()
	o := &Object{}
	for !p.is("}") {
		if t := p.Peek().Type; t != tWord && t != tText {
			return nil, p.fail(source.Unexpected)
		}
		f := Field{Key: p.takeTok()}
		if err := p.need(":"); err != nil {
			return nil, err
		}
		var err error
		if f.X, err = p.value(); err != nil {
			return nil, err
		}
		o.Fields = append(o.Fields, f)
		if !p.opt(",") && !p.opt(";") {
			break
		}
	}
	if err := p.closing("}", start); err != nil {
		return nil, err
	}
	o.extent = p.from(start)
	return o, nil
}
